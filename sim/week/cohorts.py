"""Cohorts: who is recruited, in which task groups they work, and who stays to the end.

Rule
----
A cohort belongs to one crossing and draws on the nearest communities of each side; a summit draws on all. Volunteers are warmer
at entry; seniority and outreach shift who is chosen, and a cohort of organizers may be of one role; selection ranks keyed
priorities. Participants of all sides are dealt into small task groups, in which every pair of different sides meets each week.
They may give up: sooner under strain, under hostile rhetoric at home, and where the other side takes the benefits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import pair_keys
from sim.levers import CommonLevers
from sim.parameters.ordinary import ORDINARY_STRAIN
from sim.world.programmes import Cohort, MixedGroups, Rows, RunningProgramme
from sim.world.tables import other_index
from sim.world.world import World

ONE_ROLE = 8.0
"""Log odds by which the role of a cohort is favoured where all are to be of one role (fixed)."""
ROLES = ("legal aid", "media", "logistics", "rapid response")
"""Roles of organizers; a post keeps its role."""


def role_of(posts: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the roles of organizers' posts, as indices into `ROLES`."""
    return (posts % np.uint64(len(ROLES))).astype(np.int64)


def sides_of(world: World, programme: RunningProgramme) -> list[int]:
    """Sides that take part: all, or those with an enrolled community."""
    if programme.enrolled is None:
        return list(range(world.sides))
    return [int(side) for side in np.unique(world.communities.side[programme.enrolled])]


def partners(world: World, programme: RunningProgramme) -> NDArray[np.bool_]:
    """Sides towards which institutions work: those that take part; all, where one side trains by itself. Shape (sides,)."""
    if programme.partners is None:
        sides = sides_of(world, programme)
        programme.partners = np.isin(np.arange(world.sides), sides) if len(sides) > 1 else np.ones(world.sides, bool)
    return programme.partners


def taking_part(world: World, programme: RunningProgramme) -> NDArray[np.bool_]:
    """Institutions that take part: of the programme's family and, if it names communities, in one of them."""
    if programme.institutions is None:
        own = world.institutions.family == programme.family
        programme.institutions = own if programme.enrolled is None else own & programme.enrolled[world.institutions.community]
    return programme.institutions


def crossings_between(world: World, programme: RunningProgramme) -> NDArray[np.int64]:
    """Crossings on both ends of which the programme's profession works and takes part."""
    if programme.crossings is None:
        there = world.topology.pool_staff[:, programme.family] > 0
        if programme.enrolled is not None:
            there &= programme.enrolled
        programme.crossings = np.flatnonzero(there[world.crossings.a] & there[world.crossings.b])
    return programme.crossings


def recruit(world: World, programme: RunningProgramme, number: int, per_side: int) -> Cohort | None:
    """Form a cohort, or return None if there are no candidates: two on each of two sides, or on one if sides train by themselves."""
    together_with = partners_cohort(world, programme)
    crossing = base_of(world, programme) if together_with is None else together_with.crossing
    if crossing < 0:
        return None
    role = role_favoured(world, programme)
    chosen = [choose(world, programme, side, crossing, per_side, role) for side in sides_of(world, programme)]
    chosen = [rows for rows in chosen if rows.size >= 2]
    if len(chosen) < (2 if programme.levers.joint >= 0.5 else 1):
        return None
    members = np.concatenate(chosen)
    persons = world.workers.person[members].copy()
    group = _groups(world, f"{programme.name}: task groups", chosen)
    side = world.workers.side[members]
    together = programme.levers.joint >= 0.5
    a, b = np.nonzero(together & (group[:, None] == group[None, :]) & (side[:, None] < side[None, :]))
    world.workers.cohort[members] = 1
    keys, active = pair_keys(persons[a], persons[b]), np.ones(members.size, bool)
    terms = (crossing, programme.levers, programme.own)
    cohort = Cohort(number, *terms, members, persons, active, a, b, keys, *programme.length(), began=world.week)
    if together_with is not None and programme.spec.mixing > 0.0:
        cohort.mixed = _mixed_groups(world, programme, cohort, together_with)
    return cohort


