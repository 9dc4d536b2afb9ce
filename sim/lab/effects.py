"""Paired effects: what an arm changes, seed by seed, against the reference arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.outcomes import BY_NAME, OUTCOMES, check_outcome

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95
FEW = 10
"""Below this many differing pairs an interval is marked as rough."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its interval.

    Attributes
    ----------
    mean, low, high : float
        NaN where there is nothing to compute.
    n : int
        Values used.
    """

    mean: float
    low: float
    high: float
    n: int


def half_width(values: NDArray[np.float64], confidence: float = CONFIDENCE) -> float:
    """Half the width of the t interval of a mean of independent values; infinite for fewer than two."""
    from scipy.special import stdtrit

    n = values.size
    return float("inf") if n < 2 else float(stdtrit(n - 1, 0.5 + confidence / 2) * values.std(ddof=1) / np.sqrt(n))


def mean_interval(values: NDArray[np.float64], confidence: float = CONFIDENCE) -> Interval:
    """Mean and t interval of independent values; NaN are left out."""
    values = values[np.isfinite(values)]
    n = values.size
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    mean = float(values.mean())
    if n == 1:
        return Interval(mean, float("nan"), float("nan"), 1)
    half = half_width(values, confidence)
    return Interval(mean, mean - half, mean + half, n)


def mean_over_points(
    values: NDArray[np.float64],
    points: NDArray[Any],
    worlds: NDArray[Any],
    confidence: float = CONFIDENCE,
    *,
    sampled: bool = True,
) -> Interval:
    """Mean over the points of a design of their means, with its t interval.

    Parameters
    ----------
    values : array of float
        One a point and world; NaN are left out.
    points, worlds : array
        Of which point, and in which world; points share a world that occurs at several of them.
    confidence : float
        Of the interval.
    sampled : bool
        Whether the points are a sample of all that they might be, so that the interval is one of the mean over all of that. If not, the mean is that
        over just these points, and only worlds are drawn by lot.

    Returns
    -------
    Interval
        With the number of points. Sampled points that share their worlds are crossed with them: the variance of the mean is that of two-way random
        effects (Searle, Casella and McCulloch 1992), components below nothing taken for nothing, with degrees of freedom by Satterthwaite. NaN where
        too few points or worlds were seen to tell.
    """
    from scipy.special import stdtrit

    known = np.isfinite(values)
    values = values[known]
    if not values.size:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    names, point = np.unique(points[known], return_inverse=True)
    seeds, world = np.unique(worlds[known], return_inverse=True)
    lived = np.bincount(point)
    means = np.bincount(point, values) / lived
    mean = float(means.mean())
    terms = _terms(values, means, point, world, crossed=len(seeds) < len(values), sampled=sampled)
    variance = sum(sign * part for sign, part, _ in terms)
    if any(freedom < 1 for _, _, freedom in terms):
        half = float("nan")
    elif variance == 0.0:
        half = 0.0
    else:
        freedom = variance**2 / sum(part**2 / freedom for _, part, freedom in terms)
        half = float(stdtrit(freedom, 0.5 + confidence / 2) * np.sqrt(variance))
    return Interval(mean, mean - half, mean + half, len(names))


def _terms(
    values: NDArray[np.float64],
    means: NDArray[np.float64],
    point: NDArray[Any],
    world: NDArray[Any],
    *,
    crossed: bool,
    sampled: bool,
) -> list[tuple[float, float, int]]:
    """Return what the variance of a mean over points is the sum of: sign, variance, degrees of freedom."""
    count, lots, cells = len(means), int(world.max()) + 1, len(values)
    lived = np.bincount(point)
    weight = 1.0 / (count * lived[point])
    of_points = (1.0, float(((means - means.mean()) ** 2).sum()) / (count * max(count - 1, 1)), count - 1)
    if sampled and not crossed:
        return [of_points]
    off = values - means[point]
    if not crossed:  # worlds of their own: chance within each point
        few = int((lived - 1).min())
        within = float((off**2 * weight**2 * lived[point] / np.maximum(lived[point] - 1, 1)).sum())
        return [(1.0, within, cells - count if few else 0)]
    moved = np.bincount(world, off * weight)
    of_worlds = (1.0, float((moved**2).sum()) * lots / max(lots - 1, 1), lots - 1)
    if not sampled:
        return [of_worlds]
    rest = off - (np.bincount(world, off) / np.bincount(world))[world]
    freedom = cells - count - lots + 1
    left = float((rest**2 * weight**2).sum()) * cells / max(freedom, 1)
    found = [term for term in (of_points, of_worlds) if term[1] > left or term[2] < 1]
    return found if len(found) == 1 else [*found, (1.0 - len(found), left, freedom)]


def paired_effects(
    runs: pd.DataFrame,
    reference: str,
    outcomes: list[str] | None = None,
    *,
    confidence: float = CONFIDENCE,
    by_point: bool = False,
    sampled: bool = True,
) -> pd.DataFrame:
    """Compute paired differences of every arm from the reference.

    Runs of a design are paired by point and seed; their mean is that over points of the mean difference at each, with the interval of
    `mean_over_points`.

    Parameters
    ----------
    runs : pandas.DataFrame
        ``Study.runs``.
    reference : str
        The reference arm.
    outcomes : list of str, optional
        All if not given.
    confidence : float
        Of each interval.
    by_point : bool
        Whether to keep the points of a design apart; then intervals tell how sure the difference at each point is.
    sampled : bool
        Whether points of a design are a sample of all that they might be, as those of a Latin hypercube are; if not, the mean is over just these.

    Returns
    -------
    pandas.DataFrame
        One row per arm (and point) and outcome: arm, (point,) outcome, level (mean in the arm), reference (mean there), effect, low, high, n (pairs,
        or points that the mean is over), differing (pairs in which the two differ at all). The interval is NaN for outcomes whose tail is too heavy
        for one, where there is too little to tell it by, and where no pair differs: then nothing can be said but that.
    """
    import pandas as pd

    names = outcomes or [outcome.name for outcome in OUTCOMES]
    nowhere = [name for name in names if name not in BY_NAME and name not in runs]
    if nowhere:
        check_outcome(nowhere[0], "outcomes")
    missing = [name for name in ("arm", "seed", *names) if name not in runs]
    if missing:
        raise InputError(
            "not a table of runs",
            where="paired_effects: runs",
            value=list(runs)[:6],
            right=f"Study.runs; {missing[0]!r} is missing",
        )
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise InputError(
            "no such outcome", where="paired_effects: outcomes", value=unknown[0], right=f"one of: {', '.join(BY_NAME)}"
        )
    lived = list(dict.fromkeys(runs["arm"]))
    if reference not in lived:
        raise InputError(
            "no such arm", where="paired_effects: reference", value=reference, right=f"one of: {', '.join(map(str, lived))}"
        )
    arms = list(runs["arm"].cat.categories) if isinstance(runs["arm"].dtype, pd.CategoricalDtype) else lived
    index = [name for name in ("point", "seed") if name in runs]
    base = runs[runs["arm"] == reference].set_index(index)
    rows: list[dict[str, Any]] = []
    for arm in [a for a in arms if a != reference]:
        own = runs[runs["arm"] == arm].set_index(index)
        shared = base.index.intersection(own.index)
        seeds = shared.get_level_values("seed").to_numpy()
        points = shared.get_level_values("point").to_numpy() if "point" in index else None
        for name in names:
            a, b = own.loc[shared, name].to_numpy(float), base.loc[shared, name].to_numpy(float)
            if not by_point or points is None:
                middle = (
                    mean_interval(a - b, confidence)
                    if points is None
                    else mean_over_points(a - b, points, seeds, confidence, sampled=sampled)
                )
                rows.append({"arm": arm} | _effect(name, a, b, middle))
                continue
            for point in np.unique(points):
                here = points == point
                middle = mean_interval(a[here] - b[here], confidence)
                rows.append({"arm": arm, "point": int(point)} | _effect(name, a[here], b[here], middle))
    return pd.DataFrame(rows)


def _effect(name: str, a: NDArray[np.float64], b: NDArray[np.float64], effect: Interval) -> dict[str, Any]:
    differing = int((np.isfinite(a - b) & (a != b)).sum())
    sure = BY_NAME[name].interval and differing > 0
    return {
        "outcome": name,
        "level": _mean(a),
        "reference": _mean(b),
        "effect": effect.mean,
        "low": effect.low if sure else float("nan"),
        "high": effect.high if sure else float("nan"),
        "n": effect.n,
        "differing": differing,
    }


def _mean(values: NDArray[np.float64]) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else float("nan")
