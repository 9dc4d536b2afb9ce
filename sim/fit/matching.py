"""Match a scenario to recorded events: simulated lethal events, seen through the same eyes, are to look like the recorded ones.

Lethal events are only the top of what happens: incidents that end earlier are in no dataset, yet they echo. Parameters are therefore
not read off a fit but sought by simulation (the method of simulated moments: McFadden 1989): worlds are lived with many values of four
of them, a plane is laid through what comes out, and the values at which it meets what was recorded are tried next. Twice: with echoes
and a steady background, and with a drifting background and no echoes, since counts can seldom tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.declare import declarations
from sim.errors import InputError
from sim.fit.process import Fits
from sim.lab.parallel import mapped
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.parameters.incidents import IncidentParameters
from sim.scenario.reading import make_scenario, overlay
from sim.scenario.schema import Scenario

F64 = NDArray[np.float64]
LAGS = 8
"""Weeks of lag over which autocorrelation is matched."""
PATTERN = ("lethal events a week", "variance / mean", "lag-1 correlation", f"correlation at lags 2 to {LAGS}")
"""What is matched."""
ROUNDS, EACH_ROUND, LAST = 7, 32, 40
"""Rounds of the search, worlds lived in each, and worlds lived with what was found."""
SCOUTS = 8
"""Worlds lived first, to bring the number of events near the recorded one."""
_CLOSE = np.array([0.1, 0.1, 0.03, 0.03])
"""How closely each is to be matched: the first as a share of what was recorded, the second as a logarithm."""
_NARROWER, _HELD, _FAR = 0.8, 0.3, 15.0
"""By how much the search narrows each round, how strongly it is held back, and how far off a world may count at most."""
ACTORS = "region.armed_actors"


@dataclass(frozen=True, slots=True)
class _Number:
    """A number that is sought: its place in a scenario, the distance that is tried at first, and whether that is one of logarithms."""

    path: str
    reach: float
    log: bool
    low: float
    high: float


def _incidents(name: str, reach: float, *, log: bool = False) -> _Number:
    own = next(one for one in declarations("incidents", IncidentParameters) if one.name == name).declared
    return _Number(f"parameters.incidents.{name}", reach, log, own.low, own.high)


_ALWAYS = (_Number(ACTORS, 0.5, log=True, low=0.01, high=100.0), _incidents("armed_at_once", 0.15))
_STEADY = {"mechanisms": {"self_excitation": True, "drifting_baseline": False}}
_SILENT = {"mechanisms": {"self_excitation": True, "drifting_baseline": True}, "parameters": {"incidents": {"branching": 0.0}}}
WAYS: dict[str, tuple[dict[str, Any], tuple[_Number, ...]]] = {
    "echoes": (_STEADY, (*_ALWAYS, _incidents("branching", 0.15), _incidents("echo_weeks", 0.5, log=True))),
    "drift": (_SILENT, (*_ALWAYS, _incidents("drift_spread", 0.4), _incidents("drift_half_life", 0.6, log=True))),
}
"""The two ways in which events may cluster: what is laid over the scenario, and the numbers that are sought.

