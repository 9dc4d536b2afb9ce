"""Work of every profession: what participants learn, and what their institutions keep of it.

Rule
----
In a week in which a cohort meets, participants gain competence in their craft, part of which transfers to the job (D3),
restraint where the training is about it (B2), and, where the sides train together, an identity shared with colleagues
across the border and a readiness of their institutions to work with the other side. How far a training transfers to an
officer's job also hangs on her leader's backing and on audits (C7, C8). When a cohort ends, debriefs put part of what it
learnt into the practice stock of its institutions.

Reads cohorts. Writes workers' competence, conduct and identity; institutions' partnership and practice; sets back what work rules
write anew each week. Mechanisms: leaders_backing. Claims P1, P4, C1, C7, C8; evidence D3, B2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled
from sim.families import POLICING
from sim.week.cohorts import partners
from sim.world.programmes import Cohort, RunningProgramme
from sim.world.tables import other_index
from sim.world.world import World

FULL_COHORT_WEEKS = 12.0
"""Weeks of joint work after which what a cohort leaves behind is full (fixed)."""


def live(world: World) -> None:
    """Let participants of all programmes learn, and institutions keep what they bring home."""
    for name in ("legitimacy_shift", "legitimacy_lost", "grievance_added", "trust_shift"):
        getattr(world.communities, name)[:] = 0.0
    for programme in world.programmes:
        for cohort in [*programme.cohorts, *programme.finished]:
            if cohort.meeting > 0.0:
                rows = cohort.members[cohort.active]
                learn(world, programme, rows, cohort.meeting)
                _grow_closer(world, programme, rows, cohort.meeting)
        for cohort in programme.finished:
            _keep(world, programme, cohort)


def learn(world: World, programme: RunningProgramme, rows: NDArray[np.int64], weeks: float) -> None:
    """Let the workers in the posts `rows` learn as in some weeks of a programme's training."""
    workers, w, p = world.workers, world.parameters.work, world.parameters.policing
    own = programme.own
    craft, extra, restraint = 1.0, 0.0, 0.0
    transfer = np.full(rows.size, w.transfer)
    if programme.family == POLICING:
        restraint = own.restraint
        craft = 1.0 - own.restraint - own.scenarios - own.immersion
        extra = p.scenario_competence * own.scenarios
        audits = p.audit_transfer * programme.standing.get("audits", 0.0)
        backing = world.institutions.buy_in[workers.institution[rows]].astype(np.float64)
        transfer *= (1.0 + (1.0 / w.transfer - 1.0) * audits) * (1.0 - p.buy_in_transfer * (1.0 - backing))
    world.count("trained", rows.size * weeks)
    world.count("transferred", float(transfer.sum()) * weeks)
    gain = np.minimum((w.competence_gain * craft + extra) * transfer * weeks, 1.0)
    workers.competence[rows] += gain * (1.0 - workers.competence[rows])
    if restraint > 0.0:
        gain = np.minimum(p.conduct_gain * restraint * transfer * weeks, 1.0)
        workers.conduct[rows] += gain * (1.0 - workers.conduct[rows])


def staff_shares(world: World, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the institutions of the workers in the posts `rows`, and which share of its staff each has there."""
    homes, count = np.unique(world.workers.institution[rows], return_counts=True)
    return homes, count / world.institutions.staff[homes]


def raise_towards(
    world: World,
    programme: RunningProgramme,
    column: NDArray[np.float32],
    rows: NDArray[Any],
    gain: NDArray[np.float64] | float,
) -> None:
    """Raise what institutions hold towards other sides, towards those that take part; all, where one side trains by itself."""
    if rows.size:
        gains = np.minimum(np.broadcast_to(np.asarray(gain, np.float64), rows.shape), 1.0)
        _towards(column, rows, world.institutions.side, gains, partners(world, programme))


@compiled
def _towards(column, rows, side, gain, partner):  # type: ignore[no-untyped-def]
    for k in range(rows.size):
        n = rows[k]
        for other in range(partner.size):
            if partner[other] and other != side[n]:
                o = other_index(side[n], other, partner.size)
                column[n, o] += gain[k] * (1.0 - column[n, o])


def _grow_closer(world: World, programme: RunningProgramme, rows: NDArray[np.int64], meeting: float) -> None:
    if programme.levers.joint < 0.5 or rows.size == 0:
        return
    workers, joint_work = world.workers, programme.levers.joint_work
    workers.identity[rows] += world.parameters.contact.identity_gain * joint_work * meeting * (1.0 - workers.identity[rows])
    homes, share = staff_shares(world, rows)
    gain = world.parameters.work.partnership_gain * share * meeting * joint_work
    raise_towards(world, programme, world.institutions.partnership, homes, gain)


def _keep(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Put part of a cohort's experience into the practice stock of its institutions."""
    rows = cohort.members[cohort.active]
    level, costs = programme.levers.debrief, world.parameters.costs
    cohort.debriefed = 0.0
    if rows.size and programme.funded(world.week):
        cohort.debriefed = level * programme.purse.pay("debrief", rows.size * level * costs.debrief)
    if cohort.debriefed > 0.0:
        homes, share = staff_shares(world, rows)
        weight = min(cohort.done / FULL_COHORT_WEEKS, 1.0)
        gain = np.minimum(world.parameters.work.practice_gain * cohort.debriefed * weight * share, 1.0)
        world.institutions.practice[homes] += gain * (1.0 - world.institutions.practice[homes])
