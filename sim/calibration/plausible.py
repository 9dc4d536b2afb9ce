"""Find the vectors that the evidence does not rule out.

A vector is ruled out when some figure is expected more than `CUTOFF` standard deviations outside its band: whatever the distribution of that
error, if it has one peak, at most one vector in twenty is ruled out wrongly by a figure (Pukelsheim 1994). What is left is mostly a small part
of the space, so it is closed in on in steps: of a cloud of vectors those that are least implausible are kept, multiplied and moved about, until
none is ruled out (subset simulation, Au & Beck 2001).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.emulator import Emulator, implausibility
from sim.calibration.space import Units

CUTOFF = 3.0
CLOUD = 1_500
"""Vectors that are moved about."""
KEPT = 0.25
"""Share of them that is kept in a step."""
MOVES = 12
"""Times that each is moved in a step."""
MOST_STEPS = 40
GAIN, PATIENCE = 0.02, 3
"""The search ends where the implausibility that is left falls by less than this share in so many steps one after another."""


@dataclass(frozen=True, slots=True)
class Plausible:
    """Vectors that are not ruled out.

    Attributes
    ----------
    units : array of float, shape (vectors, parameters)
        Positions from 0 to 1.
    share : float
        Share of the space that is not ruled out, about.
    worst : float
        The largest implausibility among them: `CUTOFF`, or more where nothing is left at that.
    """

    units: Units
    share: float
    worst: float


def _moved(units: Units, active: NDArray[np.int64], width: Units, chance: np.random.Generator) -> Units:
    """Move some of the active parameters of each vector, reflected at the ends of their ranges."""
    out = units.copy()
    some = chance.random((len(units), active.size)) < np.minimum(4.0 / active.size, 1.0)
    step = chance.standard_normal((len(units), active.size)) * width[:, None]
    moved = np.abs(out[:, active] + some * step) % 2.0
    out[:, active] = np.where(moved > 1.0, 2.0 - moved, moved)
    return out


def plausible(
    emulators: list[Emulator], parameters: int, seed: int, tick: Callable[[], None] = lambda: None, cutoff: float = CUTOFF
) -> Plausible:
    """Find vectors that no emulator rules out.

    Parameters
    ----------
    emulators : list of Emulator
        One per figure.
    parameters : int
        Of the space.
    seed : int
        Of the search.
    tick : callable
        Called after each step.
    cutoff : float
        Standard deviations outside a band beyond which a vector is ruled out.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # matrices are small: more threads get in each other's way
        return _closed_in(emulators, parameters, seed, tick, cutoff)


def _closed_in(emulators: list[Emulator], parameters: int, seed: int, tick: Callable[[], None], cutoff: float) -> Plausible:
    chance = np.random.default_rng([seed, 2])
    units = chance.random((CLOUD, parameters))
    active = np.unique(np.concatenate([e.active for e in emulators])) if emulators else np.empty(0, np.int64)
    if not active.size:
        return Plausible(units, 1.0, 0.0)
    worst = implausibility(emulators, units).max(axis=1)
    share, level, stuck = 1.0, math.inf, 0
    for _ in range(MOST_STEPS):
        before, level = level, max(cutoff, float(np.quantile(worst, KEPT)))
        stuck = stuck + 1 if level > (1.0 - GAIN) * before else 0
        good = np.flatnonzero(worst <= level)
        share *= good.size / CLOUD
        rows = good[chance.integers(good.size, size=CLOUD)]
        units, worst = units[rows], worst[rows]
        for _ in range(MOVES):
            width = 10.0 ** chance.uniform(-2.0, 0.0, CLOUD)
            new = _moved(units, active, width, chance)
            then = implausibility(emulators, new).max(axis=1)
            better = then <= level
            units[better], worst[better] = new[better], then[better]
        tick()
        if level <= cutoff or stuck == PATIENCE:
            break
    rest = np.setdiff1d(np.arange(parameters), active)
    units[:, rest] = chance.random((CLOUD, rest.size))
    return Plausible(units, share, float(worst.max()))
