"""How far the rules of the week can move what brings incidents forth, bounded from above: the arrows of the loop in `sim.scenario.stability`.

Where an effect may help or harm, the harm is taken in full. Everything here is worked out from the rules by hand, and tests hold it against them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.families import ARMED_KIND, RUNGS
from sim.parameters import IncidentParameters, Parameters, weekly_hazard, weekly_rate
from sim.parameters.incidents import climb_chances
from sim.parameters.ordinary import (
    COMPETENCE_SPREAD,
    CONDUCT_SPREAD,
    CRISES_REMEMBERED,
    MOST_VULNERABLE,
    NEUTRAL_TENSION,
    NEUTRAL_TRUST,
    ORDINARY_COHESION,
    ORDINARY_COMPETENCE,
    ORDINARY_CONDUCT,
    ORDINARY_GRIEVANCE,
    ORDINARY_SKILL,
    ORDINARY_UNMET,
    UNMET_SCALE,
)
from sim.parameters.organizing import FLANK_FADING, ordinary_active
from sim.parameters.rumours import belief_of_one


def further_crises(p: Parameters) -> dict[str, float]:
    """Bound the further crises per 1,000 residents and week, returning ones included, per unit of the states that bring them forth.

    At worst nobody helps, so that they return as often as such crises do, in the most vulnerable community.
    """
    s = p.social_work
    per_week = MOST_VULNERABLE / 52.0 * (1.0 - min(0.0, s.prevention_effect))
    per_week /= 1.0 - s.repeat * (1.0 - min(0.0, s.stabilisers_effect))
    return {
        "livelihoods": per_week * (s.crises_unemployment + s.crises_housing) * s.livelihood_crises,
        "memory": per_week * (s.crises_violence + s.crises_mental) * s.memory_crises,
    }


def unmet_slopes(p: Parameters) -> dict[str, float]:
    """Bound how far unmet crises move, on their way from none to overwhelmingly many, per unit of the states that bring crises forth.

    At worst every further crisis goes unmet; where offices are as full as that, no fewer crises than ordinary are unmet already.
    """
    steepest = CRISES_REMEMBERED * (1.0 - ORDINARY_UNMET) ** 2 / UNMET_SCALE
    return {state: slope * steepest for state, slope in further_crises(p).items()}


def lost_legitimacy(p: Parameters) -> float:
    """Bound the legitimacy lost in the long run per further crisis per 1,000 residents and week, by hand-overs that lose households.

    At worst all whose lives are on both sides are handed over, and all others for whom a conference may find a place across.
    """
    s = p.social_work
    handed = s.both_sides + (1.0 - s.both_sides) * s.conference_transfer
    loss = min(s.handover_loss * (1.0 - min(0.0, s.intake_keeps)), 0.95)
    return handed * loss / (1.0 - loss) * s.loss_legitimacy / weekly_rate(p.communities.legitimacy_half_life)


def _turning(p: Parameters, tension: float, repression: float) -> float:
    """Bound the chance that a protest turns into a flashpoint.

    At worst those there are less restrained than ordinary (or more, where that backfires), the radical flank stands one standard deviation
    above its mean, and agreed roles make stress worse.
    """
    o = p.organizing
    splits = weekly_hazard(o.splits)
    flank = min(splits / (1.0 - FLANK_FADING) + np.sqrt(splits / (1.0 - FLANK_FADING**2)), 1.0)
    stress = o.flashpoint_tension * max(tension - NEUTRAL_TENSION, 0.0) + o.flashpoint_repression * repression
    shift = stress * _worse_roles(p) + o.flashpoint_flank * flank
    shift += against(o.flashpoint_restraint, CONDUCT_SPREAD / 2.0, 1.0 - ORDINARY_CONDUCT)
    shift += against(o.flashpoint_cohesion, 0.0, 1.0 - ORDINARY_COHESION)
    odds = o.flashpoint_share / (1.0 - o.flashpoint_share) * np.exp(shift)
    return float(odds / (1.0 + odds))


def _worse_roles(p: Parameters) -> float:
    return 1.0 - min(0.0, p.organizing.protocols_stress)


def flashpoint_slopes(p: Parameters, tension: float) -> dict[str, float]:
    """Bound how far flashpoints to be expected raise the rate of protest incidents, per unit of grievance and of tension.

    At worst all organizers can act and grievance is full; movements are fully repressed where that adds more than it takes, and all know of it.
    """
    o, slopes = p.organizing, {"grievance": 0.0, "tension": 0.0}
    for repression in (0.0, 1.0):
        q = _turning(p, tension, repression)
        able = min((1.0 - o.repression_cowed * repression) / ordinary_active(o), 1.0 / ordinary_active(o))
        more = (1.0 - min(0.0, o.quieting)) * able * o.flashpoint_protest / o.flashpoint_share
        people = 1.0 + o.grievance_protests * (1.0 - ORDINARY_GRIEVANCE) + o.backlash_protests * repression
        steepest = q * (1.0 - q) if q < 0.5 else 0.25
        slopes["grievance"] = max(slopes["grievance"], more * o.grievance_protests * q)
        slopes["tension"] = max(slopes["tension"], more * people * o.flashpoint_tension * _worse_roles(p) * steepest)
    return slopes


def voice_slopes(p: Parameters, tension: float, calmest: float) -> dict[str, float]:
    """Bound how far protest that is heard, or heard no more, raises grievance's resting level, per unit of grievance and of tension.

    Where `voice` helps, tension harms by turning protest violent; where it harms, grievance brings more of it. `calmest` is the least grievance.
    What is heard is at most twice what usually is.
    """
    o = p.organizing
    usual = max(1.0 + o.grievance_protests * (calmest - ORDINARY_GRIEVANCE), 0.1)
    more = o.grievance_protests / ordinary_active(o) / usual / (1.0 - o.flashpoint_share)
    turning = max(_turning(p, tension, repression) for repression in (0.0, 1.0))
    return {
        "grievance": -min(0.0, o.voice) * more,
        "tension": max(0.0, o.voice) * 2.0 * turning * o.flashpoint_tension * _worse_roles(p),
    }


def believed_slope(p: Parameters, tension: float) -> float:
    """Bound the share of residents who come to believe rumours in the long run per unit of tension, where nobody checks.

    With x rumours believed at ordinary tension, x × m at this one, a share 1 − exp(−x m) believes any. It is steepest where x m = 1.
    This is the mean over communities: one that many others surround hears more rumours than it passes on.
    """
    r = p.rumours
    believed = min(r.believed * (1.0 - min(0.0, r.rapport_disbelief)), 1.0)
    more = max(1.0 + r.tension_rate * (tension - NEUTRAL_TENSION), 1e-6)
    ordinary = min(r.rate / 52.0 * belief_of_one(believed, r), 1.0 / more)
    return float(ordinary * r.tension_rate * np.exp(-ordinary * more))


def soured_slope(p: Parameters, meetings: float, acquainted: float) -> float:
    """Bound the trust that residents lose by what they hear from workers whose everyday meetings go badly, per unit of tension.

    Parameters
    ----------
    p : Parameters
        Effective parameters.
    meetings : float
        Everyday meetings that a worker seeks in a week; as many seek her.
    acquainted : float
        Share of residents who know a worker, 0 to 1.
    """
    c = p.contact
    step = c.warmth_gain * c.generalisation * max(c.bad_weight, 1.0)
    lost = 2.0 * meetings * c.bad_share * (1.0 + c.skill_bad * ORDINARY_SKILL) * c.tension_bad * step
    fading = weekly_rate(p.people.attitude_half_life) * (1.0 - p.people.tie_hold)
    return p.communities.extended_contact * acquainted * lost / fading


TRIGGERS: dict[str, Callable[[Parameters, float], dict[str, float]]] = {
    "labour": lambda p, _: {"livelihoods": p.vocational.livelihood_labour},
    "welfare": lambda p, _: {state: p.social_work.unmet_welfare * slope for state, slope in unmet_slopes(p).items()},
    "services": lambda p, _: {"services": p.public_service.quality_services},
    "security": lambda p, _: {"legitimacy": p.policing.legitimacy_security, "rumour": p.rumours.security},
    "protest": lambda p, tension: {**flashpoint_slopes(p, tension), "rumour": p.rumours.protest},
}
"""How much a unit of each state raises the rate of a profession's incidents, at some level of tension."""


