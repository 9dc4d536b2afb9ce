"""The workers of a Dask cluster as an evaluator.

Dask hands a job that was lost with its worker to another one, and recomputes results that were held by a worker that died; as only this process
writes, that keeps nothing twice. What a scheduler knows dies with it: then this process waits until a scheduler answers at the same address, and
hands out anew what was under way.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from sim.errors import InputError, StorageError
from sim.lab.evaluators import Loss
from sim.lab.worker import Done, Job, live

PATIENCE = 600.0
"""Seconds for which one waits for a scheduler, or for a first worker."""
SHORTLY = 10.0
"""Seconds for which one waits for a scheduler that was never there."""


MOST_LOSSES = 5
"""Times that a scheduler may be lost without a run being done in between."""


class _LostError(Exception):
    """What stands for the result of a job that was lost with its scheduler."""


class Cluster:
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://10.0.0.1:8786``.
    stopped : callable
        Asked while waiting whether to stop.

    Raises
    ------
    InputError
        If Dask is not installed, or no scheduler answers.
    """

    def __init__(self, address: str, stopped: Callable[[], bool]) -> None:
        try:
            import distributed
        except ImportError:
            right = 'pip install "bridgework[cluster]"'
            raise InputError("Dask is not installed", where="--scheduler", value=address, right=right) from None
        self.address, self.stopped, self.dask = address, stopped, distributed
        self.asked_at, self.seen = 0.0, 0
        self.held: dict[Future[Done], Any] = {}
        self.lost_in_a_row = 0
        try:
            self._knock()
            self.client = self._connected(SHORTLY)
        except (OSError, ValueError, TypeError) as error:
            right = "the address that the scheduler printed, such as tcp://127.0.0.1:8786"
            raise InputError(f"no Dask scheduler answers: {error}", where="--scheduler", value=address, right=right) from None

    def _knock(self) -> None:
        """Try whether anything listens there, before a client is made that would go on trying."""
        from distributed.comm.addressing import get_address_host_port

        host, port = get_address_host_port(self.address, strict=True)
        socket.create_connection((host, port), timeout=SHORTLY).close()

    def _connected(self, timeout: float) -> Any:
        return self.dask.Client(self.address, timeout=timeout, set_as_default=False)

    @property
    def capacity(self) -> int:
        """Jobs that it takes at a time: two for each thread of its workers."""
        if time.monotonic() - self.asked_at > 1.0:
            before = self.seen
            try:
                self.seen = sum(self.client.nthreads().values())
            except (OSError, AttributeError, TypeError):
                self.seen = 0
            if not self.seen and (before or not self.asked_at):
                print(f"The scheduler at {self.address} has no workers; waiting for them ...", file=sys.stderr, flush=True)
            self.asked_at = time.monotonic()
        return max(2 * self.seen, 1)

    def loss(self, error: BaseException) -> Loss:
        """Tell whether the scheduler was lost, or a job ended several workers."""
        if isinstance(error, self.dask.scheduler.KilledWorker):
            return "killed"
        return "broken" if isinstance(error, _LostError | CancelledError) else ""

    def submit(self, job: Job) -> Future[Done]:
        """Hand a job to the cluster."""
        future: Future[Done] = Future()
        future.set_running_or_notify_cancel()  # what was handed over is finished, if one stops
        try:
            there = self.client.submit(live, job, pure=False, retries=0)
        except (OSError, RuntimeError, ValueError, CancelledError) as error:
            future.set_exception(_LostError(str(error)))
            return future
        self.held[future] = there  # Dask forgets a job to which nobody holds on
        there.add_done_callback(lambda ended: self._passed_on(ended, future))
        return future

    def _passed_on(self, ended: Any, future: Future[Done]) -> None:
        """Pass on what became of a job."""
        self.held.pop(future, None)
        try:
            error = ended.exception() if ended.status == "error" else None
            done = ended.result() if ended.status == "finished" else None
        except Exception as fault:  # noqa: BLE001  (it could not be fetched)
            error, done = _LostError(str(fault)), None
        if done is not None:
            self.lost_in_a_row = 0
            future.set_result(done)
        else:
            future.set_exception(error or _LostError(f"a job was {ended.status}"))

    def watch(self, limit: float | None) -> None:
        """Do nothing: a run that hangs on a cluster notices by itself between two weeks, or not at all."""

    def recover(self) -> set[int]:
        """Wait until a scheduler answers again.

        Raises
        ------
        StorageError
            If none does for ten minutes.
        """
        self._let_go()
        self.held.clear()
        self.lost_in_a_row += 1
        if self.lost_in_a_row > MOST_LOSSES:
            raise StorageError(f"the scheduler at {self.address} was lost {self.lost_in_a_row} times without a run being done")
        print(f"The scheduler at {self.address} was lost; waiting until one answers there again ...", file=sys.stderr, flush=True)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.stopped():
                raise KeyboardInterrupt
            try:
                self.client = self._connected(2.0)
            except OSError:
                time.sleep(1.0)
            else:
                return set()
        raise StorageError(f"no scheduler has answered at {self.address} for {PATIENCE / 60:.0f} minutes; what was done is kept")

    def _let_go(self) -> None:
        try:
            self.client.close(timeout=2.0)
        except Exception as error:  # noqa: BLE001  (it is gone already)
            del error

    def close(self) -> None:
        """Leave the cluster as it is."""
        self._let_go()
