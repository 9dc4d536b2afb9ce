"""Programmes as they run in a world: purse, levers, cohorts, alumni, and whom they bring together this week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import name_key
from sim.families import FAMILIES
from sim.levers import CommonLevers, level_of
from sim.scenario.programme import Programme, changed_programme
from sim.scenario.schema import Scenario
from sim.world.money import Purse

if TYPE_CHECKING:
    from sim.world.world import World

Rows = NDArray[np.int64]
LEARNT = ("competence", "conduct", "skill")
"""What of workers a cohort teaches and refreshers restore."""


@dataclass(slots=True)
class Gathering:
    """Pairs of workers whom a programme brings together this week.

    Attributes
    ----------
    purpose : str
        Purpose of the draws; a pair meets at most once a week for each purpose.
    a, b : array of int, shape (n,)
        The two workers of each pair, of different sides.
    keys : array of uint64, shape (n,)
        Keys of the pairs.
    amount : array of float, shape (n,)
        Intensity: 1 is a week in person.
    quality : float
        Contact quality, 0 to 1.
    cooperation : float
        1 if the sides co-operate, 0 if they compete.
    tension : array of float, shape (n,)
        Tension where they meet.
    attendance : float
        Chance that a pair meets at all.
    """

    purpose: str
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    keys: NDArray[np.uint64]
    amount: NDArray[np.float64]
    quality: float
    cooperation: float
    tension: NDArray[np.float64]
    attendance: float = 1.0


@dataclass(slots=True)
class MixedGroups:
    """Task groups across professions that a cohort forms with one of another programme.

    Attributes
    ----------
    other : Cohort
        The other programme's cohort.
    a, b : array of int
        Pairs, as positions in the members of both cohorts, one's own first.
    keys : array of uint64
        Keys of the pairs.
    met : bool
        Whether they have met at all.
    """

    other: Cohort
    a: Rows
    b: Rows
    keys: NDArray[np.uint64]
    met: bool = False

    def active(self, own: Cohort) -> NDArray[np.int64]:
        """Return the pairs of whom both are active."""
        there = np.concatenate([own.active, self.other.active])
        return np.flatnonzero(there[self.a] & there[self.b])

    def posts(self, own: Cohort, pairs: NDArray[np.int64]) -> tuple[Rows, Rows, NDArray[np.uint64]]:
        """Return the posts and keys of some pairs."""
        members = np.concatenate([own.members, self.other.members])
        return members[self.a[pairs]], members[self.b[pairs]], self.keys[pairs]

    def of(self, world: World, own: Cohort) -> tuple[Rows, Rows, NDArray[np.uint64]]:
        """Return the posts and keys of the pairs who have met, are still in their posts, and of whom one or both belong to one's own cohort."""
        self.other.update(world)
        pairs = self.active(own)
        pairs = pairs[(self.a[pairs] < own.members.size) | (self.b[pairs] < own.members.size)]
        return self.posts(own, pairs if self.met or self.meets(own) else pairs[:0])

    def meets(self, own: Cohort) -> bool:
        """Whether both cohorts meet this week."""
        return min(own.meeting, self.other.meeting) > 0.0


