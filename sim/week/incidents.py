"""Incidents: they arise at crossings by kind, climb observable rungs or stop, and echo in time and nearby.

Rule
----
*Arise.* Each week, at each crossing and for each kind, background incidents arise at the kind's rate × exposure ×
what moves it: tension, and the trigger that its profession's work rule wrote (together at most ``rate_cap``), times the
drift. Echoes of earlier incidents arise beside them, and the attacks of spoilers, which begin with force. Counts come
from one uniform number through the Poisson distribution's inverse, so a higher rate only adds incidents.

*Stand down.* Where that mechanism is on, armed actors stand down at `stand_down` a year, the more readily the fewer have been
killed over the past year (half as readily at `quiet_deaths`); what is left of them is `peace_presence`. They take up arms again
at `take_up` a year. How long the way to each turn is is drawn once for it, so that two worlds that differ a little turn at nearly
the same time.

What becomes of them is in `sim.week.course`.

What differs between kinds is data: their parameters, and the columns that work rules write (trigger, cause, shared, misread, warning,
dialogue, containment).

Reads crossings. Writes incidents, crossings' excitation, drift, violence; armed actors. Mechanisms: drifting_baseline,
self_excitation, standing_down; evidence F2, F5.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.columns import grown, picked
from sim.compiled import called, compiled, counted
from sim.draws import mix, name_key, poisson_inverse, purpose_key, uniforms
from sim.families import FAMILIES, FORCE, KINDS, RUNGS, SEVERITY
from sim.parameters import Parameters, weekly_hazard, weekly_rate
from sim.parameters.incidents import climb_chances, kind_rate
from sim.parameters.ordinary import NEUTRAL_TENSION
from sim.series import INDEX
from sim.week.course import LIVE, MOST_FURTHER, course
from sim.world.tables import ARISE, Incidents
from sim.world.world import World

MOST_AT_ONCE = 8
"""Most incidents of one kind that one crossing can start in one week."""
_REGION = np.uint64(name_key("region"))
REGION = np.array([_REGION])
ARMED = KINDS.index("armed")
OWNER = np.array([next((f for f, family in enumerate(FAMILIES) if family.incident == kind), -1) for kind in KINDS], np.int32)
"""Family that owns each kind, -1 for armed."""
_SEVERITY = np.array(SEVERITY)
_TENSION, _ECHO, _SPOILERS = ARISE.index("tension"), ARISE.index("echo"), ARISE.index("spoilers")
_BIRTHS = 3
"""Ways in which an incident can come about, told apart in its key: by itself, as an echo, by spoilers."""
_REACHED = INDEX[f"reached_{RUNGS[0]}"]
_INCIDENTS = INDEX[f"incidents_{KINDS[0]}"]
_FORCE_OF = INDEX[f"force_{KINDS[0]}"]
_ECHOES_OF = INDEX[f"echoes_{KINDS[0]}"]
_ECHOES, _ENDED = INDEX["echoes"], INDEX["ended"]
_DEATHS, _AT_ARMS = INDEX["deaths"], INDEX["at_arms"]
_YEAR = 52.0
_ARISE, _DRIFT, _DRIFT_OF_REGION = (
    purpose_key(name) for name in ("incidents arise", "drift of a crossing", "drift of the region")
)


class Rates(NamedTuple):
    """Parameters by kind, as arrays."""

    rate: NDArray[np.float64]
    """Per week at a fully exposed crossing, shape (kinds,)."""
    climb: NDArray[np.float64]
    """Weekly log odds from each rung to the next in an ordinary week, shape (kinds, rungs − 1)."""
    owner: NDArray[np.int32]
    restraint: NDArray[np.float64]
    """Log odds of not climbing per unit of restraint of those on duty, shape (kinds,)."""
    response: NDArray[np.float64]
    """Relative rise of the chance to end per unit of competence of those on duty, shape (kinds,)."""
    at_once: NDArray[np.float64]
    """Chance that a lethal event is followed by another in the same week, shape (kinds,)."""
    fade: float
    """Share of the echoes to come that is left a week later."""
    persistence: float
    """Share of the drift that is left a week later."""


def rates(parameters: Parameters) -> Rates:
    """Gather the parameters of each kind."""
    p = parameters.incidents
    climb = np.array([[np.log(max(c, 1e-12) / (1.0 - c)) for c in climb_chances(p, kind)] for kind in KINDS])
    rate = np.array([kind_rate(p, kind) for kind in KINDS])
    restraint, response, at_once = (
        np.array([float(getattr(p, f"{kind}_{what}", 0.0)) for kind in KINDS]) for what in ("restraint", "response", "at_once")
    )
    fade = 1.0 - 1.0 / max(p.echo_weeks, 1.0) if p.echo_weeks > 1.0 else 0.0
    return Rates(rate, climb, OWNER, restraint, response, at_once, fade, 1.0 - weekly_rate(p.drift_half_life))


@called
def multiplier(crossings, x, kind, drift, p):  # type: ignore[no-untyped-def]
    """Find what multiplies a kind's rate at a crossing this week, its drift included, and the cause that adds most to it."""
    heat = p.tension_rate * (float(crossings.tension[x]) - NEUTRAL_TENSION)
    trigger = float(crossings.trigger[x, kind])
    cause = _TENSION if heat > max(trigger, 0.1) else crossings.cause[x, kind]
    return min(max(1.0 + heat + trigger, 0.0), p.rate_cap) * drift, cause


