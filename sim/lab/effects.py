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
    from scipy import stats

    n = values.size
    return float("inf") if n < 2 else float(stats.t.ppf(0.5 + confidence / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))


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


def paired_effects(
    runs: pd.DataFrame,
    reference: str,
    outcomes: list[str] | None = None,
    *,
    confidence: float = CONFIDENCE,
    by_point: bool = False,
) -> pd.DataFrame:
    """Compute paired differences of every arm from the reference.

    Runs of a design are paired by point and seed; their mean is that over points of the mean difference at each, and its interval tells how sure it
    is as a mean over all that the points were drawn from.

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

    Returns
    -------
    pandas.DataFrame
        One row per arm (and point) and outcome: arm, (point,) outcome, level (mean in the arm), reference (mean there), effect, low, high, n (pairs),
        differing (pairs in which the two differ at all). The interval is NaN for outcomes whose tail is too heavy for one, and where no pair
        differs: then nothing can be said but that.
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
        points = shared.get_level_values("point").to_numpy() if "point" in index else None
        for name in names:
            a, b = own.loc[shared, name].to_numpy(float), base.loc[shared, name].to_numpy(float)
            if not by_point or points is None:
                rows.append({"arm": arm} | _effect(name, a, b, points, confidence))
                continue
            for point in np.unique(points):
                here = points == point
                rows.append({"arm": arm, "point": int(point)} | _effect(name, a[here], b[here], None, confidence))
    return pd.DataFrame(rows)


def _effect(
    name: str, a: NDArray[np.float64], b: NDArray[np.float64], points: NDArray[np.int64] | None, confidence: float
) -> dict[str, Any]:
    differences = a - b
    differing = int((np.isfinite(differences) & (a != b)).sum())
    if points is not None:
        known = np.isfinite(differences)
        _, group = np.unique(points[known], return_inverse=True)
        differences = np.bincount(group, differences[known]) / np.bincount(group) if known.any() else differences[known]
    effect = mean_interval(differences, confidence)
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
