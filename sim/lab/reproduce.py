"""Do a study again from what it says of itself, in another directory, and hold the numbers against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, StorageError
from sim.lab.dispatch import Means, Progress, Report
from sim.lab.evaluate import DEFAULT, evaluate
from sim.lab.manifest import identity_of, make
from sim.lab.plan import first_seed_of
from sim.lab.points import Applier
from sim.lab.rows import Run
from sim.lab.run import NUMERIC, provenance
from sim.lab.run import run as live_one
from sim.lab.study import Study
from sim.outcomes import OUTCOMES

Floats = NDArray[np.float64]
TOLERANCE = 1e-6
"""Relative difference up to which two outcomes are the same under other versions."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How a study came out when it was done again.

    Attributes
    ----------
    folder : pathlib.Path
        The new study.
    runs : int
        Runs that both hold.
    identical : int
        Of them, those whose outcomes are all the same to the last bit.
    close : int
        Of them, those whose outcomes all differ by no more than `TOLERANCE`, relatively.
    missing : int
        Runs that only one of the two holds.
    differs : dict of str to (str, str)
        What has another version here: name to what it was and is. Only those of `numeric` can change a number.
    worst : str
        The outcome that differs most, if one does.
    progress : Progress
        Of the new study.
    """

    folder: Path
    runs: int
    identical: int
    close: int
    missing: int
    differs: dict[str, tuple[str, str]]
    worst: str
    progress: Progress

    @property
    def numeric(self) -> list[str]:
        """What differs and can change numbers."""
        return [name for name in self.differs if name in ("sources", "machine", *NUMERIC)]

    @property
    def held(self) -> bool:
        """Whether it came out as it has to: identical under the same versions, within the tolerance under others; all of it."""
        return self.missing == 0 and (self.close if self.numeric else self.identical) == self.runs

    def document(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "runs": self.runs,
            "identical": self.identical,
            "close": self.close,
            "tolerance": TOLERANCE,
            "missing": self.missing,
            "differs": {name: list(pair) for name, pair in self.differs.items()},
            "numeric": self.numeric,
            "worst": self.worst,
            "reproduced": self.held,
        }


def opened_manifest(path: Path) -> Study:
    """Open the study of a manifest, or of its directory.

    Raises
    ------
    StorageError
        If there is none, or it is damaged.
    """
    return Study.open(path.parent if path.name == "study.json" else path)


def differing(study: Study) -> dict[str, tuple[str, str]]:
    """Tell what has another version here than a study was made with."""
    there, here = study.manifest["provenance"], provenance()
    names = list(dict.fromkeys([*there, *here]))
    return {n: (str(there.get(n)), str(here.get(n))) for n in names if there.get(n) != here.get(n)}


def reproduce(study: Study, folder: Path, means: Means = DEFAULT, report: Report = lambda _: None) -> Reproduction:
    """Do the runs that a study holds again in another directory, and compare.

    Parameters
    ----------
    study : Study
        What is done again: its scenarios, points and seeds as it keeps them.
    folder : pathlib.Path
        Where; a reproduction that was interrupted goes on.
    means : Means
        By what means.
    report : callable, optional
        Called with the progress whenever it changes.

    Raises
    ------
    InputError
        If `folder` is the study itself, or holds something else.
    KeyboardInterrupt
        If interrupted; what was done is kept.
    """
    if folder.resolve() == study.folder.resolve():
        raise InputError("this is the study itself", where=str(folder), right="another folder (--out)")
    runs = study.runs
    points = runs["point"].to_numpy() if study.has_design else np.zeros(len(runs), np.int64)
    held = set(zip(runs["arm"].astype(str), points.tolist(), runs["seed"].tolist(), strict=True))
    turns = study.turn_of(runs["seed"].to_numpy(), points)
    asked = {"seeds": int(turns.max()) + 1 if len(runs) else 1, "until": None}
    manifest = study.manifest | asked | {"provenance": provenance(), "outcomes": [outcome.name for outcome in OUTCOMES]}
    manifest = manifest | {"identity": identity_of(manifest)}
    _ = study.scenarios  # tell now if they do not fit this version
    try:
        if not (folder / "study.json").exists():
            if folder.exists() and any(folder.iterdir()):
                raise InputError("this folder is not empty and holds no study", where=str(folder), right="a new folder (--out)")
            make(folder, manifest, study.laid if study.has_design else None)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written: {error.strerror}") from None
    again = Study.open(folder)
    if again.manifest["identity"] != manifest["identity"]:
        raise InputError("this folder holds another study", where=str(folder), right="a new folder (--out)")
    progress = evaluate(again, means, report, held)
    if progress.interrupted:
        raise KeyboardInterrupt
    return _compared(study, again, progress)


def _compared(study: Study, again: Study, progress: Progress) -> Reproduction:
    names = [name for name in study.manifest["outcomes"] if name in again.manifest["outcomes"]]
    both = study.runs.astype({"arm": str}).merge(again.runs.astype({"arm": str}), on=study.index, suffixes=("", " again"))
    a, b = both[names].to_numpy(float), both[[f"{name} again" for name in names]].to_numpy(float)
    missing = len(study.runs) + len(again.runs) - 2 * len(both)
    return _held_together(study, again.folder, names, a, b, missing, progress)


def _held_together(
    study: Study, folder: Path, names: list[str], a: Floats, b: Floats, missing: int, progress: Progress
) -> Reproduction:
    """Compare outcomes, one row a run."""
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    off = np.where(same, 0.0, np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-300))
    off = np.where(np.isnan(off), np.inf, off)
    worst = "" if same.all() or not off.size else _worst(names, off, a, b)
    close = int((off <= TOLERANCE).all(axis=1).sum())
    return Reproduction(folder, len(a), int(same.all(axis=1).sum()), close, missing, differing(study), worst, progress)


def _worst(names: list[str], off: Any, a: Any, b: Any) -> str:
    row, column = np.unravel_index(int(off.argmax()), off.shape)
    return f"{names[column]}: {a[row, column]:.9g}, now {b[row, column]:.9g}"


def reproduce_run(study: Study, run: Run) -> Reproduction:
    """Live one run of a study again, and compare.

    Raises
    ------
    InputError
        If the study has no such run.
    Exception
        Whatever the run raises.
    """
    arm, point, seed = run
    if arm not in study.arms:
        raise InputError("no such arm", where="--arm", value=arm, right=f"one of: {', '.join(study.arms)}")
    if not 0 <= point < len(study.laid.values):
        raise InputError("no such point", where="--point", value=point, right=f"0 to {len(study.laid.values) - 1:,}")
    first = int(first_seed_of(study.manifest["first_seed"], study.manifest["design"], point))
    known = study.runs
    lived = known.loc[(known["arm"] == arm) & ((known["point"] == point) if study.has_design else True), "seed"]
    if seed not in set(lived) and not first <= seed < first + study.manifest["seeds"]:
        right = f"one of those that it asks for there: {first} to {first + study.manifest['seeds'] - 1}"
        raise InputError("the study has no such seed at this point", where="--seed", value=seed, right=right)
    scenario = Applier(study.laid.factors, study.scenarios[arm], study.own_of(arm)).at(study.laid.values[point])
    now = live_one(scenario, seed).outcomes
    try:
        then = study.outcomes_of(arm, seed, point)
    except KeyError:
        return Reproduction(study.folder, 0, 0, 0, 0, differing(study), "", Progress())
    names = [name for name in then if name in now]
    a, b = np.array([[then[name] for name in names]]), np.array([[now[name] for name in names]])
    return _held_together(study, study.folder, names, a, b, 0, Progress())
