"""Estimators for violent events: how heavy the tail of deaths is, and how events cluster in time.

The same estimators are used on simulated and on recorded events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STARTS = (1, 3, 10, 20)
"""Numbers of deaths from which the tail exponent is estimated."""
FEWEST = 30
"""Events below which no exponent is given."""


def tail_exponent(deaths: NDArray[np.integer], start: int) -> float:
    """Estimate the exponent of a discrete power law by maximum likelihood, from the events with `start` deaths or more.

    Parameters
    ----------
    deaths : array of int, shape (n,)
        Deaths of each event.
    start : int
        Where the tail is taken to begin.

    Returns
    -------
    float
        NaN if there are fewer than 30 such events. Clauset, Shalizi & Newman 2009, equation 3.5.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    tail = np.asarray(deaths, float)
    tail = tail[tail >= start]
    if tail.size < FEWEST:
        return float("nan")
    logs = float(np.log(tail).mean())
    found = minimize_scalar(lambda a: a * logs + np.log(zeta(a, start)), bounds=(1.001, 8.0), method="bounded")
    return float(found.x)


@dataclass(frozen=True, slots=True)
class Clustering:
    """How a region's weekly counts of events cluster.

    Attributes
    ----------
    rate : float
        Events a week.
    dispersion : float
        Variance of the weekly counts over their mean: 1 if events are independent. NaN without events.
    lag_one : float
        Correlation of a week's count with the next week's. NaN without events.
    """

    rate: float
    dispersion: float
    lag_one: float


def clustering(counts: NDArray[np.floating]) -> Clustering:
    """Measure how weekly counts of events cluster.

    Parameters
    ----------
    counts : array, shape (weeks,)
        Events in each week, weeks without any included.
    """
    counts = np.asarray(counts, float)
    rate, spread = float(counts.mean()), float(counts.var())
    if spread == 0.0:
        return Clustering(rate, float("nan"), float("nan"))
    return Clustering(rate, spread / rate, float(np.corrcoef(counts[:-1], counts[1:])[0, 1]))
