"""Live through all runs of an experiment on all cores, and keep each as soon as it is done."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.draws import name_key
from sim.errors import StorageError
from sim.interrupts import interrupts
from sim.lab.experiment import Experiment
from sim.lab.parallel import DIED_AT_ONCE, submitted
from sim.lab.run import crossing_names, run
from sim.lab.study import Study, incident_table, keys_of, series_table, write_shard
from sim.lab.trial import try_out
from sim.lab.warmup import warm_up
from sim.scenario.schema import Scenario

MOST_PER_SHARD = 256
REBUILDS = 3


@dataclass(frozen=True, slots=True)
class Task:
    """Some runs that one process does one after another and keeps in one shard."""

    folder: Path
    runs: tuple[tuple[str, int, str], ...]
    every: int
    incidents: bool


@dataclass(slots=True)
class Progress:
    """How far an evaluation is."""

    total: int
    kept: int = 0
    done: int = 0
    failed: int = 0
    interrupted: bool = False


Report = Callable[[Progress], None]

_scenarios: dict[str, str] = {}
_stop: Any = None


def _start_worker(scenarios: dict[str, str], stop: Any, started: Any) -> None:
    global _stop  # noqa: PLW0603  (state of a worker process)
    started.set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where `submitted` cannot see to it
    _scenarios.update(scenarios)
    _stop = stop


def _do(task: Task) -> tuple[int, int]:
    """Do the runs of a task; return how many were done and how many failed."""
    return _evaluate(
        task, {arm: Scenario.model_validate_json(text) for arm, text in _scenarios.items()}, lambda: bool(_stop.is_set())
    )


def _evaluate(task: Task, scenarios: dict[str, Scenario], stopped: Callable[[], bool]) -> tuple[int, int]:
    rows: list[dict[str, Any]] = []
    parts: dict[str, list[Any]] = {"series": [], "incidents": []}
    failed = 0
    for arm, seed, key in task.runs:
        if stopped():
            break
        try:
            result = run(scenarios[arm], seed)
        except Exception as error:  # noqa: BLE001  (one failing run must not take the others down)
            failed += 1
            _record_failure(task.folder, arm, seed, key, error)
            continue
        rows.append({"arm": arm, "seed": seed, "key": key, **result.outcomes})
        if task.every:
            parts["series"].append(series_table(arm, seed, result.weeks, result.series, task.every))
        if task.incidents:
            names = crossing_names(result.world)
            parts["incidents"].append(incident_table(arm, seed, result.incidents, names))
    if rows:
        name = f"{task.runs[0][2][:12]}-{name_key(*(f'{arm} {seed}' for arm, seed, _ in task.runs)):016x}-{len(rows)}"
        write_shard(task.folder, name, rows, parts)
    return len(rows), failed


def _record_failure(folder: Path, arm: str, seed: int, key: str, error: Exception) -> None:
    record = {"arm": arm, "seed": seed, "error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
    (folder / "failures" / f"{key}.json").write_text(json.dumps(record, indent=1), "utf-8")


def reasons(study: Study) -> list[str]:
    """Tell why runs of a study failed: each reason once, with the arms and the number of runs that it struck."""
    found: dict[str, list[str]] = {}
    for path in sorted((study.folder / "failures").glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        frames = [line.strip() for line in record["trace"].splitlines() if line.strip().startswith("File ")]
        place = frames[-1].split(", in ")[0].removeprefix("File ").replace('"', "") if frames else ""
        found.setdefault(f"{record['error']} ({place})", []).append(record["arm"])
    return [f"{reason}: {len(arms)} run(s) of {', '.join(dict.fromkeys(arms))}" for reason, arms in found.items()]


def tasks_of(experiment: Experiment, study: Study, processes: int) -> tuple[list[Task], int]:
    """Divide the runs that are not kept yet into tasks; return them and the number of runs that are kept."""
    keys = keys_of(experiment)
    kept = study.done()
    todo = [(arm, seed, key) for (arm, seed), key in keys.items() if (arm, seed, key) not in kept]
    arms = len(experiment.scenarios)
    size = min(max(arms * max(1, len(todo) // (arms * processes * 12)), arms), MOST_PER_SHARD)
    file = experiment.file
    tasks = [Task(study.folder, tuple(todo[i : i + size]), file.series_every, file.incidents) for i in range(0, len(todo), size)]
    return tasks, len(keys) - len(todo)


def evaluate(experiment: Experiment, study: Study, processes: int | None = None, report: Report = lambda _: None) -> Progress:
    """Do all runs of an experiment that its study does not hold yet.

    Parameters
    ----------
    experiment : Experiment
        What is asked.
    study : Study
        Where results are kept.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    report : callable, optional
        Called with the progress whenever it changes.

    Returns
    -------
    Progress
        With ``interrupted`` set if Ctrl-C stopped it; what was done is kept.
    """
    processes = processes or os.cpu_count() or 1
    tasks, kept = tasks_of(experiment, study, processes)
    progress = Progress(total=kept + sum(len(task.runs) for task in tasks), kept=kept, done=kept)
    report(progress)
    study.log(f"start: {progress.total - kept} of {progress.total} runs to do, {processes} processes")
    for old in (study.folder / "failures").glob("*.json"):
        old.unlink()
    if tasks:
        warm_up(next(iter(experiment.scenarios.values())))
        for scenario in experiment.scenarios.values():
            try_out(scenario)
    try:
        if processes == 1 or len(tasks) <= 1:
            _in_this_process(experiment, tasks, progress, report)
        else:
            _in_processes(experiment, tasks, min(processes, len(tasks)), progress, report)
    except KeyboardInterrupt:
        progress.interrupted = True
    study.log(f"end: {progress.done} kept, {progress.failed} failed" + (", interrupted" if progress.interrupted else ""))
    return progress


def _in_this_process(experiment: Experiment, tasks: list[Task], progress: Progress, report: Report) -> None:
    with interrupts() as stopped:
        for task in tasks:
            done, failed = _evaluate(task, experiment.scenarios, stopped)
            progress.done += done
            progress.failed += failed
            report(progress)
            if stopped():
                raise KeyboardInterrupt


def _in_processes(experiment: Experiment, tasks: list[Task], processes: int, progress: Progress, report: Report) -> None:
    context = multiprocessing.get_context("spawn")
    scenarios = {arm: scenario.model_dump_json(exclude_none=True) for arm, scenario in experiment.scenarios.items()}
    started = context.Event()
    for attempt in range(REBUILDS + 1):
        stop = context.Event()
        with interrupts() as stopped:
            pool = ProcessPoolExecutor(processes, context, _start_worker, (scenarios, stop, started))
            futures = dict(zip(submitted(pool, _do, tasks), tasks, strict=True))
            try:
                tasks = _collect(futures, stop, stopped, progress, report)
            finally:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
        if stopped():
            raise KeyboardInterrupt
        if not tasks:
            return
        if not started.is_set():
            raise StorageError(DIED_AT_ONCE)
        if attempt == REBUILDS:
            raise StorageError(f"worker processes died {REBUILDS + 1} times (out of memory?); what was done is kept")


def _collect(
    futures: dict[Future[tuple[int, int]], Task], stop: Any, stopped: Callable[[], bool], progress: Progress, report: Report
) -> list[Task]:
    """Gather finished tasks; return those that were lost with a worker that died."""
    waiting, lost = set(futures), []
    while waiting:
        finished, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
        if stopped():
            stop.set()
            waiting = {future for future in waiting if not future.cancel()}
        for future in finished:
            try:
                done, failed = future.result()
            except BrokenProcessPool:
                lost.append(futures[future])
                continue
            progress.done += done
            progress.failed += failed
            report(progress)
    return lost
