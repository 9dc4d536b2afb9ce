"""Alumni life: events, the joint centre, mentoring, refreshers, bridge figures, and founders of joint projects who keep meeting.

Rule
----
What a programme pays for happens: at events pairs of a task group meet again; at the joint centre alumni of different
cohorts meet two by two; refreshers restore part of what has faded of what was learnt; mentors introduce newcomers; supported
bridge figures can be called to incidents.
Alumni who meet keep part of the practice that would lapse or leave with people (P6).
While the border is closed, meetings move online and count for less.

Reads programmes' alumni, projects. Writes gatherings, workers' bridge, competence, restraint and skill, institutions' mentoring
and kept. Mechanisms: alumni_memory. Claims V3,
V4, V10, V14, C7; evidence B5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.draws import pair_keys
from sim.week.cohorts import across_border, contact_quality
from sim.world.programmes import LEARNT, Gathering, RunningProgramme
from sim.world.world import World

EVENTS_A_YEAR = 12.0
EVENT_ATTENDANCE = 0.5
CENTRE_ATTENDANCE = 0.08
PROJECT_MEETINGS = 0.25
WORKING_QUALITY = 0.6
"""Chance that a pair meets at an event, that an alumnus meets someone in a week at a full joint centre, and that the founders of a
project meet in a week; quality of contact at the centre and in projects (assumptions, fixed)."""

ENOUGH = 0.25
"""Share of an institution's staff from which alumni are enough to carry what hangs on them in full (assumption, fixed)."""


def founders_meet(world: World) -> None:
    """Bring together the founders of joint projects who are both still in their posts."""
    projects, workers, crossings, n = world.projects, world.workers, world.crossings, world.live_projects
    a, b = projects.worker_a[:n].astype(np.int64), projects.worker_b[:n].astype(np.int64)
    here = (workers.person[a] == projects.person_a[:n]) & (workers.person[b] == projects.person_b[:n])
    if here.any():
        x = projects.crossing[:n][here]
        keys = projects.key[:n][here].copy()
        name = "founders of a joint project meet"
        amount, tension = across_border(world, crossings.open[x]), crossings.tension[x].astype(np.float64)
        world.gatherings.append(Gathering(name, a[here], b[here], keys, amount, WORKING_QUALITY, 1.0, tension, PROJECT_MEETINGS))


def live_on(world: World, programme: RunningProgramme) -> None:
    """Hold alumni events, open the joint centre, support bridge figures, mentor and refresh."""
    alumni, workers = programme.alumni.posts, world.workers
    workers.bridge[alumni] = 0
    programme.mentored = 0.0
    if alumni.size == 0 or not programme.funded(world.week):
        return
    levers, costs = programme.levers, world.parameters.costs
    programme.mentored = levers.mentoring * programme.purse.pay(
        "mentoring", alumni.size * levers.mentoring * costs.mentoring / 52.0
    )
    if programme.mentored:
        homes = workers.institution[alumni]
        world.institutions.mentoring[homes] = np.maximum(world.institutions.mentoring[homes], programme.mentored)
    _events(world, programme, alumni)
    if programme.network > 0.0:
        homes, count = np.unique(world.workers.institution[alumni], return_counts=True)
        full = np.minimum(count / (ENOUGH * world.institutions.staff[homes]), 1.0)
        kept = world.parameters.work.alumni_keeps * min(programme.network, levers.alumni_support) * full
        before = world.institutions.kept[homes]
        world.institutions.kept[homes] = np.where(np.abs(kept) > np.abs(before), kept, before)
    _refresh(world, programme, alumni)
    _centre(world, programme, alumni)
    share = getattr(programme.own, "bridge_figures", 0.0)
    if share > 0.0:
        chosen = alumni[programme.alumni.priority < share]
        if programme.purse.pay_whole("bridge_figures", chosen.size * costs.bridge_figure / 52.0):
            workers.bridge[chosen] = 1


def _events(world: World, programme: RunningProgramme, alumni: NDArray[np.int64]) -> None:
    levers = programme.levers
    programme.events_owed += levers.alumni_support * EVENTS_A_YEAR / 52.0
    if programme.events_owed < 1.0 - 1e-9:
        return
    programme.events_owed -= 1.0
    cost = (alumni.size + programme.alumni.guests()) * EVENT_ATTENDANCE * world.parameters.costs.alumni_event
    programme.network = levers.alumni_support if programme.purse.pay_whole("alumni_events", cost) else 0.0
    if programme.network == 0.0:
        return
    roster = programme.alumni
    if len(roster.pairs):
        x = roster.pair_crossing
        amount, tension = across_border(world, world.crossings.open[x]), world.crossings.tension[x].astype(np.float64)
        a, b = roster.pairs[:, 0].copy(), roster.pairs[:, 1].copy()
        name, quality = f"{programme.name}: alumni event", contact_quality(world, programme, levers, alumni)
        world.gatherings.append(Gathering(name, a, b, roster.pair_keys, amount, quality, 1.0, tension, EVENT_ATTENDANCE))


def _refresh(world: World, programme: RunningProgramme, alumni: NDArray[np.int64]) -> None:
    """Refresh what alumni learnt: the share of the year's refreshers that falls on this week. Nobody learns more than she had."""
    level, costs, workers = programme.levers.refreshers, world.parameters.costs, world.workers
    if level <= 0.0:
        return
    u = world.draws.fill(f"{programme.name}: refresher", world.week, workers.person[alumni])[:, 0]
    chosen = np.flatnonzero(u < level / 52.0)
    if chosen.size and programme.purse.pay_whole("refreshers", chosen.size * costs.refresher):
        for name, learnt in zip(LEARNT, programme.alumni.learnt[chosen].T, strict=True):
            column = getattr(workers, name)
            faded = np.maximum(learnt - column[alumni[chosen]], 0.0)
            column[alumni[chosen]] += world.parameters.work.refresher_restores * faded


def _centre(world: World, programme: RunningProgramme, alumni: NDArray[np.int64]) -> None:
    """Let alumni of different cohorts meet at the joint centre, two by two."""
    level = programme.standing.get("joint_centre", 0.0)
    if level <= 0.0:
        return
    workers = world.workers
    u = world.draws.fill(f"{programme.name}: joint centre", world.week, workers.person[alumni])
    there = np.flatnonzero(u[:, 0] < CENTRE_ATTENDANCE * level)
    order = there[np.lexsort((workers.person[alumni[there]], u[there, 1]))]
    visitors = alumni[order]
    a, b = visitors[:-1:2], visitors[1::2]
    across = workers.side[a] != workers.side[b]
    a, b = a[across], b[across]
    if a.size:
        keys = pair_keys(workers.person[a], workers.person[b])
        amount = across_border(world, world.politics.open[workers.side[a], workers.side[b]])
        tension = np.full(a.size, world.crossings.tension.mean(dtype=np.float64))
        name = f"{programme.name}: at the joint centre"
        world.gatherings.append(Gathering(name, a, b, keys, amount, WORKING_QUALITY, 1.0, tension))