@dataclass(slots=True)
class Cohort:
    """One cohort of a programme.

    Attributes
    ----------
    number : int
        0 for the first.
    crossing : int
        Where it is based.
    levers, own : CommonLevers, NamedTuple
        Terms under which it began: levers of all families and of its own, as far as they were paid for.
    members : array of int
        Posts of its participants; `persons` tells who they are.
    active : array of bool
        Who has neither given up nor left the post.
    pair_a, pair_b : array of int
        Positions in `members` of each pair of a task group.
    weeks, virtual_weeks : int
        Length, and how many of these weeks are held online.
    elapsed, done : int
        Weeks since it began, and weeks held.
    meeting : float
        Intensity of this week's meeting, 0 if none.
    debriefed : float
        How far it was debriefed, once it has ended.
    guests : float
        Participants who are guests on the other side this week.
    host : int
        Community at its crossing that hosts it this week, -1 if none.
    struck, paused : int
        Weeks in which a shock struck, and those of them in which it paused.
    mixed : MixedGroups or None
        Task groups across professions, where it is held together with another programme's cohort.
    apart : float
        Share of this week spent in groups of its own.
    began : int
        Week in which it began.
    """

    number: int
    crossing: int
    levers: CommonLevers
    own: Any
    members: Rows
    persons: NDArray[np.uint64]
    active: NDArray[np.bool_]
    pair_a: Rows
    pair_b: Rows
    pair_keys: NDArray[np.uint64]
    weeks: int
    virtual_weeks: int
    elapsed: int = 0
    done: int = 0
    meeting: float = 0.0
    debriefed: float = 0.0
    guests: float = 0.0
    host: int = -1
    struck: int = 0
    paused: int = 0
    mixed: MixedGroups | None = None
    apart: float = 1.0
    began: int = 0

    def update(self, world: World) -> None:
        """Drop members who have left their post."""
        self.active &= world.workers.person[self.members] == self.persons

    def pairs(self) -> NDArray[np.int64]:
        """Return the positions of the pairs of whom both are active."""
        return np.flatnonzero(self.active[self.pair_a] & self.active[self.pair_b])


@dataclass(slots=True)
class Alumni:
    """Those who finished a programme and are still in their post, and the pairs who worked together.

    Attributes
    ----------
    posts, persons : array, shape (n,)
        Where they work and who they are.
    across : array of int, shape (n,)
        Community of the other side at the crossing where their cohort was based.
    learnt : array of float, shape (n, 3)
        Competence, restraint and intercultural skill (`LEARNT`) with which they left their cohort.
    priority : array of float, shape (n,)
        Keyed priority to be supported as a bridge figure.
    pairs : array of int, shape (m, 2)
        Posts of each pair of a task group; `pair_persons` tells who they are, `pair_keys` their keys, `pair_crossing` where their
        cohort was based.
    """

    posts: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    persons: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    across: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    learnt: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, len(LEARNT)), np.float32))
    priority: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    pairs: Rows = field(default_factory=lambda: np.empty((0, 2), np.int64))
    pair_persons: NDArray[np.uint64] = field(default_factory=lambda: np.empty((0, 2), np.uint64))
    pair_keys: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    pair_crossing: Rows = field(default_factory=lambda: np.empty(0, np.int64))

    def join(self, world: World, programme: RunningProgramme, cohort: Cohort) -> None:
        """Take in those of a cohort who stayed to its end."""
        posts, persons = cohort.members[cohort.active], cohort.persons[cohort.active]
        a, b = world.crossings.a[cohort.crossing], world.crossings.b[cohort.crossing]
        u = world.draws.fill(f"{programme.name}: bridge figures", world.week, persons)[:, 0]
        keep = cohort.pairs()
        a_posts, b_posts, keys = cohort.members[cohort.pair_a[keep]], cohort.members[cohort.pair_b[keep]], cohort.pair_keys[keep]
        if cohort.mixed is not None:
            known = cohort.mixed.of(world, cohort)
            new = ~np.isin(known[2], keys)
            a_posts, b_posts, keys = (
                np.append(mine, more[new]) for mine, more in zip((a_posts, b_posts, keys), known, strict=True)
            )
        pairs = np.column_stack([a_posts, b_posts])
        self.across = np.append(self.across, np.where(world.workers.side[posts] == world.communities.side[a], b, a))
        self.posts = np.append(self.posts, posts)
        self.persons = np.append(self.persons, persons)
        self.learnt = np.concatenate([self.learnt, np.zeros((posts.size, len(LEARNT)), np.float32)])
        self.priority = np.append(self.priority, u)
        self.pairs = np.concatenate([self.pairs, pairs])
        self.pair_persons = np.concatenate([self.pair_persons, world.workers.person[pairs]])
        self.pair_keys = np.append(self.pair_keys, keys)
        self.pair_crossing = np.append(self.pair_crossing, np.full(keys.size, cohort.crossing))

    def guests(self) -> int:
        """Colleagues of another programme among the pairs."""
        return int(np.setdiff1d(self.pairs, self.posts).size)

    def remember(self, world: World, cohort: Cohort) -> None:
        """Note what those of a cohort who stayed to its end have learnt."""
        rows = np.flatnonzero(np.isin(self.posts, cohort.members[cohort.active]))
        self.learnt[rows] = np.column_stack([getattr(world.workers, name)[self.posts[rows]] for name in LEARNT])

    def update(self, world: World) -> None:
        """Drop those who have left their post."""
        person = world.workers.person
        here = person[self.posts] == self.persons
        if not here.all():
            self.posts, self.persons = self.posts[here], self.persons[here]
            self.across, self.learnt, self.priority = self.across[here], self.learnt[here], self.priority[here]
        both = (person[self.pairs] == self.pair_persons).all(axis=1)
        if both.all():
            return
        self.pairs, self.pair_persons = self.pairs[both], self.pair_persons[both]
        self.pair_keys, self.pair_crossing = self.pair_keys[both], self.pair_crossing[both]


