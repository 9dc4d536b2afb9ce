"""Check, before anything runs, that a scenario's region comes back to itself.

Every slow state has an outside anchor and a restoring rate, so what can run away is only the loop between them:
incidents echo; violence raises tension and grievance and lowers trust; these raise incidents and let them climb. Each
arrow of that loop is taken at the busiest crossing, the spectral radius of the matrix of arrows is computed over all
levels of tension and trust that are no better than the region's own (or than what programmes may make of them), short-lived
events such as a failed project aside, and at its worst-case state it must not exceed 0.9. Above its resting level a state
falls back by itself, so only below it can a loop hold it down. Echoes that move to a neighbouring crossing leave the
crossing they came from, so space adds nothing to the sum.
A kind's rate can be moved by states that bring it forth (`TRIGGERS`: livelihoods for labour, unmet crises
for welfare, services for services, legitimacy and rumours for security, grievance, tension and rumours for protest).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, Words
from sim.families import ARMED_KIND, KINDS, LETHAL, RUNGS, SEVERITY
from sim.parameters import IncidentParameters, Parameters, weekly_hazard, weekly_rate
from sim.parameters.incidents import climb_chances, kind_rate
from sim.parameters.ordinary import (
    COMPETENCE_SPREAD,
    CONDUCT_SPREAD,
    MOST_VULNERABLE,
    NEUTRAL_TENSION,
    NEUTRAL_TRUST,
    ORDINARY_COHESION,
    ORDINARY_COMPETENCE,
    ORDINARY_CONDUCT,
    ORDINARY_RESOURCES,
    ORDINARY_STRAIN,
    ORDINARY_UNMET,
    UNMET_SCALE,
)
from sim.parameters.organizing import FLANK_FADING, ordinary_active
from sim.parameters.rumours import belief_of_one, rumour_rates
from sim.scenario.places import crossing_pairs, exposures, places_of
from sim.scenario.region import DEFAULT_CLIMATE, Region
from sim.scenario.schema import Scenario

MAX_GAIN = 0.9
STATES = (
    *(f"{kind} incidents" for kind in KINDS),
    "violence",
    "tension",
    "trust",
    "grievance",
    "livelihoods",
    "services",
    "legitimacy",
    "memory",
    "rumour",
    "strain of organizers",
    "organizers who cannot act",
)
ECHO_WEIGHT = (0.3, 0.6, 1.0, 1.5, 2.0)
"""Echoes caused by an incident that reaches a rung, relative to one that reaches force (assumption, fixed)."""


CRISES_REMEMBERED = 12.5
"""Weeks for which an unmet crisis counts in all, half of it in the first eight (assumption, fixed)."""


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


PROTESTING = 0.3
"""Grievance above ordinary up to which protest is reckoned (assumption, fixed)."""


def flashpoint_slopes(p: Parameters, tension: float) -> dict[str, float]:
    """Bound how far flashpoints to be expected raise the rate of protest incidents, per unit of grievance and of tension.

    At worst all organizers can act, those there are less restrained than ordinary (or more, where that backfires), the radical flank stands
    one standard deviation above its mean, and agreed roles make stress worse; movements are fully repressed if that adds more than it takes.
    """
    return max((_flashpoint_slopes(p, tension, repression) for repression in (0.0, 1.0)), key=lambda slopes: slopes["grievance"])


def _flashpoint_slopes(p: Parameters, tension: float, repression: float) -> dict[str, float]:
    o = p.organizing
    worse, splits = 1.0 - min(0.0, o.protocols_stress), weekly_hazard(o.splits)
    flank = min(splits / (1.0 - FLANK_FADING) + np.sqrt(splits / (1.0 - FLANK_FADING**2)), 1.0)
    stress = o.flashpoint_tension * max(tension - NEUTRAL_TENSION, 0.0) + o.flashpoint_repression * repression
    shift = stress * worse + o.flashpoint_flank * flank
    shift += _against(o.flashpoint_restraint, CONDUCT_SPREAD / 2.0, 1.0 - ORDINARY_CONDUCT)
    shift += _against(o.flashpoint_cohesion, 0.0, 1.0 - ORDINARY_COHESION)
    odds = o.flashpoint_share / (1.0 - o.flashpoint_share) * np.exp(shift)
    turning = odds / (1.0 + odds) / o.flashpoint_share
    able = min((1.0 - o.repression_cowed * repression) / ordinary_active(o), 1.0 / ordinary_active(o))
    more = (1.0 - min(0.0, o.quieting)) * able * o.flashpoint_protest * turning
    return {
        "grievance": more * o.grievance_protests,
        "tension": more * (1.0 + o.grievance_protests * PROTESTING) * o.flashpoint_tension * worse / (1.0 + odds),
    }


def believed_slope(p: Parameters) -> float:
    """Bound the share of residents who come to believe rumours in the long run per unit of tension, where nobody checks.

    Of those who hear more rumours only such come to believe one as believe none in an ordinary week.
    """
    r = p.rumours
    believed = min(r.believed * (1.0 - min(0.0, r.rapport_disbelief)), 1.0)
    return r.rate / 52.0 * r.tension_rate * belief_of_one(believed, r) * (1.0 - rumour_rates(p).ordinary)


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
    calm = max(calm - _against(i.security_response, COMPETENCE_SPREAD / 2.0, 1.0 - ORDINARY_COMPETENCE), 0.01)
    worst = i._replace(calm=i.calm * calm, tension_climb=i.tension_climb * (1.0 + max(0.0, -q.dialogue_heat)))
    misread = min(q.misread * (1.0 + max(0.0, -q.picture)), 1.0)
    return worst, misread, i.branching * (1.0 + max(0.0, -q.containment))


def _drifted(spread: float) -> float:
    """Return what multiplies the rate of a crossing whose drift stands one standard deviation up; the mean over time is 1."""
    up = min(spread, 1.0)
    return float(np.exp(up - 0.5 * up * up))


def _against(effect: float, below: float, above: float) -> float:
    """Return the most that those on duty can do against calm.

    An effect that should damp fails with those below ordinary, one that backfires does so with those above. Training can bring all of
    them to the top, while below they lie by chance: the mean of the four on duty by one standard deviation, as the drift stands one up.
    """
    return max(effect * below, -effect * above)


def reach(
    p: IncidentParameters, kind: str, tension: float, trust: float, misread: float = 0.0, backfire: float = 0.0
) -> NDArray[np.float64]:
    """Return the chance that an incident of a kind reaches each rung, in a given state and with nobody to mediate.

    Parameters
    ----------
    p : IncidentParameters
        Parameters of incidents.
    kind : str
        Kind of incident.
    tension, trust : float
        The state, 0 to 1 each.
    misread : float
        Chance that it is misread.
    backfire : float
        Log odds of climbing that those on duty add at worst.

    Returns
    -------
    array of float, shape (5,)
        Chance to reach friction (always 1), threat, force, lethal, sustained.
    """
    plain = backfire + p.tension_climb * (tension - NEUTRAL_TENSION) - p.trust_climb * (trust - NEUTRAL_TRUST)
    total = np.zeros(len(RUNGS))
    for share, shift in ((1.0 - misread, plain), (misread, plain + p.misread_climb)):
        out = np.ones(len(RUNGS))
        for rung, chance in enumerate(climb_chances(p, kind)):
            odds = chance / (1 - chance) * np.exp(shift)
            climb = odds / (1 + odds)
            out[rung + 1] = out[rung] * climb / (climb + (1 - climb) * p.calm)
        total += share * out
    return total


@dataclass(frozen=True, slots=True)
class LoopGain:
    """How far each state moves, in the long run, per unit of another, at the state where the loop is strongest.

    Attributes
    ----------
    radius : float
        Spectral radius of the matrix: 0 is no loop, 1 the edge of running away.
    matrix : array of float, one row and column per state
        Entry [i, j] is the long-run change of state i per unit of state j, see `STATES`.
    tension, trust : float
        The worst-case state.
    """

    radius: float
    matrix: NDArray[np.float64]
    tension: float
    trust: float


LIFTED = 0.1
"""How far programmes and chance may lift a state above the region's best resting level (assumption, fixed)."""


