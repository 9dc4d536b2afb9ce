"""Do many independent tasks on all cores, in order."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def mapped(
    function: Callable[[Any], Any], tasks: Iterable[Any], processes: int | None, tick: Callable[[], None] = lambda: None
) -> list[Any]:
    """Return what `function` makes of each task, in the order of the tasks.

    Parameters
    ----------
    function : callable
        Importable by name, so that other processes find it.
    tasks : iterable
        What it is called with, one by one.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    tick : callable
        Called after every task.
    """
    tasks = list(tasks)
    processes = min(processes or os.cpu_count() or 1, max(len(tasks), 1))
    out = []
    if processes == 1:
        for task in tasks:
            out.append(function(task))
            tick()
        return out
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for result in pool.map(function, tasks):
            out.append(result)
            tick()
    return out
