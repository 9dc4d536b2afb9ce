"""What a study will take, told before it is begun: runs, time, disk."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.lab.design import drawn
from sim.lab.dispatch import task_of
from sim.lab.experiment import Experiment
from sim.lab.looks import looks_of
from sim.lab.manifest import manifest_of
from sim.lab.plan import Order, Plan
from sim.lab.points import Laid
from sim.lab.rows import indexed
from sim.lab.study import Study
from sim.lab.warmup import warm_up
from sim.lab.worker import Job, live

KEY_BYTES = 40.0
"""Of a run's row that do not compress: its key, mostly; and every number that is not the same in all runs takes eight."""
TRIED = 3
"""Points at which each arm is lived, so as to know how long that takes."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a study will take.

    Attributes
    ----------
    points, arms, seeds : int
        Of the design; one point if there is none. `seeds` is that of the first look, where worlds are lived until differences are known.
    runs, most : int
        Rows of the table of runs, and how many there may be after the last look.
    worlds : int
        Worlds that will be lived for them: fewer where points or arms do not differ in anything that reaches them.
    kept : int
        Runs that the study holds already.
    seconds : float
        A world takes, on one core.
    bytes : float
        Of disk that all runs will take.
    cores : int
        Cores of this machine.
    """

    points: int
    arms: int
    seeds: int
    runs: int
    most: int
    worlds: int
    kept: int
    seconds: float
    bytes: float
    cores: int


def forecast(experiment: Experiment, folder: Path) -> Forecast:
    """Forecast what a study will take, by living a few of its worlds.

    Parameters
    ----------
    experiment : Experiment
        What is asked.
    folder : pathlib.Path
        Where its study is, or would be.
    """
    study, kept = _study(experiment, folder)
    plan = Plan.of(study)
    manifest = study.manifest
    looks = looks_of(manifest["seeds"], manifest["until"])
    total, todo = plan.count(range(looks[0]), kept)
    worlds = sum(1 for _ in plan.orders(range(1), frozenset())) * looks[0]
    task = task_of(study, None)
    warm_up(study.scenarios[study.reference])
    points = np.unique(np.linspace(0, len(plan.lived) - 1, TRIED).astype(int))
    orders = tuple(Order(((arm, plan.lived[p], plan.first[plan.lived[p]]),)) for p in points for arm in plan.arms)
    values = tuple(tuple(study.laid.values[order.run[1]].tolist()) for order in orders)
    live(Job(task, orders[:1], values[:1]))
    began = time.monotonic()
    done = live(Job(task, orders, values))
    seconds = (time.monotonic() - began) / len(orders)
    tables = [indexed(table, lived.order.run, design=study.has_design) for lived in done.lived for table in lived.parts.values()]
    size: float = sum(_bytes(table) for table in tables)
    rows = [lived.outcomes for lived in done.lived]
    size += len(rows) * (KEY_BYTES + 8.0 * sum(len({row[name] for row in rows}) > 1 for name in (rows[0] if rows else ())))
    return Forecast(
        len(plan.lived), len(plan.arms), looks[0], total, total // looks[0] * looks[-1], worlds, total - todo, seconds,
        size / max(len(rows), 1) * total, os.cpu_count() or 1,
    )  # fmt: skip


def _study(experiment: Experiment, folder: Path) -> tuple[Study, set[tuple[str, int, int]]]:
    """Return the study that is there, with the runs that it holds; or one that is not written, with points that were not checked."""
    manifest = manifest_of(experiment)
    if (folder / "study.json").exists():
        study = Study.open(folder)
        if study.manifest["identity"] == manifest["identity"]:
            points, runs = study.manifest["points"], study.runs
            study.manifest = manifest | {"points": points}
            at = runs["point"] if study.has_design else np.zeros(len(runs), int)
            return study, set(zip(runs["arm"].astype(str), at, runs["seed"], strict=True))
    study = Study(folder, manifest | {"points": None})
    if experiment.file.design is not None:
        found = drawn(experiment.file.design, list(experiment.factors), experiment.where)
        study.laid = Laid(list(experiment.factors), found.values, found.unit, np.zeros(len(found), bool), 0)
    return study, set()


def _bytes(table: pa.Table) -> int:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return len(buffer.getvalue())
