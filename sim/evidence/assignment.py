"""Random assignment of a trial: which units belong to which arm, and whom arms without a programme are compared by.

Units are dealt by keyed priorities, so that a seed's assignment is the same in all worlds of a trial. Communities are dealt within
sides, institutions within sides and professions, as evenly as can be; a worker's arm is drawn for the person, so that those who are
hired later have one too. A programme under study takes in nobody but units of its own arm. In an arm without a programme the same rule of
recruitment chooses whom it would have taken in, and nothing is done to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.evidence.trial import Trial
from sim.evidence.trial_file import Unit
from sim.week.cohorts import base_of, choose, role_favoured, sides_of
from sim.world.money import Purse
from sim.world.programmes import Alumni, Cohort, Rows, RunningProgramme
from sim.world.world import World

PURPOSE = "random assignment of a trial"
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """What of a region was assigned to an arm.

    Attributes
    ----------
    communities, institutions : array of bool
        Which of each belong to it; all, if the unit is a smaller one.
    admits : callable
        Takes a world and posts; which of them belong to it.
    """

    communities: Mask
    institutions: Mask
    admits: Callable[[World, Rows], Mask]


def shares_of(trial: Trial, world: World) -> dict[str, Share]:
    """Deal the units of a region to the arms of a trial."""
    arms, unit = list(trial.file.arms), trial.file.assignment.unit
    everywhere = np.ones(world.communities.key.size, bool)
    every = np.ones(world.institutions.key.size, bool)
    if unit == "region":
        return dict.fromkeys(arms, Share(everywhere, every, lambda _, posts: np.ones(posts.size, bool)))
    bounds = np.array(trial.file.bounds())
    if unit == "workers":
        return {arm: Share(everywhere, every, _drawn(k, bounds)) for k, arm in enumerate(arms)}
    dealt = _dealt(world, unit, bounds)
    out = {}
    for k, arm in enumerate(arms):
        own = dealt == k
        institutions = own if unit == "institutions" else own[world.institutions.community]
        out[arm] = Share(own if unit == "communities" else everywhere, institutions, _staff_of(institutions))
    return out


def _drawn(arm: int, bounds: NDArray[np.float64]) -> Callable[[World, Rows], Mask]:
    def admits(world: World, posts: Rows) -> Mask:
        u = world.draws.fill(PURPOSE, 0, world.workers.person[posts])[:, 0]
        return np.asarray(np.searchsorted(bounds, u, side="right") == arm)

    return admits


def _staff_of(institutions: Mask) -> Callable[[World, Rows], Mask]:
    return lambda world, posts: institutions[world.workers.institution[posts]]


def _dealt(world: World, unit: Unit, bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the arm to which each community or institution is dealt, within strata."""
    table = world.communities if unit == "communities" else world.institutions
    strata = table.side.astype(np.int64)
    if unit == "institutions":
        strata = strata * 1000 + world.institutions.family
    u = world.draws.fill(PURPOSE, 0, table.key)
    out = np.empty(table.key.size, np.int64)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        order = rows[np.lexsort((table.key[rows], u[rows, 0]))]
        place = ((np.arange(rows.size) + u[order[0], 1]) / rows.size) % 1.0
        out[order] = np.searchsorted(bounds, place, side="right")
    return out


def confine(programme: RunningProgramme, share: Share, world: World) -> None:
    """Let a programme work with nobody but what was assigned to its arm."""
    if not share.communities.all():
        programme.enrolled = share.communities if programme.enrolled is None else programme.enrolled & share.communities
    if not share.institutions.all():
        own = world.institutions.family == programme.family
        if programme.enrolled is not None:
            own &= programme.enrolled[world.institutions.community]
        programme.institutions = own & share.institutions
    programme.admits = share.admits


def shadow_of(programme: RunningProgramme, arm: str, share: Share, world: World, enrolled: Mask | None) -> RunningProgramme:
    """Make a programme that is never lived: it tells whom an arm's sample would consist of.

    `enrolled` is where the original worked before it was confined.
    """
    name = f"{programme.name}, {arm}"
    shadow = replace(
        programme,
        name=name,
        purse=Purse(),
        cohorts=[],
        finished=[],
        alumni=Alumni(),
        partner=None,
        enrolled=enrolled,
        institutions=None,
    )
    confine(shadow, share, world)
    return shadow


def counterparts(
    world: World, shadow: RunningProgramme, cohort: Cohort, sides: NDArray[np.int32], known: NDArray[np.uint64], unit: Unit
) -> Rows:
    """Choose whom a shadow would have taken in: as many of each side as a real cohort has, by the same rule.

    Parameters
    ----------
    sides : array of int
        Sides of the real cohort's members.
    known : array of uint64
        Persons who belong to the arm's sample already.
    """
    crossing = base_of(world, shadow) if unit == "communities" else cohort.crossing
    if crossing < 0:
        return np.empty(0, np.int64)
    role = role_favoured(world, shadow)
    out = []
    for side in sides_of(world, shadow):
        count = int((sides == side).sum())
        posts = choose(world, shadow, side, crossing, count + known.size, role)
        out.append(posts[~np.isin(world.workers.person[posts], known)][:count])
    return np.concatenate(out) if out else np.empty(0, np.int64)
