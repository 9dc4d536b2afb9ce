"""Fit where echoes fall: in the square of the event that set them off, or in one around it in which events of the region happen.

An event is an echo of an earlier one by the fit over time, or belongs to the background, which has places of its own and, where it
drifts, its drift as far as all counts tell it. Both are weighed against each other for every event (Zhuang, Ogata & Vere-Jones 2002),
and the share of echoes that fall nearby is the one that makes the places of all events most likely. As in a simulated region, it falls
evenly on the neighbours there are, and nowhere else where there are none. Events of one week in one square count once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.fit.choosing import Recorded, neighbours
from sim.fit.likelihood import Process, expected_drift
from sim.fit.profile import BOUND

F64 = NDArray[np.float64]
FEWEST = 50
"""Events whose place is known below which nothing is fitted."""
_SHARES = np.linspace(0.0, 1.0, 101)
_ROUNDS = 60
_NEGLIGIBLE = 1e-4


@dataclass(frozen=True, slots=True)
class Nearby:
    """Where echoes fall.

    Attributes
    ----------
    share : float
        Share of echoes that fall in the squares around.
    low, high : float
        Its 95 % interval.
    events : int
        Events whose place is known well enough.
    """

    share: float
    low: float
    high: float
    events: int


def fit_nearby(recorded: Recorded, process: Process) -> Nearby | None:
    """Fit the share of echoes that fall in neighbouring squares, by profile likelihood; None with fewer than 50 places known.

    Parameters
    ----------
    recorded : Recorded
        The events.
    process : Process
        How they come about over time; `share` above 0.
    """
    known = np.flatnonzero(recorded.cell >= 0)
    _, first = np.unique(np.stack([recorded.area[known], recorded.cell[known], recorded.week[known]]), axis=1, return_index=True)
    known = known[np.sort(first)]
    if known.size < FEWEST or process.share <= 0.0:
        return None
    area, week, cell = recorded.area[known], recorded.week[known], recorded.cell[known]
    held, near, base = np.zeros(known.size), np.zeros(known.size), np.zeros(known.size)
    alone = np.zeros(known.size)
    _, places = np.unique(np.stack([area, cell]), axis=1, return_inverse=True)
    around = [neighbours(int(one)) for one in cell]
    there = [set(cell[area == a].tolist()) for a in range(len(recorded.areas))]
    count = np.array([len(there[a].intersection(cells)) for a, cells in zip(area, around, strict=True)])
    fade = 1.0 - 1.0 / process.delay
    longest = int(np.ceil(np.log(_NEGLIGIBLE) / np.log(fade))) if fade > 0.0 else 1
    mean = recorded.counts.mean(axis=1)
    drift = [expected_drift(own, float(rate) / process.rate, process) for own, rate in zip(recorded.counts, mean, strict=True)]
    for k in range(known.size):
        since = week[k] - week
        earlier = np.flatnonzero((area == area[k]) & (since > 0) & (since <= longest))
        weight = process.share * (1.0 - fade) * fade ** (since[earlier] - 1.0)
        own, lonely = cell[earlier] == cell[k], count[earlier] == 0
        held[k], alone[k] = weight[own & ~lonely].sum(), weight[own & lonely].sum()
        beside = np.isin(cell[earlier], around[k])
        near[k] = (weight[beside] / count[earlier][beside]).sum()
        base[k] = mean[area[k]] * (1.0 - process.share) * drift[area[k]][week[k]]
    surprises = np.array([_surprise(share, held, alone, near, base, places.ravel(), area) for share in _SHARES])
    best, inside = int(surprises.argmin()), np.flatnonzero(2.0 * (surprises - surprises.min()) <= BOUND)
    return Nearby(float(_SHARES[best]), float(_SHARES[inside[0]]), float(_SHARES[inside[-1]]), int(known.size))


def _surprise(
    share: float, own: F64, alone: F64, near: F64, base: F64, places: NDArray[np.int64], area: NDArray[np.int64]
) -> float:
    """Minus the log likelihood of the places of all events, the background's own being fitted by expectation and maximisation."""
    echo = (1.0 - share) * own + alone + share * near
    held = np.bincount(places).astype(float)
    home = np.zeros(held.size, np.int64)
    home[places] = area
    for _ in range(_ROUNDS):
        often = held / np.bincount(home, held)[home]
        background = base * often[places]
        held = np.bincount(places, background / (background + echo)) + 1e-9
    return float(-np.log(background + echo).sum())
