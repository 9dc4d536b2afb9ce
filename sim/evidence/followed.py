"""Persons and ties that a trial follows from some week on, in several worlds at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.evidence.quantities import ABROAD, COMPLETED, LEFT, MOVED, PERSONAL, PLACED, Values, live_ties
from sim.week.people import move_away
from sim.world.programmes import Rows
from sim.world.world import World

Persons = NDArray[np.uint64]
HOME, ACROSS, GONE, GONE_ACROSS = range(4)
"""In her post; placed across; left; left from a placement and moved there for good."""
_STANDS = {PLACED: (ACROSS,), ABROAD: (ACROSS, GONE_ACROSS), MOVED: (GONE_ACROSS,)}


class Place(NamedTuple):
    """One of a trial's worlds: its number, and whether its twin is meant."""

    world: int
    twin: bool


@dataclass(slots=True)
class Sample:
    """Persons who are followed from some week on."""

    posts: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    persons: Persons = field(default_factory=lambda: np.empty(0, np.uint64))
    since: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    completed: Values = field(default_factory=lambda: np.empty(0))
    places: tuple[Place, ...] = ()
    quantities: tuple[str, ...] = ()
    longest: int = 0
    seen: Values = field(default_factory=lambda: np.empty((0, 0, 0)))
    """Values seen last, shape (places, quantities, persons)."""
    stands: NDArray[np.int8] = field(default_factory=lambda: np.empty((0, 0), np.int8))
    """How each stood when seen last, shape (places, persons): see `HOME`."""

    def take_in(self, posts: Rows, persons: Persons, week: int) -> None:
        """Follow some persons from a week on, but for those who are followed already."""
        new = ~np.isin(persons, self.persons)
        self.posts = np.append(self.posts, posts[new])
        self.persons = np.append(self.persons, persons[new])
        self.since = np.append(self.since, np.full(int(new.sum()), week))
        self.completed = np.append(self.completed, np.zeros(int(new.sum())))
        blank = np.full((len(self.places), len(self.quantities), int(new.sum())), np.nan)
        self.seen = np.concatenate([self.seen, blank], axis=2)
        self.stands = np.concatenate([self.stands, np.full((len(self.places), int(new.sum())), HOME, np.int8)], axis=1)

    def look(self, worlds: dict[Place, World], week: int) -> None:
        """See those who are still in their posts in all worlds; where a person is employed is known of those who left, too."""
        if not self.places:
            return
        due = (week - self.since >= 0) & (week - self.since <= self.longest)
        gone = [worlds[place].workers.person[self.posts] != self.persons for place in self.places]
        for p, place in enumerate(self.places):
            self._stand(p, worlds[place], gone[p])
        for k, name in enumerate(self.quantities):
            measure = PERSONAL[name].measure
            for p, place in enumerate(self.places):
                if name in _STANDS:
                    self.seen[p, k, due] = np.isin(self.stands[p], _STANDS[name])[due]
                elif name == LEFT:
                    self.seen[p, k, due] = gone[p][due]
                elif name == COMPLETED:
                    self.seen[p, k] = self.completed
                elif measure is not None:
                    rows = np.flatnonzero(due & ~np.any(gone, axis=0))
                    self.seen[p, k, rows] = measure(worlds[place], self.posts[rows])

    def _stand(self, p: int, world: World, gone: NDArray[np.bool_]) -> None:
        """Note who is placed across, and who of those who leave moves there for good."""
        stands = self.stands[p]
        leaving = np.flatnonzero(gone & (stands <= ACROSS))
        away = (stands[leaving] == ACROSS) & move_away(world, self.persons[leaving], world.week - 1)
        stands[leaving] = np.where(away, GONE_ACROSS, GONE)
        here = ~gone
        stands[here] = np.where(world.workers.placed_until[self.posts[here]] > world.week, ACROSS, HOME)


@dataclass(slots=True)
class Pairs:
    """Pairs whose tie is followed from some week on."""

    posts: Rows = field(default_factory=lambda: np.empty((0, 2), np.int64))
    persons: Persons = field(default_factory=lambda: np.empty((0, 2), np.uint64))
    since: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    strength: Values = field(default_factory=lambda: np.empty(0))

    def take_in(self, world: World, posts: Rows, week: int) -> None:
        """Follow those of some pairs who have a live tie."""
        strength = tie_strengths(world, posts)
        kept = strength > 0.0
        self.posts = np.concatenate([self.posts, posts[kept]])
        self.persons = np.concatenate([self.persons, world.workers.person[posts[kept]]])
        self.since = np.append(self.since, np.full(int(kept.sum()), week))
        self.strength = np.append(self.strength, strength[kept])


def tie_strengths(world: World, pairs: Rows) -> Values:
    """Return how strong the tie between two posts is now, 0 if there is none; `pairs` has shape (n, 2)."""
    rows, strength = live_ties(world, 0.0)
    posts = world.workers.person.size
    a, b = world.ties.a[rows].astype(np.int64), world.ties.b[rows].astype(np.int64)
    keys = np.minimum(a, b) * posts + np.maximum(a, b)
    order = np.argsort(keys)
    keys, strength = keys[order], strength[order]
    wanted = pairs.min(axis=1) * posts + pairs.max(axis=1)
    at = np.minimum(np.searchsorted(keys, wanted), max(keys.size - 1, 0))
    return np.where(keys[at] == wanted, strength[at], 0.0) if keys.size else np.zeros(len(pairs))
