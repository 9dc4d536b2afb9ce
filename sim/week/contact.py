"""Contact: good and bad meetings, and what they do to warmth, trust, skill and ties, each at its own speed.

Rule
----
A meeting goes badly with a chance that rises with tension and competition and falls with intercultural skill and
contact quality (Allport's conditions). A good one warms both persons towards the other side and, much less, makes
them readier to rely on strangers from there; a bad one counts ``bad_weight`` times a good one (A11). What
is felt for the group is smaller the better the two know each other already: most of the gain stays with the person
met, as the strength of their tie (A4). Under the rival assumption of thresholds, attitudes move only where that tie is as
strong as ``friendship`` already.

Three occasions: everyday meetings at the border or at a placement; a tie that is used; gatherings that programmes
arrange.

Reads workers, communities, crossings, ties, gatherings. Writes workers' warmth, trust, skill, strain and ties, and
ties. Mechanisms: contact_warmth, generalisation. Claims V1, V7, V8; evidence A3, A4, A6, A11, E1, E2.
"""

from __future__ import annotations

import numpy as np

from sim import rooms, state
from sim.compiled import called, compiled, inlined
from sim.draws import BLOCK, draw_block, purpose_key, uniform, uniforms
from sim.parameters.ordinary import NEUTRAL_TENSION, ORDINARY_SKILL
from sim.series import INDEX
from sim.state import fetch
from sim.world.tables import other_index
from sim.world.ties import find, make, remove, set_strength, strength_now
from sim.world.world import World

_MEETINGS, _BAD = INDEX["meetings"], INDEX["bad_meetings"]
_EVERYDAY, _USE = purpose_key("everyday meeting"), purpose_key("use of a tie")


@inlined
def bad_chance(skill_a, skill_b, quality, cooperation, tension, p):  # type: ignore[no-untyped-def]
    """Chance that a meeting goes badly; ``bad_share`` for two ordinary workers at an ordinary everyday meeting."""
    chance = p.bad_share
    chance *= 1.0 + p.tension_bad * (tension - NEUTRAL_TENSION)
    chance *= 1.0 - p.skill_bad * (0.5 * (skill_a + skill_b) - ORDINARY_SKILL)
    chance *= 1.0 - p.quality_bad * (quality - p.everyday_quality)
    chance *= 1.0 + p.competition_bad * (1.0 - cooperation)
    return min(max(chance, 0.02), 0.9)


@inlined
def _feel(workers, i, towards, good, amount, quality, novelty, p):  # type: ignore[no-untyped-def]
    step = p.warmth_gain * amount * novelty
    w, t = float(workers.warmth[i, towards]), float(workers.trust[i, towards])
    if good:
        step *= quality
        workers.warmth[i, towards] = w + step * (1.0 - w)
        workers.trust[i, towards] = t + p.generalisation * step * (1.0 - t)
        workers.skill[i] += p.skill_gain * amount * (1.0 - workers.skill[i])
    else:
        step *= p.bad_weight * max(quality, p.everyday_quality)
        workers.warmth[i, towards] = w - step * w
        workers.trust[i, towards] = t - p.generalisation * step * t
        workers.strain[i] += p.strain_bad * amount * (1.0 - workers.strain[i])


@called
def meet(at, i, j, amount, quality, cooperation, tension, u, week, sides, tally):  # type: ignore[no-untyped-def]
    """Let two workers of different sides meet once."""
    i, j, amount, tension = np.int64(i), np.int64(j), np.float64(amount), np.float64(tension)  # compiled once for all occasions
    p, workers, ties = rooms.contact(at), state.workers(at), state.ties(at)
    row = find(workers, i, j)
    strength = strength_now(ties, row, week) if row >= 0 else 0.0
    good = u >= bad_chance(workers.skill[i], workers.skill[j], quality, cooperation, tension, p)
    novelty = 1.0 - strength if strength >= p.friendship else 0.0
    _feel(workers, i, other_index(workers.side[i], workers.side[j], sides), good, amount, quality, novelty, p)
    _feel(workers, j, other_index(workers.side[j], workers.side[i], sides), good, amount, quality, novelty, p)
    tally[_MEETINGS] += 1.0
    if good:
        strength += p.tie_gain * amount * quality * (1.0 - strength)
    else:
        tally[_BAD] += 1.0
        strength -= p.tie_loss * amount * strength
    if row >= 0:
        if strength <= p.tie_floor:
            remove(at, row, week)
        else:
            set_strength(at, row, strength, week)
    elif good:
        make(at, i, j, strength, week)


@inlined
def _crossing_taken(crossings, topology, home, place):  # type: ignore[no-untyped-def]
    """Return the crossing that a worker of a community takes, by its traffic; `place` is uniform."""
    first, last = topology.crossing_start[home], topology.crossing_start[home + 1]
    total = 0.0
    for k in range(first, last):
        x = topology.crossing_list[k]
        total += crossings.exposure[x] * crossings.open[x]
    target = place * total
    for k in range(first, last):
        x = topology.crossing_list[k]
        target -= crossings.exposure[x] * crossings.open[x]
        if target < 0.0:
            return x
    return topology.crossing_list[last - 1]


