"""Designs: at which points of what is varied an experiment lives its arms.

A *point* is one value for every factor. Grids take all combinations, Latin hypercubes spread points evenly over all ranges, Sobol and Morris
designs are those from which sensitivity indices can be computed, and a table lists points as a CSV file has them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.errors import InputError, Misfit
from sim.lab.ensemble import Ensemble, read_ensemble
from sim.lab.factors import Factor
from sim.scenario.tables import Strict
from sim.scenario.text import read_text

KINDS = ("grid", "latin_hypercube", "sobol", "morris", "table", "ensemble")
MOST_POINTS = 10_000_000
SIZES = {
    "latin_hypercube": "points",
    "sobol": "base_points",
    "morris": "trajectories",
    "table": "file",
    "grid": "steps",
    "ensemble": "file",
}
"""The key that says how large a design of each kind is."""
SAMPLES = ("latin_hypercube", "ensemble")
"""Designs whose points stand for all that might be: their means have intervals over points."""
LEFT_ASIDE = ("point", "refused")
"""Columns of an exported table of points that a table of points need not leave out."""
MORRIS_LEVELS = 4
BLOCKS = {"latin_hypercube": "points", "sobol": "base points", "morris": "trajectories"}
"""What a design of each kind that is drawn at random is made of; one of them is replaced where it cannot be lived."""


def block_size(kind: str, factors: int) -> int:
    """Return the points of one of `BLOCKS`; 0 for grids and tables."""
    return {"latin_hypercube": 1, "sobol": factors + 2, "morris": factors + 1}.get(kind, 0)


class DesignTable(Strict):
    """What an experiment file says of its design."""

    kind: Literal["grid", "latin_hypercube", "sobol", "morris", "table", "ensemble"]
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] | None = Field(default=None, description="points of a Latin hypercube")
    base_points: Annotated[int, Field(ge=2, le=MOST_POINTS)] | None = Field(
        default=None, description="base points of a Sobol design, a power of two; times the number of factors plus two"
    )
    trajectories: Annotated[int, Field(ge=2, le=MOST_POINTS)] | None = Field(
        default=None, description="trajectories of a Morris design; times the number of factors plus one"
    )
    steps: Annotated[int, Field(ge=2, le=1000)] | None = Field(
        default=None, description="values that a grid takes of a range that does not say its own steps"
    )
    members: Annotated[int, Field(ge=2, le=MOST_POINTS)] | None = Field(
        default=None, description="members of an ensemble, the first so many; all if not given"
    )
    file: str | None = Field(
        default=None,
        description="CSV file, relative to this one: one column a factor, one row a point; an ensemble, from bridgework calibrate",
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        default=0, description="of the design itself; the worlds have their own"
    )
    common_seeds: bool | None = Field(
        default=None, description="whether all points live the same worlds; usual but for Latin hypercubes and ensembles"
    )

    @model_validator(mode="after")
    def _size_is_its_own(self) -> Self:
        own = SIZES[self.kind]
        said = {key for key in (*SIZES.values(), "members") if getattr(self, key) is not None}
        for key in said - ({own, "members"} if self.kind == "ensemble" else {own}):
            raise Misfit(f"says nothing of a design of the kind {self.kind}", key=key, value=getattr(self, key), right=own)
        if own not in said and self.kind != "grid":
            raise Misfit("how large is it?", key=own, right=f"{own} = ...")
        if self.kind == "sobol" and self.base_points is not None and self.base_points & (self.base_points - 1):
            near = 2 ** round(math.log2(self.base_points))
            raise Misfit("not a power of two", key="base_points", value=self.base_points, right=f"{near}, for example")
        return self

    @property
    def shared(self) -> bool:
        """Whether all points live the same worlds, so that they differ by nothing but the factors."""
        return self.kind not in SAMPLES if self.common_seeds is None else self.common_seeds


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a design.

    Attributes
    ----------
    values : array of float, shape (points, factors)
        As scenarios take them.
    unit : array of float, shape (points, factors)
        Positions from 0 to 1 in the ranges; empty for grids and tables.
    """

    values: NDArray[np.float64]
    unit: NDArray[np.float64]

    def __len__(self) -> int:
        """Count them."""
        return len(self.values)


def sized(design: DesignTable, factors: list[Factor], where: str) -> int:
    """Count the points of a design, but of a table, without making them.

    Raises
    ------
    InputError
        If there are too many, or nothing is varied.
    """
    if not factors:
        right = "a table [uncertainties] or [levers] with at least one name and its range"
        raise InputError("a design that varies nothing", where=f"{where}: design", right=right)
    count = {
        "grid": lambda: math.prod(len(factor.grid(design.steps or 3)) for factor in factors),
        "latin_hypercube": lambda: design.points or 0,
        "sobol": lambda: (design.base_points or 0) * block_size("sobol", len(factors)),
        "morris": lambda: (design.trajectories or 0) * block_size("morris", len(factors)),
        "table": lambda: 0,
        "ensemble": lambda: 0,
    }[design.kind]()
    if count > MOST_POINTS:
        raise InputError("too many points", where=f"{where}: design", value=count, right=f"at most {MOST_POINTS:,}")
    return count