Events that follow each other within a week belong to one clash; that they do is no echo, and may be so in both.
"""
WORLDS = len(WAYS) * (2 * SCOUTS + ROUNDS * EACH_ROUND + LAST)
"""Worlds lived in all, for whoever shows the progress."""


def pattern(counts: NDArray[np.int64]) -> F64:
    """Return what is matched, of the weekly counts of one area; NaN where there are too few events.

    Parameters
    ----------
    counts : array of int, shape (weeks,)
        Lethal events.

    Returns
    -------
    array, shape (4,)
        As in `PATTERN`.
    """
    deviations = counts - counts.mean()
    variance = float((deviations**2).mean())
    if variance == 0.0:
        return np.array([counts.mean(), math.nan, math.nan, math.nan])
    lags = autocorrelation(counts, LAGS)
    return np.array([counts.mean(), variance / counts.mean(), lags[0], lags[1:].mean()])


def autocorrelation(counts: NDArray[np.int64], most: int) -> F64:
    """Return the correlation of weekly counts with those 1 to `most` weeks later, shape (most,)."""
    deviations = counts - counts.mean()
    whole = float((deviations**2).sum())
    return np.array(
        [float((deviations[:-lag] * deviations[lag:]).sum()) / whole if whole else math.nan for lag in range(1, most + 1)]
    )


def _scaled(patterns: F64, rate: float) -> F64:
    """Return patterns with rates as shares of one, and logarithms of what is skewed, so that single wild worlds do not rule."""
    out = np.array(patterns)
    out[..., 0] /= rate
    out[..., 1] = np.log(out[..., 1])
    return out


@dataclass(frozen=True, slots=True)
class Matched:
    """A scenario that was matched in one way.

    Attributes
    ----------
    way : str
        ``"echoes"`` or ``"drift"``.
    values : dict of str to float
        What was found, by path in the scenario.
    at_end : list of str
        Those of them that lie at the end of their range: there the scenario would have to go further than it may.
    table : dict
        What is to be laid over the scenario.
    counts : list of array of int, shape (weeks,)
        Weekly lethal events of worlds lived with it.
    recorded : array, shape (4,)
        `PATTERN` as recorded, mean over areas.
    """

    way: str
    values: dict[str, float]
    at_end: list[str]
    table: dict[str, Any]
    counts: list[NDArray[np.int64]]
    recorded: F64

    @property
    def simulated(self) -> F64:
        """`PATTERN` of each world, shape (worlds, 4)."""
        return np.array([pattern(one) for one in self.counts])


def _lived(task: tuple[str, int, int]) -> NDArray[np.int64]:
    text, seed, weeks = task
    result = run(Scenario.model_validate_json(text), seed)
    return np.bincount(result.lethal.week[result.lethal.week < weeks], minlength=weeks).astype(np.int64)


class _Search:
    """A search for the numbers of one way."""

    def __init__(
        self,
        scenario: Scenario,
        way: str,
        always: dict[str, Any],
        counts: NDArray[np.int64],
        processes: int | None,
        tick: Callable[[], None],
    ) -> None:
        way_table, self.numbers = WAYS[way]
        self.weeks = counts.shape[1]
        base = scenario.model_dump(exclude_none=True)
        self.over = overlay(always, way_table)
        self.base = overlay(base | {"years": max(scenario.years, math.ceil(self.weeks / 52))}, self.over)
        self.processes, self.tick = processes, tick
        self.low = np.array([self._inward(number, number.low) for number in self.numbers])
        self.high = np.array([self._inward(number, number.high) for number in self.numbers])
        patterns = np.array([pattern(one) for one in counts])
        self.aim = np.nanmean(patterns, axis=0)
        self.scaled_aim = np.nanmean(_scaled(patterns, self.aim[0]), axis=0)
        self.next_seed = 1

    @staticmethod
    def _inward(number: _Number, value: float) -> float:
        return math.log(value) if number.log else value

    def values(self, theta: F64) -> dict[str, float]:
        """Return the numbers as a scenario has them, to four digits."""
        plain = (math.exp(x) if number.log else float(x) for number, x in zip(self.numbers, theta, strict=True))
        return {
            number.path: float(f"{min(max(value, number.low), number.high):.4g}")
            for number, value in zip(self.numbers, plain, strict=True)
        }

    def table(self, theta: F64) -> dict[str, Any]:
        """Return what is laid over the scenario."""
        out = self.over
        for path, value in self.values(theta).items():
            leaf: Any = value
            for key in reversed(path.split(".")):
                leaf = {key: leaf}
            out = overlay(out, leaf)
        return out

    def sound(self, theta: F64) -> bool:
        """Tell whether a scenario with these numbers may be lived: violence must not feed itself without end."""
        try:
            make_scenario(overlay(self.base, self.table(theta)), "fit")
        except InputError:
            return False
        return True

    def live(self, thetas: F64) -> list[NDArray[np.int64]]:
        """Live a world with each row of numbers, every world with a seed of its own."""
        tasks = []
        for theta in thetas:
            scenario = Scenario.model_validate(overlay(self.base, self.table(theta)))
            tasks.append((scenario.model_dump_json(exclude_none=True), self.next_seed, self.weeks))
            self.next_seed += 1
        return mapped(_lived, tasks, self.processes, self.tick)

    def scouted(self, theta: F64) -> F64:
        """Bring the number of events near the recorded one."""
        for _ in range(2):
            rate = float(np.mean([one.mean() for one in self.live(np.repeat(theta[None], SCOUTS, axis=0))]))
            change = math.log(self.aim[0] / max(rate, 0.02 * self.aim[0]))
            theta = np.clip(theta + np.array([change, *[0.0] * (theta.size - 1)]), self.low, self.high)
        return theta

    def off(self, patterns: F64) -> F64:
        """Return how far patterns are from the recorded one, in units of how closely each is to be matched."""
        return np.asarray((_scaled(patterns, self.aim[0]) - self.scaled_aim) / _CLOSE)

    def found(self, theta: F64) -> F64:
        """Return the numbers with which worlds look as recorded."""
        from scipy.optimize import lsq_linear
        from scipy.stats import qmc

        theta = self.scouted(np.clip(theta, self.low, self.high))
        reach = np.array([number.reach for number in self.numbers])
        design = qmc.Sobol(theta.size, rng=np.random.default_rng(1))
        points, off = np.empty((0, theta.size)), np.empty((0, len(PATTERN)))
        for _ in range(ROUNDS):
            tried = np.clip(theta + reach * (2.0 * design.random(EACH_ROUND) - 1.0), self.low, self.high)
            points = np.concatenate([points, tried])
            off = np.concatenate([off, self.off(np.array([pattern(one) for one in self.live(tried)]))])
            known = np.isfinite(off).all(axis=1)
            near = np.sqrt(np.exp(-0.5 * (((points[known] - theta) / reach) ** 2).sum(axis=1)))[:, None]
            sides = np.column_stack([np.ones(known.sum()), points[known] - theta])
            plane, *_ = np.linalg.lstsq(near * sides, near * np.clip(off[known], -_FAR, _FAR), rcond=None)
            bounds = np.maximum(-reach, self.low - theta) - 1e-9, np.minimum(reach, self.high - theta) + 1e-9
            held = _HELD * np.diag(1.0 / reach)
            step = lsq_linear(np.vstack([plane[1:].T, held]), np.concatenate([-plane[0], np.zeros(theta.size)]), bounds).x
            while not self.sound(np.clip(theta + step, self.low, self.high)) and np.abs(step).max() > 1e-3:
                step *= 0.5
            theta = np.clip(theta + step, self.low, self.high)
            reach *= _NARROWER
        return theta


def match(
    scenario: Scenario,
    counts: NDArray[np.int64],
    fits: Fits,
    always: dict[str, Any],
    processes: int | None = None,
    tick: Callable[[], None] = lambda: None,
) -> list[Matched]:
    """Match a scenario to recorded counts in both ways.

    Parameters
    ----------
    scenario : Scenario
        The one that is matched.
    counts : array of int, shape (areas, weeks)
        Recorded lethal events.
    fits : Fits
        How they come about; where the search begins.
    always : dict
        What is laid over the scenario in both ways, such as how deadly events are.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    tick : callable
        Called after each of `WORLDS` worlds.
    """
    warm_up(scenario)
    out = []
    for way in WAYS:
        search = _Search(scenario, way, always, counts, processes, tick)
        own = getattr(fits, way).process
        memory = (0.4 * own.share, math.log(own.delay)) if way == "echoes" else (0.8 * own.spread, math.log(own.half_life))
        actors = math.log(max(scenario.region.armed_actors, 0.1))
        theta = search.found(np.array([actors, own.at_once, *memory]))
        values = search.values(theta)
        ends = [number.path for number in search.numbers if values[number.path] in {number.low, number.high}]
        lived = search.live(np.repeat(theta[None], LAST, axis=0))
        out.append(Matched(way, values, ends, search.table(theta), lived, search.aim))
    return out
