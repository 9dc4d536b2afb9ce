"""Fit how events come about: the same counts by echoes alone, by a drifting background alone, by both, and by neither.

Echoes and drift are each tested against the fit without them; what a test cannot decide is called not identified (EVIDENCE F2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from sim.fit.likelihood import Process, surprise
from sim.fit.profile import Point, Problem, Values
from sim.lab.parallel import mapped

RANGES = {
    "rate": (1e-5, 100.0),
    "share": (0.0, 0.95),
    "delay": (1.0, 26.0),
    "spread": (0.0, 3.0),
    "half_life": (2.0, 260.0),
    "at_once": (0.0, 0.8),
    "between": (0.05, 2.5),
}
"""Least and largest value of each part of a `Process`."""
LOGARITHMIC = ("rate", "delay", "half_life")
ALWAYS, ECHOES, DRIFT = ("rate", "at_once"), ("share", "delay"), ("spread", "half_life")
VARIANTS = {"neither": ALWAYS, "echoes": (*ALWAYS, *ECHOES), "drift": (*ALWAYS, *DRIFT), "both": (*ALWAYS, *ECHOES, *DRIFT)}
"""What is fitted in each variant."""
TEST = 5.991
"""Twice the log likelihood that echoes, or drift, must bring to be told from chance at 5 %: two numbers each."""
_STARTS = (
    {"share": 0.2, "delay": 3.0, "spread": 0.5, "half_life": 26.0},
    {"share": 0.5, "delay": 6.0, "spread": 1.0, "half_life": 8.0},
)
_INTERVALS = {
    "neither": ("rate",),
    "echoes": ("rate", *ECHOES, "at_once"),
    "drift": ("rate", *DRIFT, "at_once"),
    "both": ("rate", "share", "spread", "at_once"),
}
"""What an interval is given of."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit of one variant.

    Attributes
    ----------
    process : Process
        The most likely one.
    surprise : float
        Minus the log likelihood there.
    intervals : dict of str to (float, float)
        95 % intervals of its parts; open where they reach the end of `RANGES`.
    """

    process: Process
    surprise: float
    intervals: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Fits:
    """The four fits of the same counts.

    Attributes
    ----------
    neither, echoes, drift, both : Fitted
    """

    neither: Fitted
    echoes: Fitted
    drift: Fitted
    both: Fitted

    @property
    def brought(self) -> dict[str, float]:
        """Twice the log likelihood that each brings: ``clustering`` of any kind, ``echoes`` beside drift, ``drift`` beside echoes."""
        least = min(self.echoes.surprise, self.drift.surprise)
        return {
            "clustering": 2.0 * (self.neither.surprise - least),
            "echoes": 2.0 * (self.drift.surprise - self.both.surprise),
            "drift": 2.0 * (self.echoes.surprise - self.both.surprise),
        }

    @property
    def verdict(self) -> str:
        """What can be told: ``"independent"``, ``"echoes"``, ``"drift"``, ``"both"``, or ``"not identified"``."""
        found = {name: brought > TEST for name, brought in self.brought.items()}
        if not found["clustering"]:
            return "independent"
        return {(True, False): "echoes", (False, True): "drift", (True, True): "both"}.get(
            (found["echoes"], found["drift"]), "not identified"
        )


def _problem(counts: NDArray[np.int64]) -> Problem:
    return Problem(lambda values: surprise(counts, Process(**values)), RANGES, LOGARITHMIC)


def _free(counts: NDArray[np.int64], variant: str) -> tuple[str, ...]:
    """Return what is fitted: how far areas differ, too, where there are several."""
    return VARIANTS[variant] if len(counts) == 1 else (*VARIANTS[variant], "between")


def _interval(task: tuple[NDArray[np.int64], Point, str, str, list[Values]]) -> tuple[float, float]:
    counts, point, variant, name, starts = task
    return _problem(counts).interval(point, _free(counts, variant), name, starts)


def fit_process(
    counts: NDArray[np.int64],
    processes: int | None = None,
    tick: Callable[[], None] = lambda: None,
    *,
    intervals: bool = True,
) -> Fits:
    """Fit weekly counts in all four ways.

    Parameters
    ----------
    counts : array of int, shape (areas, weeks)
        Events; each area has its own rate, and all else in common.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    tick : callable
        Called after each of `STEPS` steps.
    intervals : bool
        Whether intervals are sought too, which takes nearly all of the time.
    """
    problem = _problem(counts)
    rates = counts.mean(axis=1)
    between = float(np.clip(np.log(np.maximum(rates, 1e-6)).std(), 0.1, 2.0)) if len(counts) > 1 else 0.0
    alone = asdict(Process(rate=float(counts.mean()), at_once=0.1, between=between))
    points: dict[str, Point] = {}
    for variant in VARIANTS:
        free = _free(counts, variant)
        starts = [alone | {name: value for name, value in start.items() if name in free} for start in _STARTS]
        if variant == "both":
            starts = [_moved(points[part].values, part) for part in ("echoes", "drift")] + starts[1:]
        points[variant] = min((problem.best(free, start) for start in starts), key=lambda point: point.surprise)
        tick()
    asked = _INTERVALS if intervals else dict.fromkeys(VARIANTS, ())
    simpler = [_moved(points[part].values, part) for part in ("echoes", "drift")]
    starts_of = {"both": simpler}
    tasks = [
        (counts, points[variant], variant, name, starts_of.get(variant, [])) for variant in VARIANTS for name in asked[variant]
    ]
    found = mapped(_interval, tasks, processes, tick)
    ends = {(variant, name): both for (_, _, variant, name, _), both in zip(tasks, found, strict=True)}
    return Fits(
        **{
            variant: Fitted(Process(**point.values), point.surprise, {name: ends[variant, name] for name in asked[variant]})
            for variant, point in points.items()
        }
    )


def _moved(values: dict[str, float], part: str) -> dict[str, float]:
    """Begin the fit of both at that of one, with a little of the other."""
    other = {"spread": 0.3, "half_life": 26.0} if part == "echoes" else {"share": 0.1, "delay": 4.0}
    return values | other


STEPS = len(VARIANTS) + sum(map(len, _INTERVALS.values()))
"""Steps of a fit, for whoever shows its progress."""