@called
def _begin(incidents, crossings, cell, live, x, kind, week, birth, slot, cause, rung, tally):  # type: ignore[no-untyped-def]
    """Let one incident arise at a rung."""
    name = mix(np.uint64(week + 1_000_000), np.uint64(_BIRTHS * slot + birth))
    incidents.key[live] = mix(cell, name)
    incidents.crossing[live] = x
    incidents.kind[live] = kind
    incidents.began[live] = week
    incidents.ended[live] = -1
    incidents.rung[live] = rung
    incidents.misread[live] = 0
    incidents.arose[live] = cause
    incidents.climbed[live] = 0
    incidents.stopped[live] = LIVE
    incidents.deaths[live] = 0
    for reached in range(rung + 1):
        tally[_REACHED + reached] += 1.0
    tally[_INCIDENTS + kind] += 1.0
    if rung >= FORCE:
        tally[_FORCE_OF + kind] += 1.0
    crossings.violence[x] += _SEVERITY[rung]


@counted
def _arise(at, r, start, live, week, presence, tally):  # type: ignore[no-untyped-def]
    """Let incidents arise from the crossing `start` on; stops early where the table might not hold those of the next crossing."""
    p = rooms.incidents(at)
    crossings, incidents, topology, draws = state.crossings(at), state.incidents(at), state.topology(at), state.draws(at)
    kinds, persistence = crossings.excitation.shape[1], r.persistence
    one = uniforms(draws, _DRIFT_OF_REGION, week, _REGION)
    common = math.sqrt(-2.0 * math.log(one[0])) * math.cos(2.0 * math.pi * one[1])
    for x in range(start, crossings.key.size):
        if live + kinds * 2 * MOST_AT_ONCE + 1 > incidents.key.size:
            return x, live
        v = uniforms(draws, _DRIFT, week, crossings.key[x])
        own = math.sqrt(-2.0 * math.log(v[0])) * math.cos(2.0 * math.pi * v[1])
        z = math.sqrt(p.drift_common) * common + math.sqrt(1.0 - p.drift_common) * own
        crossings.drift[x] = persistence * crossings.drift[x] + math.sqrt(1.0 - persistence * persistence) * p.drift_spread * z
        drift = math.exp(float(crossings.drift[x]) - 0.5 * p.drift_spread * p.drift_spread)
        crossings.violence[x] = 0.0
        for kind in range(kinds):
            cell = topology.cells[x * kinds + kind]
            u = uniforms(draws, _ARISE, week, cell)
            factor, cause = multiplier(crossings, x, kind, drift, p)
            traffic = crossings.exposure[x] * (crossings.open[x] if r.owner[kind] >= 0 else presence)
            base = r.rate[kind] * traffic * factor
            echo = float(crossings.excitation[x, kind])
            crossings.excitation[x, kind] = echo * r.fade
            for birth in range(2):
                n = poisson_inverse(u[0] if birth == 0 else u[1], base if birth == 0 else echo, MOST_AT_ONCE)
                for slot in range(n):
                    why = cause if birth == 0 else _ECHO
                    _begin(incidents, crossings, cell, live, x, kind, week, birth, slot, why, 0, tally)
                    tally[_ECHOES] += birth
                    tally[_ECHOES_OF + kind] += birth
                    live += 1
        if crossings.attacks[x]:
            _begin(incidents, crossings, topology.cells[x * kinds + ARMED], live, x, ARMED, week, 2, 0, _SPOILERS, FORCE, tally)
            live += 1
    return crossings.key.size, live


