"""Scenario discovery: tell in which futures a programme fails.

A future is a point of a design. It fails where an arm's effect on an outcome is not as good as asked. A short tree of rules is grown on two thirds
of the futures and told by the last third, which it has not seen: of the futures in each of its boxes, how many fail, and of all that fail, how many
lie in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.lab.answers import Answers, answers_of, why_unknown
from sim.lab.design import block_size
from sim.lab.effects import CONFIDENCE
from sim.lab.factors import Factor
from sim.outcomes import BY_NAME

if TYPE_CHECKING:
    from sim.lab.study import Study

DEPTH = 3
"""Most conditions of a box."""
LEAST_SHARE = 0.05
"""Share of the futures that a box has to hold."""
HELD_BACK = 3
"""One future in so many is held back, drawn by lot, to tell how well rules found on the others do."""
FEWEST = 30
"""Futures without which nothing is said."""


@dataclass(frozen=True, slots=True)
class Box:
    """Futures that are told apart by a few conditions.

    Attributes
    ----------
    limits : dict of str to (float, float)
        Factor to the part of its range.
    futures, failed : int
        Of those held back: in the box, and of them, those that fail.
    density : tuple of float
        Share of the box's futures that fail, with its 95 % interval (Wilson).
    coverage : float
        Share of all futures that fail which lie in the box.
    """

    limits: dict[str, tuple[float, float]]
    futures: int
    failed: int
    density: tuple[float, float, float]
    coverage: float


@dataclass(frozen=True, slots=True, repr=False)
class Discovery:
    """In which futures an arm fails.

    Attributes
    ----------
    answers : Answers
        What was analysed.
    least : float
        The effect that was asked for, in the direction that is better.
    fails : array of bool
        For each future that is known.
    values : array of float, shape (futures, factors)
        Their points.
    factors : list of Factor
        What varies.
    boxes : list of Box
        The one of which it is surest that many of its futures fail first.
    held : array of bool
        Futures that are held back, by which boxes are told.
    base : tuple of float
        Share of them that fail, with its interval.
    left_out : int
        Points that are not known.
    """

    answers: Answers
    least: float
    fails: NDArray[np.bool_]
    values: NDArray[np.float64]
    factors: list[Factor]
    boxes: list[Box]
    held: NDArray[np.bool_]
    base: tuple[float, float, float]
    left_out: int

    def __repr__(self) -> str:
        count = f"{int(self.fails.sum())} of {len(self.fails)} futures fail"
        return f"<Discovery of {self.answers.outcome} in {self.answers.arm!r}: {count}, {len(self.boxes)} boxes>"

    @property
    def held_back(self) -> int:
        """Number of futures that are held back."""
        return int(self.held.sum())

    def tells(self, box: Box) -> bool:
        """Whether more or fewer futures fail in a box than outside it, beyond chance: Fisher's exact test, 5 % over all boxes together."""
        from scipy.stats import fisher_exact

        failing = round(self.base[0] * self.held_back)
        outside = self.held_back - box.futures, failing - box.failed
        if not box.futures or not outside[0]:
            return False
        table = [[box.failed, box.futures - box.failed], [outside[1], outside[0] - outside[1]]]
        return bool(fisher_exact(table).pvalue * len(self.boxes) < 1.0 - CONFIDENCE)


def discover(
    study: Study, outcome: str, arm: str | None = None, *, least: float | None = None, paired: bool | None = None
) -> Discovery:
    """Find in which futures an arm fails.

    Parameters
    ----------
    study : Study
        One with a design other than Morris; Latin hypercubes suit best. Of a Sobol design, those points are taken that are independent of each other.
    outcome, arm, paired
        See `sim.lab.answers.answers_of`. Of an outcome of which neither more nor less is better only a level can fail, at or below `least`.
    least : float, optional
        A future fails if the effect is not better than this (0 if not given): above it where more is better, below its negative where less is. Of a
        level, for which it has to be given: if it is not above it where more is better, or not below it where less is.

    Raises
    ------
    InputError
        If scikit-learn is not installed, or there are too few futures.
    """
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        right = 'pip install "bridgework[discovery]"'
        raise InputError("scikit-learn is not installed", where="discover", right=right) from None
    answers = answers_of(study, outcome, arm, paired=paired)
    better, bound = _asked(answers, least)
    futures = _independent(study)
    known = answers.complete & futures
    if known.sum() < FEWEST:
        raise InputError(
            f"too few futures: {_why_few(study, answers, futures)}",
            where=str(study.folder),
            value=int(known.sum()),
            right=f"{FEWEST} or more",
        )
    means = answers.means[known]
    fails = means <= bound if better > 0 else means >= bound
    values, factors = study.laid.values[known], study.laid.factors
    held = _held_back(int(known.sum()))
    smallest = max(5, round(LEAST_SHARE * int((~held).sum())))
    boxes: list[Box] = []
    if 0 < fails[~held].sum() < (~held).sum():
        tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=smallest, random_state=0)
        tree.fit(values[~held], fails[~held])
        boxes = [_told(limits, values[held], fails[held], factors) for limits in _leaves(tree.tree_, factors)]
        boxes.sort(key=lambda box: (-box.density[1] if box.futures else 1.0, -box.coverage))
    base = share(int(fails[held].sum()), int(held.sum()))
    return Discovery(
        answers, 0.0 if least is None else least, fails, values, factors, boxes, held, base, int((futures & ~known).sum())
    )


