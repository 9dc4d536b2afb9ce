"""How likely weekly counts of events are where events set off later ones, the background drifts, or both.

In week t an area has on average ``level · drift + share · echo`` events. ``echo`` is what is left of earlier events: it fades by the
same factor each week, so that an event sets off `share` later ones in all, after `delay` weeks on average. The logarithm of ``drift``
returns to its mean at `half_life` and varies by `spread`; it is never seen, so all its courses are weighed (a filter over a grid of
21 values: Kitagawa 1987; Rouwenhorst's grid, which keeps variance and half-life exactly: Kopecky & Suen 2010). An event may be
followed by others in the same week, each with chance `at_once`, so that counts are Pólya-Aeppli distributed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, inlined

F64 = NDArray[np.float64]
GRID = 21
"""Values of the drift that are weighed."""


@dataclass(frozen=True, slots=True)
class Process:
    """How events of a border come about.

    Attributes
    ----------
    rate : float
        Events a week in the long run, in a mean area.
    share : float
        Later events that an event sets off in all, 0 to 1: the share of events that earlier ones have set off.
    delay : float
        Weeks after which it does so, on average; 1 or more.
    spread : float
        Standard deviation of the drift of the background's logarithm.
    half_life : float
        Weeks after which half of that drift is gone.
    at_once : float
        Chance that an event is followed by another in the same week.
    between : float
        Standard deviation of the logarithm of areas' rates, where there are several.
    """

    rate: float
    share: float = 0.0
    delay: float = 4.0
    spread: float = 0.0
    half_life: float = 26.0
    at_once: float = 0.0
    between: float = 0.0


NODES, WEIGHTS = np.polynomial.hermite.hermgauss(3)


@inlined
def _chance(n, mean, none, at_once):  # type: ignore[no-untyped-def]
    """Chance of n events of a Pólya-Aeppli distribution whose clusters are `mean` on average; `none` is that of no event."""
    if n == 0:
        return none
    before, now = none, mean * (1.0 - at_once) * none
    for k in range(2, n + 1):
        after = ((mean * (1.0 - at_once) + 2.0 * at_once * (k - 1)) * now - at_once * at_once * (k - 2) * before) / k
        before, now = now, max(after, 1e-300)
    return now


@compiled
def _log_likelihoods(counts, areas, sizes, level, share, fade, at_once, values, moves, resting, now, after, quiet, out):  # type: ignore[no-untyped-def]
    """Log likelihood of an area's counts at each of some sizes; `now`, `after` and `quiet` are room for one number for each value of the drift."""
    weeks, states = counts.shape[1], values.size
    for r in range(areas.size):
        total, echo = 0.0, sizes[r] * level / (1.0 - share)
        for k in range(states):
            now[k] = resting[k]
            quiet[k] = math.exp(-(1.0 - at_once) * sizes[r] * level * values[k])
        for t in range(weeks):
            n, seen = counts[areas[r], t], 0.0
            unset = math.exp(-(1.0 - at_once) * share * echo)
            for k in range(states):
                mean = (1.0 - at_once) * (sizes[r] * level * values[k] + share * echo)
                now[k] *= _chance(n, mean, quiet[k] * unset, at_once)
                seen += now[k]
            if seen <= 0.0:
                total = -1e12
                break
            total += math.log(seen)
            echo = fade * echo + (1.0 - fade) * n
            if states == 1:
                now[0] = 1.0
                continue
            for k in range(states):
                after[k] = 0.0
            for j in range(states):
                weight = now[j] / seen
                for k in range(states):
                    after[k] += weight * moves[j, k]
            for k in range(states):
                now[k] = after[k]
        out[r] = total


@compiled
def _weigh(counts, size, level, share, fade, at_once, values, moves, resting, chances, forward):  # type: ignore[no-untyped-def]
    """Note, week by week, the chance of the count at each value of the drift, and that value's weight given the counts so far."""
    weeks, states, echo = counts.size, values.size, size * level / (1.0 - share)
    for t in range(weeks):
        seen = 0.0
        for k in range(states):
            before = resting[k] if t == 0 else 0.0
            if t > 0:
                for j in range(states):
                    before += forward[t - 1, j] * moves[j, k]
            mean = (1.0 - at_once) * (size * level * values[k] + share * echo)
            chances[t, k] = _chance(counts[t], mean, math.exp(-mean), at_once)
            forward[t, k] = before * chances[t, k]
            seen += forward[t, k]
        for k in range(states):
            forward[t, k] /= max(seen, 1e-300)
        echo = fade * echo + (1.0 - fade) * counts[t]


