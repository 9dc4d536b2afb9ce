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


WEEKS_A_YEAR = 52
FEWEST_TO_FIT = 20
"""Events below which no triggered share is fitted."""


def triggered_share(counts: NDArray[np.floating], *, drifting: bool = False) -> float:
    """Fit how many events earlier ones have triggered, by maximum likelihood.

    Weekly counts are Poisson with mean ``base + a · echo``, where the echo of earlier weeks fades by a constant factor. A base that
    drifts (log-linear between years) explains clustering too: where the two fits differ, the share is not identified (F2).

    Parameters
    ----------
    counts : array, shape (weeks,)
        Events in each week.
    drifting : bool
        Whether the base drifts; it is constant otherwise.

    Returns
    -------
    float
        0 to 1; NaN with fewer than 20 events.
    """
    from scipy.optimize import minimize
    from scipy.signal import lfilter
    from scipy.special import expit

    counts = np.asarray(counts, float)
    if counts.sum() < FEWEST_TO_FIT:
        return float("nan")
    weeks = np.arange(counts.size)
    knots = np.linspace(0, counts.size - 1, max(round(counts.size / WEEKS_A_YEAR), 1) + 1) if drifting else np.zeros(1)

    def parts(theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        base = np.exp(np.interp(weeks, knots, theta[2:]))
        fade = expit(theta[1])
        echo = lfilter([1.0 - fade], [1.0, -fade], counts)
        return base, expit(theta[0]) * np.concatenate([[0.0], echo[:-1]])

    def surprise(theta: NDArray[np.float64]) -> float:
        rate = np.maximum(sum(parts(theta)), 1e-12)
        return float((rate - counts * np.log(rate)).sum())

    best = None
    for share in (-2.0, 0.5):
        start = np.concatenate([[share, 0.5], np.full(knots.size, np.log(counts.mean() * (1.0 - expit(share))))])
        found = minimize(surprise, start, method="L-BFGS-B", bounds=[(-8.0, 8.0), (-4.0, 4.0), *[(-15.0, 8.0)] * knots.size])
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    base, echoes = parts(best.x)
    return float(echoes.sum() / (base.sum() + echoes.sum()))
