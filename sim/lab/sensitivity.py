"""Which of the things that vary matter: Sobol indices and Morris screening, with chance told apart from influence.

Each point is lived in several worlds, and what differs between worlds of one point is chance. What is left of it in the mean over worlds looks like
influence. How much, is told factor by factor by the very steps from which influence is reckoned: where a step changes every world alike it is
influence, where it changes each world otherwise it is chance. (A factor that reaches nothing changes no world at all, since runs share their
draws; then there is no chance in it either.) Net Sobol indices multiply what one world says by what another says, so that chance, which differs
between worlds, cancels out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.lab.answers import Answers, answers_of, why_unknown
from sim.lab.design import BLOCKS, MORRIS_LEVELS, block_size, problem_of
from sim.lab.effects import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study

Floats = NDArray[np.float64]
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
        One row a factor, the most influential first. Sobol: factor, first (index of the factor alone), total (with all its interactions), net_first
        and net_total (chance taken off), each with low and high (95 %, bootstrap over base points). Morris: factor, influence (mean absolute
        elementary effect over its whole range, μ*), low, high, chance (the influence that chance alone would give it), mean (μ), spread (σ).
    chance : Chance
        Where variance comes from.
    used, blocks : int
        Base points or trajectories that could be used, and all.
    """

    kind: str
    answers: Answers
    table: pd.DataFrame
    chance: Chance
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
        why = why_unknown(study, answers)
        if why:
            right = "another outcome, or the level of an arm that has it (--arm NAME --level)"
            raise InputError(f"too little to go by: {why}", where=str(study.folder), right=right)
        right = "more of them, finished, over ranges in which more points can be lived"
        raise InputError(f"too little to go by: {said}", where=str(study.folder), right=right)
    kept = np.repeat(whole, size)
    values, unit = answers.values[kept], laid.unit[kept]
    ends = np.arange(len(values)) % size
    independent = values[(ends == 0) | (ends == size - 1)] if kind == "sobol" else values
    chance = chance_of(independent, shared=study.manifest["design"]["shared"])
    names = [factor.name for factor in laid.factors]
    seed = study.manifest["design"]["seed"] + 1  # to the library, 0 is no seed
    table = _sobol(names, values, seed) if kind == "sobol" else _morris(names, unit, values, seed)
    return Sensitivity(kind, answers, table, chance, int(whole.sum()), len(whole))


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


def _sobol(names: list[str], values: Floats, seed: int) -> pd.DataFrame:
    import pandas as pd
    from SALib.analyze import sobol

    table, means, size = pd.DataFrame({"factor": names}), values.mean(axis=1), len(names) + 2
    found = {"S1": np.zeros(len(names)), "ST": np.zeros(len(names))}
    found |= {f"{index}_conf": np.zeros(len(names)) for index in found}
    if np.ptp(means) > 0.0:
        found = sobol.analyze(
            problem_of(len(names)), means, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed
        )
    for name, index in (("first", "S1"), ("total", "ST")):
        middle, half = np.asarray(found[index]), np.asarray(found[f"{index}_conf"])
        table[name], table[f"{name}_low"], table[f"{name}_high"] = middle, middle - half, middle + half
    for name, (middle, low, high) in net_indices(values.reshape(-1, size, values.shape[1]), seed).items():
        table[name], table[f"{name}_low"], table[f"{name}_high"] = middle, low, high
    return table.sort_values("total", ascending=False, ignore_index=True)


def net_indices(blocks: Floats, seed: int) -> dict[str, tuple[Floats, Floats, Floats]]:
    """Reckon Sobol indices of what all worlds have in common, by products of different worlds (estimators of Saltelli 2010 and Jansen 1999).

    Parameters
    ----------
    blocks : array of float, shape (base points, factors + 2, worlds)
        A, then A with each factor taken from B in turn, then B.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``net_first`` and ``net_total``: index of each factor, and the ends of its 95 % interval; NaN with one world.
    """
    count, worlds = blocks.shape[1] - 2, blocks.shape[2]
    unknown = np.full(count, math.nan)
    if worlds < 2:
        return dict.fromkeys(("net_first", "net_total"), (unknown, unknown, unknown))
    ends = blocks[:, [0, -1]] - blocks[:, [0, -1]].mean(axis=(0, 1))
    steps = blocks[:, 1:-1] - blocks[:, :1]
    variance = _across(ends, ends).mean(axis=1)
    total = _across(steps, steps) / 2.0
    first = _across(np.broadcast_to(ends[:, 1:], steps.shape), steps)
    draws = np.random.default_rng(seed).integers(len(blocks), size=(RESAMPLES, len(blocks)))
    out = {}
    for name, parts in (("net_first", first), ("net_total", total)):
        resampled = np.stack([_ratio(parts[rows], variance[rows]) for rows in draws])
        tails = (1.0 - CONFIDENCE) / 2.0
        out[name] = (_ratio(parts, variance), np.quantile(resampled, tails, axis=0), np.quantile(resampled, 1.0 - tails, axis=0))
    return out


def _across(a: Floats, b: Floats) -> Floats:
    """Mean product of two worlds that are not the same, over the last axis."""
    worlds = a.shape[-1]
    return np.asarray((a.sum(axis=-1) * b.sum(axis=-1) - (a * b).sum(axis=-1)) / (worlds * (worlds - 1)))


def _ratio(parts: Floats, variance: Floats) -> Floats:
    below = float(variance.mean())
    return np.asarray(parts.mean(axis=0) / below if below > 0.0 else np.full(parts.shape[1], math.nan))


def _morris(names: list[str], unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    import pandas as pd
    from SALib.analyze import morris

    found = morris.analyze(
        problem_of(len(names)),
        unit,
        values.mean(axis=1),
        num_levels=MORRIS_LEVELS,
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        seed=seed,
    )
    middle, half = np.asarray(found["mu_star"], float), np.asarray(found["mu_star_conf"], float)
    table = pd.DataFrame(
        {
            "factor": names,
            "influence": middle,
            "low": np.maximum(middle - half, 0.0),
            "high": middle + half,
            "chance": floors(unit, values),
            "mean": np.asarray(found["mu"], float),
            "spread": np.asarray(found["sigma"], float),
        }
    )
    return table.sort_values("influence", ascending=False, ignore_index=True)


def floors(unit: Floats, values: Floats) -> Floats:
    """Return the mean absolute elementary effect that chance alone would give each factor, were it the same in no two worlds; NaN with one world."""
    count, worlds = unit.shape[1], values.shape[1]
    if worlds < 2:
        return np.full(count, math.nan)
    moves = np.diff(unit.reshape(-1, count + 1, count), axis=1)
    steps = np.diff(values.reshape(-1, count + 1, worlds), axis=1)
    which = np.abs(moves).argmax(axis=2).ravel()
    length = np.abs(moves).max(axis=2).ravel()
    noise = steps.reshape(-1, worlds).std(axis=1, ddof=1) / math.sqrt(worlds) / length
    return np.asarray(np.bincount(which, noise, count) / np.bincount(which, minlength=count) * math.sqrt(2.0 / math.pi))
