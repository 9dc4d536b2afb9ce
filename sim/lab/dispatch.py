"""Hand out runs in jobs of half a second, a few more than there are workers, take what comes back, and keep it; lost jobs are done again."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from sim.errors import InputError, checked_count
from sim.lab.evaluators import Evaluator, Loss, opened
from sim.lab.failures import record
from sim.lab.looks import Resolution
from sim.lab.plan import Order
from sim.lab.rows import indexed, run_table
from sim.lab.run import made_by
from sim.lab.study import Study
from sim.lab.worker import Done, Failure, Job, Task

JOB_SECONDS = 0.5
"""About how long a job takes, if not a single run takes longer."""
MOST_PER_JOB = 256
KEEP_EVERY = 0.5
"""Seconds between two shards, so that they do not become many."""
KEEP_AT = 1000
"""Runs for which one does not wait, and the most that are written at once."""
KEEP_AT_WITH_PARTS = 64
"""The most that are written at once with their series."""
STRIKES = 2
"""Worker processes that a run may break before it is left out."""


@dataclass(slots=True)
class Progress:
    """How far an evaluation is.

    Attributes
    ----------
    total, kept, done, failed : int
        Runs asked for; held before it began; held now; failed.
    lived : int
        Runs lived, which may each stand for several.
    interrupted : bool
        Whether Ctrl-C stopped it.
    waiting : bool
        Whether another process is adding runs to the same study.
    damaged : list of str
        Files of the study that were damaged and set aside.
    resolutions : list of Resolution
        How well each comparison is known, where worlds are lived until that is well enough.
    """

    total: int = 0
    kept: int = 0
    done: int = 0
    failed: int = 0
    lived: int = 0
    interrupted: bool = False
    waiting: bool = False
    damaged: list[str] = field(default_factory=list)
    resolutions: list[Resolution] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Runs a minute since it began; 0 before the first is done."""
        fresh = self.done - self.kept + self.failed
        return 60.0 * fresh / max(time.monotonic() - self.began, 1e-9) if fresh else 0.0


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Means:
    """By what means runs are lived; results do not depend on any of it.

    Attributes
    ----------
    processes : int or None
        Worker processes on this machine; all cores if None.
    scheduler : str
        Address of a Dask scheduler, to use its workers instead.
    limit : float or None
        Seconds that a run may take; one that takes longer is recorded as failed.
    """

    processes: int | None = None
    scheduler: str = ""
    limit: float | None = None

    def __post_init__(self) -> None:
        """Check them.

        Raises
        ------
        InputError
            If a number is none, or out of range.
        """
        if self.processes is not None:
            checked_count(self.processes, "processes, None for all cores", 1, 10_000)
        limit = self.limit
        if limit is not None and (
            not isinstance(limit, int | float) or isinstance(limit, bool) or not 0.0 < limit < float("inf")
        ):
            raise InputError("not a length of time", where="limit", value=limit, right="seconds, above 0; or None")

    @property
    def words(self) -> str:
        """What is used."""
        return f"the workers of {self.scheduler}" if self.scheduler else f"{self.processes or os.cpu_count() or 1} processes"


@dataclass(frozen=True, slots=True)
class _Lost:
    job: Job
    kind: Loss


def task_of(study: Study, limit: float | None) -> Task:
    """Return what all runs of a study have in common."""
    scenarios = tuple((arm, s.model_dump_json(exclude_none=True), study.own_of(arm)) for arm, s in study.scenarios.items())
    asks, factors = study.manifest, tuple(study.laid.factors)
    return Task(scenarios, factors, asks["series_every"], asks["incidents"], limit, made_by(), study.has_design)


