"""Which of the things that vary matter: Sobol indices and Morris screening, with chance told apart from influence.

Each point is lived in several worlds. What differs between worlds of one point is chance, and what is left of it in the mean over worlds looks like
an interaction of everything with everything: it adds the same amount to every total Sobol index, and gives elementary effects to factors that do
nothing. Both are reckoned from the worlds of the same points and told beside the indices, or taken off them (``net``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.lab.answers import Answers, answers_of
from sim.lab.design import BLOCKS, MORRIS_LEVELS, block_size, problem_of
from sim.lab.effects import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study

RESAMPLES = 1000
FEWEST_BLOCKS = 4
"""Base points or trajectories without which nothing is said."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Where the variance of single runs comes from.

    Attributes
    ----------
    parameters : float
        Variance between points, chance taken off.
    world : float
        Variance between worlds that is the same at all points; 0 where points do not share their worlds.
    rest : float
        Variance within points that is not.
    worlds : int
        Worlds of each point.
    """

    parameters: float
    world: float
    rest: float
    worlds: int

    @property
    def share(self) -> float:
        """Share of the variance of single runs that is chance; NaN where there is but one world."""
        total = self.parameters + self.world + self.rest
        return (self.world + self.rest) / total if total > 0.0 else math.nan

    @property
    def left(self) -> float:
        """Variance that chance adds to a point's mean, beyond what is the same at all points."""
        return self.rest / self.worlds


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How much each factor matters for an outcome.

    Attributes
    ----------
    kind : str
        ``"sobol"`` or ``"morris"``.
    answers : Answers
        What was analysed.
    table : pandas.DataFrame
        One row a factor, the most influential first. Sobol: factor, first (index of the factor alone), total (with all its interactions), each with
        low and high (95 %, bootstrap over base points), net_first and net_total (chance taken off). Morris: factor, influence (mean absolute
        elementary effect over its whole range, μ*), low, high, mean (μ), spread (σ).
    chance : Chance
        Where variance comes from.
    floor : float
        Morris: the influence that chance alone gives to a factor without any; NaN for Sobol, or with one world a point.
    used, blocks : int
        Base points or trajectories that could be used, and all.
    """

    kind: str
    answers: Answers
    table: pd.DataFrame
    chance: Chance
    floor: float
    used: int
    blocks: int


def sensitivity_of(study: Study, outcome: str, arm: str | None = None, *, paired: bool | None = None) -> Sensitivity:
    """Tell how much each factor of a study's design matters for an outcome, or for an arm's effect on it.

    Parameters
    ----------
    study : Study
        One with a Sobol or Morris design.
    outcome, arm, paired
        See `sim.lab.answers.answers_of`.

    Raises
    ------
    InputError
        If the design is of another kind, or too little of it could be lived.
    """
    answers = answers_of(study, outcome, arm, paired=paired)
    kind, laid = study.manifest["design"]["kind"], study.laid
    count = len(laid.factors)
    if kind not in {"sobol", "morris"}:
        right = 'kind = "sobol" (indices) or kind = "morris" (screening of many factors)'
        raise InputError("no design for sensitivity", where=f"{study.folder}: design.kind", value=kind, right=right)
    size = block_size(kind, count)
    whole = np.asarray(answers.complete.reshape(-1, size).all(axis=1))
    if whole.sum() < FEWEST_BLOCKS:
        said = f"only {int(whole.sum())} of {len(whole)} {BLOCKS[kind]} are known at all their points"
        right = "more of them, finished, over ranges in which more points can be lived"
        raise InputError(f"too little to go by: {said}", where=str(study.folder), right=right)
    kept = np.repeat(whole, size)
    values, unit = answers.values[kept], laid.unit[kept]
    ends = np.arange(len(values)) % size
    independent = values[(ends == 0) | (ends == size - 1)] if kind == "sobol" else values
    chance = chance_of(independent, shared=study.manifest["design"]["shared"])
    names = [factor.name for factor in laid.factors]
    seed = study.manifest["design"]["seed"]
    table, floor = (_sobol if kind == "sobol" else _morris)(names, unit, values.mean(axis=1), chance, seed)
    return Sensitivity(kind, answers, table, chance, floor, int(whole.sum()), len(whole))


def chance_of(values: NDArray[np.float64], *, shared: bool) -> Chance:
    """Tell where variance comes from, by analysis of variance of points and worlds.

    Parameters
    ----------
    values : array of float, shape (points, worlds)
        All known.
    shared : bool
        Whether worlds are the same at all points.
    """
    points, worlds = values.shape
    if worlds < 2:
        return Chance(math.nan, math.nan, math.nan, worlds)
    off = values - values.mean(axis=1, keepdims=True)
    between = worlds * float(values.mean(axis=1).var(ddof=1))
    if not shared:
        rest = float((off**2).sum() / (points * (worlds - 1)))
        return Chance(max((between - rest) / worlds, 0.0), 0.0, rest, worlds)
    common = off.mean(axis=0)
    rest = float(((off - common) ** 2).sum() / ((points - 1) * (worlds - 1)))
    world = (points * float((common**2).sum()) / (worlds - 1) - rest) / points
    return Chance(max((between - rest) / worlds, 0.0), max(world, 0.0), rest, worlds)


def _sobol(names: list[str], _: Any, means: NDArray[np.float64], chance: Chance, seed: int) -> tuple[pd.DataFrame, float]:
    import pandas as pd
    from SALib.analyze import sobol

    table = pd.DataFrame({"factor": names})
    if np.ptp(means) == 0.0:
        zero = dict.fromkeys(
            ("first", "first_low", "first_high", "total", "total_low", "total_high", "net_first", "net_total"), 0.0
        )
        return table.assign(**zero), math.nan
    found = sobol.analyze(
        problem_of(len(names)), means, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed
    )
    size = len(names) + 2
    variance = float(np.concatenate([means[::size], means[size - 1 :: size]]).var())
    net = variance - chance.left
    for name, index in (("first", "S1"), ("total", "ST")):
        middle, half = np.asarray(found[index]), np.asarray(found[f"{index}_conf"])
        table[name], table[f"{name}_low"], table[f"{name}_high"] = middle, middle - half, middle + half
    known = net > 0.0
    table["net_first"] = table["first"] * variance / net if known else math.nan
    table["net_total"] = (table["total"] * variance - chance.left) / net if known else math.nan
    return table.sort_values("total", ascending=False, ignore_index=True), math.nan


def _morris(
    names: list[str], unit: NDArray[np.float64], means: NDArray[np.float64], chance: Chance, seed: int
) -> tuple[pd.DataFrame, float]:
    import pandas as pd
    from SALib.analyze import morris

    found = morris.analyze(
        problem_of(len(names)), unit, means, num_levels=MORRIS_LEVELS, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed
    )
    middle, half = np.asarray(found["mu_star"], float), np.asarray(found["mu_star_conf"], float)
    table = pd.DataFrame(
        {
            "factor": names,
            "influence": middle,
            "low": middle - half,
            "high": middle + half,
            "mean": np.asarray(found["mu"], float),
            "spread": np.asarray(found["sigma"], float),
        }
    )
    step = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1.0))
    floor = 2.0 * math.sqrt(chance.left / math.pi) / step
    return table.sort_values("influence", ascending=False, ignore_index=True), floor