def partners_cohort(world: World, programme: RunningProgramme) -> Cohort | None:
    """Return the cohort that began this week in the programme with whose cohorts its own are held, None if there is none."""
    if programme.partner is None:
        return None
    begun = [c for c in (*programme.partner.cohorts, *programme.partner.finished) if c.began == world.week]
    return begun[0] if begun else None


def _mixed_groups(world: World, programme: RunningProgramme, own: Cohort, other: Cohort) -> MixedGroups:
    """Deal two cohorts into task groups across professions."""
    members, persons = np.concatenate([own.members, other.members]), np.concatenate([own.persons, other.persons])
    side = world.workers.side[members]
    order = np.argsort(side, kind="stable")
    group = np.empty(members.size, np.int64)
    group[order] = _groups(world, f"{programme.name}: mixed task groups", [members[side == s] for s in np.unique(side)])
    a, b = np.nonzero((group[:, None] == group[None, :]) & (side[:, None] < side[None, :]))
    return MixedGroups(other, a, b, pair_keys(persons[a], persons[b]))


def base_of(world: World, programme: RunningProgramme) -> int:
    """Choose the crossing where a cohort is based: the highest keyed priority, weighted by daily traffic; -1 if there is none."""
    crossings = world.crossings
    u = world.draws.fill(f"{programme.name}: base of a cohort", world.week, crossings.key)[:, 0]
    priority = np.log(u) / np.maximum(crossings.exposure, 1e-6)
    if programme.enrolled is not None:
        a, b = programme.enrolled[crossings.a], programme.enrolled[crossings.b]
        both = a & b
        priority = np.where(both if both.any() else a | b, priority, -np.inf)
    best = int(np.argmax(priority))
    return best if np.isfinite(priority[best]) else -1


def role_favoured(world: World, programme: RunningProgramme) -> int:
    """Choose the role that a cohort favours where roles are not mixed; -1 where they are."""
    if getattr(programme.own, "mixed_roles", 1.0) >= 1.0:
        return -1
    u = world.draws.fill(f"{programme.name}: role of a cohort", world.week, programme.keys)[0, 0]
    return int(u * len(ROLES))


def choose(world: World, programme: RunningProgramme, side: int, crossing: int, count: int, role: int) -> Rows:
    """Choose participants of one side: posts, those with the highest priority first.

    Parameters
    ----------
    side, crossing : int
        Side, and the crossing where the cohort is based.
    count : int
        How many at most.
    role : int
        Role that is favoured, -1 if none is; see `ROLES`.
    """
    communities, crossings, workers, institutions = world.communities, world.crossings, world.workers, world.institutions
    own = communities.side == side
    if programme.enrolled is not None:
        own &= programme.enrolled
    rows = np.flatnonzero(own)
    a, b = crossings.a[crossing], crossings.b[crossing]
    x, y = (communities.x[a] + communities.x[b]) / 2, (communities.y[a] + communities.y[b]) / 2
    distance = np.hypot(communities.x[rows] - x, communities.y[rows] - y)
    reach = rows.size if programme.levers.summit >= 0.5 else round(programme.levers.catchment)
    if role >= 0:  # a cohort of one role has to draw on more places
        reach += round((1.0 - programme.own.mixed_roles) * max(rows.size - reach, 0))
    near = rows[np.argsort(distance, kind="stable")][:reach]
    pool = np.concatenate(
        [
            np.arange(
                world.topology.pool_first[c, programme.family],
                world.topology.pool_first[c, programme.family] + world.topology.pool_staff[c, programme.family],
            )
            for c in near
        ]
        or [np.empty(0, np.int64)]
    )
    free = (workers.cohort[pool] == 0) & (workers.alumnus[pool] == 0) & (workers.placed_until[pool] <= world.week)
    free &= institutions.withdrawn_until[workers.institution[pool]] <= world.week
    if programme.admits is not None:
        free &= programme.admits(world, pool)
    pool = pool[free]
    if pool.size == 0:
        return pool
    u = world.draws.fill(f"{programme.name}: recruitment", world.week, workers.person[pool])[:, 0]
    p, levers = world.parameters.programmes, programme.levers
    score = -np.log(-np.log(u))
    warmth = workers.warmth[pool].mean(axis=1)
    score += p.volunteer_warmth * (warmth - communities.warmth_rest[workers.community[pool]].mean(axis=1)) / 0.15
    tenure = np.minimum(world.week - workers.hired[pool], 1040) / 260.0
    score += levers.seniority * (tenure - 1.0)
    if levers.inclusion > 0.0:
        score += levers.inclusion * 10.0 * (communities.vulnerability[workers.community[pool]] - 0.3)
    if role >= 0:
        score += (1.0 - programme.own.mixed_roles) * ONE_ROLE * (role_of(workers.post[pool]) == role)
    order = np.lexsort((workers.person[pool], -score))
    return pool[order][:count]


