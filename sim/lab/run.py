"""One run: a scenario and a seed in, weekly series and outcomes out."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.about import MODEL_VERSION, __version__
from sim.columns import picked
from sim.lab.trial import check_levels
from sim.outcomes import OUTCOMES, summarise
from sim.registry import registered, sources
from sim.scenario.reading import load_scenario
from sim.scenario.schema import Scenario
from sim.series import SERIES, series_index
from sim.week.incidents import ended
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.tables import Incidents, LethalEvents
from sim.world.world import World

NUMERIC = ("numpy", "numba", "llvmlite")
"""Dependencies that can change a number of a run."""


@dataclass(slots=True, repr=False)
class Run:
    """What one run yields.

    Attributes
    ----------
    seed : int
        Its seed.
    weeks : array of int, shape (weeks,)
        Weeks of the horizon, from 0.
    series : array of float, shape (weeks, series)
        One column per series of `sim.series.SERIES`.
    outcomes : dict
        One number per outcome.
    incidents : Incidents
        Table of the incidents that ended, with their causes; burn-in included.
    lethal : LethalEvents
        Table of the lethal events of the horizon.
    spending : dict
        Euro by programme and item.
    world : World
        The world at the end.
    """

    seed: int
    weeks: NDArray[np.int64]
    series: NDArray[np.float64]
    outcomes: dict[str, float]
    incidents: Incidents
    lethal: LethalEvents
    spending: dict[str, dict[str, float]]
    world: World

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Weekly values of one series."""
        return self.series[:, series_index(name, "run")]

    def __repr__(self) -> str:
        """Name the scenario and the seed."""
        return f"<Run of {self.world.scenario.title!r}, seed {self.seed}: {self.weeks.size} weeks>"


class OverdueError(Exception):
    """A run that was not done within its limit."""


def run(scenario: str | Path | Scenario, seed: int, limit: float | None = None) -> Run:
    """Live through a scenario once.

    Parameters
    ----------
    scenario : str, pathlib.Path or Scenario
        Built-in name, path of a ``.toml`` file, or a scenario.
    seed : int
        0 to 2⁶⁴−1.
    limit : float, optional
        Seconds that it may take.

    Raises
    ------
    OverdueError
        If it takes longer; this is noticed between two weeks.
    """
    began = time.monotonic()
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    return finish(build_world(loaded, seed), seed, None if limit is None else began + limit)


def finish(world: World, seed: int, until: float | None = None) -> Run:
    """Live a world to its end, or to a moment on the clock that never goes back, and gather what was recorded over the horizon."""
    rows = []
    while not world.finished:
        if until is not None and time.monotonic() > until:
            come = f"week {world.week} of {world.scenario.weeks}" + (" (weeks below 0 are the burn-in)" if world.week < 0 else "")
            raise OverdueError(f"not done within its limit; it had come to {come}")
        live_week(world)
        if world.week > 0:
            rows.append(world.tally.copy())
    if world.scenario.named:
        check_levels(world, f"at the end, with {', '.join(world.scenario.named)}")
    series = np.array(rows)
    series[:, _absent(world.scenario)] = np.nan
    first = world.week - len(rows)
    outcomes = summarise({s.name: series[:, i] for i, s in enumerate(SERIES)}, world.residents)
    spending = {programme.name: dict(programme.purse.items) for programme in world.programmes}
    happened = picked(world.lethal, np.arange(world.lethal_events))
    lethal = picked(happened, np.flatnonzero(happened.week >= first))
    return Run(seed, np.arange(first, world.week), series, outcomes, ended(world), lethal, spending, world)


def _absent(scenario: Scenario) -> list[int]:
    """Levels that are counted by registered rules which take no part in a scenario: there are none, which is not zero."""
    owners = registered().owners
    return [i for i, s in enumerate(SERIES) if not s.flow and s.name in owners and owners[s.name] not in scenario.named]


def crossing_names(world: World) -> list[str]:
    """Name of each crossing, after its two communities."""
    return [
        f"{world.community_names[a]} - {world.community_names[b]}"
        for a, b in zip(world.crossings.a, world.crossings.b, strict=True)
    ]


@cache
def provenance() -> dict[str, Any]:
    """Tell what a number depends on besides scenario and seed: versions, sources, machine."""
    return {
        "bridgework": __version__,
        "model": MODEL_VERSION,
        "sources": sources(),
        "own_rules": dict(sorted((name, Path(file).name) for name, file in registered().files.items())),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        **{name: version(name) for name in (*NUMERIC, "scipy", "pandas", "pyarrow", "mesa")},
    }


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as canonical JSON, everything resolved."""
    return json.dumps(scenario.model_dump(mode="json", exclude_none=True), sort_keys=True, ensure_ascii=False)


def plain_text(scenario: Scenario) -> str:
    """Return a scenario as canonical JSON, without its texts, which change no number."""
    table = scenario.model_dump(mode="json", exclude_none=True, exclude={"title", "description", "about"})
    return json.dumps(table, sort_keys=True, ensure_ascii=False)


@cache
def made_by() -> str:
    """Tell what a run's numbers depend on besides its scenario and seed: sources, own rules, numeric dependencies, kind of processor."""
    return "\x1f".join([sources(), *(f"{n}={version(n)}" for n in NUMERIC), platform.machine()])


def run_key(text: str, seed: int) -> str:
    """Key of a run: a hash of its scenario with its horizon, its seed, the names of outcomes, and what `made_by` tells."""
    parts = [text, str(seed), ",".join(outcome.name for outcome in OUTCOMES), made_by()]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
