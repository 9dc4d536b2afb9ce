"""Build a world from a scenario and a seed.

The region itself (places, populations, crossings, resting levels) belongs to the scenario and is the same under every
seed; what the seed decides is who works there and what happens.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.columns import allocate
from sim.draws import Draws, mix_all, name_key, normals
from sim.errors import InputError
from sim.families import FAMILIES, KINDS, ORGANIZING, POLICING, SOCIAL_WORK, family_of
from sim.parameters import weekly_hazard
from sim.scenario.places import crossing_key, crossing_levels, crossing_pairs, exposures, fixed_draws, levels, places_of
from sim.scenario.region import Region
from sim.scenario.schema import Scenario
from sim.world.hiring import leader_buy_in, settle
from sim.world.programmes import running_programmes
from sim.world.tables import (
    NEEDS,
    Campaigns,
    Cases,
    Communities,
    Crossings,
    Incidents,
    Institutions,
    LethalEvents,
    Movements,
    Pilots,
    Projects,
    Rumours,
    Towns,
    Welfare,
    Workers,
    other_index,
)
from sim.world.ties import room_for_ties
from sim.world.topology import Topology
from sim.world.world import Politics, World

LEVELS = ("grievance", "legitimacy", "livelihoods", "services")
INSTITUTION_KINDS: tuple[str, ...] = tuple(kind.name for family in FAMILIES for kind in family.institutions)
MOST_SEED = 2**64 - 1
MOST_FOLLOWED = 20_000
"""Residents of a community up to which each household in crisis is followed; beyond, each stands for several alike (fixed)."""
FEWEST_IN_CARE = 3.0
PLACES_FOLLOWED = 8.0
"""Households whom a social worker can have in care at least, and followed ones for whom a community has places at least: none stands
for more than its offices could ever take in (fixed)."""
NEAREST_PEERS = 3
"""Communities of its own side from which an institution learns (assumption, fixed)."""
MOST_REACHED = 12
"""Further communities of its side that a rumour can reach (fixed)."""


def checked_seed(seed: object) -> int:
    """Return a seed as an int.

    Raises
    ------
    InputError
        If it is not a whole number from 0 to 2⁶⁴−1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= int(seed) <= MOST_SEED:
        raise InputError("not a seed", where="seed", value=seed, right="a whole number from 0 to 2⁶⁴−1")
    return int(seed)