def _asked(answers: Answers, least: float | None) -> tuple[int, float]:
    """Check what counts as failing; return which way is better, and the bound."""
    better = BY_NAME[answers.outcome].better
    if least is None and not answers.paired:
        right = "least = NUMBER (--least), the level at which it fails"
        raise InputError("by which level does it fail?", where="least", value=None, right=right)
    if least is not None and (not isinstance(least, int | float) or isinstance(least, bool) or not math.isfinite(least)):
        raise InputError("not a number", where="least", value=least, right="a number, in the outcome's unit")
    if answers.paired and not better:
        right = "an outcome of which more, or less, is better; or the level of an arm (--level) with least (--least)"
        raise InputError("neither more nor less of it is better", where="outcome", value=answers.outcome, right=right)
    bound = 0.0 if least is None else float(least)
    return better or 1, bound if better > 0 or not answers.paired else -bound


def _independent(study: Study) -> NDArray[np.bool_]:
    """Tell which points are futures of their own: not those that a design takes a step away from another."""
    kind, count = study.manifest["design"]["kind"], len(study.laid.values)
    if kind == "morris":
        right = "a Latin hypercube, a grid, a table, or a Sobol design; bridgework sensitivity for this one"
        raise InputError(
            "points of a Morris design are steps away from each other", where=f"{study.folder}: design.kind", right=right
        )
    if kind != "sobol":
        return np.ones(count, bool)
    size = block_size(kind, len(study.laid.factors))
    return np.isin(np.arange(count) % size, (0, size - 1))


def _why_few(study: Study, answers: Answers, futures: NDArray[np.bool_]) -> str:
    if futures.sum() < FEWEST:
        return f"the design has {int(futures.sum())}"
    return why_unknown(study, answers) or study.left_out() or "not all of their worlds are known"


def _held_back(count: int) -> NDArray[np.bool_]:
    """Choose by lot the futures that are held back."""
    held = np.zeros(count, bool)
    held[np.random.default_rng(0).permutation(count)[: max(1, count // HELD_BACK)]] = True
    return held


def share(count: int, total: int) -> tuple[float, float, float]:
    """Return a share with its 95 % Wilson interval; NaN of nothing."""
    from scipy.stats import binomtest

    if total == 0:
        return (float("nan"),) * 3
    found = binomtest(count, total).proportion_ci(CONFIDENCE, method="wilson")
    return count / total, float(found.low), float(found.high)


def _leaves(tree: Any, factors: list[Factor]) -> list[dict[int, tuple[float, float]]]:
    """Return the boxes of a tree: factor by number to the part of its range. Neighbours that say the same are one box."""
    says = [int(value.argmax()) for value in tree.value[:, 0]]
    ends = [left < 0 for left in tree.children_left]
    for node in reversed(range(len(ends))):  # children come after their parents
        left, right = tree.children_left[node], tree.children_right[node]
        if not ends[node] and ends[left] and ends[right] and says[left] == says[right]:
            ends[node], says[node] = True, says[left]
    out = []
    open_: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    while open_:
        node, limits = open_.pop()
        if ends[node]:
            out.append(limits)
            continue
        k, cut = int(tree.feature[node]), float(tree.threshold[node])
        low, high = limits.get(k, (factors[k].low, factors[k].high))
        open_.append((int(tree.children_left[node]), limits | {k: (low, cut)}))
        open_.append((int(tree.children_right[node]), limits | {k: (cut, high)}))
    return out if len(out) > 1 else []


def _told(
    limits: dict[int, tuple[float, float]], values: NDArray[np.float64], fails: NDArray[np.bool_], factors: list[Factor]
) -> Box:
    inside = np.ones(len(values), bool)
    for k, (low, high) in limits.items():
        above = values[:, k] >= low if low == factors[k].low else values[:, k] > low
        inside &= above & (values[:, k] <= high)
    failed = int(fails[inside].sum())
    named = {factors[k].name: limit for k, limit in limits.items()}
    return Box(named, int(inside.sum()), failed, share(failed, int(inside.sum())), failed / max(int(fails.sum()), 1))
