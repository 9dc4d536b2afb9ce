"""What is done where runs are lived: in this process, in another one, or on another machine."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa

from sim.errors import StorageError
from sim.lab.factors import Factor
from sim.lab.plan import Order
from sim.lab.points import Applier
from sim.lab.rows import incident_table, series_table
from sim.lab.run import OverdueError, crossing_names, made_by, plain_text, run, run_key
from sim.lab.warmup import compile_backwards
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Task:
    """What all runs of a study have in common.

    Attributes
    ----------
    scenarios : tuple of (arm, scenario as JSON, parameters that the arm sets itself)
        The reference arm first.
    factors : tuple of Factor
        What varies.
    every : int
        Weeks of each row of series; none are kept if 0.
    incidents : bool
        Whether incidents are kept.
    limit : float or None
        Seconds that a run may take.
    made_by : str
        What the numbers depend on, which must be the same wherever runs are lived.
    """

    scenarios: tuple[tuple[str, str, tuple[str, ...]], ...]
    factors: tuple[Factor, ...]
    every: int
    incidents: bool
    limit: float | None
    made_by: str
    design: bool


@dataclass(frozen=True, slots=True)
class Job:
    """Some runs that are done one after another."""

    task: Task
    orders: tuple[Order, ...]
    values: tuple[tuple[float, ...], ...]
    """Of the factors, for each order."""
    numbers: tuple[int, ...] = ()
    """By which the one who hands them out knows them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that was not done.

    Attributes
    ----------
    order : Order
        Which.
    key : str
        Its key.
    cause : str
        ``raised``, ``overdue`` or ``killed``.
    error, trace : str
        What happened, and where.
    """

    order: Order
    key: str
    cause: str
    error: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Lived:
    """What one run left behind.

    Attributes
    ----------
    order : Order
        Which, and for which others it stands.
    key : str
        Its key.
    outcomes : dict
        One number per outcome.
    parts : dict of str to pyarrow.Table
        Rows of series and incidents, if they are kept.
    """

    order: Order
    key: str
    outcomes: dict[str, float]
    parts: dict[str, pa.Table]


@dataclass(slots=True)
class Done:
    """What comes of a job."""

    lived: list[Lived] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    orders: int = 0
    seconds: float = 0.0


@lru_cache(maxsize=4)
def _appliers(task: Task) -> dict[str, Applier]:
    """Make ready to live a task's scenarios.

    Raises
    ------
    StorageError
        If numbers would come out otherwise here.
    """
    if made_by() != task.made_by:
        asked, here = (text.replace("\x1f", ", ") for text in (task.made_by, made_by()))
        raise StorageError(f"a worker has other versions or rules than the study: {here}, where the study has {asked}")
    return {arm: Applier(list(task.factors), Scenario.model_validate_json(text), own) for arm, text, own in task.scenarios}


@lru_cache(maxsize=4)
def _load_rules(sides: tuple[str, ...]) -> None:
    """Load the compiled rules, so that this does not count as time that the first run of a process takes."""
    compile_backwards(list(sides))


def live(job: Job, begins: Callable[[int], None] = lambda _: None, stopped: Callable[[], bool] = lambda: False) -> Done:
    """Live the runs of a job; what fails does not take the others down.

    Parameters
    ----------
    job : Job
        What to do.
    begins : callable
        Told the number of each run as it begins, and −1 at the end.
    stopped : callable
        Asked before each run whether to stop.
    """
    import numpy as np

    appliers = _appliers(job.task)
    if job.task.limit is not None:
        _load_rules(tuple(appliers[job.orders[0].run[0]].scenario.region.sides))
    began, done = time.monotonic(), Done()
    for order, values, number in zip(job.orders, job.values, job.numbers or range(len(job.orders)), strict=True):
        if stopped():
            break
        begins(number)
        (arm, _, seed), key = order.run, ""
        try:
            scenario = appliers[arm].at(np.array(values))
            key = run_key(plain_text(scenario), seed)
            done.lived.append(_left(job.task, order, key, run(scenario, seed, job.task.limit)))
        except OverdueError as error:
            done.failures.append(Failure(order, key, "overdue", str(error)))
        except Exception as error:  # noqa: BLE001  (one failing run must not take the others down)
            told = f"{type(error).__name__}: {error}"
            done.failures.append(Failure(order, key, "raised", told, traceback.format_exc()))
        done.orders += 1
    begins(-1)
    done.seconds = time.monotonic() - began
    return done


def _left(task: Task, order: Order, key: str, result: Any) -> Lived:
    parts = {"series": series_table(result.weeks, result.series, task.every)} if task.every else {}
    if task.incidents:
        parts["incidents"] = incident_table(result.incidents, crossing_names(result.world))
    return Lived(order, key, result.outcomes, parts)
