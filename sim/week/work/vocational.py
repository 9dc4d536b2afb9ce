"""Work of the vocational family: employers' openness, credentials, joint projects, placements, shared standards.

Rule
----
*In a cohort* employers become more open. *At its end* a crisis simulation shows gaps that reform then closes; pairs who did
joint work may found a lasting project; recognised credentials and guaranteed placements open work across the border. (What
participants learn is in `sim.week.work.learning`.)

*Joint projects* help households on both sides, and their founders keep meeting. They end sooner when their founders'
tie is gone, without mentoring, and under political blows, which shared governance wards off in part. Some fail
visibly, more where institutions are less capable: a quarrel at the crossing. *Placements* come with openness and
recognition, end after a time, and are cut short when the border closes, less so where standards and recognition make
mobility ordinary.

*At crossings* labour incidents are triggered by lacking livelihoods, failed projects, those placed from across, whom some see as rivals for work,
and the presence of visitors.

Reads cohorts, ties, politics. Writes workers' credential and placement; institutions' openness, standards, partnership, projects;
communities' reached and hosted; crossings' failed, and trigger and cause of labour incidents; projects. Mechanisms: project_failure,
placement_rivalry, emigration, exposure. Claims V2, V3, V5, V7, V9, V11, V12, V18; evidence H1–H3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.columns import grown, keep
from sim.compiled import compiled
from sim.draws import mix_all
from sim.families import KINDS, VOCATIONAL
from sim.parameters import weekly_chance, weekly_hazard
from sim.parameters.ordinary import ORDINARY_COMPETENCE, ORDINARY_OPENNESS
from sim.series import INDEX
from sim.week.cohorts import taking_part
from sim.week.communities import HOUSEHOLD
from sim.week.work.learning import FULL_COHORT_WEEKS, raise_towards, shift, staff_shares
from sim.week.work.triggers import crowding, lack, mean_towards
from sim.world.programmes import Cohort, RunningProgramme
from sim.world.tables import ARISE, other_index
from sim.world.ties import find, strength_now
from sim.world.world import World

LABOUR = KINDS.index("labour")
RIVALS = 0.1
"""Workers placed from across, as a share of employers' staff, at which rivalry for work is full (fixed)."""
RECALL = 0.2
"""Weekly chance that a placed worker must go home while the border is wholly closed (assumption, fixed)."""
_BACKGROUND, _LIVELIHOODS, _FAILURE, _RIVALRY, _VISITORS = (
    ARISE.index(name) for name in ("background", "livelihoods", "failed project", "rivalry for work", "visitors")
)
_ENDED, _FAILED = INDEX["projects_ended"], INDEX["projects_failed"]


def live(world: World) -> None:
    """Let the vocational family work this week."""
    for programme in world.programmes:
        if programme.family != VOCATIONAL:
            continue
        _standards(world, programme)
        for cohort in [*programme.cohorts, *programme.finished]:
            _open_up(world, cohort)
        for cohort in programme.finished:
            _finish(world, programme, cohort)
        _place(world, programme)
    _recall(world)
    if world.live_projects:
        _run_projects(world)
    if world.programmes:
        _reach(world.at, world.live_projects, world.week, np.empty((3, world.communities.key.size)))
    _trigger(world.at)


def _standards(world: World, programme: RunningProgramme) -> None:
    level = programme.standing.get("standards", 0.0)
    if level > 0.0:
        rows = np.flatnonzero(taking_part(world, programme) & (world.institutions.withdrawn_until <= world.week))
        gain = level * weekly_chance(world.parameters.work.standards_gain)
        raise_towards(world, programme, world.institutions.standards, rows, gain)


def _open_up(world: World, cohort: Cohort) -> None:
    """Make employers more open in a week in which their people met colleagues from across."""
    rows = cohort.members[cohort.active]
    if cohort.meeting <= 0.0 or rows.size == 0:
        return
    homes, share = staff_shares(world, rows)
    shift(world.institutions.openness, homes, world.parameters.vocational.openness_gain * share * cohort.meeting)


