"""Ties between two workers of different sides: reliance on a person met.

A tie of strength s that is not used decays at the rate ``tie_decay · (1 − s)^tie_closeness``, fixed at its last use, so weak
ties vanish within months and close ones last for years (EVIDENCE E1, E2). Its present strength, and the weeks in which it
falls below the strength to rely on and below ``tie_floor``, where it ends, follow in closed form; nothing is done to it in the
weeks between. How many are strong enough is kept in a calendar of those weeks. A worker keeps only so many ties: a new one
takes the place of the weakest, if it is stronger.
"""

from __future__ import annotations

import math

import numpy as np

from sim import rooms, state
from sim.columns import allocate
from sim.compiled import called, inlined
from sim.parameters.ordinary import RELIANCE
from sim.world.tables import CALENDAR, TieCalendar, Ties, other_index

HOLD = 0.3
"""Strength from which a tie holds its persons' attitudes (assumption, fixed)."""
STRONGEST = 0.98
"""Strength beyond which no tie grows (fixed)."""
SURVIVAL = 52
"""Weeks after which it is counted whether a tie is still alive (fixed)."""
FOREVER = 30_000
LAST_WEEK = 3_000
"""No run goes on so long; from the longest burn-in on, weeks up to it have places of their own in the calendar."""
_WRAP = CALENDAR - 1


@inlined
def strength_now(ties, row, week):  # type: ignore[no-untyped-def]
    """Present strength of a tie, 0 if it has ended."""
    if week >= ties.ends[row]:
        return 0.0
    return float(ties.strength[row]) * math.exp(-float(ties.decay[row]) * (week - ties.last[row]))


@inlined
def _until(week, above, decay):  # type: ignore[no-untyped-def]
    """Week in which an unused tie falls below a level; `above` is its strength over that level."""
    return int(min(week + math.ceil(math.log(above) / max(decay, 1e-9)), FOREVER)) if above > 1.0 else -FOREVER


@inlined
def find(workers, i, j):  # type: ignore[no-untyped-def]
    """Row of the tie between the workers i and j, -1 if there is none."""
    for k in range(workers.ties[i]):
        if workers.partners[i, k] == j:
            return workers.slots[i, k]
    return -1


@called
def _hold(workers, ties, i, j, was, now):  # type: ignore[no-untyped-def]
    """Note until when the ties of worker i to the side of worker j hold her attitudes, now that the one to j does until another week."""
    o = other_index(workers.side[i], workers.side[j], workers.warmth.shape[1] + 1)
    if now >= workers.held_until[i, o]:
        workers.held_until[i, o] = now
    elif was == workers.held_until[i, o]:
        until = -FOREVER
        for k in range(workers.ties[i]):
            if workers.side[workers.partners[i, k]] == workers.side[j]:
                until = max(until, ties.holds[workers.slots[i, k]])
        workers.held_until[i, o] = until


@called
def _forget(workers, i, row):  # type: ignore[no-untyped-def]
    n = workers.ties[i]
    for k in range(n):
        if workers.slots[i, k] == row:
            for m in range(k, n - 1):
                workers.slots[i, m] = workers.slots[i, m + 1]
                workers.partners[i, m] = workers.partners[i, m + 1]
            workers.slots[i, n - 1] = -1
            workers.partners[i, n - 1] = -1
            workers.ties[i] = n - 1
            return


@inlined
def _reckon(ties, calendar, row, ends, relies, week):  # type: ignore[no-untyped-def]
    """Let a tie end, and cease to be strong enough to rely on, in other weeks than before, unless it is used."""
    for until, one in ((np.int64(ties.relies[row]), -1), (np.int64(relies), 1)):
        if until > week:
            calendar.live[0] += one
            if until < LAST_WEEK:
                calendar.falls[until & _WRAP] += one
    birthday = ties.born[row] + SURVIVAL
    if birthday >= week:
        calendar.survive[birthday & _WRAP] += (ends > birthday) * 1 - (ties.ends[row] > birthday) * 1
    ties.ends[row] = ends
    ties.relies[row] = relies


@called
def count_ties(calendar, week):  # type: ignore[no-untyped-def]
    """Count at the end of a week the ties that are strong enough to rely on, those that began in it and live, and those that have lived a year."""
    calendar.live[0] -= calendar.falls[week & _WRAP]
    counts = calendar.live[0], calendar.born[0], calendar.survive[week & _WRAP]
    calendar.falls[week & _WRAP] = calendar.survive[week & _WRAP] = calendar.born[0] = 0
    return counts


