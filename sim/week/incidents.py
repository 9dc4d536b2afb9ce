"""Incidents: they arise at crossings by kind, climb observable rungs or stop, and echo in time and nearby.

Rule
----
*Arise.* Each week, at each crossing and for each kind, background incidents arise at the kind's rate × exposure ×
what moves it (tension, lost livelihoods, failed projects, visitors, rhetoric, drift; together at most ``rate_cap``).
Echoes of earlier incidents arise beside them. Counts come from one uniform number through the Poisson distribution's
inverse, so a higher rate only adds incidents.

*Climb or stop.* Each week of a live incident, workers on duty of the profession that owns its kind are asked first,
two on either side: one with a live tie across may settle it, the more surely the stronger the tie and the readier
both sides to trust. Supported bridge figures may be called in. Otherwise it climbs, with log odds that rise with
tension and fall with community trust, or ends, sooner where standards are shared, or goes on. An armed incident has
no profession that could settle it.

*Echo.* Each rung an incident reaches adds to the echoes to come, here and at neighbouring crossings, which fade with
a mean delay of ``echo_weeks``. Whether real incidents echo or their baseline drifts cannot be told from counts (F2):
both are mechanisms.

*Deaths*, when an incident becomes lethal and in each week of sustained violence, follow a discrete power law, cut off at a declared maximum (F1).

Reads workers, ties, communities, crossings, politics. Writes incidents, crossings' excitation, drift, violence.
Mechanisms: exposure, mediation, bridge_figures, shared_standards, trust_escalation, self_excitation,
drifting_baseline, project_failure. Claims V7, V11, V14.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.columns import allocate, grown, keep, picked
from sim.compiled import compiled, inlined
from sim.draws import mix
from sim.families import BUILT, FAMILIES, FORCE, KINDS, LETHAL, RUNGS, SEVERITY
from sim.outcomes import INDEX
from sim.parameters import NEUTRAL_TENSION, NEUTRAL_TRUST, Parameters, weekly_rate
from sim.scenario.stability import ECHO_WEIGHT, climb_chances
from sim.world.tables import ARISE, CLIMB, STOP, Incidents, other_index
from sim.world.ties import best_across
from sim.world.world import World

MOST_AT_ONCE = 8
"""Most incidents of one kind that one crossing can start in one week."""
LABOUR = KINDS.index("labour")
OWNER = np.array([*(FAMILIES.index(family) for family in BUILT), -1], np.int32)
"""Family that owns each kind, -1 for armed."""
_SEVERITY = np.array(SEVERITY)
_WEIGHT = np.array(ECHO_WEIGHT)
_TOP = len(RUNGS) - 1
_BACKGROUND, _TENSION, _LIVELIHOODS, _FAILED, _VISITORS, _RHETORIC, _ECHO = range(len(ARISE))
_NOT, _CHANCE, _HEAT, _DISTRUST = range(len(CLIMB))
_LIVE, _BY_ITSELF, _DUTY, _BRIDGE, _STANDARDS = range(len(STOP))
_REACHED = INDEX[f"reached_{RUNGS[0]}"]
_INCIDENTS = INDEX[f"incidents_{KINDS[0]}"]
_FORCE_OF = INDEX[f"force_{KINDS[0]}"]
_VIOLENT = INDEX["violent"]
_ECHOES, _MEDIATED, _MEDIATED_BRIDGE = INDEX["echoes"], INDEX["mediated"], INDEX["mediated_bridge"]
_ENDED, _TO_CALM, _DEATHS = INDEX["ended"], INDEX["weeks_to_calm"], INDEX["deaths"]


class Rates(NamedTuple):
    """Parameters by kind, as arrays."""

    rate: NDArray[np.float64]
    """Per week at a fully exposed crossing, shape (kinds,)."""
    climb: NDArray[np.float64]
    """Weekly log odds from each rung to the next in an ordinary week, shape (kinds, rungs − 1)."""
    owner: NDArray[np.int32]


def rates(parameters: Parameters) -> Rates:
    """Gather the parameters of each kind."""
    p = parameters.incidents
    climb = np.array([[np.log(max(c, 1e-12) / (1 - c)) for c in climb_chances(p, kind)] for kind in KINDS])
    return Rates(np.array([getattr(p, f"{kind}_rate") for kind in KINDS]), climb, OWNER)


@inlined
def poisson_inverse(u, mean):  # type: ignore[no-untyped-def]
    """Count of a Poisson variable from one uniform number; it never falls when the mean rises."""
    term = math.exp(-mean)
    total, n = term, 0
    while u > total and n < MOST_AT_ONCE:
        n += 1
        term *= mean / n
        total += term
    return n


@inlined
def multiplier(crossings, communities, rhetoric, x, kind, p):  # type: ignore[no-untyped-def]
    """Find what multiplies a kind's rate at a crossing this week, and the cause that adds most to it."""
    a, b = crossings.a[x], crossings.b[x]
    tension = float(crossings.tension[x])
    heat = p.tension_rate * (tension - NEUTRAL_TENSION)
    living = failed = visitors = words = 0.0
    if kind == LABOUR:
        living = p.livelihood_labour * (0.5 - 0.5 * (communities.livelihoods[a] + communities.livelihoods[b]))
        failed = p.failure_labour * min(float(crossings.failed[x]), 1.0)
        visitors = (
            p.exposure_labour * crossings.visitors[x] / 10.0 * max(tension - NEUTRAL_TENSION, 0.0) / (1.0 - NEUTRAL_TENSION)
        )
    else:
        words = p.rhetoric_armed * max(rhetoric[communities.side[a]], rhetoric[communities.side[b]])
    cause, most = _BACKGROUND, 0.1
    for code, term in ((_TENSION, heat), (_LIVELIHOODS, living), (_FAILED, failed), (_VISITORS, visitors), (_RHETORIC, words)):
        if term > most:
            cause, most = code, term
    drift = math.exp(float(crossings.drift[x]) - 0.5 * p.drift_spread * p.drift_spread)
    return min(max(1.0 + heat + living + failed + visitors + words, 0.0) * drift, p.rate_cap), cause


