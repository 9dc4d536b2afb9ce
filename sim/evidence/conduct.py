"""Conduct a trial: live its worlds side by side, follow who was enrolled, and measure when it is due.

Persons are followed from their enrolment, everything else from the trial's start: after w weeks means that w weeks have been lived since.
Who leaves her post keeps the values seen last (intention to treat), in all worlds in which she is followed. What a trial measures in one
world is a `Record`; `sim.evidence.estimates` makes figures of the records of many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.evidence.assignment import Share, confine, counterparts, shadow_of, shares_of
from sim.evidence.followed import Pairs, Place, Sample, tie_strengths
from sim.evidence.quantities import (
    ADOPTED,
    ADOPTED_BY,
    CONTACT,
    EVENTS,
    Events,
    Values,
    community_values,
    institution_values,
    live_ties,
)
from sim.evidence.trial import Trial
from sim.evidence.trial_file import PERSONS, TWINS, Measure
from sim.families import FAMILIES
from sim.outcomes import BY_NAME
from sim.series import INDEX, SERIES
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.programmes import Cohort, Rows, RunningProgramme, running_programmes
from sim.world.world import World

MOST_SEED = 2**64
APART = 1_000_003
"""How far apart the seeds of arms lie that are on seeds of their own."""


class Probe(NamedTuple):
    """One thing to measure in one world.

    Attributes
    ----------
    among, of : str, tuple of str
        Group, and the quantities; several for a regression.
    arm : str
        Arm whose sample, or share of the region, is measured.
    place : Place
        World in which it is.
    week, since : int
        See `sim.evidence.trial.Measure`.
    professions, linked, strength
        Likewise.
    """

    among: str
    of: tuple[str, ...]
    arm: str
    place: Place
    week: int
    since: int
    professions: tuple[str, ...]
    linked: bool | None
    strength: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a probe found in one world.

    Attributes
    ----------
    values : array of float, shape (quantities, n)
        One column a person, institution or tie; one for the group as a whole otherwise. Of a hazard of adoption: rows are whether
        it happened, and weeks in which it could have.
    cluster : array of int, shape (n,)
        Community or institution of each person, where these were assigned; the person herself otherwise.
    """

    values: Values
    cluster: NDArray[np.int64]


Record = dict[Probe, Measured]


def probes_of(trial: Trial, measure: Measure) -> tuple[Probe, Probe | None]:
    """Return what has to be measured for a measure that is not derived: in its arm and, if it is a contrast, in the other one."""
    file = trial.file
    arm, against = file.arms_of(measure)
    professions: tuple[str, ...] = ()
    if measure.among in {"workers", "institutions"}:
        professions = (measure.profession,) if measure.profession else _under_study(trial)
    sampled = measure.among in {"participants", "neighbours"}

    def probe(whose: str, place: Place) -> Probe:
        week = measure.week
        return Probe(
            str(measure.among), (measure.of, *measure.on), whose, place, week, measure.since, professions, measure.linked,
            (measure.strength[0], measure.strength[1]),
        )  # fmt: skip

    def sample_of(one: str, other: str | None) -> str:
        """Return the arm whose sample stands for that of an arm without a programme."""
        if not sampled or file.assignment.unit != "region" or file.arms[one].programmes:
            return one
        return other if other in file.arms and file.arms[str(other)].programmes else str(file.template_arm())

    own = probe(sample_of(arm, against), Place(trial.world_of(arm), False))
    if against is None:
        return own, None
    if against == TWINS:
        return own, own._replace(place=Place(trial.world_of(arm), True))
    return own, probe(sample_of(against, arm), Place(trial.world_of(against), False))


