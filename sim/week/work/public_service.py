"""Work of the public-service family: pilots, joint works on shared resources, fairness, open books, and outside funds.

Rule
----
*Municipalities change.* What a programme pays for all year builds up in those that take part and lapses unless kept up: shared standards
and templates (P3, P13), indicators and data (P3), joint contingency plans (P7), open books (P9), inclusive service (P10). Part of what is won
on the first three hangs on colleagues who have met those across (P3).

*Pilots* (P4): after a cohort, municipalities whose people were debriefed may try a practice that they have seen in one across. How likely it
works out depends on how alike the two places are; tailoring takes away part of what unlike places cost, copying does not (P2). One that
works out enters the practice stock, and may serve those best who were served already; one that fails disturbs services and
costs confidence, and is learnt from where it was debriefed and errors can be admitted.

*Joint works* on water and housing begin at crossings where both sides take part. Clear roles, shared data and flexible governance, the
latter above all under shocks, decide whether they succeed, as long as they are paid (P11). Success
takes away strain on what both sides use; failure brings quarrels.

*Joint bids* with one voice win outside funds for the programme (P8).

*Residents* are served better where municipalities are more capable. A wider fairness gap adds grievance and costs confidence; open books
move confidence. In a disaster services fail, less where there are joint plans and ties across (P7).

*At crossings* services incidents are triggered by poor or unfair services, strain on shared resources, failed works and the presence of
visitors; shared standards take away part of the rivalry (P13).

Reads cohorts, workers' ties, politics. Writes institutions' standards, sharing, agreements, accountability, equity, learning, practice;
towns; pilots; communities' services, legitimacy lost, and shifts of services, legitimacy and grievance; crossings' resources, relief,
failed_works; shared, trigger and cause of services incidents; purses. Mechanisms: people_build, inclusive_service, pilots, mismatch,
adaptation, lessons, joint_works, works_governance, contingency, joint_bids, aligned_standards, fairness, open_books, municipal_services,
service_quarrels, exposure. Claims P1–P13.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim import rooms, state
from sim.columns import grown, keep
from sim.compiled import compiled
from sim.draws import mix_all
from sim.families import KINDS, PUBLIC_SERVICE
from sim.parameters import Parameters, weekly_chance, weekly_rate
from sim.parameters.ordinary import ORDINARY_COMPETENCE, ORDINARY_RESOURCES, RELIANCE
from sim.week.alumni import ENOUGH
from sim.week.cohorts import crossings_between, shared_with_partners, taking_part
from sim.week.work.learning import FULL_COHORT_WEEKS, moved, raise_standing, shift, staff_shares
from sim.week.work.triggers import crowding, lack, mean_of, mean_towards
from sim.world.programmes import Cohort, RunningProgramme
from sim.world.tables import ARISE, other_index
from sim.world.ties import best_across
from sim.world.world import World

SERVICES = KINDS.index("services")
DISASTER_DEPTH = 0.3
"""Fall of services' resting level, and rise of strain on shared resources, in a disaster of size 1 (assumption, fixed)."""
FADING = 0.9
"""Share of failed works' memory at a crossing that is left a week later (fixed)."""
_BACKGROUND, _POOR, _UNFAIR, _RESOURCES, _FAILED, _VISITORS = (
    ARISE.index(name)
    for name in ("background", "poor services", "unfair services", "shared resources", "failed works", "visitors")
)


def live(world: World) -> None:
    """Let municipalities work this week."""
    for programme in world.programmes:
        if programme.family == PUBLIC_SERVICE:
            _build_up(world, programme)
            for cohort in programme.finished:
                _propose(world, programme, cohort)
            _begin_works(world, programme)
            _bid(world, programme)
    if world.live_pilots:
        _come_out(world)
    _week(world.at, world.politics.disaster, world.week, world.derive(public_service_rates))


class PublicServiceRates(NamedTuple):
    """What a week of full standing work wins, as a share of the way to 1 (to 0, where negative), and what fades in a week."""

    standards: float
    data: float
    contingency: float
    ethics: float
    equity: float
    works: float
    bid: float
    gap: float
    relief: float


def public_service_rates(parameters: Parameters) -> PublicServiceRates:
    """Turn what is won in a year into what is won in a week, and half-lives into weekly rates."""
    p = parameters.public_service
    years = (
        parameters.work.standards_gain,
        p.data_gain,
        p.contingency_gain,
        p.ethics_gain,
        p.equity_gain,
        p.works_rate,
        p.bid_success,
    )
    return PublicServiceRates(*[*map(weekly_chance, years), weekly_rate(p.gap_half_life), weekly_rate(p.works_half_life)])


