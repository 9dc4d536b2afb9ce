"""Check, before anything runs, that a scenario's region comes back to itself.

Every slow state has an outside anchor and a restoring rate, so what can run away is only the loop between them:
incidents echo; violence raises tension and grievance and lowers trust; these raise incidents and let them climb. Each
arrow of that loop is taken at the busiest crossing, the spectral radius of the matrix of arrows is computed over all
levels of tension and trust that are no better than the region's own (or than what programmes may make of them), short-lived
events such as a failed project aside, and at its worst-case state it must not exceed 0.9. Above its resting level a state
falls back by itself, so only below it can a loop hold it down. Echoes that move to a neighbouring crossing leave the
crossing they came from, so space adds nothing to the sum.
A kind's rate can be moved by states that bring it forth (`TRIGGERS`: livelihoods for labour, unmet crises
for welfare, services for services, legitimacy and rumours for security, grievance, tension and rumours for protest). What trust adds to
mediation is left out: that works through ties, of which there are few where no programme runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.draws import name_key
from sim.errors import InputError, Words
from sim.families import ARMED_KIND, ECHO_WEIGHT, KINDS, LETHAL, SEVERITY
from sim.parameters import Parameters, weekly_hazard, weekly_rate
from sim.parameters.incidents import kind_rate
from sim.parameters.ordinary import (
    CONDUCT_SPREAD,
    CRISES_REMEMBERED,
    NEUTRAL_TENSION,
    ORDINARY_CONDUCT,
    ORDINARY_GRIEVANCE,
    ORDINARY_RESOURCES,
    ORDINARY_STATE,
    ORDINARY_STRAIN,
    UNMET_SCALE,
)
from sim.scenario.places import crossing_levels, crossing_pairs, exposures, levels, places_of
from sim.scenario.region import DEFAULT_CLIMATE, Region
from sim.scenario.schema import Scenario
from sim.scenario.slopes import (
    TRIGGERS,
    against,
    believed_slope,
    drifted,
    further_crises,
    lost_legitimacy,
    reach,
    soured_slope,
    unmet_slopes,
    voice_slopes,
    worst_case,
)

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
_PLACE = {name: k for k, name in enumerate(STATES)}


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
    """Strain on what both sides use, where it is worst."""
    staffed: float = 0.02
    """Workers per resident, where they are most."""


def room(tension: float) -> dict[str, float]:
    """Return how far each state that brings incidents forth can worsen from where the rules count it, at some level of tension."""
    return dict.fromkeys(("livelihoods", "services", "legitimacy"), ORDINARY_STATE) | {
        "grievance": 1.0 - ORDINARY_GRIEVANCE,
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
    tension, trust = (axis.ravel() for axis in np.meshgrid(hot, cold, indexing="ij"))
    courses = {kind: _course_of(p, region, kind, tension, trust) for kind in KINDS}
    matrices = np.stack(
        [_matrix_at(p, region, courses, k, float(t), float(v)) for k, (t, v) in enumerate(zip(tension, trust, strict=True))]
    )
    radii = np.abs(np.linalg.eigvals(matrices)).max(axis=1)
    k = int(radii.argmax())
    return LoopGain(float(radii[k]), matrices[k], float(tension[k]), float(trust[k]))


class _Course(NamedTuple):
    """How one kind of incidents runs its course, at each of several states: arrays, but for what does not depend on them."""

    rate: float
    heat: float
    branching: float
    echoes: NDArray[np.float64]
    violence: NDArray[np.float64]
    steeper: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    """State to how much more of both there is per unit of it."""


def _course_of(
    p: Parameters, region: Surroundings, kind: str, tension: NDArray[np.float64], trust: NDArray[np.float64]
) -> _Course:
    i, step = p.incidents, 1e-4
    worst, misread, branching = worst_case(p, kind)
    backfire = against(getattr(i, f"{kind}_restraint", 0.0), CONDUCT_SPREAD / 2.0, 1.0 - ORDINARY_CONDUCT)
    added, at_once = np.diff(ECHO_WEIGHT, prepend=0.0), getattr(i, f"{kind}_at_once", 0.0)
    followers = SEVERITY[LETHAL] * at_once / (1.0 - at_once)
    severity = np.array(SEVERITY) + np.array([0.0] * LETHAL + [followers, followers / worst.calm])
    here = reach(worst, kind, tension, trust, misread, backfire)
    hotter = (reach(worst, kind, tension + step, trust, misread, backfire) - here) / step
    warmer = (reach(worst, kind, tension, trust + step, misread, backfire) - here) / step
    rate = kind_rate(i, kind) * (region.armed if kind == ARMED_KIND else 1.0) * drifted(i.drift_spread)
    heat = i.tension_rate + (0.0 if kind == ARMED_KIND else i.exposure / (1.0 - NEUTRAL_TENSION))
    steeper = {"tension": (added @ hotter, severity @ hotter), "trust": (added @ warmer, severity @ warmer)}
    return _Course(rate, heat, branching, branching * (added @ here), severity @ here, steeper)


def _arrows_of(
    p: Parameters, region: Surroundings, kind: str, course: _Course, k: int, tension: float
) -> dict[tuple[str, str], float]:
    """Work out the arrows to and from one kind of incidents at one state, as (target, source)."""
    incidents, rate, echoes = f"{kind} incidents", course.rate, float(course.echoes[k])
    rises = TRIGGERS[kind](p, tension) if kind in TRIGGERS else {}
    worse = room(tension)
    most = 1.0 + course.heat * worse["tension"] + sum(abs(rise) * worse[state] for state, rise in rises.items())
    if kind == "services":
        most += p.public_service.strain_services * max(region.resources - ORDINARY_RESOURCES, 0.0)
    flow = rate * min(most, p.incidents.rate_cap) / max(1.0 - echoes, 0.05)
    arrows = {(incidents, incidents): echoes, ("violence", incidents): float(course.violence[k])}
    arrows |= {(incidents, state): rate * abs(rise) for state, rise in rises.items()}
    arrows[incidents, "tension"] = arrows.get((incidents, "tension"), 0.0) + rate * course.heat
    for state, (echoed, severer) in course.steeper.items():
        arrows[incidents, state] = arrows.get((incidents, state), 0.0) + flow * course.branching * abs(float(echoed[k]))
        arrows["violence", state] = flow * float(severer[k])
    return arrows


def _matrix_at(
    p: Parameters, region: Surroundings, courses: dict[str, _Course], k: int, tension: float, trust: float
) -> NDArray[np.float64]:
    """Put the arrows at one state together; `k` is its number."""
    c, felt = p.communities, region.felt
    m = np.zeros((len(STATES), len(STATES)))

    def put(target: str, source: str, value: float) -> None:
        m[_PLACE[target], _PLACE[source]] += abs(value)

    for kind in KINDS:
        for (target, source), value in _arrows_of(p, region, kind, courses[kind], k, tension).items():
            put(target, source, value)
    put("tension", "violence", (1.0 - tension) * c.violence_tension / weekly_rate(c.tension_half_life))
    put("tension", "grievance", c.grievance_tension)
    put("rumour", "tension", believed_slope(p, tension))
    put("tension", "rumour", (1.0 - tension) * p.rumours.tension / weekly_rate(c.tension_half_life))
    put("trust", "rumour", trust * p.rumours.trust / weekly_rate(c.trust_half_life))
    put("tension", "trust", c.trust_tension)
    put("trust", "violence", trust * felt * c.violence_trust / weekly_rate(c.trust_half_life))
    put("trust", "memory", c.memory_trust)
    put("grievance", "violence", (1.0 - region.grievance) * felt * c.violence_grievance / weekly_rate(c.grievance_half_life))
    put("grievance", "livelihoods", c.livelihoods_grievance)
    put("grievance", "legitimacy", c.legitimacy_grievance)
    for state, slope in voice_slopes(p, tension, region.grievance).items():
        put("grievance", state, slope)
    meetings, acquainted = p.contact.everyday_meetings * felt, min(c.acquaintances * region.staffed, 1.0)
    put("trust", "tension", soured_slope(p, meetings, acquainted))
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
    return m


def surroundings(region: Region) -> Surroundings:
    """Find what of a region the loop depends on.

    What the communities at one crossing feel is reckoned in fully exposed crossings: the sum of their crossings' exposures, mean of the two
    communities, at the crossing where it is largest.
    """
    places = places_of(region)
    listed = crossing_pairs(region, places)
    pairs, traffic = np.array(listed), np.repeat(exposures(region, places, listed), 2)
    around = np.bincount(pairs.ravel(), traffic, minlength=len(places))
    keys = np.array([name_key("community", place["name"]) for place in places], np.uint64)
    best = {
        name: levels(name, region, keys, places).max() + LIFTED for name in ("trust", "livelihoods", "services", "legitimacy")
    }
    tension, resources = crossing_levels(region, places, listed)
    calm = {"tension": tension.min() - LIFTED, "grievance": levels("grievance", region, keys, places).min() - LIFTED}
    return Surroundings(
        float(around[pairs].mean(axis=1).max()), region.armed_actors, resources=float(resources.max()),
        staffed=region.staff_per_community() / min(place["population"] for place in places),
        **{name: float(min(max(level, 0.0), 1.0)) for name, level in (best | calm).items()},
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
