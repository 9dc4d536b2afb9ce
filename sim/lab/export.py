"""Write a study as CSV files that any program reads, with a dictionary of every column."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sim.errors import InputError, StorageError
from sim.lab.study import Study
from sim.outcomes import BY_NAME, OUTCOMES
from sim.parameters import all_parameters
from sim.series import SERIES

INDEX_WORDS = {
    "arm": "the design that was lived; the reference arm is what the others are compared with",
    "label": "how tables and figures call the arm",
    "point": "of the design: one value for every factor",
    "seed": "which of the possible worlds; arms of the same point and seed share all chance that policy does not touch",
    "key": "of the run: a hash of scenario, seed, outcomes, the simulation's sources and numeric libraries",
    "worlds": "pairs of worlds in which the arm and the reference arm are held against each other",
    "week": "week of the horizon, from 0; for a block of weeks, its first",
    "refused": "true if the point is not lived, because violence would feed itself there",
    "incident": "number of the incident in its world",
    "crossing": "the two communities between which it was",
    "kind": "what it was about",
    "began": "week in which it arose; weeks below 0 are the burn-in",
    "ended": "week in which it ended",
    "rung": "how far it came",
    "misread": "true if it began as a misunderstanding",
    "arose": "why it arose",
    "climbed": "why it last climbed",
    "stopped": "why it stopped",
    "deaths": "people killed",
    "cause": "raised: a fault; overdue: not done within its limit; killed: it ended its worker process",
    "error": "what happened",
    "command": "the command that lives the run again",
    "trace": "where in the code it happened",
}


def export(study: Study, folder: Path) -> list[Path]:
    """Write the tables of a study as CSV, with a data dictionary.

    Parameters
    ----------
    study : Study
        What is exported.
    folder : pathlib.Path
        Where; it is made if need be.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    InputError
        If `folder` is a file.
    StorageError
        If it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("this is a file", where=str(folder), right="a folder (--to)")
    tables: dict[str, Any] = {"runs": study.runs}
    if study.has_design:
        tables["points"] = study.points.reset_index()
        tables["runs"] = tables["runs"].merge(tables["points"].drop(columns="refused"), on="point", how="left")
    for part in ("series", "incidents"):
        if part in study.store.parts:
            tables[part] = getattr(study, part)
    if study.has_design and len(study.arms) > 1:
        tables["effects"] = _effects(study, tables["points"])
    failures = study.failures
    if len(failures):
        tables["failures"] = failures
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
            written.append(folder / f"{name}.csv")
        with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["file", "column", "unit", "meaning", "remark"])
            for name, table in tables.items():
                empty = set(table.columns[table.isna().all()])
                for column in table:
                    remark = "empty: this study has none of it" if column in empty and len(table) else ""
                    unit, meaning = _meaning(study, column)
                    if name == "effects" and column in BY_NAME:
                        meaning = f"{meaning}: mean over worlds of the difference from the reference arm"
                    out.writerow([f"{name}.csv", column, unit, meaning, remark])
        return [*written, folder / "dictionary.csv"]
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written: {error.strerror}") from None


def _effects(study: Study, points: Any) -> Any:
    """Return one row an arm and point: the mean over worlds of the difference from the reference arm in the same world, for every outcome."""
    import pandas as pd

    names = [outcome.name for outcome in OUTCOMES]
    runs = study.runs.set_index(["point", "seed"])
    base = runs.loc[runs["arm"] == study.reference, names]
    parts = []
    for arm in [arm for arm in study.arms if arm != study.reference]:
        differences = runs.loc[runs["arm"] == arm, names] - base
        worlds = differences[names[0]].groupby("point").size().rename("worlds")
        parts.append(differences.groupby("point").mean().join(worlds).reset_index().assign(arm=arm))
    table = pd.concat(parts).merge(points.drop(columns="refused"), on="point", how="left")
    return table[["arm", "point", "worlds", *(name for name in points if name not in {"point", "refused"}), *names]]


def _meaning(study: Study, column: str) -> tuple[str, str]:
    """Tell unit and meaning of a column."""
    known = {name: ("", words) for name, words in INDEX_WORDS.items()}
    known |= {series.name: (series.unit, series.meaning) for series in SERIES}
    known |= {outcome.name: (outcome.unit, outcome.definition) for outcome in OUTCOMES}
    known |= {row.path: (row.declared.unit, row.declared.meaning) for row in all_parameters()}
    if column in known:
        return known[column]
    factor = next((f for f in study.laid.factors if f.name == column), None)
    return ("", "") if factor is None else factor.meaning
