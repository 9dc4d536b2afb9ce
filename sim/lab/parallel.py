"""Worker processes that answer Ctrl-C well, and many independent tasks done by them in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from sim.errors import StorageError
from sim.interrupts import interrupts

DIED_AT_ONCE = (
    "worker processes died as they started: a script that uses more than one needs its calls under "
    '`if __name__ == "__main__":`, or memory ran out'
)


def submitted(pool: ProcessPoolExecutor, function: Callable[[Any], Any], tasks: Iterable[Any]) -> list[Future[Any]]:
    """Hand tasks to a pool, whose processes start here and never see Ctrl-C: it is for their parent to answer."""
    masks = hasattr(signal, "pthread_sigmask")
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else None
    try:
        return [pool.submit(function, task) for task in tasks]
    finally:
        if old is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)


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

    Raises
    ------
    KeyboardInterrupt
        If interrupted; nothing is kept.
    StorageError
        If worker processes die.
    """
    tasks = list(tasks)
    processes = min(processes or os.cpu_count() or 1, max(len(tasks), 1), 61 if os.name == "nt" else 10_000)
    out: list[Any] = []
    if processes == 1:
        for task in tasks:
            out.append(function(task))
            tick()
        return out
    with interrupts() as stopped, ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        futures = submitted(pool, function, tasks)
        while len(out) < len(futures) and not stopped():
            try:
                out.append(futures[len(out)].result(timeout=0.2))
            except TimeoutError:
                continue
            except BrokenProcessPool:
                if stopped():
                    break
                raise StorageError("worker processes died (out of memory?)" if out else DIED_AT_ONCE) from None
            tick()
        pool.shutdown(wait=not stopped(), cancel_futures=True)
    if stopped():
        raise KeyboardInterrupt
    return out