class Work:
    """Hands out orders, takes what comes back, and keeps it."""

    def __init__(self, study: Study, progress: Progress, report: Report, means: Means) -> None:
        self.study, self.progress, self.report, self.means = study, progress, report, means
        self.task = task_of(study, means.limit)
        self.values = study.laid.values
        self.pending, self.kept_at = Done(), time.monotonic()
        self.pace = 0.0
        self.strikes: Counter[Order] = Counter()

    def do(self, orders: Iterator[Order], count: int) -> None:
        """Do some orders, of which there are `count` at most.

        Raises
        ------
        KeyboardInterrupt
            If interrupted; what was done is kept.
        """
        asked = self.means.processes or os.cpu_count() or 1
        here = asked == 1 and self.means.limit is None
        with opened(min(asked, count), self.means.scheduler, here=here) as (evaluator, stopped):
            try:
                self._do(orders, evaluator, stopped)
            finally:
                self._keep()
        if stopped():
            raise KeyboardInterrupt

    def _do(self, orders: Iterator[Order], evaluator: Evaluator, stopped: Callable[[], bool]) -> None:
        again: deque[tuple[Order, ...]] = deque()
        waiting: dict[Future[Done], Job] = {}
        number = 0
        while True:
            while len(waiting) < evaluator.capacity and not stopped():
                some = again.popleft() if again else tuple(islice(orders, self._size()))
                if not some:
                    break
                job = self._job(some, number)
                number += len(some)
                try:
                    waiting[evaluator.submit(job)] = job
                except BrokenExecutor:  # noticed at the next turn, with all that is under way
                    again.appendleft(some)
                    break
            if not waiting and not again:
                break
            if not waiting:  # it broke while it had nothing to do
                if stopped():
                    break
                evaluator.recover()
                continue
            finished, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            losses = {loss.job: loss for future in finished for loss in self._taken(future, waiting.pop(future), evaluator)}
            if losses and stopped():
                break
            blamed = {number for loss in losses.values() if loss.kind == "killed" for number in loss.job.numbers}
            if any(loss.kind == "broken" for loss in losses.values()):
                losses |= {loss.job: loss for loss in self._salvaged(waiting, evaluator)}
                self._keep()
                blamed |= evaluator.recover()
            again.extend(self._retried(list(losses), blamed))
            if stopped():
                for future in [f for f in waiting if f.cancel()]:
                    del waiting[future]
            evaluator.watch(self.task.limit)
            if time.monotonic() - self.kept_at > KEEP_EVERY or len(self.pending.lived) >= KEEP_AT:
                self._keep()

    def _size(self) -> int:
        """Tell how many runs the next job has."""
        return 1 if not self.pace else max(1, min(MOST_PER_JOB, round(JOB_SECONDS / self.pace)))

    def _job(self, orders: tuple[Order, ...], number: int) -> Job:
        values = tuple(tuple(self.values[order.run[1]].tolist()) for order in orders)
        return Job(self.task, orders, values, tuple(range(number, number + len(orders))))

    def _taken(self, future: Future[Done], job: Job, evaluator: Evaluator) -> list[_Lost]:
        """Take what a job came to, or tell that it was lost."""
        try:
            done = future.result()
        except BaseException as error:
            kind = evaluator.loss(error)
            if not kind:
                raise
            return [_Lost(job, kind)]
        self.pending.lived += done.lived
        self.pending.failures += done.failures
        if done.orders:
            now = done.seconds / done.orders
            self.pace = now if not self.pace else 0.8 * self.pace + 0.2 * now
        self.progress.lived += done.orders
        return []

    def _salvaged(self, waiting: dict[Future[Done], Job], evaluator: Evaluator) -> list[_Lost]:
        """Take what is done of all that was under way when the executor broke; tell what is lost."""
        wait(waiting, timeout=60.0)
        lost = []
        for future, job in waiting.items():
            lost += self._taken(future, job, evaluator) if future.done() else [_Lost(job, "broken")]
        waiting.clear()
        return lost

    def _retried(self, lost: list[Job], blamed: set[int]) -> list[tuple[Order, ...]]:
        """Tell what is to be done again; runs that have broken too many processes are left out, others that are under suspicion are done alone."""
        out: list[tuple[Order, ...]] = []
        for job in lost:
            suspects = [order for order, number in zip(job.orders, job.numbers, strict=True) if number in blamed]
            self.strikes.update(suspects)
            spent = [order for order in suspects if self.strikes[order] >= STRIKES and len(job.orders) == 1]
            error = (
                f"ended its worker process {STRIKES} times: killed because it hung, out of memory, or a fault in compiled code"
            )
            self.pending.failures += [Failure(order, "", "killed", error) for order in spent]
            if suspects:
                out += [(order,) for order in job.orders if order not in spent]
            else:
                out.append(job.orders)
        return out

    def _keep(self) -> None:
        """Write what has come back."""
        done, self.pending, self.kept_at = self.pending, Done(), time.monotonic()
        rows = ((run, lived) for lived in done.lived for run in lived.order.runs)
        while some := list(islice(rows, KEEP_AT if self.study.store.parts == ("runs",) else KEEP_AT_WITH_PARTS)):
            design = self.task.design
            parts = {"runs": run_table([(run, lived.key, lived.outcomes) for run, lived in some], design=design)}
            for name in self.study.store.parts[1:]:
                parts[name] = pa.concat_tables([indexed(lived.parts[name], run, design=design) for run, lived in some])
            self.study.store.add(parts)
            self.progress.done += len(some)
        for failure in done.failures:
            record(self.study, failure)
            self.progress.failed += len(failure.order.runs)
        if done.lived or done.failures:
            self.report(self.progress)
