"""Who comes into a post: her lasting traits, drawn with her own key."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.compiled import called, compiled, inlined
from sim.draws import mix, purpose_key, uniforms
from sim.parameters.ordinary import (
    COMPETENCE_SPREAD,
    CONDUCT_SPREAD,
    ORDINARY_COMPETENCE,
    ORDINARY_CONDUCT,
    ORDINARY_IDENTITY,
    ORDINARY_SKILL,
    ORDINARY_STRAIN,
    SKILL_SPREAD,
)

if TYPE_CHECKING:
    from sim.world.world import World

_PERSON, _CONDUCT = purpose_key("person"), purpose_key("conduct of a person")


def leader_buy_in(mean: Any, u: Any) -> Any:
    """Return the resting buy-in of a new leader: evenly spread by 0.25 around the mean of her kind, within 0.02 and 0.98."""
    return np.clip(mean + 0.5 * (u - 0.5), 0.02, 0.98)


LEAST, MOST = 0.03, 0.97
"""Least and most of workers' attitudes at rest (fixed)."""


@inlined
def climate_of_warmth(communities, c, o, p):  # type: ignore[no-untyped-def]
    """Warmth towards its other side o around which the workers of community c differ."""
    return communities.warmth_rest[c, o] + p.norms * (communities.trust[c, o] - communities.trust_rest[c, o])


@inlined
def climate_of_trust(communities, c, o, p):  # type: ignore[no-untyped-def]
    """Trust in strangers from its other side o around which the workers of community c differ."""
    return communities.trust_rest[c, o] + p.norms * (communities.trust[c, o] - communities.trust_rest[c, o])


@inlined
def around(climate, trait):  # type: ignore[no-untyped-def]
    """Attitude of one person at rest: her lasting trait around the climate at home."""
    return min(max(climate + trait, LEAST), MOST)


@inlined
def home_warmth(workers, communities, i, c, o, p):  # type: ignore[no-untyped-def]
    """Warmth to which worker i of community c returns."""
    return around(climate_of_warmth(communities, c, o, p), workers.warmth_trait[i])


@inlined
def home_trust(workers, communities, i, c, o, p):  # type: ignore[no-untyped-def]
    """Trust in strangers to which worker i of community c returns."""
    return around(climate_of_trust(communities, c, o, p), workers.trust_trait[i])


@called
def _settle(workers, communities, draws, i, hired, week, p):  # type: ignore[no-untyped-def]
    """Put a new person into the post i."""
    c = workers.community[i]
    workers.person[i] = mix(workers.post[i], np.uint64(hired))
    u = uniforms(draws, _PERSON, week, workers.person[i])
    v = uniforms(draws, _CONDUCT, week, workers.person[i])
    r1, a1 = math.sqrt(-2.0 * math.log(u[0])), 2.0 * math.pi * u[1]
    r2, a2 = math.sqrt(-2.0 * math.log(u[2])), 2.0 * math.pi * u[3]
    z1, z2, z3, z4 = r1 * math.cos(a1), r1 * math.sin(a1), r2 * math.cos(a2), r2 * math.sin(a2)
    workers.hired[i] = hired
    workers.warmth_trait[i] = p.warmth_spread * z1
    workers.trust_trait[i] = p.trust_spread * (0.5 * z1 + math.sqrt(0.75) * z2)
    workers.competence_base[i] = min(max(ORDINARY_COMPETENCE + COMPETENCE_SPREAD * z3, 0.05), 0.95)
    workers.skill_base[i] = min(max(ORDINARY_SKILL + SKILL_SPREAD * z4, 0.05), 0.95)
    workers.competence[i] = workers.competence_base[i]
    workers.skill[i] = workers.skill_base[i]
    z5 = math.sqrt(-2.0 * math.log(v[0])) * math.cos(2.0 * math.pi * v[1])
    workers.conduct_base[i] = min(max(ORDINARY_CONDUCT + CONDUCT_SPREAD * z5, 0.05), 0.95)
    workers.conduct[i] = workers.conduct_base[i]
    workers.identity[i] = ORDINARY_IDENTITY
    workers.strain[i] = ORDINARY_STRAIN
    workers.credential[i] = 0
    workers.cohort[i] = 0
    workers.alumnus[i] = 0
    workers.bridge[i] = 0
    workers.placed_until[i] = -1_000_000
    workers.placed_in[i] = -1
    workers.burnt_until[i] = -1_000_000
    for o in range(workers.warmth.shape[1]):
        workers.warmth[i, o] = home_warmth(workers, communities, i, c, o, p)
        workers.trust[i, o] = home_trust(workers, communities, i, c, o, p)
        workers.held_until[i, o] = -1_000_000


@called
def settle_all(at, rows, count, hired, week):  # type: ignore[no-untyped-def]
    """Put new persons, all hired in one week, into the first `count` of the posts `rows`."""
    p, workers, communities, draws = rooms.people(at), state.workers(at), state.communities(at), state.draws(at)
    for k in range(count):
        _settle(workers, communities, draws, rows[k], hired, week, p)


@compiled
def _settle_each(at, rows, hired, week):  # type: ignore[no-untyped-def]
    p, workers, communities, draws = rooms.people(at), state.workers(at), state.communities(at), state.draws(at)
    for k in range(rows.size):
        _settle(workers, communities, draws, rows[k], hired[k], week, p)


def settle(world: World, rows: NDArray[np.int64], hired: NDArray[np.int64]) -> None:
    """Put new persons into the posts `rows`, hired in the weeks `hired`."""
    _settle_each(world.at, rows, hired, world.week)