@compiled
def _arise(crossings, communities, incidents, rhetoric, r, live, u, v, week, p, persistence, fade, tally):  # type: ignore[no-untyped-def]
    kinds = crossings.excitation.shape[1]
    for x in range(crossings.key.size):
        z = math.sqrt(-2.0 * math.log(v[x, 0])) * math.cos(2.0 * math.pi * v[x, 1])
        crossings.drift[x] = persistence * crossings.drift[x] + math.sqrt(1.0 - persistence * persistence) * p.drift_spread * z
        crossings.violence[x] = 0.0
        for kind in range(kinds):
            k = x * kinds + kind
            factor, cause = multiplier(crossings, communities, rhetoric, x, kind, p)
            traffic = crossings.exposure[x] * (crossings.open[x] if r.owner[kind] >= 0 else 1.0)
            base = r.rate[kind] * traffic * factor
            echo = float(crossings.excitation[x, kind])
            crossings.excitation[x, kind] = echo * fade
            for lineage in range(2):
                n = poisson_inverse(u[k, lineage], base if lineage == 0 else echo)
                for slot in range(n):
                    if live >= incidents.key.size:
                        return live
                    name = mix(np.uint64(week + 1_000_000), np.uint64(2 * slot + lineage))
                    incidents.key[live] = mix(mix(crossings.key[x], np.uint64(kind)), name)
                    incidents.crossing[live] = x
                    incidents.kind[live] = kind
                    incidents.began[live] = week
                    incidents.ended[live] = -1
                    incidents.rung[live] = 0
                    incidents.arose[live] = cause if lineage == 0 else _ECHO
                    incidents.climbed[live] = _NOT
                    incidents.stopped[live] = _LIVE
                    incidents.deaths[live] = 0
                    tally[_REACHED] += 1.0
                    tally[_INCIDENTS + kind] += 1.0
                    tally[_ECHOES] += lineage
                    crossings.violence[x] += _SEVERITY[0]
                    live += 1
    return live


