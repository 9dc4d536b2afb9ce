"""What a trial can measure: of persons, residents, institutions, ties and violent events.

What is rated on a scale is measured with the error of a survey: a standardised difference is smaller by the root of the scale's
reliability, see `sim.lab.survey`. What is counted is measured as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.evidence.events import STARTS, clustering, tail_exponent, triggered_share
from sim.parameters.ordinary import RELIANCE
from sim.week.observe import strengths_now, strongest_tie
from sim.world.world import World

Rows = NDArray[np.int64]
Values = NDArray[np.float64]
ADOPTED = 0.1
"""Practice stock from which an institution counts as having adopted a practice (assumption, fixed)."""
WAR = 25
"""Deaths in a year from which a region counts as in armed conflict, the threshold of the Uppsala programme (fixed)."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that can be measured.

    Attributes
    ----------
    meaning : str
        What it is, in words.
    unit : str
        Unit, or the range of its values.
    scale : bool
        Whether it is rated on a scale, with a survey's error.
    event : bool
        Whether it happens to a person or institution once and for all, so that it has a hazard.
    """

    meaning: str
    unit: str = "0-1"
    scale: bool = False
    event: bool = False


@dataclass(frozen=True, slots=True)
class Personal(Quantity):
    """A quantity of persons; `measure` takes a world and posts and returns one value for each."""

    measure: Callable[[World, Rows], Values] | None = None


def _mean(column: str) -> Callable[[World, Rows], Values]:
    def measure(world: World, posts: Rows) -> Values:
        return np.asarray(getattr(world.workers, column)[posts].astype(np.float64).mean(axis=1))

    return measure


def _column(column: str) -> Callable[[World, Rows], Values]:
    return lambda world, posts: getattr(world.workers, column)[posts].astype(np.float64)


def _reliance(world: World, posts: Rows) -> Values:
    out = np.empty(posts.size)
    strongest_tie(world.at, posts, world.week, out)
    return out


def live_ties(world: World, least: float = RELIANCE) -> tuple[Rows, Values]:
    """Return the rows of ties that are at least so strong, and how strong they are."""
    ties = world.ties
    rows = np.flatnonzero((ties.a >= 0) & (ties.strength >= least) & (ties.ends > world.week))
    strength = np.empty(rows.size)
    strengths_now(world.at, rows, world.week, strength)
    kept = strength >= least
    return rows[kept], strength[kept]


def _friends(world: World) -> Values:
    rows, _ = live_ties(world)
    ends = np.concatenate([world.ties.a[rows], world.ties.b[rows]])
    return np.bincount(ends, minlength=world.workers.person.size).astype(np.float64)


def _friends_of_colleagues(world: World, posts: Rows) -> Values:
    friends, home = _friends(world), world.workers.institution
    total = np.bincount(home, friends, world.institutions.key.size)
    staff = np.maximum(world.institutions.staff[home[posts]] - 1, 1)
    return np.asarray((total[home[posts]] - friends[posts]) / staff, np.float64)


LEFT, COMPLETED, ADOPTED_BY = "left", "completed", "adopted"
PLACED, ABROAD, MOVED = "placed", "abroad", "moved away"
PERSONAL: dict[str, Personal] = {
    "warmth": Personal("feeling towards the other sides", scale=True, measure=_mean("warmth")),
    "trust": Personal("readiness to rely on a stranger from the other sides", scale=True, measure=_mean("trust")),
    "reliance": Personal("reliance on the person met across whom one relies on most", scale=True, measure=_reliance),
    "competence": Personal("competence on the job", scale=True, measure=_column("competence")),
    "conduct": Personal("restraint and fairness towards the people served", scale=True, measure=_column("conduct")),
    "skill": Personal("intercultural skill", scale=True, measure=_column("skill")),
    "identity": Personal("professional identity", scale=True, measure=_column("identity")),
    "strain": Personal("strain", scale=True, measure=_column("strain")),
    "friends": Personal("persons across on whom one can rely", "persons", measure=lambda w, posts: _friends(w)[posts]),
    "friends of colleagues": Personal("mean number of friends that colleagues have", "persons", measure=_friends_of_colleagues),
    PLACED: Personal("1 while in the post and placed with an employer across; nobody without a vocational programme", "share"),
    ABROAD: Personal(
        "1 while placed across, or after moving there for good; nobody without a vocational programme",
        "share",
    ),
    MOVED: Personal("1 after moving across for good from a placement", "share", event=True),
    "credential": Personal("1 with a credential that is recognised across", "share", measure=_column("credential")),
    LEFT: Personal("1 if the post has been left since", "share", event=True),
    COMPLETED: Personal("1 if the cohort was completed", "share"),
}
"""What can be measured of persons, by name."""

RESIDENTS = {
    "trust": Quantity("residents' trust in the other sides", scale=True),
    "legitimacy": Quantity("residents' confidence in their own institutions", scale=True),
    "grievance": Quantity("residents' grievance", scale=True),
    "livelihoods": Quantity("residents' livelihoods", scale=True),
    "services": Quantity("quality of local services", scale=True),
    "memory": Quantity("residents' memory of violence", scale=True),
}
"""What a survey of residents can measure."""

INSTITUTIONS = {
    **{
        name: Quantity(meaning)
        for name, meaning in (
            ("practice", "practice stock"),
            ("capability", "how well it does its work"),
            ("openness", "openness to staff from across the border"),
            ("partnership", "readiness to work with the other sides"),
            ("standards", "standards shared with the other sides"),
            ("buy_in", "its leader's buy-in"),
            ("accountability", "how far it answers for what it does"),
        )
    },
    ADOPTED_BY: Quantity(
        f"1 once its practice stock has reached {ADOPTED:g}, of those below it at the start", "share", event=True
    ),
}
"""What can be measured of institutions."""

TIES = {
    "survival": Quantity("1 while a tie is alive; it ends with a person who leaves", "share"),
    "kept": Quantity("1 while a tie is alive, of those whose two persons are both still in their posts", "share"),
    "strength": Quantity("strength, 0 once it has ended"),
}
"""What can be measured of ties."""


CONTACT = "contact frequency"
REGION = {CONTACT: Quantity("meetings that a worker has with workers of other sides in a week", "meetings")}
"""What can be measured of the whole region beside outcomes and series."""


def community_values(world: World, of: str) -> Values:
    """Return a quantity of residents, one value a community."""
    column = getattr(world.communities, of).astype(np.float64)
    return np.asarray(column.mean(axis=1) if column.ndim > 1 else column, np.float64)


def institution_values(world: World, of: str, rows: Rows) -> Values:
    """Return a quantity of institutions, one value each."""
    column = getattr(world.institutions, of)[rows].astype(np.float64)
    return np.asarray(column.mean(axis=1) if column.ndim > 1 else column, np.float64)


@dataclass(frozen=True, slots=True)
class Events:
    """Lethal events of one world.

    Attributes
    ----------
    deaths : array of int, shape (events,)
        Deaths of each.
    week : array of int, shape (events,)
        Week of each, from 0.
    weeks : int
        Weeks watched.
    """

    deaths: NDArray[np.int64]
    week: NDArray[np.int64]
    weeks: int

    def counts(self) -> Values:
        """Events by week."""
        return np.bincount(self.week, minlength=self.weeks).astype(np.float64)

    def relapses(self, years: int) -> Values:
        """Return 1 or 0 for each first quiet year after a year of armed conflict: whether conflict came back within some years."""
        whole = self.weeks // 52
        deaths = np.bincount(np.minimum(self.week // 52, whole), self.deaths, whole + 1)[:whole]
        at_war = deaths >= WAR
        ends = np.flatnonzero(at_war[:-1] & ~at_war[1:]) + 1
        ends = ends[ends + years < whole]
        return np.array([at_war[end + 1 : end + 1 + years].any() for end in ends], np.float64)


@dataclass(frozen=True, slots=True)
class Eventful(Quantity):
    """A quantity of violent events.

    Attributes
    ----------
    measure : callable
        Takes the events of one world and returns what it contributes: one number, or all that is to be taken together.
    estimate : callable, optional
        Turns the contributions of all worlds, taken together, into one number; the mean if not given.
    """

    measure: Callable[[Events], Values] = lambda events: events.deaths.astype(np.float64)
    estimate: Callable[[Values], float] | None = None

    def of(self, parts: list[Values]) -> float:
        """Return the figure of some worlds, from what each contributes; NaN where there is too little for one."""
        values = np.concatenate(parts)
        if self.estimate is not None:
            return self.estimate(values) if values.size else math.nan
        known = values[np.isfinite(values)]
        return float(known.mean()) if known.size else math.nan


def _tail(start: int) -> Callable[[Values], float]:
    return lambda deaths: tail_exponent(deaths.astype(np.int64), start)


def _of_counts(measure: Callable[[Values], float]) -> Callable[[Events], Values]:
    return lambda events: np.array([measure(events.counts())])


TRIGGERED, RIVAL = "triggered share", "triggered share, drifting baseline"
EVENTS: dict[str, Eventful] = {
    **{
        f"tail exponent from {start}": Eventful(f"exponent of deaths, events with {start} or more", "", estimate=_tail(start))
        for start in STARTS
    },
    "mean deaths": Eventful("deaths of an event, mean", "deaths"),
    "median deaths": Eventful("deaths of an event, median", "deaths", estimate=lambda deaths: float(np.median(deaths))),
    "events a week": Eventful("lethal events in a week", "events", measure=_of_counts(lambda c: clustering(c).rate)),
    "variance / mean": Eventful(
        "variance of weekly counts over their mean", "", measure=_of_counts(lambda c: clustering(c).dispersion)
    ),
    "lag-1 correlation": Eventful(
        "correlation of a week's count with the next week's", "", measure=_of_counts(lambda c: clustering(c).lag_one)
    ),
    TRIGGERED: Eventful(
        "events triggered by earlier ones, fitted with a steady baseline",
        "share",
        measure=_of_counts(triggered_share),
    ),
    RIVAL: Eventful(
        "events triggered by earlier ones, fitted with a baseline that drifts from year to year",
        "share",
        measure=_of_counts(lambda c: triggered_share(c, drifting=True)),
    ),
    "relapse in 5 years": Eventful(
        "quiet first years after a conflict that relapse within 5 years", "share", measure=lambda e: e.relapses(5)
    ),
    "relapse in 10 years": Eventful(
        "quiet first years after a conflict that relapse within 10 years", "share", measure=lambda e: e.relapses(10)
    ),
}
"""What can be measured of lethal events."""
