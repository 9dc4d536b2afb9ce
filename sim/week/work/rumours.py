"""Rumours: they arise where it is tense and where somebody spreads them, move on through a side, and are checked across ties.

Rule
----
*They arise* in communities with a crossing to another side: more often under tension, in weeks of disinformation, and after each attack by
spoilers, when all have heard that the other side is to blame. Where residents talk to the police fewer believe them (C4).

*They go on* from where they arose to the nearest community of that side, then to the next nearest, and so on, each time with a chance below 1;
belief fades week by week. Who believes one rumour believes another neither more nor less readily; one is enough to be counted among those who
believe any.

*They are checked* where organizers who are not burnt out have ties to the side concerned and can ask, and by a rapid-response network: then
they end at once.

What is believed beyond the ordinary costs trust and adds tension (`sim.week.communities`), and triggers security and protest incidents. The
ordinary is what each community would believe where tension and rapport with the police rest, without shocks, attacks and checks.

Reads workers, ties, institutions' rapport and sharing, crossings' tension and attacks, politics. Writes rumours; communities' and crossings'
rumour and its resting level. Mechanisms: rumours, rumour_spread, rumour_checks, disbelief. Claims O13, C4; evidence F9.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.columns import grown
from sim.compiled import called, compiled, inlined
from sim.draws import mix, purpose_key, uniforms
from sim.families import ORGANIZING, POLICING
from sim.parameters.ordinary import NEUTRAL_TENSION
from sim.parameters.rumours import FORGOTTEN, kept, life
from sim.series import INDEX
from sim.week.work.triggers import mean_of, mean_towards
from sim.world.tables import other_index
from sim.world.world import World

_AROSE, _ENDED, _WEEKS, _CHECKED = (INDEX[name] for name in ("rumours", "rumours_ended", "rumour_weeks", "rumours_checked"))


_GOES_ON, _ARISE = purpose_key("a rumour goes on"), purpose_key("rumours arise")
_kept, _life = inlined(kept), inlined(life)


@called
def onward(believed, p):  # type: ignore[no-untyped-def]
    """Weekly chance that a rumour goes on from a community, so that over its life there it does with the chance `spread`."""
    weeks = _life(believed, p) - 1
    return 1.0 - (1.0 - p.spread) ** (1.0 / weeks) if weeks > 0 else 0.0


@called
def check_chance(workers, institutions, ties, topology, c, o, week, p):  # type: ignore[no-untyped-def]
    """Chance that a rumour in community c about its other side o is corrected this week."""
    sides = institutions.sharing.shape[1] + 1
    first, staff, told, able = topology.pool_first[c, ORGANIZING], topology.pool_staff[c, ORGANIZING], 0, 0
    for i in range(first, first + staff):
        if week < workers.burnt_until[i]:
            continue
        able += 1
        for k in range(workers.ties[i]):
            j, row = workers.partners[i, k], workers.slots[i, k]
            if other_index(workers.side[i], workers.side[j], sides) == o and week < ties.relies[row]:
                told += 1
                break
    if staff == 0:
        return 0.0
    network = mean_towards(institutions.sharing, o, institutions, topology, c, ORGANIZING)
    return min(max((p.tie_checks * told + p.network_checks * network * able) / staff, 0.0), 1.0)


@called
def _tell(rumours, n, origin, source, rank, c, key, o, week, belief, p):  # type: ignore[no-untyped-def]
    """Let a rumour come to community c, the one of that rank from its source; returns how many rows there are then."""
    rumours.key[n] = mix(origin, key)
    rumours.origin[n] = origin
    rumours.source[n] = source
    rumours.rank[n] = rank
    rumours.community[n] = c
    rumours.about[n] = o
    rumours.began[n] = week
    rumours.belief[n] = belief
    rumours.onward[n] = onward(belief, p)
    return n + 1


@called
def _end_or_go_on(workers, institutions, communities, ties, topology, rumours, draws, live, week, believed, p, tally):  # type: ignore[no-untyped-def]
    """Let the rumours of last week fade, be corrected, end or reach the next community; returns how many rows there are then."""
    n, left = live, _kept(p)
    for k in range(live):
        c, o = rumours.community[k], rumours.about[k]
        belief = float(rumours.belief[k]) * left
        u = uniforms(draws, _GOES_ON, week, rumours.key[k])
        corrected = u[0] < check_chance(workers, institutions, ties, topology, c, o, week, p)
        if corrected or belief < FORGOTTEN:
            rumours.belief[k] = 0.0
            tally[_ENDED] += 1.0
            tally[_WEEKS] += week - rumours.began[k]
            tally[_CHECKED] += 1.0 if corrected else 0.0
            continue
        rumours.belief[k] = belief
        if u[1] < rumours.onward[k]:
            rumours.onward[k] = 0.0
            source, rank = rumours.source[k], rumours.rank[k]
            at = topology.near_start[source] + rank
            if at < topology.near_start[source + 1]:
                to = topology.near_list[at]
                n = _tell(rumours, n, rumours.origin[k], source, rank + 1, to, communities.key[to], o, week, believed[to], p)
    return n


@called
def heat_towards(communities, crossings, topology, c, o):  # type: ignore[no-untyped-def]
    """Mean tension above an ordinary week's at the crossings from community c to its other side o, 0 if there are none."""
    sides, heat, count = communities.rumour.shape[1] + 1, 0.0, 0
    for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
        x = topology.crossing_list[k]
        there = crossings.b[x] if crossings.a[x] == c else crossings.a[x]
        if other_index(communities.side[c], communities.side[there], sides) == o:
            heat += crossings.tension[x] - NEUTRAL_TENSION
            count += 1
    return heat / max(count, 1)


