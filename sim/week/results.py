"""What funders and voters can see of a programme, by family: it moves the next year's grant where there is evaluation.

Reads institutions, workers, welfare, projects, crossings. Claims V13, S9.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.families import FAMILIES, ORGANIZING, POLICING, PUBLIC_SERVICE, SOCIAL_WORK, VOCATIONAL
from sim.parameters.ordinary import ORDINARY_UNMET, UNMET_SCALE
from sim.registry import registered
from sim.week.cohorts import crossings_between, shared_with_partners, taking_part
from sim.world.programmes import RunningProgramme
from sim.world.world import World


def visible_results(world: World, programme: RunningProgramme) -> float:
    """Return the results of a programme that can be seen, 0 to 1."""
    return float(np.clip(_SEEN[programme.family](world, programme), 0.0, 1.0))


def _projects_and_placements(world: World, programme: RunningProgramme) -> float:
    alumni = programme.alumni.posts
    if alumni.size == 0:
        return 0.0
    placed = world.workers.placed_until[alumni] > world.week
    own_projects = (world.projects.programme[: world.live_projects] == programme.number).sum()
    return (float(placed.sum()) + 2.0 * float(own_projects)) / float(alumni.size)


def _crises_met(world: World, programme: RunningProgramme) -> float:
    """Fewer unmet crises than ordinary, and agreements, where its offices take part."""
    rows = np.flatnonzero(taking_part(world, programme))
    if rows.size == 0:
        return 0.0
    recent = world.welfare.unmet[np.unique(world.institutions.community[rows])].astype(np.float64)
    fewer = float(np.maximum(1.0 - recent / (recent + UNMET_SCALE) / ORDINARY_UNMET, 0.0).mean())
    return 0.5 * (fewer + shared_with_partners(world, programme, world.institutions.agreements, rows))


def _practice_and_works(world: World, programme: RunningProgramme) -> float:
    rows = np.flatnonzero(taking_part(world, programme))
    if rows.size == 0:
        return 0.0
    between = crossings_between(world, programme)
    relief = float(world.crossings.relief[between].mean(dtype=np.float64)) if between.size else 0.0
    return float(world.institutions.practice[rows].mean(dtype=np.float64)) + relief


def _accountability_and_procedures(world: World, programme: RunningProgramme) -> float:
    rows, institutions = np.flatnonzero(taking_part(world, programme)), world.institutions
    if rows.size == 0:
        return 0.0
    won = (institutions.accountability[rows] - institutions.accountability_rest[rows]).mean(dtype=np.float64)
    return float(won) + shared_with_partners(world, programme, institutions.standards, rows)


def _campaigns_won(world: World, programme: RunningProgramme) -> float:
    rows, between = np.flatnonzero(taking_part(world, programme)), crossings_between(world, programme)
    if rows.size == 0 or between.size == 0:
        return 0.0
    ends = np.union1d(world.crossings.a[between], world.crossings.b[between])
    claims = float(world.movements.claims[ends].max(axis=1).mean(dtype=np.float64))
    return claims + shared_with_partners(world, programme, world.institutions.agreements, rows)


_SEEN: dict[int, Callable[[World, RunningProgramme], float]] = {
    VOCATIONAL: _projects_and_placements,
    SOCIAL_WORK: _crises_met,
    PUBLIC_SERVICE: _practice_and_works,
    ORGANIZING: _campaigns_won,
    POLICING: _accountability_and_procedures,
    **{FAMILIES.index(own.family): own.results or (lambda *_: 0.0) for own in registered().families},
}