@dataclass(slots=True)
class RunningProgramme:
    """A programme as it runs in a world."""

    name: str
    number: int
    spec: Programme
    levers: CommonLevers
    own: Any
    family: int
    lead_side: int
    enrolled: NDArray[np.bool_] | None
    """Communities enrolled; all if None."""
    keys: NDArray[np.uint64]
    purse: Purse = field(default_factory=Purse)
    cohorts: list[Cohort] = field(default_factory=list)
    finished: list[Cohort] = field(default_factory=list)
    alumni: Alumni = field(default_factory=Alumni)
    standing: dict[str, float] = field(default_factory=dict)
    begun: int = 0
    owed: float = 1.0
    events_owed: float = 0.0
    enrolments: int = 0
    evaluated: float = 0.0
    ended: bool = False
    feedback: float = 1.0
    cohort_money: float = 0.0
    cut: float = 1.0
    mentored: float = 0.0
    network: float = 0.0
    """Level of alumni life at the last event that was due: 0 if it could not be paid."""
    outreach: float = 0.0
    """Outreach to marginalised applicants that was paid for the last cohort."""
    weekly_grant: float = 0.0
    yearly: dict[str, float] | None = None
    """Cost in a year of what stands all year, by lever; None where it is to be reckoned anew."""
    institutions: NDArray[np.bool_] | None = None
    crossings: Rows | None = None
    partners: NDArray[np.bool_] | None = None
    towards: NDArray[np.bool_] | None = None
    """What `taking_part`, `crossings_between`, `partners` and `shared_with_partners` in `sim.week.cohorts` found, which does not change."""
    granted_in: tuple[int, float] = (-1, 0.0)
    """Budget year of the last grant, and what was granted in it."""
    partner: RunningProgramme | None = None
    """The programme with whose cohorts its own are held."""
    admits: Callable[[World, Rows], NDArray[np.bool_]] | None = None
    """Which posts the random assignment of a trial lets enrol; all if None."""

    def in_donor_years(self, week: int) -> bool:
        """Whether the donor pays in this week."""
        return not self.ended and self.spec.start_week <= week < self.spec.start_week + round(self.spec.years * 52)

    def funded(self, week: int) -> bool:
        """Whether anybody pays in this week."""
        if self.ended or week < self.spec.start_week:
            return False
        return self.in_donor_years(week) or self.spec.after == "institutionalised"

    def claim(self, week: int, weeks: int) -> float:
        """Money that it asks for, for some weeks from a week on; 0 if nobody would pay then."""
        if weeks <= 0 or not self.funded(week):
            return 0.0
        end = self.spec.start_week + round(self.spec.years * 52)
        donor = min(max(end - week, 0), weeks)
        later = (weeks - donor) * self.spec.institutional_share if self.spec.after == "institutionalised" else 0.0
        return float(self.levers.annual_budget * (donor * self._swing(week) + later) / 52.0 * self.feedback)

    def _swing(self, week: int) -> float:
        """Return the year's budget relative to a steady one: more and less in turn, the total of the donor years kept."""
        if self.levers.stop_go <= 0.0:
            return 1.0
        return swing(self.levers.stop_go, week - self.spec.start_week, round(self.spec.years * 52))

    def paid_weeks(self, week: int, weeks: int) -> int:
        """Of some weeks from a week on, those in which anybody pays."""
        end = self.spec.start_week + round(self.spec.years * 52)
        return weeks if self.spec.after == "institutionalised" else max(min(end - week, weeks), 0)

    def level(self, name: str) -> float:
        """Level of a lever, common or the family's own."""
        return level_of(self.levers, self.own, name)

    def cohorts_a_year(self) -> int:
        """Cohorts begun in a year."""
        if self.partner is not None:
            return self.partner.cohorts_a_year()
        return 1 if self.levers.summit >= 0.5 else max(1, round(self.levers.cohorts_per_year))

    def length(self) -> tuple[int, int]:
        """Weeks of a cohort, and how many of them are held online."""
        weeks = 1 if self.levers.summit >= 0.5 else round(self.levers.weeks)
        return weeks, round(weeks * self.levers.virtual_share)

    def change(self, changes: dict[str, Any]) -> None:
        """Set some levers anew."""
        self.spec = changed_programme(self.spec, changes)
        self.levers, self.own = self.spec.levers(), self.spec.family_levers()