@inlined
def _fetch_worker(workers, j):  # type: ignore[no-untyped-def]
    """Fetch what a meeting needs of a worker who may be anywhere in memory."""
    fetch(workers.skill, j)
    fetch(workers.warmth, j)
    fetch(workers.trust, j)
    fetch(workers.strain, j)
    fetch(workers.side, j)
    fetch(workers.ties, j)
    fetch(workers.slots, j)
    fetch(workers.partners, j)


@compiled
def _everyday(at, week, sides, tally):  # type: ignore[no-untyped-def]
    p, placement_meetings = rooms.contact(at), rooms.vocational(at).placement_meetings
    workers, communities, crossings = state.workers(at), state.communities(at), state.crossings(at)
    topology, draws = state.topology(at), state.draws(at)
    most = 0.0
    for c in range(communities.key.size):
        most = max(most, communities.meeting_rate[c])
    for first in range(0, workers.person.size, BLOCK):
        meetings = 0
        for k in range(draw_block(draws, _EVERYDAY, week, workers.person, first)):
            i, x = first + k, -1
            placed = week < workers.placed_until[i]
            if uniform(draws, 0, k) >= most and not placed:  # hardly anyone meets, so a bound is looked at first
                continue
            home = workers.community[i]
            if uniform(draws, 0, k) >= (placement_meetings if placed else communities.meeting_rate[home]):
                continue
            if placed:
                there = workers.placed_in[i]
            else:
                x = _crossing_taken(crossings, topology, home, uniform(draws, 1, k))
                there = crossings.b[x] if crossings.a[x] == home else crossings.a[x]
            family = workers.family[i]
            staff = topology.pool_staff[there, family]
            if staff == 0:
                continue
            j = topology.pool_first[there, family] + min(int(uniform(draws, 2, k) * staff), staff - 1)
            draws.chosen[0, meetings], draws.chosen[1, meetings], draws.chosen[2, meetings] = k, j, x
            meetings += 1
            _fetch_worker(workers, j)
        for m in range(meetings):
            k, j, x = draws.chosen[0, m], draws.chosen[1, m], draws.chosen[2, m]
            tension = float(crossings.tension[x]) if x >= 0 else NEUTRAL_TENSION
            meet(at, first + k, j, 1.0, p.everyday_quality, 1.0, tension, uniform(draws, 3, k), week, sides, tally)


@compiled
def _use_ties(at, border, week, sides, tally):  # type: ignore[no-untyped-def]
    p = rooms.contact(at)
    workers, ties, draws = state.workers(at), state.ties(at), state.draws(at)
    for first in range(0, workers.person.size, BLOCK):
        count = draw_block(draws, _USE, week, workers.person, first)
        for k in range(count):
            n = workers.ties[first + k]
            if uniform(draws, 0, k) < p.tie_use * n:
                slot = min(int(uniform(draws, 1, k) * n), n - 1)
                fetch(ties.a, workers.slots[first + k, slot])
                _fetch_worker(workers, workers.partners[first + k, slot])
        for k in range(count):
            i = first + k
            n, u = workers.ties[i], uniform(draws, 0, k)
            if u >= p.tie_use * n or u >= 1.0 - np.exp(-p.tie_use * n):  # the first is a bound that costs less
                continue
            slot, strong = min(int(uniform(draws, 1, k) * n), n - 1), uniform(draws, 2, k)
            row = workers.slots[i, slot]
            if week >= ties.ends[row]:
                remove(at, row, week)
            elif strong < ties.strength[row] and strong < strength_now(ties, row, week):  # it was no weaker at its last use
                j = workers.partners[i, slot]
                door = border[workers.side[i], workers.side[j]]
                amount, luck = door + (1.0 - door) * p.virtual_intensity, uniform(draws, 3, k)
                meet(at, i, j, amount, p.everyday_quality, 1.0, NEUTRAL_TENSION, luck, week, sides, tally)


@compiled
def _gather(at, purpose, keys, a, b, amount, quality, cooperation, tension, attendance, week, sides, tally):  # type: ignore[no-untyped-def]
    draws = state.draws(at)
    for k in range(a.size):
        u = uniforms(draws, purpose, week, keys[k])
        if u[1] < attendance:
            meet(at, a[k], b[k], amount[k], quality, cooperation, tension[k], u[0], week, sides, tally)


def live(world: World) -> None:
    """Let this week's meetings happen."""
    at, week, sides, tally = world.at, world.week, world.sides, world.tally
    for g in world.gatherings:
        purpose = purpose_key(g.purpose)
        _gather(at, purpose, g.keys, g.a, g.b, g.amount, g.quality, g.cooperation, g.tension, g.attendance, week, sides, tally)
    world.gatherings.clear()
    _everyday(at, week, sides, tally)
    _use_ties(at, world.politics.open, week, sides, tally)
