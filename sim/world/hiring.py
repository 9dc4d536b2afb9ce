"""Who comes into a post: her lasting traits, drawn with her own key."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, inlined
from sim.draws import Draws, mix_all
from sim.parameters import PeopleParameters
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


class Climate(NamedTuple):
    """What of communities forms the home climate of their workers; `home_warmth` and `home_trust` take it instead of the whole table."""

    trust: Any
    trust_rest: Any
    warmth_rest: Any


def leader_buy_in(mean: Any, u: Any) -> Any:
    """Return the resting buy-in of a new leader: evenly spread by 0.25 around the mean of her kind, within 0.02 and 0.98."""
    return np.clip(mean + 0.5 * (u - 0.5), 0.02, 0.98)


@inlined
def home_warmth(workers, communities, i, c, o, p):  # type: ignore[no-untyped-def]
    """Warmth to which worker i of community c returns: her lasting trait around the climate at home."""
    climate = communities.warmth_rest[c, o] + p.norms * (communities.trust[c, o] - communities.trust_rest[c, o])
    return min(max(climate + workers.warmth_trait[i], 0.03), 0.97)


@inlined
def home_trust(workers, communities, i, c, o, p):  # type: ignore[no-untyped-def]
    """Trust in strangers to which worker i of community c returns."""
    climate = communities.trust_rest[c, o] + p.norms * (communities.trust[c, o] - communities.trust_rest[c, o])
    return min(max(climate + workers.trust_trait[i], 0.03), 0.97)


@compiled
def _settle(workers, communities, rows, hired, u, v, p):  # type: ignore[no-untyped-def]
    for k in range(rows.size):
        i = rows[k]
        c = workers.community[i]
        r1, a1 = math.sqrt(-2.0 * math.log(u[k, 0])), 2.0 * math.pi * u[k, 1]
        r2, a2 = math.sqrt(-2.0 * math.log(u[k, 2])), 2.0 * math.pi * u[k, 3]
        z1, z2, z3, z4 = r1 * math.cos(a1), r1 * math.sin(a1), r2 * math.cos(a2), r2 * math.sin(a2)
        workers.hired[i] = hired[k]
        workers.warmth_trait[i] = p.warmth_spread * z1
        workers.trust_trait[i] = p.trust_spread * (0.5 * z1 + math.sqrt(0.75) * z2)
        workers.competence_base[i] = min(max(ORDINARY_COMPETENCE + COMPETENCE_SPREAD * z3, 0.05), 0.95)
        workers.skill_base[i] = min(max(ORDINARY_SKILL + SKILL_SPREAD * z4, 0.05), 0.95)
        workers.competence[i] = workers.competence_base[i]
        workers.skill[i] = workers.skill_base[i]
        z5 = math.sqrt(-2.0 * math.log(v[k, 0])) * math.cos(2.0 * math.pi * v[k, 1])
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


def person_keys(posts: NDArray[np.uint64], hired: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Return the keys of the persons (post, week hired)."""
    return mix_all(posts, hired.astype(np.int64).astype(np.uint64))


def settle(
    workers: Any,
    communities: Any,
    rows: NDArray[np.int64],
    hired: NDArray[np.int32],
    week: int,
    draws: Draws,
    p: PeopleParameters,
) -> None:
    """Put new persons into the posts `rows`, hired in the weeks `hired`."""
    workers.person[rows] = person_keys(workers.post[rows], hired)
    u = draws.fill("person", week, workers.person[rows])
    v = draws.fill("conduct of a person", week, workers.person[rows])
    _settle(workers, communities, rows, hired, u, v, p)