class Surroundings(NamedTuple):
    """What of a region the loop depends on; states are the best resting levels, lifted."""

    felt: float
    """Fully exposed crossings whose violence the communities at one crossing feel."""
    armed: float = 1.0
    """Presence of armed actors, relative to an ordinary tense border."""
    tension: float = NEUTRAL_TENSION - LIFTED
    trust: float = DEFAULT_CLIMATE["trust"] + LIFTED
    grievance: float = DEFAULT_CLIMATE["grievance"] - LIFTED
    livelihoods: float = DEFAULT_CLIMATE["livelihoods"] + LIFTED
    services: float = DEFAULT_CLIMATE["services"] + LIFTED
    legitimacy: float = DEFAULT_CLIMATE["legitimacy"] + LIFTED
    resources: float = ORDINARY_RESOURCES
    """Strain on what both sides use."""

    def room(self, tension: float) -> dict[str, float]:
        """Return how far each state that brings incidents forth can worsen, at some level of tension."""
        able = {name: getattr(self, name) for name in ("livelihoods", "services", "legitimacy")}
        return able | {
            "grievance": 1.0 - self.grievance,
            "tension": max(tension - NEUTRAL_TENSION, 0.0),
            "memory": 1.0,
            "rumour": 1.0,
        }


def loop_gain(p: Parameters, region: Surroundings) -> LoopGain:
    """Find the strongest loop between incidents and the slow states, over levels of tension and trust no better than the region's.

    Parameters
    ----------
    p : Parameters
        Effective parameters.
    region : Surroundings
        See `surroundings`.
    """
    hot, cold = np.linspace(region.tension, 1.0, 6), np.linspace(0.0, region.trust, 6)
    found = [_gain_at(p, region, float(t), float(v)) for t in hot for v in cold]
    return max(found, key=lambda gain: gain.radius)