@called
def remove(at, row, week):  # type: ignore[no-untyped-def]
    """End a tie and free its row."""
    workers, ties, calendar = state.workers(at), state.ties(at), state.calendar(at)
    i, j, held = ties.a[row], ties.b[row], ties.holds[row]
    if ties.born[row] == week:
        calendar.born[0] -= 1
    _reckon(ties, calendar, row, -FOREVER, -FOREVER, week)
    ties.holds[row] = -FOREVER
    _forget(workers, i, row)
    _forget(workers, j, row)
    if held > -FOREVER:
        _hold(workers, ties, i, j, held, -FOREVER)
        _hold(workers, ties, j, i, held, -FOREVER)
    ties.a[row] = -1
    ties.b[row] = calendar.free[0]
    calendar.free[0] = row


@called
def set_strength(at, row, strength, week):  # type: ignore[no-untyped-def]
    """Record the strength of a tie that has just been used."""
    p, workers, ties, calendar = rooms.contact(at), state.workers(at), state.ties(at), state.calendar(at)
    strength = min(strength, STRONGEST)
    ties.strength[row] = strength
    ties.last[row] = week
    kept = float(ties.strength[row])
    ties.decay[row] = p.tie_decay * (1.0 - kept) ** p.tie_closeness
    relies = _until(week, kept / RELIANCE, ties.decay[row])
    decay = p.tie_decay * (1.0 - strength) ** p.tie_closeness
    _reckon(ties, calendar, row, _until(week, strength / p.tie_floor, decay), relies, week)
    was, now = ties.holds[row], _until(week, strength / HOLD, decay)
    if was != now:
        ties.holds[row] = now
        _hold(workers, ties, ties.a[row], ties.b[row], was, now)
        _hold(workers, ties, ties.b[row], ties.a[row], was, now)


@called
def _clear_ended(at, i, week):  # type: ignore[no-untyped-def]
    """Free the rows of worker i's ties that have ended, if she has no room left."""
    workers, ties = state.workers(at), state.ties(at)
    if workers.ties[i] < workers.slots.shape[1]:
        return
    k = 0
    while k < workers.ties[i]:
        row = workers.slots[i, k]
        if week >= ties.ends[row]:
            remove(at, row, week)
        else:
            k += 1


@called
def _least_kept(workers, ties, i, strength, week):  # type: ignore[no-untyped-def]
    """Row of the tie that worker i would give up for one of this strength: -2 if she has room, -1 if she would give up none."""
    if workers.ties[i] < workers.slots.shape[1]:
        return -2
    weakest, least = -1, strength
    for k in range(workers.ties[i]):
        s = strength_now(ties, workers.slots[i, k], week)
        if s < least:
            weakest, least = workers.slots[i, k], s
    return weakest


@called
def make(at, i, j, strength, week):  # type: ignore[no-untyped-def]
    """Begin a tie between the workers i and j, if it is above the floor and both have or make room."""
    workers, ties, calendar = state.workers(at), state.ties(at), state.calendar(at)
    i, j = np.int64(i), np.int64(j)
    if strength <= rooms.contact(at).tie_floor:
        return
    _clear_ended(at, i, week)
    _clear_ended(at, j, week)
    given_up = _least_kept(workers, ties, i, strength, week)
    also = _least_kept(workers, ties, j, strength, week)
    if given_up == -1 or also == -1:
        return
    if given_up >= 0:
        remove(at, given_up, week)
    if also >= 0 and also != given_up:
        remove(at, also, week)
    row = calendar.free[0]
    calendar.free[0] = ties.b[row]
    calendar.used[0] = max(calendar.used[0], row + 1)
    ties.a[row] = i
    ties.b[row] = j
    ties.born[row] = week
    calendar.born[0] += 1
    for one, other in ((i, j), (j, i)):
        place = workers.ties[one]
        workers.slots[one, place], workers.partners[one, place] = row, other
        workers.ties[one] = place + 1
    set_strength(at, row, strength, week)


@called
def drop_all(at, i, week):  # type: ignore[no-untyped-def]
    """End all ties of worker i."""
    workers = state.workers(at)
    while workers.ties[i] > 0:
        remove(at, workers.slots[i, workers.ties[i] - 1], week)


@called
def best_across(workers, ties, i, community, side, family, week, distant, p):  # type: ignore[no-untyped-def]
    """Worth, to a profession's work, of worker i's best live tie into a community; ties elsewhere on its side count as `distant`."""
    best = 0.0
    for k in range(workers.ties[i]):
        j = workers.partners[i, k]
        if workers.side[j] != side:
            continue
        s = strength_now(ties, workers.slots[i, k], week)
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


def room_for_ties(rows: int) -> tuple[Ties, TieCalendar]:
    """Make room for so many ties, all of it free, the first row to be taken first."""
    ties = allocate(Ties, rows)
    ties.b[:] = np.arange(1, rows + 1)
    return ties, TieCalendar(*(np.zeros(size, np.int32) for size in (1, 1, 1, 1, CALENDAR, CALENDAR)))