def drawn(design: DesignTable, factors: list[Factor], where: str, batch: int = 0) -> Points:
    """Make the points of a design.

    Parameters
    ----------
    design : DesignTable
        What the file says.
    factors : list of Factor
        What is varied.
    where : str
        The file.
    batch : int
        How many were drawn before, of which too few could be lived.

    Raises
    ------
    InputError
        If the table of points is wrong, or there are too many.
    """
    sized(design, factors, where)
    if design.kind == "grid":
        axes = [factor.grid(design.steps or 3) for factor in factors]
        values = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
        return Points(values, np.empty((len(values), 0)))
    if design.kind == "table":
        values = _listed(design, factors, where)
        return Points(values, np.empty((len(values), 0)))
    if design.kind == "ensemble":
        return Points(ensemble_of(design, where).taken([f.name for f in factors], design.members, where), np.empty((0, 0)))
    unit = _unit(design, len(factors), batch)
    return Points(np.stack([factor.at(unit[:, k]) for k, factor in enumerate(factors)], axis=1), unit)


def _unit(design: DesignTable, count: int, batch: int) -> NDArray[np.float64]:
    if design.kind == "latin_hypercube":
        from scipy.stats import qmc

        rng = np.random.default_rng([design.seed, batch] if batch else design.seed)
        return np.asarray(qmc.LatinHypercube(count, rng=rng).random(design.points))
    problem, seed = (
        problem_of(count),
        int(np.random.SeedSequence([design.seed, batch]).generate_state(1)[0]) if batch else design.seed,
    )
    if design.kind == "sobol":
        from SALib.sample import sobol

        return np.asarray(sobol.sample(problem, design.base_points, calc_second_order=False, seed=seed))
    from SALib.sample import morris

    return np.asarray(morris.sample(problem, design.trajectories, num_levels=MORRIS_LEVELS, seed=seed))


def problem_of(count: int) -> dict[str, Any]:
    """Describe factors to the library of designs, all from 0 to 1."""
    return {"num_vars": count, "names": [str(k) for k in range(count)], "bounds": [[0.0, 1.0]] * count}


def table_hash(design: DesignTable, where: str) -> str:
    """Hash the table of points of a design, if it has one."""
    if design.kind == "ensemble":
        return ensemble_of(design, where).digest
    return hashlib.sha256(_table_text(design, where).encode()).hexdigest() if design.file is not None else ""


def ensemble_of(design: DesignTable, where: str) -> Ensemble:
    """Return the ensemble that a design names."""
    return read_ensemble(Path(where).parent / str(design.file))


def _table_text(design: DesignTable, where: str) -> str:
    path = Path(where).parent / str(design.file)
    return read_text(path, most=1_000_000_000, a_path="the path of a .csv file", save="save the file as CSV in UTF-8")


def _listed(design: DesignTable, factors: list[Factor], where: str) -> NDArray[np.float64]:
    """Read a table of points."""
    path = Path(where).parent / str(design.file)
    read = csv.reader(io.StringIO(_table_text(design, where)))
    lines, rows = [], []
    for row in read:
        if any(cell.strip() for cell in row):  # blank lines are no points
            lines.append(read.line_num)
            rows.append(row)
    head = [cell.strip() for cell in rows[0]] if rows else []
    if len(head) == 1 and ";" in head[0]:
        raise InputError(
            "cells are parted by semicolons", where=f"{path}: line 1", value=head[0][:200], right="commas between cells"
        )
    names = [factor.name for factor in factors]
    if sorted(name for name in head if name not in LEFT_ASIDE) != sorted(names):
        missing, more = [n for n in names if n not in head], [n for n in head if n not in names and n not in LEFT_ASIDE]
        said = (
            f"missing: {', '.join(missing[:5])}{f' and {len(missing) - 5} more' if len(missing) > 5 else ''}"
            if missing
            else f"not varied: {', '.join(more[:5])}"
            if more
            else "a column twice"
        )
        right = f"a first row with exactly the names of [uncertainties] and [levers]: {','.join(names[:20])}"
        raise InputError(f"columns do not fit ({said})", where=f"{path}: line 1", value=",".join(head)[:200], right=right)
    out = np.empty((len(rows) - 1, len(factors)))
    for k, factor in enumerate(factors):
        column = head.index(factor.name)
        for i, row in enumerate(rows[1:]):
            at = f"{path}: line {lines[i + 1]}, {factor.name}"
            if len(row) != len(head):
                where_, right = f"{path}: line {lines[i + 1]}", f"a cell for each of: {','.join(head)[:200]}"
                raise InputError(f"{len(row)} cells instead of {len(head)}", where=where_, value=",".join(row)[:200], right=right)
            out[i, k] = _cell(row[column], factor, at)
    if not len(out):
        raise InputError("no point in it", where=str(path), right="a row for each point")
    return out


def _cell(text: str, factor: Factor, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("not a number", where=where, value=text, right=factor.words)
    if factor.values and value not in factor.values:
        raise InputError("not one of its values", where=where, value=value, right=factor.words)
    if not factor.low <= value <= factor.high or (factor.whole and value != round(value)):
        raise InputError("out of its range", where=where, value=value, right=factor.words)
    return value