@called
def _kept_on(rumours, live):  # type: ignore[no-untyped-def]
    """Clear the table of rumours that have ended; returns how many rows there are then."""
    told = 0
    for k in range(live):
        if rumours.belief[k] > 0.0:
            if told < k:
                state.copy_row(rumours, told, rumours, k)
            told += 1
    return told


@compiled
def _week(at, live, disinformation, doubt, believed, week, tally):  # type: ignore[no-untyped-def]
    p = rooms.rumours(at)
    workers = state.workers(at)
    institutions = state.institutions(at)
    communities = state.communities(at)
    crossings = state.crossings(at)
    ties = state.ties(at)
    topology = state.topology(at)
    rumours = state.rumours(at)
    draws = state.draws(at)
    sides = communities.rumour.shape[1] + 1
    count = communities.key.size
    for c in range(count):
        doubt[c] = max(1.0 - p.rapport_disbelief * mean_of(institutions.rapport, institutions, topology, c, POLICING), 0.0)
        believed[c] = min(p.believed * doubt[c], 1.0)
    n = _end_or_go_on(workers, institutions, communities, ties, topology, rumours, draws, live, week, believed, p, tally)
    now = np.uint64(week + 1_000_000)
    for c in range(count):
        facing = 0
        for o in range(sides - 1):
            facing += 1 if topology.faces[c, o] else 0
        for o in range(sides - 1):
            if not topology.faces[c, o]:
                continue
            about = c * sides + (communities.side[c] + 1 + o) % sides
            heat = heat_towards(communities, crossings, topology, c, o)
            mean = p.rate / 52.0 * max(1.0 + p.tension_rate * heat, 0.0)
            mean += p.disinformation * disinformation[communities.side[c]] / facing
            if uniforms(draws, _ARISE, week, topology.told[about])[0] < 1.0 - math.exp(-mean):
                n = _tell(rumours, n, mix(topology.told[about], now), c, 0, c, communities.key[c], o, week, believed[c], p)
                tally[_AROSE] += 1.0
    for x in range(crossings.key.size):
        if crossings.attacks[x]:
            for c, there in ((crossings.a[x], crossings.b[x]), (crossings.b[x], crossings.a[x])):
                o = other_index(communities.side[c], communities.side[there], sides)
                origin = mix(mix(crossings.key[x], communities.key[c]), now)
                n = _tell(rumours, n, origin, c, 0, c, communities.key[c], o, week, min(doubt[c], 1.0), p)
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
    return _kept_on(rumours, n)


