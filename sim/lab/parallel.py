"""Worker processes that start fast and answer Ctrl-C well, and many independent tasks done by them in order.

On Linux they are forked from one process that has imported the model and loaded its compiled rules before (Python's fork server), so that
all but the first start at once and share its memory; elsewhere each starts from nothing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from sim.errors import StorageError
from sim.interrupts import interrupts

DIED_AT_ONCE = (
    "worker processes died as they started: a script that uses more than one needs its calls under "
    '`if __name__ == "__main__":`, or memory ran out'
)


FORKS = sys.platform == "linux"
_PRELOADED = "sim.lab.preload"


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Let processes that are started meanwhile never see Ctrl-C: it is for their parent to answer."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # as it starts, it would let Ctrl-C through again
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


def context() -> Any:
    """Return by what means processes are started; all of Bridgework's own come from here."""
    found = multiprocessing.get_context("forkserver" if FORKS else "spawn")
    if FORKS:
        found.set_forkserver_preload([*({"sim.cli"} & sys.modules.keys()), _PRELOADED])
    return found


def make_ready(processes: int | None) -> None:
    """Let the process from which workers are forked import the model while this one still reads its files, if there will be several workers."""
    if FORKS and (processes or os.cpu_count() or 1) > 1:
        from multiprocessing import forkserver

        context()
        with _deaf():
            forkserver.ensure_running()


def submitted(pool: ProcessPoolExecutor, function: Callable[[Any], Any], tasks: Iterable[Any]) -> list[Future[Any]]:
    """Hand tasks to a pool, whose processes start here and never see Ctrl-C."""
    with _deaf():
        return [pool.submit(function, task) for task in tasks]


def in_order(function: Callable[[Any], Any], tasks: Iterable[Any], processes: int | None) -> Iterator[Any]:
    """Yield what `function` makes of each task, in the order of the tasks, each as soon as it and all before it are done.

    Parameters
    ----------
    function : callable
        Importable by name, so that other processes find it.
    tasks : iterable
        What it is called with, one by one.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.

    Raises
    ------
    KeyboardInterrupt
        If interrupted; what has been yielded is done.
    StorageError
        If worker processes die.
    """
    tasks = list(tasks)
    processes = min(processes or os.cpu_count() or 1, max(len(tasks), 1), 61 if os.name == "nt" else 10_000)
    if processes == 1:
        yield from map(function, tasks)
        return
    done = 0
    with interrupts() as stopped, ProcessPoolExecutor(processes, context()) as pool:
        futures = submitted(pool, function, tasks)
        try:
            while done < len(futures) and not stopped():
                try:
                    found = futures[done].result(timeout=0.2)
                except TimeoutError:
                    continue
                except BrokenProcessPool:
                    if stopped():
                        break
                    raise StorageError("worker processes died (out of memory?)" if done else DIED_AT_ONCE) from None
                futures[done] = None  # type: ignore[call-overload]  # what has been handed over is not kept
                done += 1
                yield found
        finally:  # also where a task fails, or whoever asked wants no more
            pool.shutdown(wait=not stopped(), cancel_futures=True)
    if stopped():
        raise KeyboardInterrupt


def mapped(
    function: Callable[[Any], Any], tasks: Iterable[Any], processes: int | None, tick: Callable[[], None] = lambda: None
) -> list[Any]:
    """Return what `function` makes of each task, see `in_order`; `tick` is called after every task.

    Raises
    ------
    KeyboardInterrupt
        If interrupted; nothing is kept.
    StorageError
        If worker processes die.
    """
    out: list[Any] = []
    for found in in_order(function, tasks, processes):
        out.append(found)
        tick()
    return out
