"""Ties between two workers of different sides: reliance on a person met.

A tie of strength s that is not used decays at the rate ``tie_decay · (1 − s)^tie_closeness``, fixed at its last use, so weak
ties vanish within months and close ones last for years (EVIDENCE E1, E2). Its present strength, and the week in which it
falls below ``tie_floor`` and ends, follow in closed form; nothing is done to it in the weeks between. A worker keeps only so
many ties: a new one takes the place of the weakest, if it is stronger.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import called, inlined
from sim.world.tables import other_index

HOLD = 0.3
"""Strength from which a tie holds its persons' attitudes (assumption, fixed)."""
FOREVER = 1_000_000


@inlined
def strength_now(ties, row, week, p):  # type: ignore[no-untyped-def]
    """Present strength of a tie, 0 if it has ended."""
    if week >= ties.ends[row]:
        return 0.0
    s = float(ties.strength[row])
    return s * math.exp(-p.tie_decay * (1.0 - s) ** p.tie_closeness * (week - ties.last[row]))


@inlined
def weeks_above(strength, level, p):  # type: ignore[no-untyped-def]
    """Weeks that an unused tie stays above a level."""
    if strength <= level:
        return 0
    rate = p.tie_decay * (1.0 - strength) ** p.tie_closeness
    weeks = math.log(strength / level) / max(rate, 1e-9)
    return int(min(math.ceil(weeks), FOREVER))


@inlined
def find(workers, ties, i, j):  # type: ignore[no-untyped-def]
    """Row of the tie between the workers i and j, -1 if there is none."""
    for k in range(workers.ties[i]):
        row = workers.slots[i, k]
        if ties.a[row] == j or ties.b[row] == j:
            return row
    return -1


@called
def _hold(workers, ties, i, side):  # type: ignore[no-untyped-def]
    """Note until when the ties of worker i to a side hold her attitudes."""
    o = other_index(workers.side[i], side, workers.warmth.shape[1] + 1)
    until = -FOREVER
    for k in range(workers.ties[i]):
        row = workers.slots[i, k]
        j = ties.b[row] if ties.a[row] == i else ties.a[row]
        if workers.side[j] == side:
            until = max(until, ties.holds[row])
    workers.held_until[i, o] = until


@called
def _forget(workers, i, row):  # type: ignore[no-untyped-def]
    n = workers.ties[i]
    for k in range(n):
        if workers.slots[i, k] == row:
            for m in range(k, n - 1):
                workers.slots[i, m] = workers.slots[i, m + 1]
            workers.slots[i, n - 1] = -1
            workers.ties[i] = n - 1
            return


@called
def remove(workers, ties, row):  # type: ignore[no-untyped-def]
    """End a tie and free its row."""
    i, j = ties.a[row], ties.b[row]
    _forget(workers, i, row)
    _forget(workers, j, row)
    _hold(workers, ties, i, workers.side[j])
    _hold(workers, ties, j, workers.side[i])
    ties.a[row] = -1
    ties.b[row] = -1
    ties.ends[row] = -FOREVER
    count = ties.free[ties.free.size - 1]
    ties.free[count] = row
    ties.free[ties.free.size - 1] = count + 1


@called
def set_strength(workers, ties, row, strength, week, p):  # type: ignore[no-untyped-def]
    """Record the strength of a tie that has just been used."""
    strength = min(strength, 0.98)
    ties.strength[row] = strength
    ties.last[row] = week
    ties.ends[row] = week + weeks_above(strength, p.tie_floor, p)
    ties.holds[row] = week + weeks_above(strength, HOLD, p)
    i, j = ties.a[row], ties.b[row]
    _hold(workers, ties, i, workers.side[j])
    _hold(workers, ties, j, workers.side[i])


@called
def clear_ended(workers, ties, i, week):  # type: ignore[no-untyped-def]
    """Free the rows of worker i's ties that have ended, if she has no room left."""
    if workers.ties[i] < workers.slots.shape[1]:
        return
    k = 0
    while k < workers.ties[i]:
        row = workers.slots[i, k]
        if week >= ties.ends[row]:
            remove(workers, ties, row)
        else:
            k += 1


