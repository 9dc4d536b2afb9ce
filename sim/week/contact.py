"""Contact: good and bad meetings, and what they do to warmth, trust, skill and ties, each at its own speed.

Rule
----
A meeting goes badly with a chance that rises with tension and competition and falls with intercultural skill and
contact quality (Allport's conditions). A good one warms both persons towards the other side and, much less, makes
them readier to rely on strangers from there; a bad one counts ``bad_weight`` times a good one (A11). What
is felt for the group is smaller the better the two know each other already: most of the gain stays with the person
met, as the strength of their tie (A4).

Three occasions: everyday meetings at the border or at a placement; a tie that is used; gatherings that programmes
arrange.

Reads workers, communities, crossings, ties, gatherings. Writes workers' warmth, trust, skill, strain and ties, and
ties. Mechanisms: contact_warmth, generalisation. Claims V1, V7, V8; evidence A3, A4, A6, A11, E1, E2.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import compiled, inlined
from sim.parameters.ordinary import NEUTRAL_TENSION, ORDINARY_SKILL
from sim.series import INDEX
from sim.world.tables import other_index
from sim.world.ties import find, make, remove, set_strength, strength_now
from sim.world.world import World

_MEETINGS, _BAD = INDEX["meetings"], INDEX["bad_meetings"]


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


@inlined
def meet(workers, ties, i, j, amount, quality, cooperation, tension, u, week, sides, p, tally):  # type: ignore[no-untyped-def]
    """Let two workers of different sides meet once."""
    row = find(workers, ties, i, j)
    strength = strength_now(ties, row, week, p) if row >= 0 else 0.0
    good = u >= bad_chance(workers.skill[i], workers.skill[j], quality, cooperation, tension, p)
    _feel(workers, i, other_index(workers.side[i], workers.side[j], sides), good, amount, quality, 1.0 - strength, p)
    _feel(workers, j, other_index(workers.side[j], workers.side[i], sides), good, amount, quality, 1.0 - strength, p)
    tally[_MEETINGS] += 1.0
    if good:
        strength += p.tie_gain * amount * quality * (1.0 - strength)
    else:
        tally[_BAD] += 1.0
        strength -= p.tie_loss * amount * strength
    if row >= 0:
        if strength <= p.tie_floor:
            remove(workers, ties, row)
        else:
            set_strength(workers, ties, row, strength, week, p)
    elif good:
        make(workers, ties, i, j, strength, week, p)


@compiled
def _everyday(  # type: ignore[no-untyped-def]
    workers,
    family_of,
    meeting_rate,
    ends_a,
    ends_b,
    exposure,
    openness,
    heat,
    ties,
    topology,
    u,
    week,
    sides,
    p,
    placement_meetings,
    tally,
):
    for i in range(workers.person.size):
        home = workers.community[i]
        placed = week < workers.placed_until[i]
        if placed:
            if u[i, 0] >= placement_meetings:
                continue
            there, tension = workers.placed_in[i], NEUTRAL_TENSION
        else:
            if u[i, 0] >= meeting_rate[home]:
                continue
            first, last = topology.crossing_start[home], topology.crossing_start[home + 1]
            total = 0.0
            for k in range(first, last):
                x = topology.crossing_list[k]
                total += exposure[x] * openness[x]
            target = u[i, 1] * total
            chosen = topology.crossing_list[last - 1]
            for k in range(first, last):
                x = topology.crossing_list[k]
                target -= exposure[x] * openness[x]
                if target < 0.0:
                    chosen = x
                    break
            there = ends_b[chosen] if ends_a[chosen] == home else ends_a[chosen]
            tension = float(heat[chosen])
        family = family_of[workers.institution[i]]
        staff = topology.pool_staff[there, family]
        if staff == 0:
            continue
        j = topology.pool_first[there, family] + min(int(u[i, 2] * staff), staff - 1)
        meet(workers, ties, i, j, 1.0, p.everyday_quality, 1.0, tension, u[i, 3], week, sides, p, tally)


@compiled
def _use_ties(workers, border, ties, ids, u, week, sides, p, tally):  # type: ignore[no-untyped-def]
    for k in range(ids.size):
        i = ids[k]
        n = workers.ties[i]
        if n == 0 or u[k, 0] >= 1.0 - np.exp(-p.tie_use * n):
            continue
        row = workers.slots[i, min(int(u[k, 1] * n), n - 1)]
        strength = strength_now(ties, row, week, p)
        if strength <= 0.0:
            remove(workers, ties, row)
        elif u[k, 2] < strength:
            j = ties.b[row] if ties.a[row] == i else ties.a[row]
            door = border[workers.side[i], workers.side[j]]
            amount = door + (1.0 - door) * p.virtual_intensity
            meet(workers, ties, i, j, amount, p.everyday_quality, 1.0, NEUTRAL_TENSION, u[k, 3], week, sides, p, tally)


@compiled
def _gather(workers, ties, a, b, amount, quality, cooperation, tension, attendance, u, week, sides, p, tally):  # type: ignore[no-untyped-def]
    for k in range(a.size):
        if u[k, 1] < attendance:
            meet(workers, ties, a[k], b[k], amount[k], quality, cooperation, tension[k], u[k, 0], week, sides, p, tally)


def live(world: World) -> None:
    """Let this week's meetings happen."""
    week, sides, p, workers = world.week, world.sides, world.parameters.contact, world.workers
    draws, tally = world.draws, world.tally
    for g in world.gatherings:
        u = draws.fill(g.purpose, week, g.keys)
        _gather(
            workers, world.ties, g.a, g.b, g.amount, g.quality, g.cooperation, g.tension, g.attendance, u, week, sides, p, tally
        )
    world.gatherings.clear()
    u = draws.fill("everyday meeting", week, workers.person)
    placement_meetings = world.parameters.vocational.placement_meetings
    x = world.crossings
    _everyday(
        workers,
        world.institutions.family,
        world.communities.meeting_rate,
        x.a,
        x.b,
        x.exposure,
        x.open,
        x.tension,
        world.ties,
        world.topology,
        u,
        week,
        sides,
        p,
        placement_meetings,
        tally,
    )
    tied = np.flatnonzero(workers.ties)
    if tied.size:
        u = draws.fill("use of a tie", week, workers.person[tied])
        _use_ties(workers, world.politics.open, world.ties, tied, u, week, sides, p, tally)
