"""The Python door to the lab."""

from __future__ import annotations

from pathlib import Path

from sim.errors import InputError, RunsFailedError, checked_path
from sim.lab.dispatch import Means
from sim.lab.evaluate import evaluate
from sim.lab.experiment import Experiment, load_experiment
from sim.lab.manifest import default_folder
from sim.lab.study import Study


def compare(
    experiment: str | Path | Experiment, out: str | Path | None = None, *, seeds: int | None = None, processes: int | None = 1
) -> Study:
    """Live through all arms of an experiment and keep the results in a study directory.

    Parameters
    ----------
    experiment : str, pathlib.Path or Experiment
        Built-in name, path of a ``.toml`` file, or an experiment.
    out : str or pathlib.Path, optional
        Study directory, ``results/NAME-HASH`` if not given; a study that is there already goes on where it stopped, and may be asked for more seeds.
    seeds : int, optional
        Replicates instead of the file's.
    processes : int, optional
        Worker processes, None for all cores. A script that uses more than one needs the usual ``if __name__ == "__main__":``.

    Returns
    -------
    Study
        With ``runs``, ``series`` and, if asked for, ``incidents`` as tables.

    Raises
    ------
    InputError
        If the experiment has a design, which `sweep` lives.
    RunsFailedError
        If some runs failed; the others are kept.
    KeyboardInterrupt
        If interrupted; what was done is kept.
    """
    loaded = experiment if isinstance(experiment, Experiment) else load_experiment(experiment, seeds)
    if loaded.file.design is not None:
        raise InputError(
            "this experiment has a design", where=f"{loaded.where}: design", right="sim.sweep(...), bridgework sweep"
        )
    return sweep(loaded, out, processes=processes)


def sweep(
    experiment: str | Path | Experiment,
    out: str | Path | None = None,
    *,
    seeds: int | None = None,
    processes: int | None = 1,
    limit: float | None = None,
    scheduler: str = "",
) -> Study:
    """Live through all arms of an experiment at every point of its design, and keep the results in a study directory.

    Parameters
    ----------
    experiment : str, pathlib.Path or Experiment
        Built-in name, path of a ``.toml`` file, or an experiment; without a design, its arms are lived as they are.
    out : str or pathlib.Path, optional
        Study directory, ``results/NAME-HASH`` if not given; a study that is there already goes on where it stopped, and may be asked for more seeds.
    seeds : int, optional
        Worlds of each arm at each point, instead of the file's.
    processes : int, optional
        Worker processes, None for all cores. A script that uses more than one needs the usual ``if __name__ == "__main__":``.
    limit : float, optional
        Seconds that a run may take; one that takes longer fails, and the others go on. Runs are then lived in a process of their own, for which a
        script needs that line even with one.
    scheduler : str
        Address of a Dask scheduler, to use its workers instead of processes of this machine.

    Returns
    -------
    Study
        With ``points``, ``runs``, ``series`` and, if asked for, ``incidents`` as tables.

    Raises
    ------
    RunsFailedError
        If some runs failed; the others are kept.
    KeyboardInterrupt
        If interrupted; what was done is kept.
    """
    means = Means(processes, scheduler, limit)
    loaded = experiment if isinstance(experiment, Experiment) else load_experiment(experiment, seeds)
    folder = default_folder(loaded) if out is None else checked_path(out, "out")
    study = Study.create(folder, loaded, processes=processes)
    progress = evaluate(study, means)
    if progress.interrupted:
        raise KeyboardInterrupt
    if progress.failed:
        raise RunsFailedError(f"{progress.failed} of {progress.total} runs failed; see {study.folder / 'failures'}")
    return study
