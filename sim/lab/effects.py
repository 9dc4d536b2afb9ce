"""Paired effects: what an arm changes, seed by seed, against the reference arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.outcomes import BY_NAME, OUTCOMES

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


def mean_interval(values: NDArray[np.float64]) -> Interval:
    """Mean and 95 % t interval of independent values; NaN are left out."""
    from scipy import stats

    values = values[np.isfinite(values)]
    n = values.size
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    mean = float(values.mean())
    if n == 1:
        return Interval(mean, float("nan"), float("nan"), 1)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)


def paired_effects(runs: pd.DataFrame, reference: str, outcomes: list[str] | None = None) -> pd.DataFrame:
    """Compute paired differences of every arm from the reference.

    Parameters
    ----------
    runs : pandas.DataFrame
        ``Study.runs``.
    reference : str
        The reference arm.
    outcomes : list of str, optional
        All if not given.

    Returns
    -------
    pandas.DataFrame
        One row per arm and outcome: arm, outcome, level (mean in the arm), reference (mean there), effect, low, high, n (pairs),
        differing (pairs in which the two differ at all). The interval is NaN for outcomes whose tail is too heavy for one, and where no pair
        differs: then nothing can be said but that.
    """
    import pandas as pd

    names = outcomes or [outcome.name for outcome in OUTCOMES]
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
    base = runs[runs["arm"] == reference].set_index("seed")
    rows = []
    for arm in [a for a in arms if a != reference]:
        own = runs[runs["arm"] == arm].set_index("seed")
        shared = base.index.intersection(own.index)
        for name in names:
            a, b = own.loc[shared, name].to_numpy(float), base.loc[shared, name].to_numpy(float)
            effect = mean_interval(a - b)
            differing = int((a != b).sum() - (np.isnan(a) & np.isnan(b)).sum())
            known = BY_NAME[name].interval and differing > 0
            rows.append(
                {
                    "arm": arm,
                    "outcome": name,
                    "level": _mean(a),
                    "reference": _mean(b),
                    "effect": effect.mean,
                    "low": effect.low if known else float("nan"),
                    "high": effect.high if known else float("nan"),
                    "n": effect.n,
                    "differing": differing,
                }
            )
    return pd.DataFrame(rows)


def _mean(values: NDArray[np.float64]) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else float("nan")
