"""Live parameter vectors in trials, and note what each trial found and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from sim.calibration.space import Table, placed
from sim.evidence.conduct import conduct
from sim.evidence.estimates import figures
from sim.evidence.trial import Trial

SEEDS_APART = 1_000
"""How far apart the seeds of two vectors lie; no two live the same worlds, so that chance averages out over many."""


@dataclass(frozen=True, slots=True)
class Task:
    """One vector to be lived in one trial."""

    trial: Trial
    table: Table
    first_seed: int
    seeds: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a trial found under one vector.

    Attributes
    ----------
    figures : dict of str to float
        One per measure, NaN where it cannot be told.
    noise : dict of str to float
        Standard error of each over worlds.
    """

    figures: dict[str, float]
    noise: dict[str, float]


def under_vector(trial: Trial, table: Table) -> Trial:
    """Return a trial all of whose worlds live under a parameter vector."""
    worlds = [
        (replace(world, scenario=placed(world.scenario, table)), replace(twin, scenario=placed(twin.scenario, table)))
        for world, twin in trial.worlds
    ]
    return replace(trial, worlds=worlds)


def lived(task: Task) -> Found:
    """Live one vector in one trial."""
    trial = under_vector(task.trial, task.table)
    records = [conduct(trial, task.first_seed + k) for k in range(task.seeds)]
    whole = figures(trial, records)
    left = [figures(trial, [*records[:k], *records[k + 1 :]]) for k in range(task.seeds)] if task.seeds > 1 else []
    noise = {}
    for name in whole:
        without = np.array([one[name] for one in left])
        known = without.size > 1 and bool(np.isfinite(without).all())
        noise[name] = math.sqrt((task.seeds - 1) * float(without.var())) if known else math.nan
    return Found(whole, noise)


def first_seed(wave: int, vector: int) -> int:
    """Return the first seed of the worlds of one vector of one wave."""
    return SEEDS_APART * (1 + vector + 1_000_000 * wave)


def tasks_of(trials: list[Trial], tables: list[Table], wave: int, seeds: Callable[[Trial], int]) -> Iterator[Task]:
    """List what has to be lived: every vector in every trial, one vector after the other."""
    for k, table in enumerate(tables):
        for trial in trials:
            yield Task(trial, table, first_seed(wave, k), seeds(trial))
