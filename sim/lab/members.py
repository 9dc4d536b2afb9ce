"""Effects over an ensemble: what an arm changes under every member, with the chance in the worlds lived told apart from what parameters do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.lab.effects import paired_effects
from sim.outcomes import BY_NAME, OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study

RANGE = (0.05, 0.95)
FEWEST, DRAWS = 10, 400
"""Members from which it is told how firm a conclusion is, and times that they are drawn anew for that."""


def without_chance(means: NDArray[np.float64], chance: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Move members' effects towards their mean until they spread no more than parameters make them.

    Parameters
    ----------
    means : array of float, shape (members,)
        Mean difference under each.
    chance : array of float, shape (members,)
        Variance of each that comes from the worlds drawn by lot; NaN where one world alone was lived.

    Returns
    -------
    array of float, shape (members,)
        Effects with the spread that is left when the mean variance by chance is taken off (moment estimate of a random-effects model).
    float
        Share of the variance of `means` that is not chance, 0 to 1; NaN where chance is not known.
    """
    spread = float(means.var(ddof=1)) if means.size > 1 else 0.0
    known = chance[np.isfinite(chance)]
    if not known.size or means.size < 2:
        return means, math.nan
    if spread <= 0.0:
        return means, 0.0
    share = min(max(1.0 - float(known.mean()) / spread, 0.0), 1.0)
    return means.mean() + (means - means.mean()) * math.sqrt(share), share


def effects_over_members(study: Study, outcomes: list[str] | None = None) -> pd.DataFrame:
    """Compute what every arm changes over the members of an ensemble.

    Parameters
    ----------
    study : Study
        One whose design is an ensemble.
    outcomes : list of str, optional
        All if not given.

    Returns
    -------
    pandas.DataFrame
        One row an arm and outcome: those of `paired_effects` over members; members; p5, median, p95 and spread (standard deviation) of the
        effect under members, chance taken off; better, small, worse: shares of members under which it is better, too small to matter, or
        worse; at_least: share that the commonest of these three has at least (95 %, members drawn anew); by_parameters: share of the
        variance of members' mean differences that parameters make. NaN for outcomes whose tail is too heavy.
    """
    import pandas as pd

    runs, names = study.runs, outcomes or [outcome.name for outcome in OUTCOMES]
    means = paired_effects(runs, study.reference, names, confidence=study.confidence, sampled=True)
    index = ["point", "seed"]
    base = runs[runs["arm"] == study.reference].set_index(index)
    own = {arm: runs[runs["arm"] == arm].set_index(index) for arm in study.arms if arm != study.reference}
    rows: list[dict[str, Any]] = []
    for row in means.to_dict("records"):
        arm, name = str(row["arm"]), str(row["outcome"])
        shared = base.index.intersection(own[arm].index)
        apart = (own[arm].loc[shared, name] - base.loc[shared, name]).groupby(level="point")
        under = apart.mean()
        known = under.notna()
        told = {"members": int(known.sum())} | dict.fromkeys(_TOLD, math.nan)
        if BY_NAME[name].interval and known.any():
            told |= _told(under[known].to_numpy(float), (apart.var(ddof=1) / apart.count())[known].to_numpy(float), name, row)
        rows.append({str(k): v for k, v in row.items()} | told)
    return pd.DataFrame(rows)


_TOLD = ("p5", "median", "p95", "spread", "better", "small", "worse", "at_least", "by_parameters")


def _told(under: NDArray[np.float64], chance: NDArray[np.float64], name: str, row: dict[Any, Any]) -> dict[str, float]:
    outcome = BY_NAME[name]
    effects, share = without_chance(under, chance)
    low, middle, high = (float(v) for v in np.quantile(effects, [RANGE[0], 0.5, RANGE[1]]))
    matters = outcome.threshold(float(row["reference"]))
    shares = _shares(effects * (outcome.better or 1), matters)
    return {
        "p5": low,
        "median": middle,
        "p95": high,
        "spread": float(effects.std(ddof=1)) if effects.size > 1 else math.nan,
        **dict(zip(("better", "small", "worse"), shares, strict=True)),
        "at_least": _at_least(under * (outcome.better or 1), chance, matters, int(np.argmax(shares))),
        "by_parameters": share,
    }


def _shares(good: NDArray[np.float64], matters: float) -> tuple[float, float, float]:
    better, worse = float((good >= matters).mean()), float((good <= -matters).mean())
    return better, 1.0 - better - worse, worse


def _at_least(good: NDArray[np.float64], chance: NDArray[np.float64], matters: float, which: int) -> float:
    """Return the share that the commonest conclusion has at least: the 5 % point when members are drawn anew; NaN of too few."""
    if good.size < FEWEST or not np.isfinite(chance).any():
        return math.nan
    drawn = np.random.default_rng(0).integers(good.size, size=(DRAWS, good.size))
    means, middle = good[drawn], good[drawn].mean(axis=1, keepdims=True)
    spread, by_chance = means.var(axis=1, ddof=1, keepdims=True), np.nanmean(chance[drawn], axis=1, keepdims=True)
    share = np.clip(1.0 - by_chance / np.maximum(spread, 1e-300), 0.0, 1.0)
    effects = middle + (means - middle) * np.sqrt(share)
    better, worse = (effects >= matters).mean(axis=1), (effects <= -matters).mean(axis=1)
    return float(np.quantile((better, 1.0 - better - worse, worse)[which], 0.05))