def _build_up(world: World, programme: RunningProgramme) -> None:
    """Build up in the municipalities that take part what is paid for all year."""
    standing, institutions, rates = programme.standing, world.institutions, world.derive(public_service_rates)
    rows = _working(world, programme)
    together = 1.0 - world.parameters.public_service.people_build * (1.0 - _met(world, programme, rows))
    raise_standing(world, programme, rows, {
        "standards": (institutions.standards, rates.standards),
        "data": (institutions.sharing, rates.data),
        "contingency": (institutions.agreements, rates.contingency),
    }, together)  # fmt: skip
    for name, column, gain in (
        ("ethics", institutions.accountability, rates.ethics),
        ("equity", institutions.equity, rates.equity),
    ):
        if standing.get(name):
            shift(column, rows, np.full(rows.size, standing[name] * gain))


def _met(world: World, programme: RunningProgramme, rows: Any) -> Any:
    """How far enough colleagues of each municipality have met those across in this programme: 1 from a quarter of its staff on."""
    if programme.levers.joint < 0.5:
        return np.zeros(rows.size)
    posts = np.concatenate([programme.alumni.posts, *(cohort.members[cohort.active] for cohort in programme.cohorts)])
    count = np.bincount(world.workers.institution[posts], minlength=world.institutions.key.size)[rows]
    return np.minimum(count / (ENOUGH * world.institutions.staff[rows]), 1.0)


