"""Lay out the points of a design, and tell which of them no arm can live because violence would feed itself."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import InputError
from sim.lab.design import BLOCKS, Points, block_size, drawn
from sim.lab.experiment import Experiment
from sim.lab.factors import Factor, put, reached
from sim.lab.parallel import mapped
from sim.scenario.schema import Scenario
from sim.scenario.stability import MAX_GAIN, loop_gain, surroundings

AT_ONCE = 50
"""Points that are checked by a process at a time."""
MANY = 1000
"""Points above which more than one process checks them."""
MOST_BATCHES = 50
"""Times that a design is drawn until there are enough points that can be lived."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Points of a design, as a study keeps them.

    Attributes
    ----------
    factors : list of Factor
        What is varied.
    values : array of float, shape (points, factors)
        As scenarios take them.
    unit : array of float, shape (points, factors)
        Positions from 0 to 1 in the ranges; without columns for grids and tables.
    refused : array of bool, shape (points,)
        Points of a grid or table that are not lived: violence would feed itself there.
    replaced : int
        Points of a Latin hypercube, base points of a Sobol design or trajectories in whose place others were drawn, for the same reason.
    """

    factors: list[Factor]
    values: NDArray[np.float64]
    unit: NDArray[np.float64]
    refused: NDArray[np.bool_]
    replaced: int

    def parquet(self) -> bytes:
        """Return them as a file."""
        columns: dict[str, Any] = {"point": pa.array(np.arange(len(self.values)))}
        columns |= {factor.name: pa.array(self.values[:, k]) for k, factor in enumerate(self.factors)}
        columns |= {f"unit {factor.name}": pa.array(self.unit[:, k]) for k, factor in enumerate(self.factors) if self.unit.size}
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns | {"refused": pa.array(self.refused)}), buffer, compression="zstd")
        return buffer.getvalue()


class Applier:
    """Puts the values of a point into the scenario of an arm.

    Parameters
    ----------
    factors : list of Factor
        What is varied.
    scenario : Scenario
        The arm's.
    own : collection of str
        Parameters and levers that the arm sets itself, which stay as it sets them.
    """

    def __init__(self, factors: list[Factor], scenario: Scenario, own: Collection[str] = ()) -> None:
        self.scenario = scenario
        self.reached = [k for k, factor in enumerate(factors) if reached(factor, scenario, own)]
        self.factors = factors
        self._table = scenario.model_dump(mode="json", exclude_none=True)

    def at(self, values: NDArray[np.float64]) -> Scenario:
        """Return the arm's scenario at a point.

        Raises
        ------
        pydantic.ValidationError
            If the point does not fit the scenario.
        """
        if not self.reached:
            return self.scenario
        table = dict(self._table)
        for k in self.reached:
            factor = self.factors[k]
            put(table, factor.path, int(values[k]) if factor.whole else float(values[k]))
        return Scenario.model_validate(table, strict=False)


def laid_out(experiment: Experiment, tick: Callable[[int, int], None], processes: int | None = 1) -> Laid:
    """Lay out the points of an experiment's design.

    Parameters
    ----------
    experiment : Experiment
        One with a design.
    tick : callable
        Called with the number of points that are checked, and of all.
    processes : int, optional
        Worker processes, where there are many points to check; all cores if None.

    Raises
    ------
    InputError
        If a point does not fit a scenario, or too few points can be lived.
    """
    design, factors = experiment.file.design, list(experiment.factors)
    assert design is not None
    found = drawn(design, factors, experiment.where)
    bad = _refused(experiment, found, tick, processes)
    size = block_size(design.kind, len(factors))
    if bad.all() and not size:
        right = f"narrower ranges of incidents, communities and rumours, so that the loop gain is below {MAX_GAIN}"
        raise InputError("violence would feed itself at every point", where=f"{experiment.where}: uncertainties", right=right)
    if not size or not bad.any():
        return Laid(factors, found.values, found.unit, bad, 0)
    whole = np.asarray(~bad.reshape(-1, size).any(axis=1))
    wanted, seen = len(whole), len(whole)
    kept = np.repeat(whole, size)
    values, unit = found.values[kept], found.unit[kept]
    for batch in range(1, MOST_BATCHES):
        more = drawn(design, factors, experiment.where, batch)
        bad = _refused(experiment, more, _further(tick, len(values)), processes)
        whole = np.asarray(~bad.reshape(-1, size).any(axis=1))
        lacking = wanted - len(values) // size
        looked = int(np.flatnonzero(np.cumsum(whole) >= lacking)[0]) + 1 if whole.sum() >= lacking else len(whole)
        seen += looked
        kept = np.repeat(whole & (np.arange(len(whole)) < looked), size)
        values, unit = np.concatenate([values, more.values[kept]]), np.concatenate([unit, more.unit[kept]])
        if len(values) == wanted * size:
            return Laid(factors, values, unit, np.zeros(len(values), bool), seen - wanted)
    raise InputError(
        f"violence would feed itself nearly everywhere: of {seen:,} {BLOCKS[design.kind]} that were drawn, "
        f"{len(values) // size:,} can be lived at all their points",
        where=f"{experiment.where}: uncertainties",
        right=f"fewer of them, or narrower ranges of incidents, communities and rumours, so that the loop gain is mostly below {MAX_GAIN}",
    )


def _further(tick: Callable[[int, int], None], had: int) -> Callable[[int, int], None]:
    return lambda done, total: tick(had + done, had + total)


@dataclass(frozen=True, slots=True)
class _Check:
    """Some points that are checked one after another."""

    scenarios: tuple[tuple[str, tuple[str, ...]], ...]
    """Of each arm, as JSON, with the parameters that it sets itself."""
    factors: tuple[Factor, ...]
    where: str
    first: int
    values: NDArray[np.float64]


def _refused(
    experiment: Experiment, points: Points, tick: Callable[[int, int], None], processes: int | None
) -> NDArray[np.bool_]:
    """Tell at which points some arm's violence would feed itself."""
    scenarios = tuple(
        (scenario.model_dump_json(exclude_none=True), experiment.own.get(arm, ()))
        for arm, scenario in experiment.scenarios.items()
    )
    tasks = [
        _Check(scenarios, experiment.factors, experiment.where, first, points.values[first : first + AT_ONCE])
        for first in range(0, len(points), AT_ONCE)
    ]
    counted = iter(range(1, len(tasks) + 1))

    def told() -> None:
        tick(min(next(counted) * AT_ONCE, len(points)), len(points))

    return np.concatenate(mapped(_checked, tasks, processes if len(points) > MANY else 1, told))