def swing(stop_go: float, week: int, weeks: int) -> float:
    """Return a year's budget relative to a steady one: more and less in turn, the total of all weeks kept."""
    lengths = [min(52, weeks - 52 * year) for year in range(-(-weeks // 52))]
    return _swings(stop_go, [float(n) for n in lengths])[min(week // 52, len(lengths) - 1)]


def budget_swing(scenario: Scenario, year: int) -> float:
    """Return a year of the one budget relative to a steady one, the total kept that all programmes are to get by their plans."""
    assert scenario.budget is not None
    planned = np.zeros(-(-scenario.weeks // 52))
    weeks = np.arange(scenario.weeks)
    for programme in scenario.programmes.values():
        end = programme.start_week + round(programme.years * 52)
        later = programme.institutional_share if programme.after == "institutionalised" else 0.0
        paid = np.where(weeks < programme.start_week, 0.0, np.where(weeks < end, 1.0, later))
        planned += np.bincount(weeks // 52, paid) * programme.levers().annual_budget / 52.0
    return _swings(scenario.budget.stop_go, np.minimum(planned, scenario.budget.annual).tolist())[year]


def _swings(stop_go: float, planned: list[float]) -> list[float]:
    """Let what is planned for each year swing, more and less in turn from the first year with anything, the total kept."""
    first = next((year for year, money in enumerate(planned) if money > 0.0), 0)
    swings = [1.0 + stop_go * (-1.0) ** (year - first) for year in range(len(planned))]
    total = sum(one * money for one, money in zip(swings, planned, strict=True))
    return [one * sum(planned) / total for one in swings] if total > 0.0 else [1.0] * len(planned)


def running_programmes(scenario: Scenario) -> list[RunningProgramme]:
    """Make the programmes of a scenario ready to run, by name; those whose cohorts are held with others come last."""
    region = scenario.region
    out: list[RunningProgramme] = []
    for name, spec in sorted(scenario.programmes.items(), key=lambda item: (item[1].cohorts_with is not None, item[0])):
        enrolled = None
        if spec.communities is not None or spec.sides is not None:
            enrolled = np.array([name in spec.enrolled(region) for name in region.community_names()])
        lead = region.sides.index(spec.lead_side) if spec.lead_side else 0
        family = next(i for i, f in enumerate(FAMILIES) if f.name == spec.family)
        keys = np.array([name_key("programme", name)], np.uint64)
        partner = next((p for p in out if p.name == spec.cohorts_with), None)
        out.append(
            RunningProgramme(
                name, len(out) + 1, spec, spec.levers(), spec.family_levers(), family, lead, enrolled, keys, partner=partner
            )
        )
    return out
