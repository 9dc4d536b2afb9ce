"""Fit how deadly lethal events are, with the distribution that simulated ones have: a Lomax tail, rounded down, cut off at a largest number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.evidence.events import STARTS, tail_exponent
from sim.fit.profile import Problem

RANGES = {"tail": (0.8, 3.0), "scale": (0.5, 15.0)}
"""Least and largest value of each number: those that ``parameters.incidents`` may have."""
MOST = 5000
"""Largest number of deaths of one event that a scenario may have; events with more count as that."""
FEWEST = 30
"""Events below which no tail is fitted."""


@dataclass(frozen=True, slots=True)
class Deadliness:
    """How deadly lethal events are.

    Attributes
    ----------
    tail, scale : float
        Exponent of the tail less one, and the number of deaths from which it begins to hold.
    most : int
        Largest number of deaths of one event.
    intervals : dict of str to (float, float)
        95 % intervals of both; open where they reach the end of `RANGES`.
    exponents : dict of int to (float, float)
        Tail exponent from each of `STARTS` deaths on: as recorded, and as the fit has it.
    """

    tail: float
    scale: float
    most: int
    intervals: dict[str, tuple[float, float]]
    exponents: dict[int, tuple[float, float]]

    def at_least(self, deaths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of lethal events with so many deaths or more."""
        return _at_least(deaths, self.tail, self.scale, self.most)


def _at_least(deaths: NDArray[np.float64], tail: float, scale: float, most: int) -> NDArray[np.float64]:
    beyond = (1.0 + most / scale) ** -tail
    share = ((1.0 + np.maximum(deaths - 1.0, 0.0) / scale) ** -tail - beyond) / (1.0 - beyond)
    return np.asarray(np.where(deaths > most, 0.0, share))


def fit_deadliness(deaths: NDArray[np.int64], most: float) -> Deadliness | None:
    """Fit deaths per lethal event by maximum likelihood.

    Parameters
    ----------
    deaths : array of int, shape (events,)
        Deaths of each, 1 or more.
    most : float
        Largest number that an event may have; raised to the largest recorded one.

    Returns
    -------
    Deadliness or None
        None with fewer than 30 events.
    """
    if deaths.size < FEWEST:
        return None
    largest = int(min(max(most, deaths.max()), MOST))
    values, times = np.unique(np.minimum(deaths, largest).astype(float), return_counts=True)

    def surprise(of: dict[str, float]) -> float:
        chance = _at_least(values, of["tail"], of["scale"], largest) - _at_least(values + 1.0, of["tail"], of["scale"], largest)
        return float(-(times * np.log(np.maximum(chance, 1e-300))).sum())

    problem = Problem(surprise, RANGES, RANGES)
    point = problem.best(tuple(RANGES), {"tail": 1.5, "scale": 4.0})
    intervals = {name: problem.interval(point, RANGES, name) for name in RANGES}
    tail, scale = point.values["tail"], point.values["scale"]
    return Deadliness(
        tail,
        scale,
        largest,
        intervals,
        {start: (tail_exponent(deaths, start), _exponent(start, tail, scale, largest)) for start in STARTS},
    )


def _exponent(start: int, tail: float, scale: float, most: int) -> float:
    """Tail exponent that the estimator would find from `start` deaths on in as many events as one likes."""
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    deaths = np.arange(start, most + 1, dtype=float)
    chance = _at_least(deaths, tail, scale, most) - _at_least(deaths + 1.0, tail, scale, most)
    logs = float((chance * np.log(deaths)).sum() / chance.sum())
    found = minimize_scalar(lambda a: a * logs + math.log(zeta(a, start)), bounds=(1.001, 8.0), method="bounded")
    return float(found.x)
