"""What participants themselves gain: each is compared with herself in the world without the programme.

Worlds of one seed that differ in a programme hold the same persons, so everyone who was enrolled (those who gave up
or left included: intention to treat) has a twin who never was. A person who leaves her post in either world keeps the
last values seen in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.lab.survey import RELIABILITY
from sim.parameters.ordinary import RELIANCE
from sim.scenario.schema import Scenario
from sim.week.observe import strongest_tie
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.world import World

MEASURES = ("warmth", "trust in strangers", "reliance on persons met", "competence", "conduct", "intercultural skill")


@dataclass(frozen=True, slots=True)
class Gain:
    """What the participants of one pair of worlds gained by some weeks after enrolment.

    Attributes
    ----------
    d : dict
        Measure to standardised mean difference between participants and their twins.
    relying : float
        Participants who can rely on someone across, minus the same share of their twins.
    enrolled, workers, residents, institutions : float
        Persons enrolled, staff and residents of the region, and share of institutions that sent anyone.
    """

    d: dict[str, float]
    relying: float
    enrolled: int
    workers: int
    residents: float
    institutions: float


def _measured(world: World, posts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Measure persons: one row a measure, one column a post."""
    out = np.empty((len(MEASURES), posts.size))
    out[0] = world.workers.warmth[posts].mean(axis=1)
    out[1] = world.workers.trust[posts].mean(axis=1)
    strongest_tie(world.workers, world.ties, posts, world.week, world.parameters.contact, out[2])
    out[3] = world.workers.competence[posts]
    out[4] = world.workers.conduct[posts]
    out[5] = world.workers.skill[posts]
    return out


def follow(scenario: Scenario, seed: int, weeks: int = 52) -> Gain:
    """Follow all who are enrolled, and their twins, for some weeks after enrolment.

    Parameters
    ----------
    scenario : Scenario
        With at least one programme.
    seed : int
        Seed of both worlds.
    weeks : int
        Weeks from enrolment to measurement.
    """
    treated, twin = build_world(scenario, seed), build_world(scenario.model_copy(update={"programmes": {}}), seed)
    posts, persons = np.empty(0, np.int64), np.empty(0, np.uint64)
    since = np.empty(0, np.int64)
    values = np.empty((2, len(MEASURES), 0))
    seen: set[tuple[str, int]] = set()
    while not treated.finished:
        week = treated.week
        live_week(treated)
        live_week(twin)
        for programme in treated.programmes:
            for cohort in [*programme.cohorts, *programme.finished]:
                if (programme.name, cohort.number) not in seen:
                    seen.add((programme.name, cohort.number))
                    fresh = ~np.isin(cohort.persons, persons)
                    posts = np.append(posts, cohort.members[fresh])
                    persons = np.append(persons, cohort.persons[fresh])
                    since = np.append(since, np.full(int(fresh.sum()), week))
                    start = np.stack([_measured(world, cohort.members[fresh]) for world in (treated, twin)])
                    values = np.concatenate([values, start], axis=2)
        due = week - since <= weeks
        for world in (treated, twin):
            due &= world.workers.person[posts] == persons
        rows = np.flatnonzero(due)
        if rows.size:
            for k, world in enumerate((treated, twin)):
                values[k][:, rows] = _measured(world, posts[rows])
        if since.size and week > since.max() + weeks and not any(p.funded(week) for p in treated.programmes):
            break
    complete = since + weeks < treated.week
    values = values[:, :, complete]
    n = int(complete.sum())
    institutions = np.unique(treated.workers.institution[posts]).size / treated.institutions.key.size
    d = {}
    for k, name in enumerate(MEASURES):
        a, b = values[0, k], values[1, k]
        spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2.0) if n > 2 else np.nan
        d[name] = float((a.mean() - b.mean()) / spread * np.sqrt(RELIABILITY)) if n > 2 and spread > 0 else float("nan")
    relying = float((values[0, 2] >= RELIANCE).mean() - (values[1, 2] >= RELIANCE).mean()) if n else float("nan")
    return Gain(d, relying, persons.size, treated.workers.person.size, treated.residents, institutions)
