"""Where communities lie and which of them share a crossing: what a scenario says of the region, worked out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws, name_key, normals
from sim.errors import Misfit, Words
from sim.scenario.region import Region

REGION_SEED = 0
MOST_CROSSINGS = 12
"""Crossings for each community that a distance may make."""


def fixed_draws(purpose: str, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Draw numbers that belong to the region and are the same under every seed."""
    return Draws(REGION_SEED).fill(f"region: {purpose}", 0, keys).copy()


def places_of(region: Region) -> list[dict[str, Any]]:
    """Place the communities of a region: name, side, x, y, population, and what is given of their own."""
    if region.communities:
        return [
            {
                "name": name,
                "side": region.sides.index(c.side),
                "x": c.x_km,
                "y": c.y_km,
                "population": c.population,
                "own": c.model_dump(exclude_none=True),
            }
            for name, c in ((name, region.communities[name]) for name in region.community_names())
        ]
    layout = region.layout
    assert layout is not None
    n, sides = layout.communities_per_side, len(region.sides)
    every, out = region.community_names(), []
    for side in range(sides):
        names = every[side * n : (side + 1) * n]
        u = fixed_draws("place", np.array([name_key("community", name) for name in names], np.uint64))
        z, _ = normals(u[:, 2], u[:, 3])
        for i, name in enumerate(names):
            along = (i + 0.3 + 0.4 * u[i, 0]) / n * layout.border_km
            depth = layout.depth_km * (0.4 + 1.2 * u[i, 1])
            x, y = _on_the_map(side, sides, i, along, depth, layout.border_km)
            population = max(
                50, region.staff_per_community(), round(layout.population * math.exp(layout.population_spread * z[i]))
            )
            out.append({"name": name, "side": side, "x": x, "y": y, "population": population, "own": {}})
    return out


def _on_the_map(side: int, sides: int, i: int, along: float, depth: float, length: float) -> tuple[float, float]:
    """Place a community: along a straight border between two sides, along rays between the sectors of three or more."""
    if sides == 2:
        return along, depth if side == 0 else -depth
    ray = (side + i % 2) % sides
    angle = 2 * math.pi * ray / sides
    towards = 1.0 if i % 2 == 0 else -1.0
    radius = depth + along / 2 if length else along
    return radius * math.cos(angle) - towards * depth * math.sin(angle), radius * math.sin(angle) + towards * depth * math.cos(
        angle
    )


def crossing_key(one: str, other: str) -> int:
    """Return the key of the crossing between two communities, given by name."""
    return name_key("crossing", *sorted((one, other)))


def _crossing_keys(places: list[dict[str, Any]], pairs: list[tuple[int, int]]) -> NDArray[np.uint64]:
    return np.array([crossing_key(places[a]["name"], places[b]["name"]) for a, b in pairs], np.uint64)


def exposures(region: Region, places: list[dict[str, Any]], pairs: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Return how much daily traffic each crossing has, 0 to 1: as given, or drawn around the region's."""
    z, _ = normals(*fixed_draws("crossing", _crossing_keys(places, pairs)).T[:2])
    drawn = np.minimum(1.0, region.traffic * np.exp(region.exposure_spread * z))
    own = [place["own"].get("traffic", {}) for place in places]
    given = [own[a].get(places[b]["name"], own[b].get(places[a]["name"], np.nan)) for a, b in pairs]
    return np.where(np.isnan(given), drawn, given)


def _within(region: Region, places: list[dict[str, Any]]) -> set[tuple[int, int]]:
    """Pair all communities of different sides that lie within so many kilometres of each other.

    Raises
    ------
    Misfit
        If there are none.
    """
    from scipy.spatial import KDTree

    xy, side = np.array([[place["x"], place["y"]] for place in places], float), np.array([place["side"] for place in places])
    trees = [KDTree(xy[side == s]) for s in np.unique(side)]
    many = sum(int(a.count_neighbors(b, region.within_km)) for k, a in enumerate(trees) for b in trees[:k])
    if many > MOST_CROSSINGS * len(places):
        found = f"{region.within_km:g} km, which would make {many:,} crossings"
        right = f"a distance that makes at most {MOST_CROSSINGS * len(places):,} crossings between {len(places):,} communities"
        raise Misfit("too many crossings", key="region.within_km", value=Words(found), right=right)
    near = KDTree(xy).query_pairs(region.within_km, output_type="ndarray")
    near = near[side[near[:, 0]] != side[near[:, 1]]]
    if near.size == 0:
        apart = min(a.query(b.data)[0].min() for k, a in enumerate(trees) for b in trees[:k])
        right = f"at least {apart:.4g} km, the least distance between two sides"
        raise Misfit(
            "no two communities of different sides lie that near", key="region.within_km", value=region.within_km, right=right
        )
    return {(min(i, j), max(i, j)) for i, j in near.tolist()}


def crossing_pairs(region: Region, places: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Pair the communities that share a crossing: as listed, or those within some distance, or each with its nearest on other sides.

    Returns
    -------
    list of tuple of int
        Positions in `places`, the lower first, in order.
    """
    from scipy.spatial import KDTree

    index = {place["name"]: i for i, place in enumerate(places)}
    pairs: set[tuple[int, int]] = set()
    for place in places:
        for other in place["own"].get("crossings", ()):
            i, j = index[place["name"]], index[other]
            pairs.add((min(i, j), max(i, j)))
    if not pairs and region.within_km is not None:
        pairs = _within(region, places)
    if not pairs:
        xy = np.array([[np.float32(place["x"]), np.float32(place["y"])] for place in places]).astype(float)
        of_side = np.array([place["side"] for place in places])
        for side in range(len(region.sides)):
            own, others = np.flatnonzero(of_side == side), np.flatnonzero(of_side != side)
            k = min(region.neighbours, others.size)
            _, near = KDTree(xy[others]).query(xy[own], k=[*range(1, k + 1)])
            pairs.update((min(i, j), max(i, j)) for i, row in zip(own, others[near], strict=True) for j in row)
    return sorted((int(a), int(b)) for a, b in pairs)


def levels(name: str, region: Region, keys: NDArray[np.uint64], places: list[dict[str, Any]]) -> NDArray[np.float64]:
    """Return the resting level of a state in each community: what it says of itself, or drawn around its side's climate."""
    u = fixed_draws(f"level of {name}", keys)
    z, _ = normals(u[:, 0], u[:, 1])
    climates = [region.climate_on(side) for side in region.sides]
    mean = np.array([climates[place["side"]][name] for place in places])
    values = np.clip(mean + region.state_spread * z, 0.05, 0.95)
    given = np.array([place["own"].get(name, np.nan) for place in places])
    return np.where(np.isnan(given), values, given)


def crossing_levels(
    region: Region, places: list[dict[str, Any]], pairs: list[tuple[int, int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the resting tension of each crossing, and the strain on what both its sides use, drawn around the region's."""
    u = fixed_draws("crossing", _crossing_keys(places, pairs))
    (_, z2), (z3, _) = normals(*u.T[:2]), normals(*u.T[2:])
    spread = region.state_spread
    return np.clip(region.tension + spread * z2, 0.05, 0.9), np.clip(region.resources + spread * z3, 0.05, 0.9)