def worst_case(p: Parameters, kind: str) -> tuple[IncidentParameters, float, float]:
    """Return the parameters of a kind's incidents where what should damp them backfires in full, its chance to be misread, and its branching."""
    i, q = p.incidents, p.policing
    if kind == ARMED_KIND:
        return i, 0.0, i.branching
    calm = 1.0 + min(0.0, i.standards_calm)
    if kind != "security":
        return i._replace(calm=max(i.calm * calm, 0.01)), 0.0, i.branching
    calm = max(calm - against(i.security_response, COMPETENCE_SPREAD / 2.0, 1.0 - ORDINARY_COMPETENCE), 0.01)
    worst = i._replace(calm=i.calm * calm, tension_climb=i.tension_climb * (1.0 + max(0.0, -q.dialogue_heat)))
    misread = min(q.misread * (1.0 + max(0.0, -q.picture)), 1.0)
    return worst, misread, i.branching * (1.0 + max(0.0, -q.containment))


def drifted(spread: float) -> float:
    """Return what multiplies the rate of a crossing whose drift stands one standard deviation up; the mean over time is 1."""
    up = min(spread, 1.0)
    return float(np.exp(up - 0.5 * up * up))


def against(effect: float, below: float, above: float) -> float:
    """Return the most that those on duty can do against calm.

    An effect that should damp fails with those below ordinary, one that backfires does so with those above. Training can bring all of
    them to the top, while below they lie by chance: the mean of the four on duty by one standard deviation, as the drift stands one up.
    """
    return max(effect * below, -effect * above)


def reach(
    p: IncidentParameters,
    kind: str,
    tension: float | NDArray[np.float64],
    trust: float | NDArray[np.float64],
    misread: float = 0.0,
    backfire: float = 0.0,
) -> NDArray[np.float64]:
    """Return the chance that an incident of a kind reaches each rung, in a given state and with nobody to mediate.

    Parameters
    ----------
    p : IncidentParameters
        Parameters of incidents.
    kind : str
        Kind of incident.
    tension, trust : float or array of float, shape (states,)
        The state, 0 to 1 each; or several.
    misread : float
        Chance that it is misread.
    backfire : float
        Log odds of climbing that those on duty add at worst.

    Returns
    -------
    array of float, shape (5,) or (5, states)
        Chance to reach friction (always 1), threat, force, lethal, sustained.
    """
    plain = backfire + p.tension_climb * (tension - NEUTRAL_TENSION) - p.trust_climb * (trust - NEUTRAL_TRUST)
    total = np.zeros((len(RUNGS), *np.shape(plain)))
    for share, shift in ((1.0 - misread, plain), (misread, plain + p.misread_climb)):
        out = np.ones(total.shape)
        for rung, chance in enumerate(climb_chances(p, kind)):
            odds = chance / (1 - chance) * np.exp(shift)
            climb = odds / (1 + odds)
            out[rung + 1] = out[rung] * climb / (climb + (1 - climb) * p.calm)
        total += share * out
    return total