@called
def least_kept(workers, ties, i, strength, week, p):  # type: ignore[no-untyped-def]
    """Row of the tie that worker i would give up for one of this strength: -2 if she has room, -1 if she would give up none."""
    if workers.ties[i] < workers.slots.shape[1]:
        return -2
    weakest, least = -1, strength
    for k in range(workers.ties[i]):
        s = strength_now(ties, workers.slots[i, k], week, p)
        if s < least:
            weakest, least = workers.slots[i, k], s
    return weakest


@called
def make(workers, ties, i, j, strength, week, p):  # type: ignore[no-untyped-def]
    """Begin a tie between the workers i and j, if it is above the floor and both have or make room."""
    if strength <= p.tie_floor:
        return
    clear_ended(workers, ties, i, week)
    clear_ended(workers, ties, j, week)
    given_up = least_kept(workers, ties, i, strength, week, p)
    also = least_kept(workers, ties, j, strength, week, p)
    if given_up == -1 or also == -1:
        return
    if given_up >= 0:
        remove(workers, ties, given_up)
    if also >= 0 and also != given_up:
        remove(workers, ties, also)
    count = ties.free[ties.free.size - 1]
    row = ties.free[count - 1]
    ties.free[ties.free.size - 1] = count - 1
    ties.a[row] = i
    ties.b[row] = j
    ties.born[row] = week
    workers.slots[i, workers.ties[i]] = row
    workers.ties[i] += 1
    workers.slots[j, workers.ties[j]] = row
    workers.ties[j] += 1
    set_strength(workers, ties, row, strength, week, p)


@called
def drop_all(workers, ties, i):  # type: ignore[no-untyped-def]
    """End all ties of worker i."""
    while workers.ties[i] > 0:
        remove(workers, ties, workers.slots[i, workers.ties[i] - 1])


@called
def best_across(workers, ties, i, community, side, family, week, distant, p):  # type: ignore[no-untyped-def]
    """Worth, to a profession's work, of worker i's best live tie into a community; ties elsewhere on its side count as `distant`."""
    best = 0.0
    for k in range(workers.ties[i]):
        row = workers.slots[i, k]
        j = ties.b[row] if ties.a[row] == i else ties.a[row]
        if workers.side[j] != side:
            continue
        s = strength_now(ties, row, week, p)
        if workers.community[j] != community:
            s *= distant
        if workers.family[j] != family:
            s *= p.other_profession
        best = max(best, s)
    return best


@called
def lent_across(workers, ties, topology, c, community, side, family, u, week, distant, p):  # type: ignore[no-untyped-def]
    """Worth of what a worker of another profession in community c, chosen by u, lends if she returned from an exchange.

    It is discounted by her own trust in strangers from there, as are the ties of those on duty.
    """
    others = 0
    for f in range(topology.pool_staff.shape[1]):
        others += topology.pool_staff[c, f] if f != family else 0
    place = min(int(u * others), others - 1)
    for f in range(topology.pool_staff.shape[1]):
        staff = topology.pool_staff[c, f] if f != family else 0
        if 0 <= place < staff:
            i = topology.pool_first[c, f] + place
            if workers.alumnus[i] == 0:
                return 0.0
            o = other_index(workers.side[i], side, workers.trust.shape[1] + 1)
            return (
                p.lent_tie
                * best_across(workers, ties, i, community, side, family, week, distant, p)
                * (0.5 + 0.5 * workers.trust[i, o])
            )
        place -= staff
    return 0.0


def empty_stack(rows: int) -> np.ndarray:
    """Return a stack on which all rows are free, the first on top; its last entry is their number."""
    stack = np.empty(rows + 1, np.int32)
    stack[:rows] = np.arange(rows - 1, -1, -1)
    stack[rows] = rows
    return stack
