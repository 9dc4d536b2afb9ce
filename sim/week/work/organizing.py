"""Work of the organizing family: who can act, protest and its discipline, repression and backlash, mutual aid, bounds towards hosts.

Rule
----
*Movements change.* What a programme pays for all year builds up in those that take part and lapses unless kept up: agreed roles, decision
rights and escalation paths (O9), a rapid-response network and pledges of mutual aid with the other side (O13), shared values, which hold a
movement together (O14). What holds as long as it is paid for: rotating leadership, which keeps people (O2), mental-health support (O11), and
commons, which keep practice that would lapse or leave with people (O4).

*Organizers* burn out, sooner under strain, and then cannot act for some months and leave sooner (G2). The fewer are left, the more strain is on
them. Repression keeps some from acting and strains all; mutual aid from across and rotating leadership take away part of that.

*Movements split*, the sooner the less they hold together and the harder they are repressed. A split loses practice and leaves a radical flank.

*Protest* is voice, not escalation, and is counted apart: there is more of it with more grievance and more organizers who can act; contact may
quieten that of the side with more grievance. Some of it turns into a flashpoint: less with restrained organizers and cohesion, more under
tension, repression and a radical flank, of which agreed roles take away part (O3, O9, O14). Nonviolent protest that is heard takes off grievance.

*Repression backfires* where a disciplined movement is repressed and this becomes known, by the rapid-response network above all: grievance
rises, confidence falls, and more people protest.

*Mutual aid*, the less of what two sides pledge each other, that meets hardship (repression, disaster, downturn) takes off grievance, and
residents may come to trust that side more.
*Visiting organizers* harm their hosts where they heed no bounds (O16).

*At crossings* protest incidents are triggered by more flashpoints to be expected than ordinary, by believed rumours and the presence of visitors.
The network warns of some; agreed roles end them sooner. Joint campaigns are in `sim.week.work.campaigns`.

Reads cohorts, crossings, politics. Writes institutions' standards, sharing, agreements, cohesion, kept, retention, practice; movements; workers'
strain and burnt_until; communities' grievance, legitimacy and trust shifts; trigger, cause, shared and warning of protest incidents.
Mechanisms: burnout, mental_health, flashpoints, discipline, agreed_roles, cohesion, splits, voice, quieting, movement_repression, backfire,
solidarity, rotating_leadership, commons, intrusion, boundaries, rumours, network_warning, exposure. Claims O1–O16; evidence G2.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.compiled import called, compiled
from sim.draws import purpose_key, uniforms
from sim.families import KINDS, ORGANIZING
from sim.parameters import Parameters, weekly_chance, weekly_hazard, weekly_rate
from sim.parameters.ordinary import (
    CROWD,
    ORDINARY_COHESION,
    ORDINARY_CONDUCT,
    ORDINARY_GRIEVANCE,
    ORDINARY_STRAIN,
)
from sim.parameters.organizing import FLANK_FADING, ordinary_active
from sim.series import INDEX
from sim.week.cohorts import taking_part
from sim.week.shocks import DOWNTURN_DEPTH
from sim.week.work import campaigns
from sim.week.work.learning import raise_standing, shift
from sim.week.work.triggers import count_from, crowding, heat_around, mean_of, mean_towards, thinned
from sim.world.programmes import RunningProgramme
from sim.world.tables import ARISE, other_index
from sim.world.world import World

PROTEST = KINDS.index("protest")
SERVICES = ("rotation", "mental_health")
"""Levers that hold in a community while they are paid for."""
_BACKGROUND, _FLASHPOINTS, _RUMOUR, _VISITORS = (
    ARISE.index(name) for name in ("background", "flashpoints", "rumour", "visitors")
)
_BURNING_OUT, _PROTEST, _SPLIT = purpose_key("burning out"), purpose_key("protests"), purpose_key("splits of movements")
_PROTESTS, _TURNED, _BURNOUTS, _SPLITS = (INDEX[name] for name in ("protests", "flashpoints", "burnouts", "splits"))
_PROTESTS_REPRESSED, _TURNED_REPRESSED, _STAFF_REPRESSED, _ACTIVE_REPRESSED = (
    INDEX[name] for name in ("protests_repressed", "flashpoints_repressed", "staff_repressed", "active_repressed")
)
MARGIN = 0.01
"""Mean resting grievance above that of all sides from which a side counts as the one with more of it (fixed)."""


def live(world: World) -> None:
    """Let movements work this week."""
    movements, hardship = world.movements, hardship_of(world)
    movements.rally[:] = world.crossings.rally[:] = 0.0
    if world.programmes:
        _set_back(world)
        for programme in world.programmes:
            if programme.family == ORGANIZING:
                _build_up(world, programme)
                _intrude(world, programme)
        campaigns.live(world, hardship)
    sides, shields = world.sides, np.empty(world.communities.key.size)
    pledges = np.empty((sides, sides))
    _week(
        world.at, world.organizers, world.movement_rows, world.politics.repression, hardship, np.empty(sides), shields, pledges,
        world.week, world.derive(organizing_rates), world.tally,
    )  # fmt: skip


class OrganizingRates(NamedTuple):
    """What a week of full standing work wins, as a share of the way to 1 (to 0, where negative), and weekly hazards."""

    protocols: float
    network: float
    aid: float
    values: float
    burnout: float
    active: float
    """Share of organizers who can act where strain is ordinary and nobody is away or repressed."""
    splits: float
    claims: float


def organizing_rates(parameters: Parameters) -> OrganizingRates:
    """Turn what is won in a year into what is won in a week, and annual fractions into weekly hazards."""
    p = parameters.organizing
    return OrganizingRates(
        weekly_chance(p.protocols_gain),
        weekly_chance(p.network_gain),
        weekly_chance(p.aid_gain),
        weekly_chance(p.values_gain),
        weekly_hazard(p.burnout),
        ordinary_active(p),
        weekly_hazard(p.splits),
        weekly_rate(p.claims_half_life),
    )


def hardship_of(world: World) -> NDArray[np.float64]:
    """How hard each side is struck by repression, a disaster or a downturn: the worst of them, 0 to 1. Shape (sides,)."""
    politics = world.politics
    if politics.quiet:
        return np.zeros(world.sides)
    slump = np.minimum(-politics.livelihoods / DOWNTURN_DEPTH, 1.0)
    return np.maximum(np.maximum(politics.repression, politics.disaster), slump)


def _set_back(world: World) -> None:
    world.institutions.retention[world.movement_rows] = 0.0
    for name in SERVICES:
        getattr(world.movements, name)[:] = 0.0


def _build_up(world: World, programme: RunningProgramme) -> None:
    """Build up what is paid for all year, and let services hold."""
    standing, institutions, rates = programme.standing, world.institutions, world.derive(organizing_rates)
    rows, p = (
        np.flatnonzero(taking_part(world, programme) & (institutions.withdrawn_until <= world.week)),
        world.parameters.organizing,
    )
    if rows.size == 0 or not standing:
        return
    raise_standing(world, programme, rows, {
        "protocols": (institutions.standards, rates.protocols),
        "rapid_response": (institutions.sharing, rates.network),
        "mutual_aid": (institutions.agreements, rates.aid),
    })  # fmt: skip
    if standing.get("values"):
        shift(institutions.cohesion, rows, np.full(rows.size, standing["values"] * rates.values))
    for column, level in (
        (institutions.kept, standing.get("commons", 0.0) * p.commons_keeps),
        (institutions.retention, standing.get("rotation", 0.0) * p.rotation_retention),
    ):
        column[rows] = np.where(abs(level) > np.abs(column[rows]), level, column[rows])
    staff = np.bincount(institutions.community[rows], institutions.staff[rows], world.communities.key.size)
    reached = staff / np.maximum(world.topology.pool_staff[:, ORGANIZING], 1)
    for name in SERVICES:
        if standing.get(name):
            level = getattr(world.movements, name)
            np.maximum(level, standing[name] * reached, out=level)


def _intrude(world: World, programme: RunningProgramme) -> None:
    """Let visiting organizers who heed no bounds harm the community that hosts their cohort."""
    p, communities = world.parameters.organizing, world.communities
    for cohort in (*programme.cohorts, *programme.finished):
        if cohort.guests > 0.0 and cohort.host >= 0:
            crowd = 1.0 - math.exp(-cohort.guests / CROWD)
            harm = p.intrusion * crowd * (1.0 - p.consent_effect * cohort.own.consent)
            communities.legitimacy_lost[cohort.host] += harm
            communities.grievance_added[cohort.host] += harm
            world.count("host_harm", harm)


@called
def flashpoint_chance(restraint, cohesion, heat, repression, protocols, flank, p):  # type: ignore[no-untyped-def]
    """Chance that a protest turns into a flashpoint; restraint, cohesion and heat count from what is ordinary."""
    stress = p.flashpoint_tension * heat + p.flashpoint_repression * repression
    if stress > 0.0:
        stress *= 1.0 - p.protocols_stress * protocols
    calm = p.flashpoint_restraint * restraint + p.flashpoint_cohesion * cohesion
    odds = p.flashpoint_share / (1.0 - p.flashpoint_share) * math.exp(stress + p.flashpoint_flank * min(flank, 1.0) - calm)
    return odds / (1.0 + odds)


@called
def turnout(grievance, active, quietened, backlash, p):  # type: ignore[no-untyped-def]
    """Protests relative to an ordinary week; so counts `active`."""
    more = max(1.0 + p.grievance_protests * (grievance - ORDINARY_GRIEVANCE) + p.backlash_protests * backlash, 0.0)
    return more * active * min(max(1.0 - p.quieting * quietened, 0.0), 2.0)


@called
def _towards_any(column, institutions, topology, c):  # type: ignore[no-untyped-def]
    """Most of what the movements of a community hold towards any other side."""
    most = 0.0
    for o in range(column.shape[1]):
        most = max(most, mean_towards(column, o, institutions, topology, c, ORGANIZING))
    return most


@called
def _pledge(institutions, rows, pledges):  # type: ignore[no-untyped-def]
    """Measure what the movements of each side pledge to each other side, on average. `pledges` has shape (sides, sides)."""
    sides = pledges.shape[0]
    for side in range(sides):
        for other in range(sides):
            pledges[side, other] = 0.0
        count = 0
        for k in range(rows.size):
            n = rows[k]
            if institutions.side[n] == side:
                count += 1
                for o in range(sides - 1):
                    pledges[side, (side + 1 + o) % sides] += institutions.agreements[n, o]
        for other in range(sides):
            pledges[side, other] /= max(count, 1)


@called
def pledged(institutions, topology, pledges, c, side, o):  # type: ignore[no-untyped-def]
    """Mutual aid between the movements of community c and those of its other side o: the less of what either pledges the other."""
    sides = pledges.shape[0]
    own = mean_towards(institutions.agreements, o, institutions, topology, c, ORGANIZING)
    return min(own, pledges[(side + 1 + o) % sides, side])


@called
def aid_shield(institutions, movements, topology, pledges, c, side, p):  # type: ignore[no-untyped-def]
    """Share of what repression does to organizers that mutual aid and rotating leadership take away."""
    most = 0.0
    for o in range(institutions.agreements.shape[1]):
        most = max(most, pledged(institutions, topology, pledges, c, side, o))
    return min(max(p.aid_shield * most + p.rotation_shield * movements.rotation[c], -1.0), 1.0)


@called
def _burn_out(workers, movements, draws, organizers, repression, shields, week, p, rate, tally):  # type: ignore[no-untyped-def]
    for k in range(organizers.size):
        i = organizers[k]
        c = workers.community[i]
        able = week >= workers.burnt_until[i]
        left = p.load_strain * max(rate.active - movements.active[c], 0.0) if able else 0.0
        added = min(left + p.repression_strain * repression[workers.side[i]] * (1.0 - shields[c]), 1.0)
        workers.strain[i] += added * (1.0 - workers.strain[i])
        if not able:
            continue
        chance = rate.burnout * max(1.0 + p.burnout_strain * (workers.strain[i] - ORDINARY_STRAIN), 0.0)
        chance *= 1.0 - p.mental_health_effect * movements.mental_health[c]
        if uniforms(draws, _BURNING_OUT, week, workers.person[i])[0] < 1.0 - math.exp(-chance):
            workers.burnt_until[i] = week + 1 + int(p.burnout_weeks)
            tally[_BURNOUTS] += 1.0


@called
def _split(institutions, movements, topology, draws, rows, repression, week, p, hazard, tally):  # type: ignore[no-untyped-def]
    for c in range(movements.flank.size):
        movements.flank[c] *= FLANK_FADING
    for k in range(rows.size):
        n = rows[k]
        c = institutions.community[n]
        chance = (
            hazard
            * (1.0 - institutions.cohesion[n])
            / (1.0 - ORDINARY_COHESION)
            * (1.0 + p.split_stress * repression[institutions.side[n]])
        )
        if uniforms(draws, _SPLIT, week, institutions.key[n])[0] < 1.0 - math.exp(-chance):
            institutions.practice[n] *= 1.0 - p.split_loss
            count = 0
            for m in range(topology.institution_start[c], topology.institution_start[c + 1]):
                count += 1 if institutions.family[m] == ORGANIZING else 0
            movements.flank[c] += 1.0 / count
            tally[_SPLITS] += 1.0


@called
def _gained(workers, communities, first, staff, c):  # type: ignore[no-untyped-def]
    """Mean warmth that the organizers of a community have gained above their home climate."""
    others, total = communities.warmth_rest.shape[1], 0.0
    for i in range(first, first + staff):
        for o in range(others):
            total += workers.warmth[i, o] - communities.warmth_rest[c, o] - workers.warmth_trait[i]
    return total / (staff * others)


@called
def _usually_heard(communities, crossings, topology, c, p):  # type: ignore[no-untyped-def]
    """Nonviolent protest in a community where grievance and tension rest; so counts `turnout`. At least a tenth of the ordinary."""
    q = flashpoint_chance(0.0, 0.0, heat_around(crossings, crossings.tension_rest, topology, c), 0.0, 0.0, 0.0, p)
    return max(turnout(float(communities.grievance_rest[c]), 1.0, 0.0, 0.0, p), 0.1) * (1.0 - q)


@called
def _grievance_by_side(communities, grieved):  # type: ignore[no-untyped-def]
    """Measure the mean resting grievance of each side; returns the mean of these."""
    total = 0.0
    for side in range(grieved.size):
        grieved[side], count = 0.0, 0
        for c in range(communities.side.size):
            if communities.side[c] == side:
                grieved[side] += communities.grievance_rest[c]
                count += 1
        grieved[side] /= count
        total += grieved[side]
    return total / grieved.size


@called
def _protest(  # type: ignore[no-untyped-def]
    workers, institutions, communities, movements, crossings, topology, pledges, c, aggrieved, repression, hardship, shield, draws, week,
    p, rate, tally,
):  # fmt: skip
    """Let the movements of one community protest, be repressed and help each other."""
    side, others = communities.side[c], institutions.agreements.shape[1]
    for o in range(others):
        movements.claims[c, o] *= 1.0 - rate.claims
    movements.aid[c] = 0.0
    movements.pressure[c] = 0.0
    first, staff = topology.pool_first[c, ORGANIZING], topology.pool_staff[c, ORGANIZING]
    if staff == 0:
        return
    burnt, restraint, away = 0, 0.0, 0.0
    for i in range(first, first + staff):
        burnt += 1 if week < workers.burnt_until[i] else 0
        restraint += workers.conduct[i] - ORDINARY_CONDUCT
    for n in range(topology.institution_start[c], topology.institution_start[c + 1]):
        away += institutions.away[n] if institutions.family[n] == ORGANIZING else 0.0
    able = max(staff - burnt - away, 0.0) / staff
    active = able * min(max(1.0 - p.repression_cowed * repression * (1.0 - shield), 0.0), 1.0)
    movements.active[c] = active

    network = _towards_any(institutions.sharing, institutions, topology, c)
    protocols = _towards_any(institutions.standards, institutions, topology, c)
    cohesion = mean_of(institutions.cohesion, institutions, topology, c, ORGANIZING) - ORDINARY_COHESION
    heat = heat_around(crossings, crossings.tension, topology, c)
    q = flashpoint_chance(restraint / staff, cohesion, heat, repression, protocols, movements.flank[c], p)
    movements.discipline[c] = 1.0 - q
    known = repression * (1.0 - q) * (p.publicity + (1.0 - p.publicity) * network)
    quietened = max(_gained(workers, communities, first, staff, c), 0.0) if aggrieved else 0.0
    more = turnout(float(communities.grievance[c]), active / rate.active, quietened, known, p)
    usual = p.protests / 52.0 * communities.population[c] / 10_000.0
    v = uniforms(draws, _PROTEST, week, communities.key[c])
    n = count_from(v[0], usual * (more + movements.rally[c]))
    turned = thinned(v[1], n, q)
    tally[_PROTESTS] += n
    tally[_TURNED] += turned
    if repression > 0.0:
        tally[_PROTESTS_REPRESSED] += n
        tally[_TURNED_REPRESSED] += turned
        tally[_STAFF_REPRESSED] += staff
        tally[_ACTIVE_REPRESSED] += staff * active

    movements.pressure[c] = p.flashpoint_protest * (more * q / p.flashpoint_share - 1.0)
    heard = min(max(more * (1.0 - q) / _usually_heard(communities, crossings, topology, c, p) - 1.0, -1.0), 1.0)
    won = 0.0
    for o in range(others):
        helped = pledged(institutions, topology, pledges, c, side, o) * hardship
        movements.aid[c] = max(movements.aid[c], helped)
        won = max(won, float(movements.claims[c, o]))
        communities.trust_shift[c, o] += p.solidarity * helped + p.claim_trust * movements.claims[c, o]
    communities.grievance_shift[c] -= p.voice * heard + p.claim_grievance * won + p.aid_grievance * movements.aid[c]
    communities.legitimacy_shift[c] += p.claim_legitimacy * won
    communities.legitimacy_lost[c] += p.backlash_grievance * known
    communities.grievance_added[c] += p.backlash_grievance * known


@compiled
def _week(at, organizers, rows, struck, hardship, grieved, shields, pledges, week, rate, tally):  # type: ignore[no-untyped-def]
    p, exposure, rumour_protest = rooms.organizing(at), rooms.incidents(at).exposure, rooms.rumours(at).protest
    workers, institutions, communities, movements = (
        state.workers(at),
        state.institutions(at),
        state.communities(at),
        state.movements(at),
    )
    crossings, topology, draws = state.crossings(at), state.topology(at), state.draws(at)
    sides, count = communities.trust_shift.shape[1] + 1, communities.side.size
    _pledge(institutions, rows, pledges)
    for c in range(count):
        shields[c] = aid_shield(institutions, movements, topology, pledges, c, communities.side[c], p)
    _burn_out(workers, movements, draws, organizers, struck, shields, week, p, rate, tally)
    _split(institutions, movements, topology, draws, rows, struck, week, p, rate.splits, tally)
    usual = _grievance_by_side(communities, grieved)
    for c in range(count):
        side = communities.side[c]
        _protest(
            workers, institutions, communities, movements, crossings, topology, pledges, c, grieved[side] > usual + MARGIN, struck[side],
            hardship[side], shields[c], draws, week, p, rate, tally,
        )  # fmt: skip
    for x in range(crossings.a.size):
        a, b = crossings.a[x], crossings.b[x]
        ab = other_index(communities.side[a], communities.side[b], sides)
        ba = other_index(communities.side[b], communities.side[a], sides)
        shared = mean_towards(institutions.standards, ab, institutions, topology, a, ORGANIZING)
        shared += mean_towards(institutions.standards, ba, institutions, topology, b, ORGANIZING)
        crossings.shared[x, PROTEST] = 0.5 * shared
        network = mean_towards(institutions.sharing, ab, institutions, topology, a, ORGANIZING)
        network += mean_towards(institutions.sharing, ba, institutions, topology, b, ORGANIZING)
        crossings.warning[x, PROTEST] = p.network_warning * 0.5 * network
        flash = 0.5 * (movements.pressure[a] + movements.pressure[b])
        turning = 0.5 * (2.0 - movements.discipline[a] - movements.discipline[b]) / p.flashpoint_share
        flash += p.flashpoint_protest * crossings.rally[x] * turning
        words = rumour_protest * (crossings.rumour[x] - crossings.rumour_rest[x])
        visits = crowding(crossings.visitors[x, ORGANIZING], crossings.tension[x], exposure)
        crossings.trigger[x, PROTEST] = flash + words + visits
        cause, most = _BACKGROUND, 0.1
        for code, term in ((_FLASHPOINTS, flash), (_RUMOUR, words), (_VISITORS, visits)):
            if term > most:
                cause, most = code, term
        crossings.cause[x, PROTEST] = cause