class Conduct:
    """A trial under way in the worlds of one seed.

    Attributes
    ----------
    worlds : dict of Place to World
        Its worlds.
    samples : dict of (str, str) to Sample
        Persons who are followed, by group and arm.
    """

    def __init__(self, trial: Trial, seed: int) -> None:
        self.trial, self.file = trial, trial.file
        pairs = {name: probes_of(trial, m) for name, m in trial.file.measures.items() if not m.derived}
        self.probes = {probe for both in pairs.values() for probe in both if probe is not None}
        self.worlds = _worlds(trial, seed, {probe.place for probe in self.probes})
        self.shares: dict[str, Share] = {}
        self.own: dict[str, list[RunningProgramme]] = {}
        self.shadows: dict[str, dict[str, RunningProgramme]] = {}
        self.rows: dict[Place, list[Values]] = {place: [] for place in self.worlds}
        self.adoptions: dict[Place, Values] = {}
        self.enrolled = np.empty(0, np.uint64)
        self.met: set[tuple[str, str, int]] = set()
        self.followed: set[tuple[str, str, int]] = set()
        self.ended: set[tuple[str, str, int]] = set()
        self.samples = {(among, arm): Sample() for among in PERSONS for arm in self.file.arms}
        self.pairs: dict[tuple[str, str], Pairs] = {}
        for (among, arm), sample in self.samples.items():
            wanted = [probe for probe in self.probes if probe.among == among and probe.arm == arm]
            sample.places = tuple(sorted({probe.place for probe in wanted}))
            sample.quantities = tuple(sorted({name for probe in wanted for name in probe.of}))
            sample.longest = max((probe.week for probe in wanted), default=0)
            sample.seen = np.empty((len(sample.places), len(sample.quantities), 0))
            sample.stands = np.empty((len(sample.places), 0), np.int8)
        self.found: dict[Probe, list[Measured]] = {probe: [] for probe in self.probes}

    def live(self) -> Record:
        """Live to the last measure."""
        start = self.trial.start
        for week in range(self.trial.weeks):
            if week == 0:
                self._assign()
            if week == start:
                self._begin()
            for place, world in self.worlds.items():
                live_week(world)
                self.rows[place].append(world.tally.copy())
                if place in self.adoptions:
                    self.adoptions[place][(world.institutions.practice >= ADOPTED) & (self.adoptions[place] == np.inf)] = week
            self._enrol(week)
            self._look_and_measure(week)
        return {probe: _joined(parts, len(probe.of)) for probe, parts in self.found.items()}

    def _home(self, arm: str) -> World:
        """Return the world in which an arm lives."""
        return self.worlds[Place(self.trial.world_of(arm), False)]

    def _assign(self) -> None:
        """Deal the units to the arms, and keep every programme to its own."""
        self.shares = shares_of(self.trial, next(iter(self.worlds.values())))
        names = {arm: ours for world, _ in self.trial.worlds for arm, ours in world.arms.items()}
        by_name = {arm: {p.name: p for p in self._home(arm).programmes} for arm in self.file.arms}
        self.own = {arm: [by_name[arm][name] for name in names[arm]] for arm in self.file.arms}
        template = self.file.template_arm()
        if template is not None and self.file.assignment.unit != "region":
            for arm in self.file.arms:
                if not self.own[arm]:
                    self.shadows[arm] = {
                        p.name: shadow_of(p, arm, self.shares[arm], self._home(arm), p.enrolled) for p in self.own[template]
                    }
        for arm, programmes in self.own.items():
            for programme in programmes:
                confine(programme, self.shares[arm], self._home(arm))

    def _begin(self) -> None:
        """Take note of all workers, ties and institutions, as they stand before the first week; measure what is due then."""
        before = self.trial.start - 1
        for (among, arm), sample in self.samples.items():
            if among == "workers" and sample.places:
                world = self.worlds[sample.places[0]]
                posts = np.arange(world.workers.person.size, dtype=np.int64)
                posts = posts[self.shares[arm].admits(world, posts)]
                sample.take_in(posts, world.workers.person[posts], before)
        for probe in self.probes:
            if probe.of == (ADOPTED_BY,):
                self.adoptions[probe.place] = np.where(self.worlds[probe.place].institutions.practice >= ADOPTED, -np.inf, np.inf)
            if probe.among == "ties" and (key := ("ties", str(probe.place))) not in self.pairs:
                world = self.worlds[probe.place]
                rows, _ = live_ties(world, 0.0)
                self.pairs[key] = Pairs()
                ends = np.column_stack([world.ties.a[rows], world.ties.b[rows]]).astype(np.int64)
                self.pairs[key].take_in(world, ends, before)
        self._look_and_measure(before)

    def _look_and_measure(self, week: int) -> None:
        """See everybody who is followed, and measure what is due at the end of a week."""
        for sample in self.samples.values():
            sample.look(self.worlds, week)
        for probe in self.probes:
            self._measure(probe, week)

    def _enrol(self, week: int) -> None:
        """Follow who has been enrolled this week, who would have been, and who lives next to them."""
        template = self.file.template_arm()
        fresh: dict[str, list[Rows]] = {arm: [] for arm in self.file.arms}
        for arm, programmes in self.own.items():
            world = self._home(arm)
            for programme in programmes:
                for cohort in [*programme.cohorts, *programme.finished]:
                    key = (arm, programme.name, cohort.number)
                    if key in self.met:
                        continue
                    self.met.add(key)
                    new = ~np.isin(cohort.persons, self.enrolled)
                    self.enrolled = np.union1d(self.enrolled, cohort.persons)
                    due = week < self.trial.start + self.file.enrol_weeks
                    if due:
                        self.followed.add(key)
                        self._follow(arm, cohort.members, week, fresh)
                    for other, shadows in self.shadows.items() if arm == template else ():
                        sides = world.workers.side[cohort.members[new]]
                        posts = self._shadow(other, shadows[programme.name], cohort, sides)
                        if due:
                            self._follow(other, posts, week, fresh)
                for cohort in programme.finished:
                    self._finished(arm, (arm, programme.name, cohort.number), cohort, world, week)
        for arm, members in fresh.items():
            neighbours = self.samples["neighbours", arm]
            if members and neighbours.places:
                world = self._home(arm)
                homes = np.unique(world.workers.community[np.concatenate(members)])
                posts = np.flatnonzero(np.isin(world.workers.community, homes))
                posts = posts[~np.isin(world.workers.person[posts], self.enrolled)]
                neighbours.take_in(posts, world.workers.person[posts], week)

    def _follow(self, arm: str, posts: Rows, week: int, fresh: dict[str, list[Rows]]) -> None:
        """Follow those whom a cohort of an arm takes in."""
        self.samples["participants", arm].take_in(posts, self._home(arm).workers.person[posts], week)
        fresh[arm].append(posts)

    def _shadow(self, arm: str, shadow: RunningProgramme, cohort: Cohort, sides: NDArray[np.int32]) -> Rows:
        """Choose whom an arm without a programme would have enrolled, as many as a real cohort has of each side who are new to it."""
        own = self._home(arm)
        posts = counterparts(own, shadow, cohort, sides, self.enrolled, self.file.assignment.unit)
        self.enrolled = np.union1d(self.enrolled, own.workers.person[posts])
        return posts

    def _finished(self, arm: str, key: tuple[str, str, int], cohort: Cohort, world: World, week: int) -> None:
        """Note who completed a cohort, and the ties that it has made."""
        if key in self.ended or key not in self.followed:
            return
        self.ended.add(key)
        sample = self.samples["participants", arm]
        sample.completed[np.isin(sample.persons, cohort.persons[cohort.active])] = 1.0
        pairs = self.pairs.setdefault(("ties made", arm), Pairs())
        keep = cohort.pairs()
        posts = np.column_stack([cohort.members[cohort.pair_a[keep]], cohort.members[cohort.pair_b[keep]]])
        pairs.take_in(world, posts, week)

    def _measure(self, probe: Probe, week: int) -> None:
        """Measure what is due."""
        if probe.among in PERSONS:
            self._measure_persons(probe, week)
        elif probe.among == "ties made":
            self._measure_ties(probe, self.pairs.get(("ties made", probe.arm)), week)
        elif week == self.trial.start + probe.week - 1:
            if probe.among == "ties":
                self._measure_ties(probe, self.pairs["ties", str(probe.place)], week)
            else:
                values, cluster = _GROUPS[probe.among](self, probe)
                self.found[probe].append(Measured(np.atleast_2d(values), cluster))

    def _measure_persons(self, probe: Probe, week: int) -> None:
        sample = self.samples[probe.among, probe.arm]
        rows = np.flatnonzero(week - sample.since == probe.week)
        workers = self.worlds[probe.place].workers
        if probe.professions:
            rows = rows[np.isin(workers.family[sample.posts[rows]], _families(probe.professions))]
        if probe.among == "neighbours":
            rows = rows[~np.isin(sample.persons[rows], self.enrolled)]
        if len(probe.of) > 1:  # a regression is a cross-section
            rows = rows[workers.person[sample.posts[rows]] == sample.persons[rows]]
        if rows.size:
            at = [sample.quantities.index(name) for name in probe.of]
            values = sample.seen[sample.places.index(probe.place)][at][:, rows]
            seen = np.isfinite(values).all(axis=0)  # not who left in the very week of her enrolment
            values, rows = values[:, seen], rows[seen]
            unit = self.file.assignment.unit
            clusters = {"communities": workers.community, "institutions": workers.institution}
            cluster = clusters[unit][sample.posts[rows]] if unit in clusters else sample.posts[rows]
            self.found[probe].append(Measured(values, cluster.astype(np.int64)))

    def _measure_ties(self, probe: Probe, pairs: Pairs | None, week: int) -> None:
        if pairs is None:
            return
        world = self.worlds[probe.place]
        rows = np.flatnonzero(
            (week - pairs.since == probe.week) & (pairs.strength >= probe.strength[0]) & (pairs.strength <= probe.strength[1])
        )
        if rows.size:
            same = (world.workers.person[pairs.posts[rows]] == pairs.persons[rows]).all(axis=1)
            strength = np.where(same, tie_strengths(world, pairs.posts[rows]), 0.0)
            values: Values = strength if probe.of[0] == "strength" else (strength > 0.0).astype(np.float64)
            if probe.of[0] == "kept":
                values, rows = values[same], rows[same]
            self.found[probe].append(Measured(values[None, :], rows))

    def communities_of(self, probe: Probe) -> Rows:
        """Return the communities that were assigned to an arm, or in which its participants work."""
        world = self.worlds[probe.place]
        if self.file.assignment.unit in {"workers", "institutions"}:
            return np.unique(world.workers.community[self.samples["participants", probe.arm].posts]).astype(np.int64)
        return np.flatnonzero(self.shares[probe.arm].communities)

    def residents(self, probe: Probe) -> tuple[Values, Rows]:
        """Measure residents, weighted by population."""
        world, rows = self.worlds[probe.place], self.communities_of(probe)
        if rows.size == 0:
            return np.full(1, np.nan), np.zeros(1, np.int64)
        people = world.communities.population[rows].astype(np.float64)
        return np.array([np.average(community_values(world, probe.of[0])[rows], weights=people)]), np.zeros(1, np.int64)

    def institutions(self, probe: Probe) -> tuple[Values, Rows]:
        """Measure institutions."""
        world = self.worlds[probe.place]
        own = self.shares[probe.arm].institutions.copy()
        if probe.professions:
            own &= np.isin(world.institutions.family, _families(probe.professions))
        rows = np.flatnonzero(own)
        if probe.of[0] == ADOPTED_BY:
            return self._adoptions(probe, rows)
        return institution_values(world, probe.of[0], rows), rows

    def _adoptions(self, probe: Probe, rows: Rows) -> tuple[Values, Rows]:
        """Tell which institutions adopted, and for how many weeks they might have; of a linked one, from its first peer's adoption on."""
        week, first, last = self.adoptions[probe.place], self.trial.start, self.trial.start + probe.week
        topology = self.worlds[probe.place].topology
        start, peers = topology.peer_start, topology.peer_list
        linked = np.array([week[peers[start[n] : start[n + 1]]].min(initial=np.inf) + 1 for n in rows])
        begin, end = np.full(rows.size, float(first)), np.full(rows.size, float(last))
        if probe.linked is True:
            begin = np.maximum(begin, linked)
        elif probe.linked is False:
            end = np.minimum(end, np.maximum(linked, first))
        stop = np.minimum(week[rows] + 1, end)
        kept = (week[rows] > -np.inf) & (stop > begin)  # not those that had adopted before
        adopted = (week[rows] + 1 <= end) & (week[rows] + 1 > begin)
        return np.array([adopted[kept], (stop - begin)[kept]], np.float64), rows[kept]

    def region(self, probe: Probe) -> tuple[Values, Rows]:
        """Measure an outcome, or the mean of a series, over a window."""
        start, name = self.trial.start, probe.of[0]
        rows = np.array(self.rows[probe.place][start + probe.since : start + probe.week])
        if name == CONTACT:
            value = float(2.0 * rows[:, INDEX["meetings"]].mean() / self.worlds[probe.place].workers.person.size)
        elif name in BY_NAME:
            value = BY_NAME[name].measure({s.name: rows[:, i] for i, s in enumerate(SERIES)}, self.worlds[probe.place].residents)
        else:
            value = float(rows[:, INDEX[name]].mean())
        return np.array([value]), np.zeros(1, np.int64)

    def events(self, probe: Probe) -> tuple[Values, Rows]:
        """Measure lethal events over a window."""
        world, start = self.worlds[probe.place], self.trial.start
        lethal, n = world.lethal, world.lethal_events
        week = lethal.week[:n].astype(np.int64) - start - probe.since
        there = (week >= 0) & (week < probe.week - probe.since)
        events = Events(lethal.deaths[:n][there].astype(np.int64), week[there], probe.week - probe.since)
        values = EVENTS[probe.of[0]].measure(events)
        return values, np.zeros(values.size, np.int64)