def build_world(scenario: Scenario, seed: int) -> World:
    """Build the world of a scenario as it stands at the start of the burn-in.

    Parameters
    ----------
    scenario : Scenario
        Validated scenario.
    seed : int
        0 to 2⁶⁴−1; decides everything that chance decides.
    """
    region = scenario.region
    places = places_of(region)
    communities = _communities(region, places)
    crossings, topology_lists = _crossings(region, places)
    institutions, names = _institutions(region, places, communities)
    draws = Draws(checked_seed(seed))
    parameters = scenario.effective_parameters
    first_week = -scenario.burn_in_weeks
    workers = _workers(region, institutions, names)
    ties, calendar = room_for_ties(workers.post.size * region.ties_per_worker // 2 + 1)
    cells = _cells(crossings.key, "kind", KINDS)
    needs = _cells(communities.key, "need", NEEDS)
    told = _cells(communities.key, "about", tuple(region.sides))
    near = _near(communities)
    faces = np.zeros(communities.trust.shape, bool)
    for here, there in ((crossings.a, crossings.b), (crossings.b, crossings.a)):
        for c, other in zip(here.tolist(), there.tolist(), strict=True):
            faces[c, other_index(int(communities.side[c]), int(communities.side[other]), len(region.sides))] = True
    peers = _peers(near, institutions, crossings)
    topology = Topology(
        *[*topology_lists, *_pools(institutions, communities.key.size), cells, told, *_ragged(near), faces, needs, *peers]
    )
    sides = len(region.sides)
    world = World(
        scenario=scenario,
        parameters=parameters,
        draws=draws,
        topology=topology,
        communities=communities,
        institutions=institutions,
        workers=workers,
        ties=ties,
        calendar=calendar,
        crossings=crossings,
        incidents=allocate(Incidents, 64),
        ended=allocate(Incidents, 64),
        lethal=allocate(LethalEvents, 64),
        projects=allocate(Projects, 64),
        towns=_towns(region, communities, places),
        pilots=allocate(Pilots, 64),
        welfare=_welfare(communities, topology.pool_staff[:, SOCIAL_WORK], sides),
        cases=allocate(Cases, 64),
        movements=allocate(Movements, communities.key.size, {"others": sides - 1}),
        campaigns=allocate(Campaigns, 16),
        rumours=allocate(Rumours, 64),
        politics=Politics.calm(sides),
        programmes=running_programmes(scenario),
        community_names=[place["name"] for place in places],
        institution_names=names,
        week=first_week,
        services=np.flatnonzero(institutions.family == POLICING),
        offices=np.flatnonzero(institutions.family == SOCIAL_WORK),
        movement_rows=np.flatnonzero(institutions.family == ORGANIZING),
        most_vulnerable=communities.vulnerability > np.quantile(communities.vulnerability, 2 / 3),
        organizers=np.flatnonzero(institutions.family[workers.institution] == ORGANIZING),
    )
    _hire(world)
    return world


def _communities(region: Region, places: list[dict[str, Any]]) -> Communities:
    sides = len(region.sides)
    table = allocate(Communities, len(places), {"others": sides - 1, "families": len(FAMILIES)})
    for name in ("side", "x", "y", "population"):
        getattr(table, name)[:] = [place[name] for place in places]
    table.key[:] = [name_key("community", place["name"]) for place in places]
    for name in LEVELS:
        getattr(table, f"{name}_rest")[:] = levels(name, region, table.key, places)
        getattr(table, name)[:] = getattr(table, f"{name}_rest")
    table.vulnerability[:] = levels("vulnerability", region, table.key, places)
    table.trust_rest[:] = levels("trust", region, table.key, places)[:, None]
    table.trust[:] = table.trust_rest
    table.warmth_rest[:] = levels("warmth", region, table.key, places)[:, None]
    return table


def _towns(region: Region, communities: Communities, places: list[dict[str, Any]]) -> Towns:
    table = allocate(Towns, communities.key.size, {"respects": 2})
    table.place[:] = fixed_draws("kind of place", communities.key)[:, :2]
    table.gap_rest[:] = levels("fairness_gap", region, communities.key, places)
    table.gap[:] = table.gap_rest
    return table


def _crossings(region: Region, places: list[dict[str, Any]]) -> tuple[Crossings, tuple[Any, ...]]:
    ordered = crossing_pairs(region, places)
    table = allocate(Crossings, len(ordered), {"kinds": len(KINDS), "families": len(FAMILIES)})
    table.a[:], table.b[:] = [a for a, _ in ordered], [b for _, b in ordered]
    table.key[:] = [crossing_key(places[a]["name"], places[b]["name"]) for a, b in ordered]
    table.exposure[:] = exposures(region, places, ordered)
    table.tension_rest[:], table.resources_rest[:] = crossing_levels(region, places, ordered)
    table.tension[:] = table.tension_rest
    table.resources[:] = table.resources_rest
    members = [[] for _ in places]  # type: list[list[int]]
    for row, (a, b) in enumerate(ordered):
        members[a].append(row)
        members[b].append(row)
    neighbours = [sorted({n for c in pair for n in members[c]} - {row}) for row, pair in enumerate(ordered)]
    return table, (*_ragged(members), *_ragged(neighbours))


def _cells(keys: NDArray[np.uint64], what: str, names: tuple[str, ...]) -> NDArray[np.uint64]:
    """Return a key for each entity and name, names running fastest."""
    own = np.array([name_key(what, name) for name in names], np.uint64)
    return mix_all(np.repeat(keys, own.size), np.tile(own, keys.size))


def _welfare(communities: Communities, staff: NDArray[np.int32], sides: int) -> Welfare:
    table = allocate(Welfare, communities.key.size, {"others": sides - 1})
    most = np.maximum(staff * FEWEST_IN_CARE / PLACES_FOLLOWED, 1.0)
    table.followed[:] = np.clip(communities.population / MOST_FOLLOWED, 1.0, most)
    return table


def _near(communities: Communities) -> list[list[int]]:
    """List the nearest communities of its own side for each community, the nearest first."""
    from scipy.spatial import KDTree

    near: list[list[int]] = [[] for _ in range(communities.key.size)]
    xy = np.column_stack([communities.x, communities.y]).astype(float)
    for side in np.unique(communities.side):
        own = np.flatnonzero(communities.side == side)
        if own.size > 1:
            most = min(MOST_REACHED, own.size - 1)
            _, found = KDTree(xy[own]).query(xy[own], k=most + 1)
            for c, others in zip(own.tolist(), own[found].tolist(), strict=True):
                near[c] = [other for other in others if other != c][:most]  # where places coincide, the first need not be itself
    return near


def _peers(own: list[list[int]], institutions: Institutions, crossings: Crossings) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """List the peers of each institution: of its profession, in the nearest communities of its side or across a crossing."""
    near = [set(others[:NEAREST_PEERS]) for others in own]
    for a, b in zip(crossings.a.tolist(), crossings.b.tolist(), strict=True):
        near[a].add(b)
        near[b].add(a)
    there: dict[tuple[int, int], list[int]] = {}
    for row, (c, family) in enumerate(zip(institutions.community.tolist(), institutions.family.tolist(), strict=True)):
        there.setdefault((c, family), []).append(row)
    return _ragged(
        [
            [row for other in sorted(near[c]) for row in there.get((other, family), ())]
            for c, family in zip(institutions.community.tolist(), institutions.family.tolist(), strict=True)
        ]
    )


def _ragged(lists: list[list[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    start = np.zeros(len(lists) + 1, np.int32)
    start[1:] = np.cumsum([len(row) for row in lists])
    return start, np.array([item for row in lists for item in row], np.int32)


def _institutions(region: Region, places: list[dict[str, Any]], communities: Communities) -> tuple[Institutions, list[str]]:
    rows = [
        (c, INSTITUTION_KINDS.index(kind), FAMILIES.index(family_of(kind)), spec.staff, f"{place['name']}: {kind} {k + 1}")
        for c, place in enumerate(places)
        for kind, spec in sorted(region.institutions.items(), key=lambda item: INSTITUTION_KINDS.index(item[0]))
        for k in range(spec.per_community)
    ]
    table = allocate(Institutions, len(rows), {"others": len(region.sides) - 1})
    for name, column in zip(("community", "kind", "family", "staff"), zip(*(row[:4] for row in rows), strict=True), strict=True):
        getattr(table, name)[:] = column
    names = [row[4] for row in rows]
    table.key[:] = [name_key("institution", name) for name in names]
    table.side[:] = communities.side[table.community]
    table.first[:] = np.cumsum(table.staff) - table.staff
    z, z2 = normals(*fixed_draws("institution", table.key).T[:2])
    z3, z4 = normals(*fixed_draws("oversight of an institution", table.key).T[:2])
    climates = [region.climate_on(side) for side in region.sides]
    said = [(climates[side], places[c]["own"]) for side, c in zip(table.side.tolist(), table.community.tolist(), strict=True)]
    for name, noise in (("capability", z), ("openness", z2), ("accountability", z3), ("rapport", z4)):
        mean = np.array([own.get(name, climate[name]) for climate, own in said])
        getattr(table, f"{name}_rest")[:] = np.clip(mean + region.state_spread * noise, 0.05, 0.95)
        getattr(table, name)[:] = getattr(table, f"{name}_rest")
    u = fixed_draws("leader", table.key)
    table.buy_in_mean[:] = [own.get("buy_in", climate["buy_in"]) for climate, own in said]
    table.buy_in_rest[:] = leader_buy_in(table.buy_in_mean, u[:, 0])
    table.buy_in[:] = table.buy_in_rest
    table.partnership_rest[:] = 0.15 + 0.2 * u[:, 1:2]
    table.partnership[:] = table.partnership_rest
    return table, names


def _workers(region: Region, institutions: Institutions, names: list[str]) -> Workers:
    n = int(institutions.staff.sum())
    table = allocate(Workers, n, {"others": len(region.sides) - 1, "slots": region.ties_per_worker})
    table.institution[:] = np.repeat(np.arange(len(names)), institutions.staff)
    table.community[:] = institutions.community[table.institution]
    table.side[:] = institutions.side[table.institution]
    table.family[:] = institutions.family[table.institution]
    place = np.arange(n) - institutions.first[table.institution]
    table.post[:] = mix_all(institutions.key[table.institution], place.astype(np.uint64))
    return table


def _hire(world: World) -> None:
    """Put a person into each post, hired as long ago as turnover makes likely."""
    post, leaving = world.workers.post, weekly_hazard(world.parameters.people.annual_turnover)
    tenure = -np.log(world.draws.fill("tenure at the start", world.week, post)[:, 0]) / max(leaving, 1e-6)
    settle(world, np.arange(post.size), (world.week - np.minimum(np.floor(tenure), 40 * 52)).astype(np.int64))


def _pools(institutions: Institutions, n: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    first = np.zeros((n, len(FAMILIES)), np.int32)
    staff = np.zeros((n, len(FAMILIES)), np.int32)
    np.add.at(staff, (institutions.community, institutions.family), institutions.staff)
    seen = np.full((n, len(FAMILIES)), np.iinfo(np.int32).max, np.int64)
    np.minimum.at(seen, (institutions.community, institutions.family), institutions.first)
    first[:] = np.where(staff > 0, seen, 0)
    start = np.searchsorted(institutions.community, np.arange(n + 1)).astype(np.int32)
    return first, staff, start