def _checked(check: _Check) -> NDArray[np.bool_]:
    """Check some points; arms that differ in nothing that matters for it are checked once."""
    appliers = [Applier(list(check.factors), Scenario.model_validate_json(text), own) for text, own in check.scenarios]
    around = [surroundings(applier.scenario.region) for applier in appliers]
    moved = any(factor.kind == "uncertainty" for factor in check.factors)
    bad = np.zeros(len(check.values), bool)
    for i, values in enumerate(check.values):
        known: dict[Any, bool] = {}
        for applier, region in zip(appliers, around, strict=True):
            scenario = _fitting(applier, values, check.first + i, check.where)
            edits = [edit for _, edit in scenario.dated_edits()]
            for count in range(len(edits) + 1 if moved else 0):
                case = (scenario.parameters_with(edits[:count]), region)
                if case not in known:
                    known[case] = loop_gain(*case).radius > MAX_GAIN
                bad[i] |= known[case]
            if bad[i]:
                break
    return bad


def _fitting(applier: Applier, values: NDArray[np.float64], point: int, where: str) -> Scenario:
    from pydantic import ValidationError

    try:
        return applier.at(values)
    except ValidationError as error:
        fault = error.errors()[0]
        cause = fault.get("ctx", {}).get("error")
        inner = getattr(cause, "key", "")
        key = ".".join(str(part) for part in (*fault["loc"], *([inner] if inner else [])))
        at = ", ".join(f"{f.name} = {v:g}" for f, v in zip(applier.factors[:6], values, strict=False))
        raise InputError(
            f"point {point} does not fit its scenario: {key}: {fault['msg'].removeprefix('Value error, ')}",
            where=f"{where}: design",
            value=at + (" ..." if len(values) > 6 else ""),
            right=getattr(cause, "right", "") or "ranges that fit together",
        ) from None