_GROUPS: dict[str, Callable[[Conduct, Probe], tuple[Values, Rows]]] = {
    "residents": Conduct.residents,
    "institutions": Conduct.institutions,
    "region": Conduct.region,
    "lethal events": Conduct.events,
}


def _families(professions: tuple[str, ...]) -> list[int]:
    return [i for i, family in enumerate(FAMILIES) if family.name in professions]


def _under_study(trial: Trial) -> tuple[str, ...]:
    """Return the professions of the programmes under study."""
    found = {
        world.scenario.programmes[name].family for world, _ in trial.worlds for names in world.arms.values() for name in names
    }
    return tuple(sorted(found))


def _joined(parts: list[Measured], quantities: int) -> Measured:
    if not parts:
        return Measured(np.empty((quantities, 0)), np.empty(0, np.int64))
    return Measured(np.concatenate([p.values for p in parts], axis=1), np.concatenate([p.cluster for p in parts]))


def _worlds(trial: Trial, seed: int, places: set[Place]) -> dict[Place, World]:
    """Build the worlds that are needed and live them through their burn-in, once for all that are alike until then."""
    wanted = places | {Place(k, False) for k in range(len(trial.worlds))}
    lived: dict[tuple[str, int], World] = {}
    out = {}
    for place in sorted(wanted):
        one = trial.worlds[place.world][place.twin]
        own_seed = (seed + APART * one.apart) % MOST_SEED
        bare = one.scenario.model_copy(update={"programmes": {}, "shocks": {}, "edits": {}, "budget": None})
        key = bare.model_dump_json(exclude={"years"}), own_seed
        if key not in lived:
            lived[key] = build_world(bare, own_seed)
            while lived[key].week < 0:
                live_week(lived[key])
        world = lived[key].copy()
        out[place] = replace(world, scenario=one.scenario, programmes=running_programmes(one.scenario))
    return out


def conduct(trial: Trial, seed: int) -> Record:
    """Live a trial's worlds of one seed, and return what was measured in them.

    Parameters
    ----------
    trial : Trial
        The trial.
    seed : int
        Seed of its worlds.
    """
    return Conduct(trial, seed).live()