@lru_cache(maxsize=16)
def _moves(half_life: float) -> F64:
    """Return how a drift of this half-life moves on its grid in a week: built up state by state (Rouwenhorst 1995)."""
    stay = 0.5 * (1.0 + 0.5 ** (1.0 / half_life))
    moves = np.array([[stay, 1.0 - stay], [1.0 - stay, stay]])
    for n in range(3, GRID + 1):
        larger = np.zeros((n, n))
        larger[:-1, :-1] += stay * moves
        larger[:-1, 1:] += (1.0 - stay) * moves
        larger[1:, :-1] += (1.0 - stay) * moves
        larger[1:, 1:] += stay * moves
        larger[1:-1] /= 2.0
        moves = larger
    return moves


def drift_grid(spread: float, half_life: float) -> tuple[F64, F64, F64]:
    """Return what the drift multiplies the background by on its grid, how it moves in a week, and how often it is where.

    Returns
    -------
    values : array, shape (states,)
        Mean 1 in the long run; a single one if there is no drift.
    moves : array, shape (states, states)
        Chance to be at the second a week after the first.
    resting : array, shape (states,)
    """
    if spread <= 0.0:
        return np.ones(1), np.ones((1, 1)), np.ones(1)
    resting = np.array([math.comb(GRID - 1, k) for k in range(GRID)]) / 2.0 ** (GRID - 1)
    values = np.exp(spread * math.sqrt(GRID - 1) * np.linspace(-1.0, 1.0, GRID))
    return values / (values @ resting), _moves(half_life), resting


def surprise(counts: NDArray[np.int64], process: Process) -> float:
    """Return minus the log likelihood of weekly counts.

    Rates of several areas are log-normal around `rate`; they are integrated over, area by area, by Gauss-Hermite quadrature about what
    the area's own counts say (Liu & Pierce 1994). So a slow drift is not taken for a rate of the area's own.

    Parameters
    ----------
    counts : array of int, shape (areas, weeks)
        Events in each area and week.
    process : Process
        How events come about.
    """
    values, moves, resting = drift_grid(process.spread, process.half_life)
    level, fade = process.rate * (1.0 - process.share), 1.0 - 1.0 / process.delay
    areas, weeks = counts.shape
    sizes, priors = np.ones((areas, 1)), np.zeros((areas, 1))
    if areas > 1 and process.between > 0.0:
        events = np.maximum(counts.sum(axis=1), 0.5)
        # how closely an area's own counts tell its rate: chance, events that come together, and a drift that outlasts the period
        together = (1.0 + process.at_once) / (1.0 - process.at_once) / (1.0 - process.share) ** 2
        lasting = math.expm1(min(process.spread**2, 4.0)) * min(1.0, 2.0 * process.half_life / math.log(2.0) / weeks)
        own, apart = np.minimum(together / events + lasting, 1.5), process.between**2
        middle = (apart * np.log(events / weeks / process.rate) - 0.5 * apart * own) / (own + apart)
        width = np.sqrt(2.0 * own * apart / (own + apart))
        logs = middle[:, None] + width[:, None] * NODES
        sizes = np.exp(logs)
        off = (logs + 0.5 * apart) / process.between
        scale = np.log(width)[:, None] - math.log(process.between * math.sqrt(2.0 * math.pi))
        priors = np.log(WEIGHTS) + NODES**2 + scale - 0.5 * off**2
    room, found = np.empty((3, values.size)), np.empty(sizes.size)
    rows = np.repeat(np.arange(areas), sizes.shape[1])
    _log_likelihoods(
        counts,
        rows,
        sizes.ravel(),
        level,
        process.share,
        fade,
        process.at_once,
        values,
        moves,
        resting,
        room[0],
        room[1],
        room[2],
        found,
    )
    return -float(np.logaddexp.reduce(found.reshape(sizes.shape) + priors, axis=1).sum())


def expected_drift(counts: NDArray[np.int64], size: float, process: Process) -> F64:
    """Return what the drift multiplies an area's background by, week by week, as far as all its counts tell.

    Parameters
    ----------
    counts : array of int, shape (weeks,)
        Events in each week.
    size : float
        Rate of the area, relative to `process.rate`.
    process : Process
        How events come about.

    Returns
    -------
    array, shape (weeks,)
        Ones if there is no drift.
    """
    values, moves, resting = drift_grid(process.spread, process.half_life)
    level, fade = process.rate * (1.0 - process.share), 1.0 - 1.0 / process.delay
    chances, forward = np.empty((counts.size, values.size)), np.empty((counts.size, values.size))
    _weigh(counts, size, level, process.share, fade, process.at_once, values, moves, resting, chances, forward)
    backward, out = np.ones(values.size), np.empty(counts.size)
    for t in range(counts.size - 1, -1, -1):
        weights = forward[t] * backward
        out[t] = float(weights @ values / weights.sum())
        backward = moves @ (chances[t] * backward)
        backward /= backward.max()
    return out