@inlined
def _spread_echo(crossings, topology, x, kind, amount, p, fade):  # type: ignore[no-untyped-def]
    """Add `amount` echoes to come, in all, here and at the neighbouring crossings."""
    first, last = topology.neighbour_start[x], topology.neighbour_start[x + 1]
    amount *= 1.0 - fade
    away = p.echo_spread if last > first else 0.0
    crossings.excitation[x, kind] += amount * (1.0 - away)
    for k in range(first, last):
        crossings.excitation[topology.neighbour_list[k], kind] += amount * away / (last - first)


@inlined
def _bridge(workers, ties, pool_first, pool_staff, there, side, week, only_called, u1, u2, distant, p):  # type: ignore[no-untyped-def]
    """Find the best tie across, discounted by its holder's trust, among two on duty or all supported bridge figures."""
    best = 0.0
    if pool_staff == 0:
        return best
    if only_called:
        for i in range(pool_first, pool_first + pool_staff):
            if workers.bridge[i] == 1:
                o = other_index(workers.side[i], side, workers.trust.shape[1] + 1)
                worth = best_across(workers, ties, i, there, side, week, distant, p)
                best = max(best, worth * (0.5 + 0.5 * workers.trust[i, o]))
        return best
    for draw in (u1, u2):
        i = pool_first + min(int(draw * pool_staff), pool_staff - 1)
        o = other_index(workers.side[i], side, workers.trust.shape[1] + 1)
        worth = best_across(workers, ties, i, there, side, week, distant, p)
        best = max(best, worth * (0.5 + 0.5 * workers.trust[i, o]))
    return best


@inlined
def deaths_from(u, exponent, most):  # type: ignore[no-untyped-def]
    """Deaths from one uniform number: a power law from 1, rounded down, cut off at `most`."""
    tail = (most + 1.0) ** (1.0 - exponent)
    return int(min((1.0 - u * (1.0 - tail)) ** (1.0 / (1.0 - exponent)), most))


@compiled
def _duty(workers, communities, crossings, ties, topology, incidents, live, r, duty, calls, u, week, p, contact, fade, tally):  # type: ignore[no-untyped-def]
    for k in range(live):
        x, kind, rung = incidents.crossing[k], incidents.kind[k], incidents.rung[k]
        a, b = crossings.a[x], crossings.b[x]
        side_a, side_b = communities.side[a], communities.side[b]
        owner = r.owner[kind]
        if owner >= 0:
            first_a, staff_a = topology.pool_first[a, owner], topology.pool_staff[a, owner]
            first_b, staff_b = topology.pool_first[b, owner], topology.pool_staff[b, owner]
            worth = max(
                _bridge(workers, ties, first_a, staff_a, b, side_b, week, False, duty[k, 0], duty[k, 1], p.distant_tie, contact),
                _bridge(workers, ties, first_b, staff_b, a, side_a, week, False, duty[k, 2], duty[k, 3], p.distant_tie, contact),
            )
            how = _DUTY
            if calls[k, 0] < p.bridge_call:
                called = max(
                    _bridge(workers, ties, first_a, staff_a, b, side_b, week, True, 0.0, 0.0, p.distant_tie, contact),
                    _bridge(workers, ties, first_b, staff_b, a, side_a, week, True, 0.0, 0.0, p.distant_tie, contact),
                )
                if called > worth:
                    worth, how = called, _BRIDGE
            if u[k, 0] < p.mediation * worth:
                _end(incidents, k, how, week, tally)
                tally[_MEDIATED] += 1.0
                tally[_MEDIATED_BRIDGE] += 1.0 if how == _BRIDGE else 0.0
                continue
        heat = p.tension_climb * (crossings.tension[x] - NEUTRAL_TENSION)
        ab = communities.trust[a, other_index(side_a, side_b, communities.trust.shape[1] + 1)]
        ba = communities.trust[b, other_index(side_b, side_a, communities.trust.shape[1] + 1)]
        distrust = p.trust_climb * (NEUTRAL_TRUST - 0.5 * (ab + ba))
        climbs = False
        if rung < _TOP:
            odds = math.exp(r.climb[kind, rung] + heat + distrust)
            climbs = u[k, 1] < odds / (1.0 + odds)
        if climbs:
            rung += 1
            incidents.rung[k] = rung
            incidents.climbed[k] = _DISTRUST if distrust > max(heat, 0.1) else (_HEAT if heat > 0.1 else _CHANCE)
            tally[_REACHED + rung] += 1.0
            if rung == FORCE:
                tally[_FORCE_OF + kind] += 1.0
            crossings.violence[x] += _SEVERITY[rung]
            _spread_echo(crossings, topology, x, kind, p.branching * (_WEIGHT[rung] - _WEIGHT[rung - 1]), p, fade)
        else:
            shared = 0.5 * (communities.standards[a] + communities.standards[b]) if owner >= 0 else 0.0
            calm = p.calm * (1.0 + p.standards_calm * shared)
            if u[k, 2] < calm:
                _end(incidents, k, _STANDARDS if u[k, 2] >= p.calm else _BY_ITSELF, week, tally)
        tally[_VIOLENT] += 1.0 if rung >= FORCE else 0.0
        if rung >= LETHAL and (climbs or rung == _TOP) and incidents.stopped[k] == _LIVE:
            dead = deaths_from(u[k, 3], p.deaths_exponent, p.deaths_max)
            incidents.deaths[k] += dead
            tally[_DEATHS] += dead


