"""Worker processes that answer Ctrl-C well, and many independent tasks done by them in order."""

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

DIED_AT_ONCE = (
    "worker processes died as they started: a script that uses more than one needs its calls under "
    '`if __name__ == "__main__":`, or memory ran out'
)


@contextlib.contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a flag, so that the work in hand is finished and kept; the second one ends it at once."""
    hits: list[int] = []

    def note(*_: object) -> None:
        hits.append(1)
        if len(hits) == 1:
            print("\nStopping after the work in hand; Ctrl-C again stops at once.", file=sys.stderr, flush=True)
        workers = multiprocessing.active_children()
        for worker in workers if len(hits) > 1 else ():
            worker.kill()
        if len(hits) > 1 and not workers:
            raise KeyboardInterrupt

    try:
        old = signal.signal(signal.SIGINT, note)
    except ValueError:  # not in the main thread: Ctrl-C does not come here
        yield lambda: False
        return
    try:
        yield lambda: bool(hits)
    finally:
        signal.signal(signal.SIGINT, old)


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
    processes = min(processes or os.cpu_count() or 1, max(len(tasks), 1))
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