def ordinary_belief(world: World) -> NDArray[np.float64]:
    """Work out who believes a rumour about each other side in an ordinary week, nobody checking.

    A rumour arises in community a with a weekly chance q, comes to the r-th nearest community with the chance `spread` ** r, and is believed
    there by b × kept ** k residents k weeks later. Those who believe none are the product of 1 − q × spread ** r × b × kept ** k over all a and k.

    Returns
    -------
    array of float, shape (communities, others)
        0 to 1.
    """
    p, topology, communities, institutions = world.parameters.rumours, world.topology, world.communities, world.institutions
    size, place = communities.key.size, institutions.community[world.services]
    services = np.maximum(np.bincount(place, minlength=size), 1)
    rapport = np.bincount(place, institutions.rapport_rest[world.services], size) / services
    believed = np.clip(p.believed * np.maximum(1.0 - p.rapport_disbelief * rapport, 0.0), 0.0, 1.0)
    weeks = np.array([life(b, p) for b in believed.tolist()])
    arises = -np.expm1(-p.rate / 52.0 * np.maximum(1.0 + p.tension_rate * _resting_heat(world), 0.0)) * topology.faces
    first, many = topology.near_start[:-1], np.diff(topology.near_start)
    logs = np.zeros(topology.faces.shape)
    source, reach = np.arange(size), np.ones(size)
    told: NDArray[np.integer] = source
    for rank in range(int(many.max()) + 1):
        for k in range(int(weeks.max())):
            heard = reach * believed[told] * kept(p) ** k * (k < weeks[told])
            np.add.at(logs, told, np.log1p(-arises[source] * heard[:, None]))
        reach = reach * p.spread * (weeks[told] > 1)
        on = many[source] > rank
        source, reach = source[on], reach[on]
        told = topology.near_list[first[source] + rank]
    return 0.0 - np.expm1(logs)


def _ends(world: World) -> tuple[tuple[NDArray[np.int32], NDArray[np.int32]], ...]:
    """List both ends of all crossings: communities, and the place of the side across among their other sides."""
    x, side = world.crossings, world.communities.side
    return tuple((here, (side[there] - side[here] - 1) % world.sides) for here, there in ((x.a, x.b), (x.b, x.a)))


def _resting_heat(world: World) -> NDArray[np.float64]:
    """Mean resting tension above an ordinary week's at the crossings of each community to each other side."""
    heat, count = np.zeros((2, *world.topology.faces.shape))
    for end in _ends(world):
        np.add.at(heat, end, world.crossings.tension_rest - NEUTRAL_TENSION)
        np.add.at(count, end, 1.0)
    return heat / np.maximum(count, 1.0)


def _rest(world: World) -> None:
    """Set the resting levels of belief in communities and at crossings."""
    world.communities.rumour_rest[:] = ordinary_belief(world)
    world.crossings.rumour_rest[:] = 0.5 * sum(world.communities.rumour_rest[end] for end in _ends(world))


def live(world: World) -> None:
    """Let rumours arise, move on, be checked and fade this week."""
    world.settle(_rest)
    week, topology = world.week, world.topology
    n = world.live_rumours
    most = 2 * n + topology.told.size + 2 * world.crossings.key.size
    if most > world.rumours.key.size:
        world.rumours = grown(world.rumours, 2 * most)
    doubt, believed = np.empty((2, world.communities.key.size))
    world.live_rumours = _week(world.at, n, world.politics.disinformation, doubt, believed, week, world.tally)
