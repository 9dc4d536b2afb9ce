"""Replicates until resolved: further worlds are lived only where the interval of a paired difference is still too wide.

Looks are taken at fixed numbers of worlds, in the order of seeds: at the file's ``seeds``, and at twice as many each time, up to ``until.most``.
At each look, a comparison of an arm with the reference arm (at a point of the design) is resolved if its interval is no wider than asked; then no
more worlds of it are lived. Who looks several times and stops when the interval is narrow gets intervals that hold the truth too rarely, so each has
the confidence 1 − 0.05 / looks (Bonferroni): whichever look one stops at, at least 95 of 100 hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.lab.effects import CONFIDENCE, half_width

if TYPE_CHECKING:
    import pandas as pd


def looks_of(seeds: int, until: dict[str, Any] | None) -> list[int]:
    """Return the numbers of worlds at which looks are taken; one, if their number is fixed."""
    looks = [seeds]
    while until is not None and looks[-1] < until["most"]:
        looks.append(min(2 * looks[-1], until["most"]))
    return looks


def confidence_of(manifest: dict[str, Any]) -> float:
    """Return the confidence that each interval of a study needs."""
    return 1.0 - (1.0 - CONFIDENCE) / len(looks_of(manifest["seeds"], manifest["until"]))


@dataclass(frozen=True, slots=True)
class Resolution:
    """How well a comparison is known.

    Attributes
    ----------
    arm : str
        Compared with the reference arm.
    point : int
        Of the design.
    pairs : int
        Pairs of worlds.
    half_width : float
        Of the interval.
    resolved : bool
        Whether that is narrow enough.
    """

    arm: str
    point: int
    pairs: int
    half_width: float
    resolved: bool


def resolutions(
    runs: pd.DataFrame, turns: np.ndarray, manifest: dict[str, Any], look: int, points: list[int]
) -> list[Resolution]:
    """Tell how well each comparison is known after some look, by the worlds up to it.

    Where no two worlds differ, nothing is known but that they do not; that is enough only where the arm is lived just as the reference arm is.

    Parameters
    ----------
    runs : pandas.DataFrame
        ``Study.runs``.
    turns : array of int
        The how-manieth world of its point each row is.
    manifest : dict
        Of the study.
    look : int
        Number of worlds.
    points : list of int
        Points that are lived.
    """
    until, reference, confidence = manifest["until"], manifest["reference"], confidence_of(manifest)
    seen = runs[turns < look].assign(turn=turns[turns < look], arm=runs["arm"].astype(str))
    seen = seen if "point" in seen else seen.assign(point=0)
    groups = {key: group.set_index("turn")[["key", until["outcome"]]] for key, group in seen.groupby(["arm", "point"])}
    nothing = seen.set_index("turn")[["key", until["outcome"]]].iloc[:0]
    out = []
    for arm in [arm for arm in manifest["scenarios"] if arm != reference]:
        for point in points:
            own, base = (groups.get((a, point), nothing) for a in (arm, reference))
            both = own.merge(base, left_index=True, right_index=True, suffixes=("", " reference"))
            name = until["outcome"]
            differences = (both[name] - both[f"{name} reference"]).dropna().to_numpy(float)
            half = half_width(differences, confidence)
            if half == 0.0 and not (both["key"] == both["key reference"]).all():
                half = float("inf")
            out.append(Resolution(arm, point, len(differences), half, bool(half <= until["half_width"])))
    return out
