"""Rows of a study's tables: what one run leaves behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from sim.families import KINDS, RUNGS
from sim.outcomes import OUTCOMES
from sim.series import SERIES
from sim.world.tables import ARISE, CLIMB, STOP, Incidents

INDEX = ("arm", "point", "seed")
"""What tells runs of a study apart; ``point`` only where it has a design."""
ORDER = {"runs": (), "series": ("week",), "incidents": ("ended", "incident")}
"""Parts of a study, and what tells the rows of one run apart."""

_INDEX_TYPES = {"arm": pa.string(), "point": pa.int64(), "seed": pa.uint64()}
Run = tuple[str, int, int]
"""A run by its arm, point and seed."""


def index_columns(*, design: bool) -> list[str]:
    """Return the columns that tell runs apart."""
    return [name for name in INDEX if design or name != "point"]


def run_schema(*, design: bool) -> pa.Schema:
    """Return the columns of the table of runs."""
    index = [(name, _INDEX_TYPES[name]) for name in index_columns(design=design)]
    return pa.schema([*index, ("key", pa.string()), *((outcome.name, pa.float64()) for outcome in OUTCOMES)])


def indexed(table: pa.Table, run: Run, *, design: bool) -> pa.Table:
    """Put the columns that tell runs apart before the rows of one run."""
    values, same = dict(zip(INDEX, run, strict=True)), pa.array(np.zeros(table.num_rows, np.int32))
    index = {name: pa.array([values[name]], _INDEX_TYPES[name]).take(same) for name in index_columns(design=design)}
    return pa.table(index | dict(zip(table.column_names, table.columns, strict=True)))


def run_table(rows: list[tuple[Run, str, dict[str, float]]], *, design: bool) -> pa.Table:
    """Turn runs, each with its key and outcomes, into rows."""
    columns: dict[str, Any] = dict(zip(INDEX, zip(*(run for run, _, _ in rows), strict=True), strict=True))
    columns["key"] = [key for _, key, _ in rows]
    columns |= {outcome.name: [outcomes[outcome.name] for _, _, outcomes in rows] for outcome in OUTCOMES}
    schema = run_schema(design=design)
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def series_table(weeks: np.ndarray, series: np.ndarray, every: int) -> pa.Table:
    """Turn one run's series into rows; with `every` > 1, flows are summed and levels taken at the end of each block of weeks."""
    blocks = np.arange(0, len(weeks), every)
    columns: dict[str, Any] = {"week": pa.array(weeks[blocks].astype(np.int32))}
    last = np.minimum(blocks + every, len(weeks)) - 1
    for i, spec in enumerate(SERIES):
        values = np.add.reduceat(series[:, i], blocks) if spec.flow else series[last, i]
        columns[spec.name] = pa.array(values.astype(np.float32))
    return pa.table(columns)


def incident_table(incidents: Incidents, crossing_names: list[str]) -> pa.Table:
    """Turn one run's incidents into rows, codes into words."""

    def words(codes: Any, names: Any) -> pa.Array:
        return pa.array([names[code] for code in codes], pa.string())

    return pa.table(
        {
            "incident": pa.array(incidents.key),
            "crossing": words(incidents.crossing, crossing_names),
            "kind": words(incidents.kind, KINDS),
            "began": pa.array(incidents.began),
            "ended": pa.array(incidents.ended),
            "rung": words(incidents.rung, RUNGS),
            "misread": pa.array(incidents.misread.astype(bool)),
            "arose": words(incidents.arose, ARISE),
            "climbed": words(incidents.climbed, CLIMB),
            "stopped": words(incidents.stopped, STOP),
            "deaths": pa.array(incidents.deaths),
        }
    )
