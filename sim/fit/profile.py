"""Maximum likelihood, and intervals by profile likelihood, of a few numbers in ranges.

An interval of 95 % holds every value that the data do not rule out at 5 % when everything else is fitted anew (Venzon & Moolgavkar
1988). Where it reaches the end of a number's range it is open there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BOUND = 3.841
"""Twice the log likelihood that an interval of 95 % gives away: one number."""
_STEP, _CLOSE = 0.06, 0.03
"""First step of a search for the end of an interval, and how closely it is found; of logarithms where a number has them."""
Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Point:
    """Values of all numbers, and minus the log likelihood there."""

    values: Values
    surprise: float


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be fitted.

    Attributes
    ----------
    surprise : callable
        Minus the log likelihood of values.
    ranges : dict of str to (float, float)
        Least and largest value of each number.
    logarithmic : collection of str
        Numbers that are sought by their logarithm.
    """

    surprise: Callable[[Values], float]
    ranges: dict[str, tuple[float, float]]
    logarithmic: Collection[str]

    def _inward(self, name: str, value: float) -> float:
        return math.log(value) if name in self.logarithmic else value

    def _outward(self, name: str, value: float) -> float:
        return math.exp(value) if name in self.logarithmic else value

    def best(self, free: Collection[str], start: Values) -> Point:
        """Find the most likely values near some, where only `free` ones may change."""
        from scipy.optimize import minimize

        def at(theta: NDArray[np.float64]) -> Values:
            return start | {name: self._outward(name, float(x)) for name, x in zip(free, theta, strict=True)}

        if not free:
            return Point(start, self.surprise(start))
        bounds = [tuple(self._inward(name, end) for end in self.ranges[name]) for name in free]
        first = np.clip([self._inward(name, start[name]) for name in free], *np.array(bounds).T)
        settings = {"ftol": 3e-8, "gtol": 1e-4, "eps": 1e-5, "maxiter": 200}
        found = minimize(lambda theta: self.surprise(at(theta)), first, method="L-BFGS-B", bounds=bounds, options=settings)
        return Point(at(found.x), float(found.fun))

    def interval(self, point: Point, free: Collection[str], name: str, starts: Sequence[Values] = ()) -> tuple[float, float]:
        """Return the 95 % interval of one of the numbers that were free in a fit; an end of its range where it is open.

        Parameters
        ----------
        point : Point
            The fit.
        free : collection of str
            What was free in it.
        name : str
            The number.
        starts : sequence of dict
            Values from which everything else is sought too, such as fits in which less was free: where there are two ways to explain
            the data, the other one must be found when the first is ruled out.
        """
        others = [other for other in free if other != name]
        low, high = (self._end(point, others, name, end, starts) for end in self.ranges[name])
        return low, high

    def _end(self, point: Point, others: list[str], name: str, end: float, starts: Sequence[Values]) -> float:
        """Go from the estimate outward until too much is lost, then halve the way back."""
        near, inside, last = point.values, self._inward(name, point.values[name]), self._inward(name, end)
        step, outside = math.copysign(_STEP, last - inside), last
        bracketed = False
        while abs(outside - inside) > _CLOSE:
            x = 0.5 * (inside + outside) if bracketed else inside + step if (last - inside - step) * step > 0.0 else last
            step *= 2.0
            held = {name: self._outward(name, x)}
            for start in (near, *starts):
                found = self.best(others, start | held)
                if 2.0 * (found.surprise - point.surprise) <= BOUND:
                    inside, near = x, found.values
                    break
            else:
                outside, bracketed = x, True
        return self._outward(name, 0.5 * (inside + outside)) if bracketed else end
