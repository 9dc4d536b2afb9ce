"""Rumours: they arise where it is tense and where somebody spreads them, move on through a side, and are checked across ties.

Rule
----
*They arise* in communities with a crossing to another side: more often under tension, in weeks of disinformation, and after each attack by
spoilers, when all have heard that the other side is to blame. Where residents talk to the police fewer believe them (C4).

*They move on* to the nearest communities of their side that have not heard them, each to less than one more on average; belief fades week by
week. Who believes one rumour believes another neither more nor less readily; one is enough to be counted among those who believe any.

*They are checked* where organizers who are not burnt out have ties to the side concerned and can ask, and by a rapid-response network: then
they end at once.

What is believed beyond the ordinary costs trust and adds tension (`sim.week.communities`), and triggers security and protest incidents.

Reads workers, ties, institutions' rapport and sharing, crossings' tension and attacks, politics. Writes rumours; communities' and crossings'
rumour. Mechanisms: rumours, rumour_spread, rumour_checks, disbelief. Claims O13, C4; evidence F9.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.columns import grown, keep, part_of
from sim.compiled import compiled, inlined
from sim.draws import mix
from sim.families import ORGANIZING, POLICING
from sim.parameters.ordinary import NEUTRAL_TENSION, RELIANCE
from sim.parameters.rumours import FORGOTTEN, rumour_rates
from sim.series import INDEX
from sim.week.work.triggers import mean_of
from sim.world.tables import other_index
from sim.world.ties import strength_now
from sim.world.world import World

_AROSE, _ENDED, _WEEKS, _CHECKED = (INDEX[name] for name in ("rumours", "rumours_ended", "rumour_weeks", "rumours_checked"))


class _Organizers(NamedTuple):
    """What of workers rumours depend on."""

    side: Any
    burnt_until: Any
    ties: Any
    slots: Any


class _Listeners(NamedTuple):
    """What of institutions."""

    family: Any
    rapport: Any
    sharing: Any


class _Told(NamedTuple):
    """What of communities."""

    key: Any
    side: Any
    rumour: Any


class _Places(NamedTuple):
    """What of crossings."""

    key: Any
    a: Any
    b: Any
    tension: Any
    attacks: Any
    rumour: Any


@inlined
def check_chance(workers, institutions, ties, topology, c, o, week, p, contact):  # type: ignore[no-untyped-def]
    """Chance that a rumour in community c about its other side o is corrected this week."""
    sides = institutions.sharing.shape[1] + 1
    first, staff, told, able = topology.pool_first[c, ORGANIZING], topology.pool_staff[c, ORGANIZING], 0, 0
    for i in range(first, first + staff):
        if week < workers.burnt_until[i]:
            continue
        able += 1
        for k in range(workers.ties[i]):
            row = workers.slots[i, k]
            j = ties.b[row] if ties.a[row] == i else ties.a[row]
            if other_index(workers.side[i], workers.side[j], sides) == o and strength_now(ties, row, week, contact) >= RELIANCE:
                told += 1
                break
    if staff == 0:
        return 0.0
    network = mean_of(institutions.sharing[:, o], institutions, topology, c, ORGANIZING)
    return min(max((p.tie_checks * told + p.network_checks * network * able) / staff, 0.0), 1.0)


@inlined
def _tell(rumours, n, key, origin, c, o, week, belief):  # type: ignore[no-untyped-def]
    """Let a rumour come to a community; returns how many rows there are then."""
    rumours.key[n] = key
    rumours.origin[n] = origin
    rumours.community[n] = c
    rumours.about[n] = o
    rumours.began[n] = week
    rumours.belief[n] = belief
    return n + 1


@inlined
def _told_there(rumours, n, origin, c):  # type: ignore[no-untyped-def]
    found = False
    for k in range(n):
        found = found or (rumours.community[k] == c and rumours.origin[k] == origin)
    return found


@inlined
def _next(rumours, n, topology, origin, first, count, u):  # type: ignore[no-untyped-def]
    """Choose one of the nearest communities where a rumour has not been told; -1 if it has been in all."""
    for turn in range(count):
        to = topology.near_list[first + (int(u * count) + turn) % count]
        if not _told_there(rumours, n, origin, to):
            return to
    return -1


@inlined
def _end_or_move_on(  # type: ignore[no-untyped-def]
    workers, institutions, communities, ties, topology, rumours, live, u, week, believed, p, rate, contact, tally
):
    """Let the rumours of last week fade, be corrected, end or reach one more community; returns how many rows there are then."""
    n = live
    for k in range(live):
        c, o = rumours.community[k], rumours.about[k]
        belief = float(rumours.belief[k]) * (1.0 - 1.0 / max(p.weeks, 1.0))
        corrected = u[k, 0] < check_chance(workers, institutions, ties, topology, c, o, week, p, contact)
        if corrected or belief < FORGOTTEN:
            rumours.belief[k] = 0.0
            tally[_ENDED] += 1.0
            tally[_WEEKS] += week - rumours.began[k]
            tally[_CHECKED] += 1.0 if corrected else 0.0
            continue
        rumours.belief[k] = belief
        first, last = topology.near_start[c], topology.near_start[c + 1]
        to = _next(rumours, n, topology, rumours.origin[k], first, last - first, u[k, 2]) if u[k, 1] < rate.spread else -1
        if to >= 0:
            key = mix(rumours.origin[k], mix(communities.key[to], np.uint64(week + 1_000_000)))
            n = _tell(rumours, n, key, rumours.origin[k], to, o, week, believed[to])
    return n


@compiled
def _week(  # type: ignore[no-untyped-def]
    workers,
    institutions,
    communities,
    crossings,
    ties,
    topology,
    rumours,
    live,
    u,
    v,
    disinformation,
    doubt,
    believed,
    week,
    p,
    rate,
    contact,
    tally,
):
    sides = communities.rumour.shape[1] + 1
    count = communities.key.size
    for c in range(count):
        doubt[c] = max(1.0 - p.rapport_disbelief * mean_of(institutions.rapport, institutions, topology, c, POLICING), 0.0)
        believed[c] = min(p.believed * doubt[c], 1.0)
    n = _end_or_move_on(
        workers, institutions, communities, ties, topology, rumours, live, u, week, believed, p, rate, contact, tally
    )
    now = np.uint64(week + 1_000_000)
    for c in range(count):
        for o in range(sides - 1):
            heat, facing = 0.0, 0
            for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
                x = topology.crossing_list[k]
                there = crossings.b[x] if crossings.a[x] == c else crossings.a[x]
                if other_index(communities.side[c], communities.side[there], sides) == o:
                    heat += crossings.tension[x] - NEUTRAL_TENSION
                    facing += 1
            if facing == 0:
                continue
            about = c * sides + (communities.side[c] + 1 + o) % sides
            mean = p.rate / 52.0 * max(1.0 + p.tension_rate * heat / facing, 0.0)
            mean += p.disinformation * disinformation[communities.side[c]]
            if v[about, 0] < 1.0 - math.exp(-mean):
                origin = mix(topology.told[about], now)
                n = _tell(rumours, n, mix(origin, mix(communities.key[c], now)), origin, c, o, week, believed[c])
                tally[_AROSE] += 1.0
    for x in range(crossings.key.size):
        if crossings.attacks[x]:
            for c, there in ((crossings.a[x], crossings.b[x]), (crossings.b[x], crossings.a[x])):
                o = other_index(communities.side[c], communities.side[there], sides)
                origin = mix(mix(crossings.key[x], communities.key[c]), now)
                n = _tell(rumours, n, mix(origin, mix(communities.key[c], now)), origin, c, o, week, min(doubt[c], 1.0))
                tally[_AROSE] += 1.0
    for c in range(count):
        communities.rumour[c, :] = 0.0
    for k in range(n):
        c, o = rumours.community[k], rumours.about[k]
        communities.rumour[c, o] += rumours.belief[k] * (1.0 - communities.rumour[c, o])
    for x in range(crossings.key.size):
        a, b = crossings.a[x], crossings.b[x]
        ab = other_index(communities.side[a], communities.side[b], sides)
        ba = other_index(communities.side[b], communities.side[a], sides)
        crossings.rumour[x] = 0.5 * (communities.rumour[a, ab] + communities.rumour[b, ba])
    return n


def live(world: World) -> None:
    """Let rumours arise, move on, be checked and fade this week."""
    p, draws, week, topology = world.parameters, world.draws, world.week, world.topology
    n = world.live_rumours
    most = 2 * n + topology.told.size + 2 * world.crossings.key.size
    if most > world.rumours.key.size:
        world.rumours = grown(world.rumours, 2 * most)
    u = draws.fill("a rumour goes on", week, world.rumours.key[:n])
    v = draws.fill("rumours arise", week, topology.told)
    doubt, believed = np.empty((2, world.communities.key.size))
    n = _week(
        part_of(world.workers, _Organizers), part_of(world.institutions, _Listeners), part_of(world.communities, _Told),
        part_of(world.crossings, _Places), world.ties, topology, world.rumours, n, u, v, world.politics.disinformation,
        doubt, believed, week,
        p.rumours, world.derive(rumour_rates), p.contact, world.tally,
    )  # fmt: skip
    told = np.flatnonzero(world.rumours.belief[:n] > 0.0)
    if told.size < n:
        keep(world.rumours, told)
    world.live_rumours = told.size
