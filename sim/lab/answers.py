"""Answers of a study's points: one number for each point and world, complete or left out, and that in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.outcomes import check_outcome

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study


DIGITS = 12
"""Digits of differences that are told apart from rounding."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What each point of a design came to.

    Attributes
    ----------
    outcome : str
        Name of the outcome.
    arm : str
        Whose.
    paired : bool
        Whether it is the difference from the reference arm in the same world.
    values : array of float, shape (points, worlds)
        NaN where a run failed, is not done, or has no such outcome.
    worlds : int
        Worlds that the study asks for; there are fewer in `values` where the rest are known at few points only.
    """

    outcome: str
    arm: str
    paired: bool
    values: NDArray[np.float64]
    worlds: int = 0

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Points all of whose worlds are known."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean over worlds, for each point; NaN where one is missing."""
        return np.asarray(self.values.mean(axis=1))


def answers_of(study: Study, outcome: str, arm: str | None = None, *, paired: bool | None = None) -> Answers:
    """Return the answers of a study's points.

    Parameters
    ----------
    study : Study
        One with a design.
    outcome : str
        Name of an outcome.
    arm : str, optional
        Whose; the only one beside the reference arm if not given, or the reference arm if there is no other.
    paired : bool, optional
        Whether to take the difference from the reference arm in the same world; that is usual for all arms but the reference.

    Raises
    ------
    InputError
        If there is no such outcome or arm, or the study has no design.
    """
    check_outcome(outcome, "outcome")
    if not study.has_design:
        right = "a study of an experiment with [design]; bridgework effects compares across all ranges without one"
        raise InputError("this study has no design", where=str(study.folder), right=right)
    others = [name for name in study.arms if name != study.reference]
    if arm is None:
        if len(others) > 1:
            raise InputError("which arm?", where="arm", value=None, right=f"one of: {', '.join(study.arms)}")
        arm = others[0] if others else study.reference
    if arm not in study.arms:
        raise InputError("no such arm", where="arm", value=arm, right=f"one of: {', '.join(study.arms)}")
    paired = arm != study.reference if paired is None else paired
    if paired and arm == study.reference:
        raise InputError(
            "the reference arm has no difference from itself", where="arm", value=arm, right=f"one of: {', '.join(others)}"
        )
    if study.manifest["until"] is not None:
        right = "a fixed number of seeds, so that all points are known equally well"
        raise InputError("worlds were lived until differences were known", where=f"{study.folder}: until", right=right)
    runs = study.runs
    values = _table(study, runs, arm, outcome)
    if paired:
        values = _plain(values - _table(study, runs, study.reference, outcome))
    return Answers(outcome, arm, paired, values[:, : worlds_known(values)], values.shape[1])


def _plain(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take off what rounding alone made of differences, so that what differs in nothing else is equal."""
    most = float(np.nanmax(np.abs(differences), initial=0.0))
    return differences if most == 0.0 else np.round(differences, DIGITS - math.floor(math.log10(most)))


def why_unknown(study: Study, answers: Answers) -> str:
    """Tell why most points are not known, if that is due to the outcome itself; empty if not."""
    runs = study.runs
    for arm in dict.fromkeys([study.reference, answers.arm] if answers.paired else [answers.arm]):
        own = runs.loc[runs["arm"] == arm, answers.outcome]
        if len(own) and own.isna().mean() > 0.5:
            return f'{answers.outcome} has no value in most runs of arm "{arm}"'
    return ""


def worlds_known(values: NDArray[np.float64]) -> int:
    """Count the worlds, from the first, of which most is known: a study that was stopped has some points of the next, which would be of no use.

    Parameters
    ----------
    values : array of float, shape (points, worlds)
        NaN where unknown.

    Returns
    -------
    int
        The number of worlds with which points that are known in all of them hold the most values; at least one.
    """
    whole = np.isfinite(values).cumprod(axis=1).sum(axis=0)
    held = whole * np.arange(1, values.shape[1] + 1)
    return int(len(held) - np.argmax(held[::-1]))


def _table(study: Study, runs: pd.DataFrame, arm: str, outcome: str) -> NDArray[np.float64]:
    out = np.full((len(study.laid.values), study.manifest["seeds"]), np.nan)
    own = runs[runs["arm"] == arm]
    points = own["point"].to_numpy()
    turns = study.turn_of(own["seed"].to_numpy(), points).astype(np.int64)
    out[points, turns] = own[outcome].to_numpy(float)
    return out
