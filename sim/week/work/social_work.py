"""Work of the social-work family: what offices build up together, the strain of their people, and what unmet crises bring.

Rule
----
*Offices change.* What a programme pays for all year builds up in the offices that take part and lapses unless kept up: referral
agreements (S2), shared assessment and data (S3), a common intake (S5). What is a service holds as long as it is paid for: case conferences,
peer supervision, preventive services, a hotline, shelters, corridors, stabilisers, privacy; and careers, which keep people in their
posts (S12). A service reaches a community by the share of its social workers whose offices take part.

*Households in crisis* are followed by `sim.week.work.households`.

*Social workers* are strained where more households wait and are in care than there are places; peer supervision takes off part of it and
teaches (S6).

*Residents* have more grievance and less confidence where more crises than usual are not met in time; where households are helped from
across, trust in that side may rise (S15).

*At crossings* welfare incidents are triggered by unmet crises and the presence of visitors (S13). A shared hotline warns of some.

Reads cohorts, cases. Writes institutions' agreements, sharing, standards, safeguards, retention; welfare; workers' strain and
competence; communities' legitimacy, grievance and trust shifts; trigger, cause, shared and warning of welfare incidents.
Mechanisms: unmet_crises, safety_net, caseload_strain, supervision, careers, crisis_services, exposure. Claims S1–S16.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim import rooms, state
from sim.compiled import called, compiled
from sim.families import KINDS, SOCIAL_WORK
from sim.parameters import Parameters, weekly_chance
from sim.parameters.ordinary import ORDINARY_UNMET, UNMET_SCALE
from sim.week.cohorts import taking_part
from sim.week.work import households
from sim.week.work.learning import moved, raise_standing
from sim.week.work.triggers import crowding, mean_towards
from sim.world.programmes import RunningProgramme
from sim.world.tables import ARISE, other_index
from sim.world.world import World

WELFARE = KINDS.index("welfare")
SERVICES = ("conferences", "supervision", "prevention", "hotline", "shelters", "corridors", "stabilisers")
"""Levers that are services: they hold in a community while they are paid for."""
_BACKGROUND, _UNMET, _VISITORS = (ARISE.index(name) for name in ("background", "unmet crises", "visitors"))


def live(world: World) -> None:
    """Let welfare offices work this week."""
    if world.programmes:
        _set_back(world)
        for programme in world.programmes:
            if programme.family == SOCIAL_WORK and programme.standing:
                _build_up(world, programme)
    if world.offices.size:
        households.live(world)
        _week(world.at, bool(world.programmes))


class WeeklyGains(NamedTuple):
    """What a week of full standing work wins, as a share of the way to 1."""

    agreements: float
    protocols: float
    intake: float


def weekly_gains(parameters: Parameters) -> WeeklyGains:
    """Turn what is won in a year into what is won in a week."""
    p = parameters.social_work
    return WeeklyGains(weekly_chance(p.agreements_gain), weekly_chance(p.protocols_gain), weekly_chance(p.intake_gain))


def _set_back(world: World) -> None:
    world.institutions.safeguards[world.offices] = 0.0
    world.institutions.retention[world.offices] = 0.0
    for name in SERVICES:
        getattr(world.welfare, name)[:] = 0.0


def _build_up(world: World, programme: RunningProgramme) -> None:
    """Build up what is paid for all year, and let services hold."""
    standing, institutions, gains = programme.standing, world.institutions, world.derive(weekly_gains)
    rows = np.flatnonzero(taking_part(world, programme) & (institutions.withdrawn_until <= world.week))
    raise_standing(world, programme, rows, {
        "agreements": (institutions.agreements, gains.agreements),
        "protocols": (institutions.sharing, gains.protocols),
        "intake": (institutions.standards, gains.intake),
    })  # fmt: skip
    institutions.safeguards[rows] = np.maximum(institutions.safeguards[rows], standing.get("privacy", 0.0))
    kept, before = standing.get("careers", 0.0) * world.parameters.social_work.careers_retention, institutions.retention[rows]
    institutions.retention[rows] = np.where(abs(kept) > np.abs(before), kept, before)
    staff = np.bincount(institutions.community[rows], institutions.staff[rows], world.communities.key.size)
    reached = staff / np.maximum(world.topology.pool_staff[:, SOCIAL_WORK], 1)
    for name in SERVICES:
        if standing.get(name):
            level = getattr(world.welfare, name)
            np.maximum(level, standing[name] * reached, out=level)


@called
def way_to_many(recent):  # type: ignore[no-untyped-def]
    """How far recent cases per 1,000 residents are on the way from none to very many, 0 to 1."""
    return recent / (recent + UNMET_SCALE)


@called
def unmet_above(welfare, topology, c):  # type: ignore[no-untyped-def]
    """Unmet crises above the ordinary, on the way from none to overwhelmingly many; 0 where no office is there to meet any."""
    return way_to_many(float(welfare.unmet[c])) - ORDINARY_UNMET if topology.pool_staff[c, SOCIAL_WORK] > 0 else 0.0


@compiled
def _week(at, exchange):  # type: ignore[no-untyped-def]
    p, exposure = rooms.social_work(at), rooms.incidents(at).exposure
    workers = state.workers(at)
    institutions = state.institutions(at)
    communities = state.communities(at)
    welfare = state.welfare(at)
    crossings = state.crossings(at)
    topology = state.topology(at)
    sides = communities.trust_shift.shape[1] + 1
    for c in range(communities.side.size):
        unmet = unmet_above(welfare, topology, c)
        communities.legitimacy_shift[c] -= p.unmet_legitimacy * unmet
        communities.grievance_shift[c] += p.unmet_grievance * unmet
        for o in range(sides - 1):
            communities.trust_shift[c, o] += p.safety_net_trust * way_to_many(float(welfare.helped[c, o]))
        over = min(max(float(welfare.load[c]) - 1.0, 0.0), 1.0)
        added = p.load_strain * over * (1.0 - p.supervision_relief * welfare.supervision[c])
        taught = p.supervision_competence * welfare.supervision[c]
        first = topology.pool_first[c, SOCIAL_WORK]
        for i in range(first, first + topology.pool_staff[c, SOCIAL_WORK]):
            workers.strain[i] += added * (1.0 - workers.strain[i])
            workers.competence[i] = moved(float(workers.competence[i]), taught)
    for x in range(crossings.a.size):
        a, b = crossings.a[x], crossings.b[x]
        ab = other_index(communities.side[a], communities.side[b], sides)
        ba = other_index(communities.side[b], communities.side[a], sides)
        if exchange:
            shared = mean_towards(institutions.standards, ab, institutions, topology, a, SOCIAL_WORK)
            shared += mean_towards(institutions.standards, ba, institutions, topology, b, SOCIAL_WORK)
            crossings.shared[x, WELFARE] = 0.5 * shared
        crossings.warning[x, WELFARE] = p.hotline_warning * 0.5 * (welfare.hotline[a] + welfare.hotline[b])
        unmet = p.unmet_welfare * 0.5 * (unmet_above(welfare, topology, a) + unmet_above(welfare, topology, b))
        visits = crowding(crossings.visitors[x, SOCIAL_WORK], crossings.tension[x], exposure)
        crossings.trigger[x, WELFARE] = unmet + visits
        cause, most = _BACKGROUND, 0.1
        for code, term in ((_UNMET, unmet), (_VISITORS, visits)):
            if term > most:
                cause, most = code, term
        crossings.cause[x, WELFARE] = cause
