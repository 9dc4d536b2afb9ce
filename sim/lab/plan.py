"""Which runs a study asks for, in the order in which they are done: world by world, so that whole pairs come first."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.lab.points import Applier
from sim.lab.rows import Run

if TYPE_CHECKING:
    from sim.lab.study import Study

SEEDS_A_POINT = 1_000_000
"""Seeds set apart for each point, where points do not share their worlds."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run to be done.

    Attributes
    ----------
    runs : tuple of Run
        Runs of the study that it stands for: more than one where arms or points do not differ in anything that reaches them.
    """

    runs: tuple[Run, ...]

    @property
    def run(self) -> Run:
        """The one that names it."""
        return self.runs[0]


def first_seed_of(first: int, design: dict[str, Any] | None, point: Any) -> Any:
    """Return the seed of the first world of a point, or of several."""
    if design is None or design["shared"]:
        return first
    return first + np.asarray(point, np.uint64) * np.uint64(SEEDS_A_POINT)


@dataclass(frozen=True, slots=True)
class Plan:
    """All runs that a study may ask for.

    Attributes
    ----------
    arms : list of str
        The reference arm first.
    first : array of int
        Seed of the first world of each point.
    lived : array of int
        Points that are lived.
    same : dict of str to array of int, shape (points,)
        For each arm: the first point at which it is lived as at each one.
    """

    arms: list[str]
    first: list[int]
    lived: list[int]
    same: dict[str, list[int]]

    @classmethod
    def of(cls, study: Study) -> Plan:
        """Plan a study over its points."""
        design, laid = study.manifest["design"], study.laid
        count, scenarios = len(laid.values), study.scenarios
        first = np.broadcast_to(first_seed_of(study.manifest["first_seed"], design, np.arange(count)), count)
        lived = np.flatnonzero(~laid.refused)
        same: dict[str, list[int]] = {}
        for arm, scenario in scenarios.items():
            columns = Applier(laid.factors, scenario, study.own_of(arm)).reached
            at = np.arange(count)
            if design is not None and design["shared"] and lived.size:
                _, where, group = np.unique(laid.values[lived][:, columns], axis=0, return_index=True, return_inverse=True)
                at[lived] = lived[where[group.ravel()]] if columns else lived[0]
            same[arm] = at.tolist()
        return cls(list(scenarios), [int(f) for f in first], lived.tolist(), same)

    def orders(self, turns: range, kept: Container[Run], asked: Container[tuple[str, int]] | None = None) -> Iterator[Order]:
        """List what is to be done.

        Parameters
        ----------
        turns : range
            Worlds of each point, counted from 0.
        kept : container of Run
            Runs that need not be done.
        asked : container of (arm, point), optional
            Only these.
        """
        for turn in turns:
            groups: dict[tuple[str, int], list[Run]] = {}
            for point in self.lived:
                for arm in self.arms:
                    run = (arm, point, self.first[point] + turn)
                    if run not in kept and (asked is None or (arm, point) in asked):
                        groups.setdefault((arm, self.same[arm][point]), []).append(run)
            for runs in groups.values():
                yield Order(tuple(runs))

    def count(self, turns: range, kept: Container[Run], asked: Container[tuple[str, int]] | None = None) -> tuple[int, int]:
        """Count the runs that `turns` ask for, and how many of them are to be done."""
        cells = [(arm, point) for point in self.lived for arm in self.arms if asked is None or (arm, point) in asked]
        todo = sum((arm, point, self.first[point] + turn) not in kept for turn in turns for arm, point in cells)
        return len(cells) * len(turns), todo
