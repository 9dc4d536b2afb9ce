"""Many futures: the two worlds of a session as they would be on other seeds, so that nobody takes one run for the truth."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import StorageError
from sim.lab.effects import mean_interval
from sim.lab.parallel import context, submitted
from sim.scenario.schema import Scenario
from sim.series import INDEX
from sim.week.schedule import live_week
from sim.world.build import build_world

LINES = ("trust", "force", "ties")
"""What is drawn: community trust, incidents of force or worse in the past year per 100,000 residents, live ties."""
EVERY = 4
"""Weeks between two points of a fan."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
YEAR = 52
ALIKE = {"trust": (0.005, 0.0), "force": (0.1, 0.05), "ties": (1.0, 0.05)}
"""How far the two worlds may lie apart on average and still be much the same: so much, or this share of the left one's, whichever is more."""
COLUMNS = [INDEX[name] for name in ("community_trust", "reached_force", "live_ties")]

Floats = NDArray[np.float64]


def future_of(task: tuple[tuple[str, str], int]) -> Floats:
    """Live both worlds on one seed.

    Parameters
    ----------
    task : tuple
        Both scenarios as JSON, and the seed.

    Returns
    -------
    array of float, shape (2, lines, points)
        One value every `EVERY` weeks of each of `LINES`.
    """
    texts, seed = task
    left = _lived(texts[0], seed)
    return np.stack([left, left if texts[1] == texts[0] else _lived(texts[1], seed)])


def _lived(text: str, seed: int) -> Floats:
    world = build_world(Scenario.model_validate_json(text), seed)
    rows = []
    while not world.finished:
        live_week(world)
        if world.week > 0:
            rows.append(world.tally[COLUMNS].copy())
    return lines_of(np.array(rows), world.residents)[:, ::EVERY]


def lines_of(weekly: Floats, residents: float) -> Floats:
    """Return what is drawn of each week, from its trust, incidents that reached force and ties; a first year counts as if it had been whole."""
    so_far = np.concatenate([[0.0], np.cumsum(weekly[:, 1])])
    week = np.arange(1, len(weekly) + 1)
    since = np.maximum(week - YEAR, 0)
    force = (so_far[week] - so_far[since]) / (week - since) * YEAR / residents * 1e5
    return np.stack([weekly[:, 0], force, weekly[:, 2]])


def fans(found: list[Floats]) -> dict[str, Any]:
    """Summarise futures: for each line and world its quantiles at every point, and how the two worlds differ over the whole horizon.

    Parameters
    ----------
    found : list of array, shape (2, lines, points)
        What `future_of` returned, one for each seed.
    """
    every = np.stack(found)
    spread = np.quantile(every, QUANTILES, axis=0)
    told: dict[str, Any] = {"count": len(found), "every": EVERY, "fans": {}, "differences": {}}
    for k, name in enumerate(LINES):
        told["fans"][name] = [[_short(line) for line in spread[:, world, k]] for world in (0, 1)]
        left, right = every[:, 0, k].mean(axis=1), every[:, 1, k].mean(axis=1)
        differences = right - left
        least, share = ALIKE[name]
        near = np.maximum(least, share * left)
        middle = mean_interval(differences)
        told["differences"][name] = {
            "mean": middle.mean,
            "low": middle.low if len(found) > 1 else None,
            "high": middle.high if len(found) > 1 else None,
            "more": int((differences > near).sum()),
            "less": int((differences < -near).sum()),
            "left": float(left.mean()),
        }
    return told


def _short(line: Floats) -> list[float]:
    return [float(f"{value:.5g}") for value in line.tolist()]


class Pool:
    """Worker processes that live futures for all rooms; they are started when they are first needed."""

    def __init__(self, processes: int | None = None) -> None:
        self.processes = processes or max(1, (os.cpu_count() or 2) - 1)
        self._pool: ProcessPoolExecutor | None = None

    async def futures(self, scenarios: tuple[Scenario, Scenario], seeds: range) -> AsyncIterator[Floats]:
        """Live both scenarios on each of some seeds, and yield what comes, in the order of seeds; those left are called off when one stops asking."""
        texts = (scenarios[0].model_dump_json(exclude_none=True), scenarios[1].model_dump_json(exclude_none=True))
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.processes, context())
        waiting = submitted(self._pool, future_of, [(texts, seed) for seed in seeds])
        try:
            for future in waiting:
                yield await asyncio.wrap_future(future)
        except BrokenExecutor:
            self.close()
            self._pool = None
            raise StorageError("a process that lived futures died (out of memory?); ask for them again") from None
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