def _gain_at(p: Parameters, region: Surroundings, tension: float, trust: float) -> LoopGain:
    i, c, felt, room = p.incidents, p.communities, region.felt, region.room(tension)
    index = {name: k for k, name in enumerate(STATES)}
    m = np.zeros((len(STATES), len(STATES)))

    def put(target: str, source: str, value: float) -> None:
        m[index[target], index[source]] += abs(value)

    added = np.diff(ECHO_WEIGHT, prepend=0.0)
    step = 1e-4
    for kind in KINDS:
        incidents, rate = f"{kind} incidents", kind_rate(i, kind) * (region.armed if kind == ARMED_KIND else 1.0)
        worst, misread, branching = worst_case(p, kind)
        backfire = _against(getattr(i, f"{kind}_restraint", 0.0), CONDUCT_SPREAD / 2.0, 1.0 - ORDINARY_CONDUCT)
        chances = reach(worst, kind, tension, trust, misread, backfire)
        echoes = branching * float(added @ chances)
        visits = 0.0 if kind == ARMED_KIND else i.exposure
        drift = _drifted(i.drift_spread)
        heat = i.tension_rate + visits / (1.0 - NEUTRAL_TENSION)
        most = 1.0 + heat * room["tension"]
        if kind == "services":
            most += p.public_service.strain_services * max(region.resources - ORDINARY_RESOURCES, 0.0)
        put(incidents, incidents, echoes)
        put(incidents, "tension", rate * drift * heat)
        for state, rise in (TRIGGERS[kind](p, tension) if kind in TRIGGERS else {}).items():
            put(incidents, state, rate * drift * rise)
            most += abs(rise) * room[state]
        busiest = rate * min(most, i.rate_cap) * drift
        at_once = getattr(i, f"{kind}_at_once", 0.0)
        severity = np.array(SEVERITY)
        followers = SEVERITY[LETHAL] * at_once / (1.0 - at_once)
        severity[LETHAL] += followers
        severity[-1] += followers * (1.0 - worst.calm) / worst.calm
        put("violence", incidents, float(severity @ chances))
        flow = busiest / max(1.0 - echoes, 0.05)
        put(
            "violence",
            "tension",
            flow * float(severity @ (reach(worst, kind, tension + step, trust, misread, backfire) - chances)) / step,
        )
        put(
            "violence",
            "trust",
            flow * float(severity @ (reach(worst, kind, tension, trust + step, misread, backfire) - chances)) / step,
        )

    put("tension", "violence", (1.0 - tension) * c.violence_tension / weekly_rate(c.tension_half_life))
    put("tension", "grievance", c.grievance_tension)
    put("rumour", "tension", believed_slope(p))
    put("tension", "rumour", (1.0 - tension) * p.rumours.tension / weekly_rate(c.tension_half_life))
    put("trust", "rumour", trust * p.rumours.trust / weekly_rate(c.trust_half_life))
    put("tension", "trust", c.trust_tension)
    put("trust", "violence", trust * felt * c.violence_trust / weekly_rate(c.trust_half_life))
    put("trust", "memory", c.memory_trust)
    put("grievance", "violence", (1.0 - region.grievance) * felt * c.violence_grievance / weekly_rate(c.grievance_half_life))
    put("grievance", "livelihoods", c.livelihoods_grievance)
    put("grievance", "legitimacy", c.legitimacy_grievance)
    put("grievance", "grievance", min(0.0, p.organizing.voice) * p.organizing.grievance_protests / ordinary_active(p.organizing))
    for state, slope in unmet_slopes(p).items():
        put("grievance", state, p.social_work.unmet_grievance * slope)
        put("legitimacy", state, p.social_work.unmet_legitimacy * slope)
    for state, slope in further_crises(p).items():
        put("legitimacy", state, lost_legitimacy(p) * slope)
        put("trust", state, min(0.0, p.social_work.safety_net_trust) * slope * CRISES_REMEMBERED / UNMET_SCALE)
    burnt = weekly_hazard(p.organizing.burnout) * p.organizing.burnout_weeks
    tiring = p.organizing.load_strain * (1.0 - ORDINARY_STRAIN) / weekly_rate(p.people.strain_half_life)
    put("strain of organizers", "organizers who cannot act", tiring)
    put("organizers who cannot act", "strain of organizers", burnt * p.organizing.burnout_strain / (1.0 + burnt) ** 2)
    for state in ("livelihoods", "services", "legitimacy"):
        loss = getattr(c, f"violence_{state}") / weekly_rate(getattr(c, f"{state}_half_life"))
        put(state, "violence", getattr(region, state) * felt * loss)
    put("legitimacy", "services", c.services_legitimacy)
    put("memory", "violence", felt * c.violence_memory / weekly_rate(c.memory_half_life))
    return LoopGain(float(np.max(np.abs(np.linalg.eigvals(m)))), m, tension, trust)


