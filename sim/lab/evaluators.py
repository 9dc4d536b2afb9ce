"""Evaluators: where runs are lived. Each hands jobs to an executor of Python's own kind, and knows what to do when that breaks.

Three are built in: this process, worker processes on this machine, and the workers of a Dask cluster.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, InvalidStateError, ProcessPoolExecutor
from typing import Any, Literal, Protocol

from sim.errors import StorageError
from sim.interrupts import interrupts
from sim.lab.parallel import DIED_AT_ONCE, context, submitted
from sim.lab.worker import Done, Job, live

GRACE = 5.0
"""Seconds by which a run may exceed its limit before its process is killed; between two weeks it notices by itself."""
MOST_ON_WINDOWS = 61
"""Processes that Python can wait for there."""
REBUILDS = 3
"""Times that an executor is made anew without a run being done in between."""


Loss = Literal["broken", "killed", ""]
"""What befell a job: its executor broke with all that was under way; or the job itself ended more than one worker; or nothing of either."""


class Evaluator(Protocol):
    """Where runs are lived."""

    @property
    def capacity(self) -> int:
        """Jobs that it takes at a time."""

    def loss(self, error: BaseException) -> Loss:
        """Tell what an error that came instead of a result means."""

    def submit(self, job: Job) -> Future[Done]:
        """Hand a job over."""

    def watch(self, limit: float | None) -> None:
        """Look after runs that hang."""

    def recover(self) -> set[int]:
        """Make the executor anew after it broke; return the numbers of the runs that broke it, as far as that is known.

        Raises
        ------
        StorageError
            If it cannot be made to work.
        """

    def close(self) -> None:
        """Let go of it."""


class Here:
    """Lives runs in this process."""

    capacity = 1

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self.stopped = stopped

    def loss(self, _: BaseException) -> Loss:
        """Tell that nothing is ever lost here."""
        return ""

    def submit(self, job: Job) -> Future[Done]:
        """Do a job at once."""
        future: Future[Done] = Future()
        try:
            future.set_result(live(job, stopped=self.stopped))
        except Exception as error:  # noqa: BLE001  (told where the result is asked for)
            future.set_exception(error)
        return future

    def watch(self, limit: float | None) -> None:
        """Do nothing: a run that hangs here notices by itself between two weeks, or not at all."""

    def recover(self) -> set[int]:
        """Do nothing: this process does not break."""
        return set()

    def close(self) -> None:
        """Do nothing."""


class _Board:
    """What each worker process is doing, in memory that all of them share."""

    def __init__(self, context: Any, slots: int) -> None:
        self.taken = context.Value("q", 0)
        self.process = context.Array("q", slots, lock=False)
        self.number = context.Array("q", [-1] * slots, lock=False)
        self.began = context.Array("d", slots, lock=False)


_mine: list[Any] = []


def _end_with_parent() -> None:
    """End this process as soon as the one that started it does, in whatever way: it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start(board: Any, slots: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where `submitted` cannot see to it
    with board.taken.get_lock():
        slot = board.taken.value % slots
        board.taken.value += 1
    board.process[slot] = os.getpid()
    _mine[:] = [board, slot]


def _begins(number: int) -> None:
    board, slot = _mine
    board.began[slot] = time.monotonic()
    board.number[slot] = number


def _live(job: Job) -> Done:
    return live(job, _begins)


class Processes:
    """Worker processes on this machine.

    Parameters
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        count = min(count, MOST_ON_WINDOWS) if sys.platform == "win32" else count
        self.count, self.capacity = count, 2 * count
        self.context = context()
        self.broken_in_a_row = 0
        self._open()

    def _open(self) -> None:
        self.board = _Board(self.context, self.count)
        self.pool = ProcessPoolExecutor(self.count, self.context, _start, (self.board, self.count))
        self.workers: dict[int, Any] = {}
        self.killed: set[int] = set()

    def loss(self, error: BaseException) -> Loss:
        """Tell whether worker processes died."""
        return "broken" if isinstance(error, BrokenExecutor | CancelledError) else ""

    def submit(self, job: Job) -> Future[Done]:
        """Hand a job to the next process that is free."""
        future: Future[Done] = submitted(self.pool, _live, [job])[0]
        for worker in multiprocessing.active_children():
            self.workers.setdefault(worker.pid or 0, worker)
        future.add_done_callback(self._note)
        return future

    def _note(self, future: Future[Done]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.broken_in_a_row = 0

    def watch(self, limit: float | None) -> None:
        """Kill processes whose run is far over its limit."""
        if limit is None:
            return
        for slot, pid in enumerate(self.board.process):
            late = time.monotonic() - self.board.began[slot] - limit - GRACE
            if pid and self.board.number[slot] >= 0 and late > 0 and pid in self.workers:
                self.killed.add(pid)
                self.workers[pid].kill()

    def recover(self) -> set[int]:
        """Make new processes; those that did not end by being told to are blamed, with the run that each was doing."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        if not any(self.board.process):
            raise StorageError(DIED_AT_ONCE)
        told = {0, -signal.SIGTERM, None}
        dead = {pid for pid, worker in self.workers.items() if worker.exitcode not in told} | self.killed
        blamed = {self.board.number[slot] for slot, pid in enumerate(self.board.process) if pid in dead} - {-1}
        self.broken_in_a_row += not blamed  # a run that is to blame is left out in the end
        if self.broken_in_a_row > REBUILDS:
            raise StorageError(
                f"worker processes died {self.broken_in_a_row} times without a run being done (out of memory?); what was done is kept"
            )
        self._open()
        return blamed

    def close(self) -> None:
        """Wait for what is under way, and end the processes."""
        self.pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keep quiet of what the executor's own thread runs into when its processes die after a job was called off (Python 3.11 to 3.13)."""
    before = threading.excepthook

    def told(fault: threading.ExceptHookArgs) -> None:
        if not isinstance(fault.exc_value, InvalidStateError):
            before(fault)

    threading.excepthook = told
    try:
        yield
    finally:
        threading.excepthook = before


@contextlib.contextmanager
def opened(processes: int, scheduler: str = "", *, here: bool = False) -> Iterator[tuple[Evaluator, Callable[[], bool]]]:
    """Open an evaluator; also tell whether to stop after the work in hand.

    Parameters
    ----------
    processes : int
        Worker processes on this machine.
    scheduler : str
        Address of a Dask scheduler, to use its workers instead.
    here : bool
        Whether to use no other process at all; a run that hangs cannot be killed then.
    """
    with interrupts() as stopped, _hushed():
        evaluator: Evaluator
        if scheduler:
            from sim.lab.cluster import Cluster

            evaluator = Cluster(scheduler, stopped)
        else:
            evaluator = Here(stopped) if here else Processes(processes)
        try:
            yield evaluator, stopped
        finally:
            evaluator.close()