def _propose(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Let municipalities to which a cohort returns admit errors more readily, and try what they have seen."""
    rows, p, institutions = cohort.members[cohort.active], world.parameters.public_service, world.institutions
    if rows.size == 0 or cohort.debriefed <= 0.0:
        return
    homes, share = staff_shares(world, rows)
    weight = min(cohort.done / FULL_COHORT_WEEKS, 1.0) * cohort.debriefed
    shift(institutions.learning, homes, p.reflection_gain * weight * share)
    if cohort.own.pilots <= 0.0 or cohort.levers.joint < 0.5 or not programme.funded(world.week):
        return
    numbers = np.full(homes.size, cohort.number, np.int64).astype(np.uint64)
    keys = mix_all(institutions.key[homes], numbers)
    u = world.draws.fill(f"{programme.name}: pilot proposed", world.week, keys)
    costs, adapted = world.parameters.costs, cohort.own.adaptation
    willing = np.flatnonzero(u[:, 0] < cohort.own.pilots * cohort.debriefed)
    for k in willing[np.lexsort((keys[willing], u[willing, 2]))]:
        n = int(homes[k])
        across = homes[institutions.side[homes] != institutions.side[n]]
        if across.size == 0:
            continue
        model = int(across[min(int(u[k, 1] * across.size), across.size - 1)])
        shared = shared_with_partners(world, programme, institutions.standards, homes[k : k + 1])
        cost = (costs.pilot + adapted * costs.adaptation) * (1.0 - p.duplication * shared)
        if programme.purse.pay_whole("pilots", cost):
            chance = pilot_chance(
                likeness(world, n, model), adapted, float(institutions.capability[n]), p.pilot_success, p.pilot_mismatch, p.adaptation_effect
            )  # fmt: skip
            lesson = cohort.debriefed * float(institutions.learning[n])
            _start(world, programme, keys[k : k + 1], round(p.pilot_weeks), chance, institution=n, lesson=lesson)
            world.count("pilots_started")


def likeness(world: World, n: int, m: int) -> float:
    """How alike the places of two municipalities are: 1 alike, 0 as unlike as can be."""
    place = world.towns.place[world.institutions.community[[n, m]]].astype(np.float64)
    return 1.0 - float(np.hypot(*(place[0] - place[1]))) / math.sqrt(2.0)


def pilot_chance(alike: float, adapted: float, capability: float, success: float, mismatch: float, adaptation: float) -> float:
    """Chance that a pilot works out."""
    unlike = (1.0 - alike) * (1.0 - adaptation * adapted)
    return min(max(success * (1.0 - mismatch * unlike) * (1.0 + capability - ORDINARY_COMPETENCE), 0.0), 1.0)


def _start(
    world: World,
    programme: RunningProgramme,
    key: Any,
    weeks: int,
    chance: float,
    *,
    institution: int = -1,
    crossing: int = -1,
    lesson: float = 0.0,
) -> None:
    k = world.live_pilots
    if k >= world.pilots.key.size:
        world.pilots = grown(world.pilots, 2 * k)
    key = mix_all(mix_all(key, programme.keys), np.array([world.week], np.int64).astype(np.uint64))[0]
    row = (key, crossing >= 0, institution, crossing, programme.number, world.week + weeks, weeks, chance, 0.0, 0.0, 0.0, lesson)
    for name, value in zip(world.pilots._fields, row, strict=True):
        getattr(world.pilots, name)[k] = value
    world.live_pilots = k + 1


def works_chance(roles: float, data: float, flexible: float, p: Any) -> float:
    """Chance that joint works succeed, if they are paid to the end."""
    return min(max(p.works_success + p.works_roles * roles + p.works_data * data + p.works_flexibility * flexible, 0.0), 1.0)


def _begin_works(world: World, programme: RunningProgramme) -> None:
    """Go on with joint works, and begin some at crossings where this programme has none under way."""
    level, standing, crossings = programme.standing.get("works", 0.0), programme.standing, world.crossings
    if level <= 0.0:
        return
    pilots, live = world.pilots, slice(0, world.live_pilots)
    own = np.flatnonzero((pilots.programme[live] == programme.number) & (pilots.works[live] == 1))
    pilots.paid[own] += 1.0 / pilots.length[own]
    pilots.roles[own] += standing.get("roles", 0.0) / pilots.length[own]
    pilots.flexible[own] += standing.get("flexibility", 0.0) * (1.0 if world.politics.quiet else 2.0) / pilots.length[own]
    free = np.setdiff1d(crossings_between(world, programme), pilots.crossing[own])
    there = np.zeros(world.communities.key.size, bool)
    there[world.institutions.community[_working(world, programme)]] = True
    free = free[(crossings.open[free] >= 0.5) & there[crossings.a[free]] & there[crossings.b[free]]]
    if free.size == 0:
        return
    u = world.draws.fill(f"{programme.name}: joint works begin", world.week, world.crossings.key[free])[:, 0]
    for x in free[u < level * world.derive(public_service_rates).works]:
        key = world.crossings.key[x : x + 1]
        _start(world, programme, key, round(world.parameters.public_service.works_weeks), 0.0, crossing=int(x))
        world.count("works_started")


def _bid(world: World, programme: RunningProgramme) -> None:
    """Win outside funds by a joint bid."""
    level = programme.standing.get("bargaining", 0.0)
    if level <= 0.0:
        return
    rows = _working(world, programme)
    if np.unique(world.institutions.side[rows]).size < 2:
        return
    voice = 0.5 + 0.5 * shared_with_partners(world, programme, world.institutions.standards, rows)
    u = world.draws.fill(f"{programme.name}: joint bid", world.week, programme.keys)[0, 0]
    if u < world.derive(public_service_rates).bid * level * voice:
        programme.purse.win(world.parameters.public_service.bid_size)


def _working(world: World, programme: RunningProgramme) -> Any:
    """Municipalities that take part and have not withdrawn."""
    return np.flatnonzero(taking_part(world, programme) & (world.institutions.withdrawn_until <= world.week))


def _come_out(world: World) -> None:
    """Let pilots and joint works come out that are due this week."""
    pilots, p, institutions = world.pilots, world.parameters.public_service, world.institutions
    due = np.flatnonzero(pilots.due[: world.live_pilots] == world.week)
    if due.size == 0:
        return
    u = world.draws.fill("a pilot or joint works come out", world.week, pilots.key[due])[:, 0]
    for k, draw in zip(due.tolist(), u, strict=True):
        if pilots.works[k]:
            _works_out(world, k, float(draw))
            continue
        n = int(pilots.institution[k])
        c = int(institutions.community[n])
        if draw < pilots.chance[k]:
            institutions.practice[n] = moved(float(institutions.practice[n]), p.pilot_practice)
            gap = world.towns.gap[c] + p.pilot_gap * (1.0 - institutions.equity[n])
            world.towns.gap[c] = min(max(gap, 0.0), 1.0)
            world.count("pilots_adopted")
        else:
            institutions.practice[n] = moved(float(institutions.practice[n]), p.pilot_lesson * float(pilots.lesson[k]))
            world.communities.services[c] *= 1.0 - p.pilot_disruption
            world.communities.legitimacy_lost[c] += p.pilot_confidence * (1.0 - float(pilots.lesson[k]))
            world.count("pilots_failed")
    stay = np.flatnonzero(pilots.due[: world.live_pilots] > world.week)
    keep(pilots, stay)
    world.live_pilots = int(stay.size)


def _works_out(world: World, k: int, draw: float) -> None:
    p, crossings, pilots = world.parameters.public_service, world.crossings, world.pilots
    x, programme = int(pilots.crossing[k]), world.programmes[int(pilots.programme[k]) - 1]
    between = np.flatnonzero(
        taking_part(world, programme) & np.isin(world.institutions.community, (crossings.a[x], crossings.b[x]))
    )
    data = shared_with_partners(world, programme, world.institutions.sharing, between)
    if draw < float(pilots.paid[k]) * works_chance(float(pilots.roles[k]), data, float(pilots.flexible[k]), p):
        crossings.relief[x] += p.works_relief * (1.0 - crossings.relief[x])
        world.count("works_done")
    else:
        crossings.failed_works[x] += 1.0
        world.count("works_failed")


@compiled
def _warded_off(workers, institutions, communities, crossings, ties, topology, c, week, p, distant, contact):  # type: ignore[no-untyped-def]
    """Share of a disaster's blow that joint plans and ties across ward off in a community."""
    sides = institutions.agreements.shape[1] + 1
    plans = 0.0
    for o in range(sides - 1):
        plans = max(plans, mean_towards(institutions.agreements, o, institutions, topology, c, PUBLIC_SERVICE))
    first, staff, told = topology.pool_first[c, PUBLIC_SERVICE], topology.pool_staff[c, PUBLIC_SERVICE], 0
    for i in range(first, first + staff):
        best = 0.0
        for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
            x = topology.crossing_list[k]
            there = crossings.b[x] if crossings.a[x] == c else crossings.a[x]
            best = max(
                best, best_across(workers, ties, i, there, communities.side[there], PUBLIC_SERVICE, week, distant, contact)
            )
        told += 1 if best >= RELIANCE else 0
    return min(max(p.plan_relief * plans + p.tie_relief * told / max(staff, 1), -1.0), 1.0)


@compiled
def _week(at, disaster, week, rate):  # type: ignore[no-untyped-def]
    p = rooms.public_service(at)
    distant = rooms.incidents(at).distant_tie
    contact = rooms.contact(at)
    exposure = rooms.incidents(at).exposure
    workers = state.workers(at)
    institutions = state.institutions(at)
    communities = state.communities(at)
    towns = state.towns(at)
    crossings = state.crossings(at)
    ties = state.ties(at)
    topology = state.topology(at)
    sides = institutions.standards.shape[1] + 1
    for c in range(communities.side.size):
        if topology.pool_staff[c, PUBLIC_SERVICE] == 0:
            communities.services_shift[c] -= DISASTER_DEPTH * disaster[communities.side[c]]
            continue
        better = mean_of(institutions.capability, institutions, topology, c, PUBLIC_SERVICE)
        better -= mean_of(institutions.capability_rest, institutions, topology, c, PUBLIC_SERVICE)
        communities.services_shift[c] += p.municipal_services * better
        if disaster[communities.side[c]] > 0.0:
            warded = _warded_off(workers, institutions, communities, crossings, ties, topology, c, week, p, distant, contact)
            communities.services_shift[c] -= DISASTER_DEPTH * disaster[communities.side[c]] * (1.0 - warded)
        rest = towns.gap_rest[c] - p.equity_effect * mean_of(institutions.equity, institutions, topology, c, PUBLIC_SERVICE)
        towns.gap[c] = min(max(towns.gap[c] + rate.gap * (rest - towns.gap[c]), 0.0), 1.0)
        wider = towns.gap[c] - towns.gap_rest[c]
        opened = mean_of(institutions.accountability, institutions, topology, c, PUBLIC_SERVICE)
        opened -= mean_of(institutions.accountability_rest, institutions, topology, c, PUBLIC_SERVICE)
        communities.grievance_shift[c] += p.gap_grievance * wider
        communities.legitimacy_shift[c] += p.ethics_legitimacy * opened - p.gap_legitimacy * wider
    for x in range(crossings.a.size):
        a, b = crossings.a[x], crossings.b[x]
        ab = other_index(communities.side[a], communities.side[b], sides)
        ba = other_index(communities.side[b], communities.side[a], sides)
        shared = mean_towards(institutions.standards, ab, institutions, topology, a, PUBLIC_SERVICE)
        shared = 0.5 * (shared + mean_towards(institutions.standards, ba, institutions, topology, b, PUBLIC_SERVICE))
        crossings.shared[x, SERVICES] = shared
        crossings.relief[x] *= 1.0 - rate.relief
        struck = max(disaster[communities.side[a]], disaster[communities.side[b]])
        strain = crossings.resources_rest[x] * (1.0 - crossings.relief[x]) + DISASTER_DEPTH * struck
        crossings.resources[x] = min(max(strain, 0.0), 1.0)
        poor = lack(communities.services, a, b, p.quality_services)
        unfair = p.gap_services * 0.5 * (towns.gap[a] - towns.gap_rest[a] + towns.gap[b] - towns.gap_rest[b])
        scarce = p.strain_services * (crossings.resources[x] - ORDINARY_RESOURCES)
        failed = p.failure_services * min(float(crossings.failed_works[x]), 1.0)
        crossings.failed_works[x] *= FADING
        visits = crowding(crossings.visitors[x, PUBLIC_SERVICE], crossings.tension[x], exposure)
        crossings.trigger[x, SERVICES] = poor + unfair + scarce + failed + visits - p.rivalry_services * shared
        cause, most = _BACKGROUND, 0.1
        for code, term in ((_POOR, poor), (_UNFAIR, unfair), (_RESOURCES, scarce), (_FAILED, failed), (_VISITORS, visits)):
            if term > most:
                cause, most = code, term
        crossings.cause[x, SERVICES] = cause