def surroundings(region: Region) -> Surroundings:
    """Find what of a region the loop depends on.

    What the communities at one crossing feel is reckoned in fully exposed crossings: the sum of their crossings' exposures, mean of the two
    communities, at the crossing where it is largest.
    """
    places = places_of(region)
    listed = crossing_pairs(region, places)
    pairs, traffic = np.array(listed), np.repeat(exposures(region, places, listed), 2)
    around = np.bincount(pairs.ravel(), traffic, minlength=len(places))
    levels = [region.climate_on(region.sides[place["side"]]) | place["own"] for place in places]
    best = {name: max(level[name] for level in levels) + LIFTED for name in ("trust", "livelihoods", "services", "legitimacy")}
    calm = {"tension": region.tension - LIFTED, "grievance": min(level["grievance"] for level in levels) - LIFTED}
    return Surroundings(
        float(around[pairs].mean(axis=1).max()), region.armed_actors, resources=region.resources,
        **{name: min(max(level, 0.0), 1.0) for name, level in (best | calm).items()},
    )  # fmt: skip


def check_stability(scenario: Scenario, where: str) -> float:
    """Check the loop gain of a scenario, and of every state its edits lead to.

    Returns
    -------
    float
        The largest gain.

    Raises
    ------
    InputError
        If a gain exceeds 0.9; the message has the number and the strongest arrows of the loop.
    """
    region = surroundings(scenario.region)
    edits = [edit for _, edit in scenario.dated_edits()]
    largest = 0.0
    for count in range(len(edits) + 1):
        parameters = scenario.parameters_with(edits[:count])
        gain = loop_gain(parameters, region)
        largest = max(largest, gain.radius)
        if gain.radius > MAX_GAIN:
            closed = gain.matrix * gain.matrix.T.astype(bool)
            strongest = np.argsort(closed, axis=None)[::-1][:3]
            arrows = ", ".join(
                f"{STATES[j]} → {STATES[k]} {gain.matrix[k, j]:.2f}"
                for k, j in (np.unravel_index(s, closed.shape) for s in strongest)
            )
            raise InputError(
                f"violence would feed itself: the loop gain is {gain.radius:.2f}" + (f" after {count} edit(s)" if count else ""),
                where=f"{where}: parameters",
                value=Words(f"{gain.radius:.3f}"),
                right=f"a loop gain of at most {MAX_GAIN}; the strongest arrows are {arrows}; lower the parameters that carry them",
            )
    return largest