def _groups(world: World, purpose: str, chosen: list[Rows]) -> NDArray[np.int64]:
    """Deal each side's participants into task groups, by keyed priority."""
    size = sum(rows.size for rows in chosen)
    count = max(1, round(size / world.parameters.contact.group_size))
    out = []
    for rows in chosen:
        u = world.draws.fill(purpose, world.week, world.workers.person[rows])[:, 0]
        rank = np.empty(rows.size, np.int64)
        rank[np.lexsort((world.workers.person[rows], u))] = np.arange(rows.size)
        out.append(rank % count)
    return np.concatenate(out)


def give_up(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Let participants give up this week."""
    rows = cohort.members[cohort.active]
    if rows.size == 0:
        return
    workers, p = world.workers, world.parameters.programmes
    u = world.draws.fill(f"{programme.name}: giving up", world.week, workers.person[rows])[:, 0]
    side = workers.side[rows]
    one_sided = (1.0 - cohort.levers.benefits) * (side != programme.lead_side)
    chance = p.dropout * (
        1.0
        + p.dropout_one_sided * one_sided
        + p.dropout_branding * world.politics.rhetoric[side]
        + p.dropout_strain * (workers.strain[rows] - ORDINARY_STRAIN)
    )
    gone = u < chance
    if gone.any():
        workers.cohort[rows[gone]] = 0
        cohort.active[np.flatnonzero(cohort.active)[gone]] = False
        world.count("dropouts", float(gone.sum()))


def shared_with_partners(world: World, programme: RunningProgramme, column: NDArray[np.float32], rows: NDArray[Any]) -> float:
    """Return the mean of what the institutions `rows` hold towards the sides that take part, their own left out."""
    if programme.towards is None:
        sides = world.sides
        programme.towards = np.zeros((sides, sides - 1), bool)
        for side in range(sides):
            for other in np.flatnonzero(partners(world, programme)):
                if other != side:
                    programme.towards[side, other_index(side, int(other), sides)] = True
    return float(column[rows][programme.towards[world.institutions.side[rows]]].mean(dtype=np.float64))


def contact_quality(world: World, programme: RunningProgramme, levers: CommonLevers, rows: NDArray[np.int64]) -> float:
    """Rate the quality of contact among workers in the posts `rows`, by Allport's conditions and shared standards.

    Returns
    -------
    float
        0 to 1.
    """
    workers, institutions = world.workers, world.institutions
    home = workers.institution[rows]
    equal = (levers.hosting + levers.governance + levers.benefits) / 3.0
    support = float(institutions.buy_in[home].mean(dtype=np.float64))
    identity = float(workers.identity[rows].mean(dtype=np.float64))
    standards = shared_with_partners(world, programme, institutions.standards, home)
    quality = 0.2 * (equal + levers.joint_work + levers.cooperation + support) + 0.1 + 0.1 * identity
    return float(np.clip(quality + world.parameters.work.standards_quality * standards, 0.0, 1.0))


def across_border(world: World, door: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Intensity of meetings across a border that is open so far: what is closed moves online."""
    virtual = world.parameters.contact.virtual_intensity
    return np.asarray(door + (1.0 - door) * virtual, np.float64)