@inlined
def _end(incidents, k, why, week, tally):  # type: ignore[no-untyped-def]
    incidents.stopped[k] = why
    incidents.ended[k] = week
    tally[_ENDED] += 1.0
    tally[_TO_CALM] += week - incidents.began[k] + 1


@compiled
def _echo_births(crossings, topology, incidents, before, live, p, fade):  # type: ignore[no-untyped-def]
    for k in range(before, live):
        _spread_echo(crossings, topology, incidents.crossing[k], incidents.kind[k], p.branching * _WEIGHT[0], p, fade)


def live(world: World) -> None:
    """Let incidents arise, climb, be settled or end this week."""
    week, p, draws, crossings = world.week, world.parameters.incidents, world.draws, world.crossings
    r = world.derive(rates)
    kinds = len(KINDS)
    u = draws.fill("incidents arise", week, world.topology.cells)
    v = draws.fill("drift of a crossing", week, crossings.key)
    fade = 1.0 - 1.0 / max(p.echo_weeks, 1.0) if p.echo_weeks > 1.0 else 0.0
    persistence = 1.0 - weekly_rate(p.drift_half_life)
    before = world.live_incidents
    need = before + crossings.key.size * kinds * 2
    if need > world.incidents.key.size:
        world.incidents = grown(world.incidents, 2 * need)
    incidents = world.incidents
    now = _arise(
        crossings, world.communities, incidents, world.politics.rhetoric, r, before, u, v, week, p, persistence, fade, world.tally
    )
    _echo_births(crossings, world.topology, incidents, before, now, p, fade)
    if now:
        ids = incidents.key[:now]
        duty, calls, chance = (
            draws.fill(f"incident: {what}", week, ids) for what in ("on duty", "bridge figures called", "course")
        )
        _duty(
            world.workers, world.communities, crossings, world.ties, world.topology, incidents, now, r,
            duty, calls, chance, week, p, world.parameters.contact, fade, world.tally,
        )  # fmt: skip
        now = _clear(world, incidents, now)
    world.live_incidents = now


def _clear(world: World, incidents: Incidents, live: int) -> int:
    """Move ended incidents to the record; the live ones keep their order."""
    gone = np.flatnonzero(incidents.stopped[:live] != _LIVE)
    if gone.size == 0:
        return live
    world.ended_incidents.append(picked(incidents, gone))
    stay = np.flatnonzero(incidents.stopped[:live] == _LIVE)
    keep(incidents, stay)
    return int(stay.size)


def ended(world: World) -> Incidents:
    """Return all incidents that have ended so far as one table, in the order in which they ended."""
    if not world.ended_incidents:
        return allocate(Incidents, 0)
    return Incidents(*(np.concatenate(parts) for parts in zip(*world.ended_incidents, strict=True)))
