"""Live through all runs of an experiment that its study does not hold yet, look by look, and keep each as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Container

from sim.lab.dispatch import Means, Progress, Report, Work
from sim.lab.looks import looks_of, resolutions
from sim.lab.plan import Plan
from sim.lab.rows import Run
from sim.lab.study import Study
from sim.lab.trial import try_out
from sim.lab.warmup import warm_up

DEFAULT = Means()


def evaluate(
    study: Study, means: Means = DEFAULT, report: Report = lambda _: None, only: Container[Run] | None = None
) -> Progress:
    """Do all runs that a study asks for and does not hold yet.

    Parameters
    ----------
    study : Study
        What is asked, and where results are kept.
    means : Means
        By what means.
    report : callable, optional
        Called with the progress whenever it changes.
    only : container of Run, optional
        Do no others.

    Returns
    -------
    Progress
        With ``interrupted`` set if Ctrl-C stopped it; what was done is kept.

    Raises
    ------
    StorageError
        If results cannot be written, or worker processes die again and again; what was done is kept.
    """
    progress = Progress()

    def waiting() -> None:
        progress.waiting = True
        report(progress)

    try:
        with study.store.locked(waiting):
            progress.waiting = False
            _evaluate(study, means, progress, report, only)
    except KeyboardInterrupt:
        progress.interrupted = True
    return progress


class _Settled:
    """Runs that need not be done: those that are kept, and those that are not asked for."""

    def __init__(self, kept: set[Run], only: Container[Run] | None) -> None:
        self.kept, self.only = kept, only

    def __contains__(self, run: object) -> bool:
        return run in self.kept or (self.only is not None and run not in self.only)


def _evaluate(study: Study, means: Means, progress: Progress, report: Report, only: Container[Run] | None) -> None:
    found, progress.damaged = study.store.mend()
    kept = _Settled(found, only)
    for name in progress.damaged:
        study.log(f"set aside damaged file {name}")
    plan, asks = Plan.of(study), study.manifest
    looks = looks_of(asks["seeds"], asks["until"])
    _, todo = plan.count(range(looks[0]), kept)
    study.log(f"start: {todo} runs to do, {means.words}")
    for old in (study.folder / "failures").glob("*.json"):
        old.unlink()
    work: Work | None = None
    asked: set[tuple[str, int]] | None = None
    progress.began, before = time.monotonic(), 0
    try:
        for look in looks:
            turns = range(before, look)
            total, todo = plan.count(turns, kept, asked)
            progress.total += total
            progress.kept += total - todo
            progress.done += total - todo
            report(progress)
            if todo:
                if work is None:
                    _prepare(study)
                    progress.began = time.monotonic()
                    work = Work(study, progress, report, means)
                work.do(plan.orders(turns, kept, asked), todo)
            if asks["until"] is None:
                break
            runs = study.runs
            turn = study.turn_of(runs["seed"].to_numpy(), runs["point"].to_numpy() if study.has_design else 0)
            now = resolutions(runs, turn, asks, look, plan.lived)
            settled = {(r.arm, r.point): r for r in progress.resolutions if r.resolved}
            progress.resolutions = [settled.get((r.arm, r.point), r) for r in now]
            open_ = [r for r in progress.resolutions if not r.resolved]
            asked = {(r.arm, r.point) for r in open_} | {(study.reference, r.point) for r in open_}
            before = look
            if not asked:
                break
        study.store.settle()
    except KeyboardInterrupt:
        progress.interrupted = True
        raise
    finally:
        study.log(f"end: {progress.done} kept, {progress.failed} failed" + (", interrupted" if progress.interrupted else ""))


def _prepare(study: Study) -> None:
    """Compile the rules, and try out registered ones, before worker processes start."""
    warm_up(study.scenarios[study.reference])
    for scenario in study.scenarios.values():
        try_out(scenario)
