"""Work of every profession: what participants learn, and what their institutions keep of it.

Rule
----
In a week in which a cohort meets, participants gain competence in their craft, part of which transfers to the job (D3),
restraint where the training is about it (B2) or rehearses flashpoints (O3), a professional identity where it is about that (C3) or the sides work
together, and their institutions a readiness to work with the other side. How far a training transfers to an officer's job
also hangs on her leader's backing and on audits (C7, C8). When a cohort ends, debriefs turn experience into skill (O8)
and put part of it into the practice stock of its institutions.

Reads cohorts. Writes workers' competence, conduct and identity; institutions' partnership and practice; sets back what work rules
write anew each week. Mechanisms: leaders_backing, audited_transfer, reflection. Claims P1, P4, C1, C3, C7, C8, O3, O8; evidence D3, B2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.compiled import compiled, inlined
from sim.families import ORGANIZING, POLICING
from sim.week.cohorts import partners
from sim.world.programmes import Cohort, RunningProgramme
from sim.world.tables import other_index
from sim.world.world import World

FULL_COHORT_WEEKS = 12.0
"""Weeks of joint work after which what a cohort leaves behind is full (fixed)."""


@compiled
def _set_back(at):  # type: ignore[no-untyped-def]
    communities = state.communities(at)
    for c in range(communities.key.size):
        communities.services_shift[c] = 0.0
        communities.legitimacy_shift[c] = 0.0
        communities.legitimacy_lost[c] = 0.0
        communities.grievance_shift[c] = 0.0
        communities.grievance_added[c] = 0.0
        for o in range(communities.trust_shift.shape[1]):
            communities.trust_shift[c, o] = 0.0


def live(world: World) -> None:
    """Let participants of all programmes learn, and institutions keep what they bring home."""
    _set_back(world.at)
    for programme in world.programmes:
        for cohort in [*programme.cohorts, *programme.finished]:
            if cohort.meeting > 0.0:
                learn(world, programme, cohort)
                _grow_closer(world, programme, cohort)
        for cohort in programme.finished:
            _keep(world, programme, cohort)
            programme.alumni.remember(world, cohort)


def learn(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Let the participants of a cohort learn in a week in which it meets."""
    rows, weeks, own = cohort.members[cohort.active], cohort.meeting, cohort.own
    workers, w, p = world.workers, world.parameters.work, world.parameters.policing
    craft, extra, restraint, ethics = 1.0, 0.0, 0.0, 0.0
    transfer = np.full(rows.size, w.transfer)
    if programme.family == POLICING:
        restraint, ethics = own.restraint, own.identity
        craft = 1.0 - own.restraint - own.scenarios - own.immersion - own.identity
        extra = p.scenario_competence * own.scenarios
        backing = world.institutions.buy_in[workers.institution[rows]].astype(np.float64)
        transfer *= 1.0 - p.buy_in_transfer * (1.0 - backing)
        transfer += p.audit_transfer * programme.standing.get("audits", 0.0) * (1.0 - transfer)
    rehearsed = own.rehearsals if programme.family == ORGANIZING else 0.0
    craft -= rehearsed
    world.count("trained", rows.size * weeks)
    world.count("transferred", float(transfer.sum()) * weeks)
    for column, gain in (
        (workers.competence, w.competence_gain * craft + extra),
        (workers.conduct, p.conduct_gain * restraint + world.parameters.organizing.rehearsal_gain * rehearsed),
        (workers.identity, p.identity_gain * ethics),
    ):
        if gain > 0.0:
            shift(column, rows, np.minimum(gain * transfer * weeks, 1.0))


def shift(column: NDArray[np.float32], rows: NDArray[Any], gain: NDArray[np.float64]) -> None:
    """Move a state by a share of its way to 1, or, where the gains are negative, of its way to 0; all gains have one sign."""
    if rows.size:
        here = column[rows]
        column[rows] = here + gain * (1.0 - here if gain[0] > 0.0 else here)


@inlined
def moved(level, gain):  # type: ignore[no-untyped-def]
    """Move a level by a share of its way to 1, or, where the gain is negative, of its way to 0."""
    return level + gain * (1.0 - level) if gain > 0.0 else level + gain * level


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


def raise_standing(
    world: World,
    programme: RunningProgramme,
    rows: NDArray[Any],
    built: dict[str, tuple[NDArray[np.float32], float]],
    share: NDArray[np.float64] | float = 1.0,
) -> None:
    """Build up what institutions hold towards other sides by what is paid for all year: lever to (column, what a full week wins)."""
    for lever, (column, gain) in built.items():
        if programme.standing.get(lever):
            raise_towards(world, programme, column, rows, programme.standing[lever] * gain * share)


@compiled
def _towards(column, rows, side, gain, partner):  # type: ignore[no-untyped-def]
    for k in range(rows.size):
        n = rows[k]
        for other in range(partner.size):
            if partner[other] and other != side[n]:
                o = other_index(side[n], other, partner.size)
                column[n, o] += gain[k] * (1.0 - column[n, o])


def _grow_closer(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    rows = cohort.members[cohort.active]
    if cohort.levers.joint < 0.5 or rows.size == 0:
        return
    work = cohort.levers.joint_work * cohort.meeting
    shift(world.workers.identity, rows, np.full(rows.size, world.parameters.contact.identity_gain * work))
    homes, share = staff_shares(world, rows)
    raise_towards(world, programme, world.institutions.partnership, homes, world.parameters.work.partnership_gain * share * work)


def _keep(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Turn a cohort's experience into skill, and put part of it into the practice stock of its institutions."""
    rows = cohort.members[cohort.active]
    level, costs = cohort.levers.debrief, world.parameters.costs
    cohort.debriefed = 0.0
    if rows.size and programme.funded(world.week):
        cohort.debriefed = level * programme.purse.pay("debrief", rows.size * level * costs.debrief)
    if cohort.debriefed > 0.0:
        homes, share = staff_shares(world, rows)
        weight = min(cohort.done / FULL_COHORT_WEEKS, 1.0)
        w, workers = world.parameters.work, world.workers
        shift(world.institutions.practice, homes, np.minimum(w.practice_gain * cohort.debriefed * weight * share, 1.0))
        for column in (workers.competence, workers.skill):
            shift(column, rows, np.full(rows.size, w.reflection_gain * cohort.debriefed * weight))