def _finish(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Turn a cohort's experience into standards, credentials, projects and placements."""
    workers, costs = world.workers, world.parameters.costs
    v, own, purse = world.parameters.vocational, cohort.own, programme.purse
    rows = cohort.members[cohort.active]
    if rows.size == 0:
        return
    paying = programme.funded(world.week)
    if paying and own.simulations > 0.0:
        u = world.draws.fill(f"{programme.name}: simulation", world.week, programme.keys + np.uint64(cohort.number))
        if u[0, 0] < own.simulations and purse.pay_whole("simulations", costs.simulation):
            homes = np.unique(workers.institution[rows])
            raise_towards(world, programme, world.institutions.standards, homes, v.standards_simulation)
    recognition = programme.standing.get("recognition", 0.0)
    if recognition > 0.0:
        u = world.draws.fill(f"{programme.name}: credential", world.week, workers.person[rows])
        workers.credential[rows[u[:, 0] < recognition]] = 1
    _found_projects(world, programme, cohort, min(cohort.done / FULL_COHORT_WEEKS, 1.0))
    if paying:
        _guarantee(world, programme, cohort)


def _found_projects(world: World, programme: RunningProgramme, cohort: Cohort, weight: float) -> None:
    pairs = cohort.pairs()
    if not pairs.size:
        return
    keys = cohort.pair_keys[pairs]
    u = world.draws.fill(f"{programme.name}: project founded", world.week, keys)
    chance = world.parameters.vocational.project_founding * cohort.levers.joint_work * weight
    for k in np.flatnonzero(u[:, 0] < chance):
        i, j = int(cohort.members[cohort.pair_a[pairs[k]]]), int(cohort.members[cohort.pair_b[pairs[k]]])
        _found(world, programme, cohort.crossing, i, j, keys[k : k + 1])


def _found(world: World, programme: RunningProgramme, crossing: int, i: int, j: int, pair: NDArray[np.uint64]) -> None:
    n, workers = world.live_projects, world.workers
    if n >= world.projects.key.size:
        world.projects = grown(world.projects, 2 * n)
    row: tuple[Any, ...] = (
        mix_all(pair, np.array([world.week], np.int64).astype(np.uint64))[0],
        workers.institution[i], workers.institution[j], i, j, workers.person[i], workers.person[j], crossing, programme.number, world.week,
    )  # fmt: skip
    for name, value in zip(world.projects._fields, row, strict=True):
        getattr(world.projects, name)[n] = value
    world.institutions.projects[[workers.institution[i], workers.institution[j]]] += 1
    world.live_projects = n + 1
    world.count("projects_founded")


def _guarantee(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Place the share of graduates to whom the programme guarantees it, as far as the money goes."""
    share, cost = cohort.own.placements, world.parameters.costs.placement
    rows = cohort.members[cohort.active]
    if cohort.levers.benefits < 1.0:
        u = world.draws.fill(f"{programme.name}: who benefits", world.week, world.workers.person[rows])[:, 0]
        rows = rows[(world.workers.side[rows] == programme.lead_side) | (u < cohort.levers.benefits)]
    wanted = round(share * rows.size * float(world.crossings.open[cohort.crossing]))
    count = min(wanted, int(programme.purse.balance // cost))
    if count <= 0:
        return
    u = world.draws.fill(f"{programme.name}: guaranteed placement", world.week, world.workers.person[rows])[:, 0]
    chosen = rows[np.lexsort((world.workers.person[rows], u))][:count]
    programme.purse.pay("placements", count * cost)
    a, b = world.crossings.a[cohort.crossing], world.crossings.b[cohort.crossing]
    _send(world, programme, chosen, np.where(world.workers.side[chosen] == world.communities.side[a], b, a))


def _place(world: World, programme: RunningProgramme) -> None:
    """Let alumni find work across the border by themselves."""
    workers, v = world.workers, world.parameters.vocational
    free = workers.placed_until[programme.alumni.posts] <= world.week
    rows, there = programme.alumni.posts[free], programme.alumni.across[free]
    if rows.size == 0:
        return
    u = world.draws.fill(f"{programme.name}: placement", world.week, workers.person[rows])[:, 0]
    most = 1.0 + v.placement_recognition + v.placement_openness * (1.0 - ORDINARY_OPENNESS)
    perhaps = np.flatnonzero(u < -np.expm1(-weekly_hazard(v.placement_rate) * most))
    if perhaps.size == 0:
        return
    rows, there, u = rows[perhaps], there[perhaps], u[perhaps]
    door = world.politics.open[workers.side[rows], world.communities.side[there]]
    openness = _openness(world)[there]
    factor = 1.0 + v.placement_recognition * workers.credential[rows] + v.placement_openness * (openness - ORDINARY_OPENNESS)
    chance = -np.expm1(-weekly_hazard(v.placement_rate) * np.maximum(factor, 0.0) * door)
    chosen = u < chance
    if chosen.any():
        _send(world, programme, rows[chosen], there[chosen])


def _openness(world: World) -> NDArray[np.float64]:
    """Mean openness of the employers of each community."""
    n, own = world.communities.key.size, world.institutions.family == VOCATIONAL
    places = world.institutions.community[own]
    return np.bincount(places, world.institutions.openness[own], n) / np.maximum(np.bincount(places, minlength=n), 1)


def _send(world: World, programme: RunningProgramme, rows: NDArray[np.int64], there: NDArray[np.int64]) -> None:
    """Place workers in communities across the border."""
    workers = world.workers
    u = world.draws.fill(f"{programme.name}: length of a placement", world.week, workers.person[rows])[:, 0]
    length = np.ceil(-np.log(u) * world.parameters.vocational.placement_weeks).astype(np.int64)
    workers.placed_until[rows] = world.week + np.minimum(length, 520)
    workers.placed_in[rows] = there
    homes = workers.institution[rows]
    gain = world.parameters.vocational.openness_gain / world.institutions.staff[homes]
    np.add.at(world.institutions.openness, homes, gain * (1.0 - world.institutions.openness[homes]))
    world.count("placements", rows.size)


def _recall(world: World) -> None:
    """Send placed workers home while the border is closed."""
    workers = world.workers
    if not world.programmes or world.politics.open.min() >= 1.0:
        return
    rows = np.flatnonzero(workers.placed_until > world.week)
    if rows.size == 0:
        return
    u = world.draws.fill("recall of a placed worker", world.week, workers.person[rows])[:, 0]
    door = world.politics.open[workers.side[rows], world.communities.side[workers.placed_in[rows]]]
    eased = 0.5 * (workers.credential[rows] + world.communities.standards[workers.community[rows], VOCATIONAL])
    chance = RECALL * (1.0 - door) * (1.0 - world.parameters.vocational.mobility * eased)
    workers.placed_until[rows[u < chance]] = world.week


@compiled
def _projects(at, live, standards, u, week, rhetoric, governed, mentored, shield, end, failure, gone, tally):  # type: ignore[no-untyped-def]
    v, w = rooms.vocational(at), rooms.work(at)
    projects = state.projects(at)
    workers = state.workers(at)
    institutions = state.institutions(at)
    crossings = state.crossings(at)
    ties = state.ties(at)
    for k in range(live):
        n, m, x, number = projects.a[k], projects.b[k], projects.crossing[k], projects.programme[k]
        i, j = projects.worker_a[k], projects.worker_b[k]
        here = workers.person[i] == projects.person_a[k] and workers.person[j] == projects.person_b[k]
        tied = False
        if here:
            row = find(workers, i, j)
            tied = row >= 0 and strength_now(ties, row, week) > 0.0
        words = max(rhetoric[institutions.side[n]], rhetoric[institutions.side[m]])
        shared = standards[institutions.community[n], VOCATIONAL]
        shared = 0.5 * (shared + standards[institutions.community[m], VOCATIONAL])
        closed = (1.0 - crossings.open[x]) * (1.0 - v.mobility * shared)
        blow = max(words, closed) * (1.0 - shield * governed[number])
        hazard = end * (1.0 - v.project_tie * (1.0 if tied else 0.0)) * (1.0 - v.project_mentoring * mentored[number])
        hazard *= 1.0 + v.project_politics * blow
        weak = ORDINARY_COMPETENCE - 0.5 * (institutions.capability[n] + institutions.capability[m])
        fails = u[k, 1] < 1.0 - np.exp(-failure * max(1.0 + 2.0 * weak, 0.0))
        gone[k] = 0
        nm = other_index(institutions.side[n], institutions.side[m], institutions.partnership.shape[1] + 1)
        mn = other_index(institutions.side[m], institutions.side[n], institutions.partnership.shape[1] + 1)
        if fails or u[k, 0] < 1.0 - np.exp(-hazard):
            gone[k] = 1
            institutions.projects[n] -= 1
            institutions.projects[m] -= 1
            tally[_ENDED] += 1.0
            if fails:
                tally[_FAILED] += 1.0
                crossings.failed[x] += 1.0
                institutions.partnership[n, nm] *= 0.9
                institutions.partnership[m, mn] *= 0.9
        else:
            institutions.partnership[n, nm] += (
                w.partnership_gain / institutions.staff[n] * (1.0 - institutions.partnership[n, nm])
            )
            institutions.partnership[m, mn] += (
                w.partnership_gain / institutions.staff[m] * (1.0 - institutions.partnership[m, mn])
            )


def _run_projects(world: World) -> None:
    n, projects, p = world.live_projects, world.projects, world.parameters
    u = world.draws.fill("joint project", world.week, projects.key[:n])
    governed = np.array([0.0, *(programme.levers.governance for programme in world.programmes)])
    mentored = np.array([0.0, *(programme.mentored for programme in world.programmes)])
    gone = np.zeros(n, np.int64)
    _projects(
        world.at,
        n,
        world.communities.standards,
        u,
        world.week,
        world.politics.rhetoric,
        governed,
        mentored,
        p.programmes.governance_shield,
        weekly_hazard(p.vocational.project_end),
        weekly_hazard(p.vocational.project_failure),
        gone,
        world.tally,
    )
    stay = np.flatnonzero(gone == 0)
    if stay.size < n:
        keep(projects, stay)
        world.live_projects = n = int(stay.size)


@compiled
def _reach(at, projects_live, week, counts):  # type: ignore[no-untyped-def]
    """Measure which share of households has work across the border, and how many of employers' staff come from across.

    `counts` is room for three counts of each community.
    """
    v = rooms.vocational(at)
    workers, institutions, communities = state.workers(at), state.institutions(at), state.communities(at)
    projects, topology = state.projects(at), state.topology(at)
    for c in range(communities.key.size):
        communities.hosted[c] = counts[0, c] = counts[1, c] = counts[2, c] = 0.0
    for i in range(workers.person.size):
        if week < workers.placed_until[i]:
            counts[0, workers.community[i]] += 1.0
            communities.hosted[workers.placed_in[i]] += 1.0
    for k in range(projects_live):
        counts[1, institutions.community[projects.a[k]]] += 1.0
        counts[2, institutions.community[projects.b[k]]] += 1.0
    for c in range(communities.key.size):
        households = counts[0, c] * v.placement_households + v.project_households * counts[1, c]
        households += v.project_households * counts[2, c]
        communities.hosted[c] /= max(topology.pool_staff[c, VOCATIONAL], 1)
        communities.reached[c] = min(households * HOUSEHOLD / communities.population[c], 1.0)


@compiled
def _trigger(at):  # type: ignore[no-untyped-def]
    v, exposure = rooms.vocational(at), rooms.incidents(at).exposure
    crossings = state.crossings(at)
    communities = state.communities(at)
    institutions = state.institutions(at)
    topology = state.topology(at)
    sides = institutions.standards.shape[1] + 1
    for x in range(crossings.key.size):
        a, b = crossings.a[x], crossings.b[x]
        ab = other_index(communities.side[a], communities.side[b], sides)
        ba = other_index(communities.side[b], communities.side[a], sides)
        shared = mean_towards(institutions.standards, ab, institutions, topology, a, VOCATIONAL)
        crossings.shared[x, LABOUR] = 0.5 * (
            shared + mean_towards(institutions.standards, ba, institutions, topology, b, VOCATIONAL)
        )
        living = lack(communities.livelihoods, a, b, v.livelihood_labour)
        rivals = v.placement_rivalry * 0.5 * (min(communities.hosted[a] / RIVALS, 1.0) + min(communities.hosted[b] / RIVALS, 1.0))
        failed = v.failure_labour * min(float(crossings.failed[x]), 1.0)
        visits = crowding(crossings.visitors[x, VOCATIONAL], crossings.tension[x], exposure)
        crossings.trigger[x, LABOUR] = living + failed + rivals + visits
        cause, most = _BACKGROUND, 0.1
        for code, term in ((_LIVELIHOODS, living), (_FAILURE, failed), (_RIVALRY, rivals), (_VISITORS, visits)):
            if term > most:
                cause, most = code, term
        crossings.cause[x, LABOUR] = cause