def _presence(world: World) -> float:
    """Let armed actors stand down or take up arms, and return how present they are this week."""
    p, armed, here = world.parameters.incidents, world.armed, world.scenario.region.armed_actors
    if p.stand_down > 0.0 and world.week >= 0:
        readiness = 1.0 / (1.0 + armed.killed / p.quiet_deaths)
        armed.way += weekly_hazard(p.stand_down) * readiness if armed.at_arms else weekly_hazard(p.take_up)
        if armed.way >= -math.log(world.draws.fill("turns of armed actors", armed.turns, REGION)[0, 0]):
            armed.at_arms, armed.way, armed.turns = not armed.at_arms, 0.0, armed.turns + 1
    world.tally[_AT_ARMS] = 1.0 if armed.at_arms else 0.0
    return here if armed.at_arms else min(here, p.peace_presence)


@compiled
def _file_away(at, live, filed):  # type: ignore[no-untyped-def]
    """Move ended incidents to the record; the live ones keep their order. Returns how many these are."""
    incidents, ended = state.incidents(at), state.ended(at)
    going_on = 0
    for k in range(live):
        if incidents.stopped[k] != LIVE:
            state.copy_row(ended, filed, incidents, k)
            filed += 1
        else:
            if going_on < k:
                state.copy_row(incidents, going_on, incidents, k)
            going_on += 1
    return going_on


def live(world: World) -> None:
    """Let incidents arise, climb, be settled or end this week."""
    week, crossings = world.week, world.crossings
    r, presence = world.derive(rates), _presence(world)
    before = world.live_incidents
    reached, now = 0, before
    while reached < crossings.key.size:
        if now + len(KINDS) * 2 * MOST_AT_ONCE + 1 > world.incidents.key.size:
            world.incidents = grown(world.incidents, 2 * world.incidents.key.size + len(KINDS) * 4 * MOST_AT_ONCE)
        reached, now = _arise(world.at, r, reached, now, week, presence, world.tally)
    if now:
        if world.lethal_events + (1 + MOST_FURTHER) * now > world.lethal.week.size:
            world.lethal = grown(world.lethal, 2 * (world.lethal_events + (1 + MOST_FURTHER) * now))
        world.lethal_events = course(world.at, before, now, r, np.empty((now, 4)), week, world.lethal_events, world.tally)
        if world.ended_incidents + now > world.ended.key.size:
            world.ended = grown(world.ended, 2 * (world.ended_incidents + now))
        if world.tally[_ENDED]:
            going_on = _file_away(world.at, now, world.ended_incidents)
            world.ended_incidents += now - going_on
            now = going_on
    world.live_incidents = now
    world.armed.killed += world.tally[_DEATHS] - world.armed.killed / _YEAR


def ended(world: World) -> Incidents:
    """Return all incidents that have ended so far as one table, in the order in which they ended."""
    return picked(world.ended, np.arange(world.ended_incidents))
