"""Work of the policing family: conduct on patrol, oversight, warnings, and one picture of an event.

Rule
----
*Services change.* What a programme pays for all year builds up in the services that take part: procedures shared with the
other side (contact points, joint patrols), joint reading of information, a dialogue-first norm, accountability (civilian
review, audits, sessions with the justice chain). Time in neighbourhoods builds rapport; rehearsed scenarios build
procedures; debriefs without blame build readiness to admit errors, punitive ones take it away. All of it lapses unless kept
up, more slowly where leaders back it.

*On patrol* officers meet residents. Force is used more under tension and less by restrained officers. Misconduct is rarer with
restraint, accountability and a professional identity, which may reinforce each other. A case that is not corrected leads to
repetitions; learning from errors corrects, and so may punishment. Some cases become complaints, more where someone listens.

*Residents* withdraw legitimacy after more misconduct than usual, and grant a little where officers are restrained and answer for
what they do. Where both services act as one, trust in the other side may rise. Shared data that nobody checks serve repression: of
the vulnerable above all.

*At crossings* security incidents are triggered by lacking legitimacy, recent misconduct, believed rumours and the presence
of visitors. Two services that share no picture of an incident may misread it, or both act on it against each other.
Residents who talk to the police warn of some. Shared procedures keep one incident from echoing, and a dialogue-first norm
takes off part of tension's effect.

Reads workers, communities' rumour. Writes institutions' accountability, rapport, dialogue, sharing, learning, safeguards, standards,
misconduct, habit, force; communities' legitimacy, grievance and trust shifts; crossings' trigger, cause, shared, misread, warning,
dialogue, containment (of security incidents). Mechanisms: restraint, professional_identity, oversight, correction, repetition,
public_confidence, unified_posture, misconduct_harm, repression, misreading, shared_picture, early_warning, dialogue_first,
containment, rumours.
Claims C1–C14; evidence B2, B4, F9.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim import rooms, state
from sim.compiled import called, compiled
from sim.draws import purpose_key, uniforms
from sim.families import KINDS, POLICING
from sim.parameters import Parameters, weekly_chance
from sim.parameters.ordinary import ORDINARY_CONDUCT, ORDINARY_IDENTITY, ORDINARY_LEARNING
from sim.series import INDEX
from sim.week.cohorts import partners, taking_part
from sim.week.patrols import opportunity
from sim.week.work.learning import FULL_COHORT_WEEKS, moved, raise_towards, shift, staff_shares
from sim.week.work.triggers import count_from, crowding, heat_around, lack, mean_of, mean_towards, thinned
from sim.world.programmes import RunningProgramme
from sim.world.tables import ARISE, other_index
from sim.world.world import World

SECURITY = KINDS.index("security")
RECENT = 0.88
"""Share of recent misconduct still remembered a week later: half after five weeks (assumption, fixed)."""
_BACKGROUND, _LEGITIMACY, _MISCONDUCT, _RUMOUR, _VISITORS = (
    ARISE.index(name) for name in ("background", "legitimacy", "misconduct", "rumour", "visitors")
)
_PATROLS = purpose_key("patrols and conduct")
_ENCOUNTERS, _FORCE, _CASES, _REPEATED, _COMPLAINTS = (
    INDEX[name] for name in ("encounters", "police_force", "misconduct", "repeat_misconduct", "complaints")
)


def live(world: World) -> None:
    """Let police services work this week."""
    services = world.services
    if world.programmes:
        world.institutions.safeguards[services] = 0.0
        for programme in world.programmes:
            if programme.family == POLICING:
                _build_up(world, programme)
                _train(world, programme)
    _week(world.at, services, world.week, world.tally)


class WeeklyGains(NamedTuple):
    """What a week of full standing work wins, as a share of the way to 1 (to 0, where negative)."""

    contact_points: float
    joint_patrols: float
    information_sharing: float
    deescalation: float
    oversight: float
    justice_chain: float
    audits: float


def weekly_gains(parameters: Parameters) -> WeeklyGains:
    """Turn what is won in a year into what is won in a week."""
    p = parameters.policing
    years = (
        p.contact_points_gain, p.patrols_gain, p.sharing_gain, p.deescalation_gain, p.oversight_gain, p.justice_gain, p.audit_gain
    )  # fmt: skip
    return WeeklyGains(*map(weekly_chance, years))


@compiled
def _win(at, rows, partner, week, safeguards, procedures, patrols, patrolled, sharing, dialogue, accountability):  # type: ignore[no-untyped-def]
    built = state.institutions(at)
    for k in range(rows.size):
        n = rows[k]
        if built.withdrawn_until[n] > week:
            continue
        built.safeguards[n] = max(built.safeguards[n], safeguards)
        built.dialogue[n] = moved(float(built.dialogue[n]), dialogue)
        built.accountability[n] = moved(float(built.accountability[n]), accountability)
        together = procedures + patrols * patrolled[built.community[n]]
        for other in range(partner.size):
            if partner[other] and other != built.side[n]:
                o = other_index(built.side[n], other, partner.size)
                built.standards[n, o] = moved(float(built.standards[n, o]), together)
                built.sharing[n, o] = moved(float(built.sharing[n, o]), sharing)


def _build_up(world: World, programme: RunningProgramme) -> None:
    """Build up in the services what is paid for all year."""
    standing, gains = programme.standing, world.derive(weekly_gains)
    won = {name: standing.get(name, 0.0) * gain for name, gain in gains._asdict().items()}
    safeguards = standing.get("safeguards", 0.0)
    if not (safeguards or any(won.values())):
        return
    patrols = won["joint_patrols"]
    _win(
        world.at,
        np.flatnonzero(taking_part(world, programme)),
        partners(world, programme),
        world.week,
        safeguards,
        won["contact_points"],
        patrols,
        opportunity(world, programme) if patrols else np.zeros(world.communities.key.size),
        won["information_sharing"],
        won["deescalation"],
        won["oversight"] + won["justice_chain"] + won["audits"],
    )


def _train(world: World, programme: RunningProgramme) -> None:
    """Bring into the services what cohorts practise: neighbourhoods, joint procedures, and how debriefs deal with errors."""
    institutions, p = world.institutions, world.parameters.policing
    for cohort in [*programme.cohorts, *programme.finished]:
        rows = cohort.members[cohort.active]
        if cohort.meeting <= 0.0 or rows.size == 0:
            continue
        homes, share = staff_shares(world, rows)
        share = np.minimum(share * cohort.meeting, 1.0)
        shift(institutions.rapport, homes, p.immersion_rapport * cohort.own.immersion * share)
        if cohort.levers.joint >= 0.5:
            raise_towards(world, programme, institutions.standards, homes, p.scenario_standards * cohort.own.scenarios * share)
    for cohort in programme.finished:
        rows = cohort.members[cohort.active]
        if cohort.debriefed > 0.0 and rows.size:
            homes, share = staff_shares(world, rows)
            weight = min(cohort.done / FULL_COHORT_WEEKS, 1.0)
            way = np.minimum(p.learning_gain * cohort.debriefed * weight * share, 1.0)
            institutions.learning[homes] += way * (cohort.own.blame_free - institutions.learning[homes])


@called
def corrected(learning, accountability, p):  # type: ignore[no-untyped-def]
    """Share of cases that are corrected, so that they are not repeated."""
    share = p.correction + p.learning_correction * learning + p.punishment_correction * accountability * (1.0 - learning)
    return min(max(share, 0.0), 1.0)


@called
def misconduct_rate(restraint, accountability, identity, p):  # type: ignore[no-untyped-def]
    """Misconduct per encounter; the first three count from what is ordinary."""
    fall = p.misconduct_conduct * restraint + p.misconduct_accountability * accountability + p.misconduct_identity * identity
    return p.misconduct_share * math.exp(-fall - p.identity_oversight * accountability * identity)


@called
def unchecked_data(institutions, n, safeguard):  # type: ignore[no-untyped-def]
    """How far a service shares data that nobody checks."""
    shared = 0.0
    for o in range(institutions.sharing.shape[1]):
        shared = max(shared, float(institutions.sharing[n, o]))
    return shared * (1.0 - institutions.accountability[n]) * (1.0 - safeguard * institutions.safeguards[n])


@called
def patrol(workers, institutions, communities, crossings, topology, draws, services, week, p, tally):  # type: ignore[no-untyped-def]
    """Let officers meet residents, and residents draw their conclusions."""
    for c in range(communities.key.size):
        communities.misconduct[c] = 0.0
    for k in range(services.size):
        n = services[k]
        c, staff = institutions.community[n], institutions.staff[n]
        u = uniforms(draws, _PATROLS, week, institutions.key[n])
        conduct, base, identity = 0.0, 0.0, 0.0
        for i in range(institutions.first[n], institutions.first[n] + staff):
            conduct += workers.conduct[i] / staff
            base += workers.conduct_base[i] / staff
            identity += workers.identity[i] / staff
        heat = p.force_tension * heat_around(crossings, crossings.tension, topology, c)
        if heat > 0.0:
            heat *= 1.0 - p.dialogue_heat * institutions.dialogue[n]
        met = p.encounters * max(staff - institutions.away[n], 0.0)
        accountable = institutions.accountability[n] - institutions.accountability_rest[n]
        tally[_ENCOUNTERS] += met
        institutions.force[n] = p.force_share * math.exp(heat - p.force_conduct * (conduct - ORDINARY_CONDUCT))
        tally[_FORCE] += met * institutions.force[n]

        uncorrected = p.repeat * (1.0 - corrected(ORDINARY_LEARNING, institutions.accountability_rest[n], p))
        ordinary = met * p.misconduct_share / (1.0 - uncorrected)
        fresh = count_from(u[0], met * misconduct_rate(conduct - ORDINARY_CONDUCT, accountable, identity - ORDINARY_IDENTITY, p))
        habit, wait = float(institutions.habit[n]), 1.0 / max(p.repeat_weeks, 1.0)
        again = count_from(u[1], habit * wait)
        cases = fresh + again
        share = corrected(institutions.learning[n], institutions.accountability[n], p)
        institutions.habit[n] = habit * (1.0 - wait) + p.repeat * (1.0 - share) * cases
        institutions.misconduct[n] = RECENT * institutions.misconduct[n] + cases - ordinary
        communities.misconduct[c] += institutions.misconduct[n]
        heard = min(p.report_share * (1.0 + p.report_accountability * accountable), 0.95)
        tally[_CASES] += cases
        tally[_REPEATED] += again
        tally[_COMPLAINTS] += thinned(u[2], cases, heard)

        part = staff / topology.pool_staff[c, POLICING]
        shift = p.conduct_legitimacy * (conduct - base) + p.accountability_legitimacy * accountable
        communities.legitimacy_shift[c] += part * shift
        unchecked = unchecked_data(institutions, n, p.safeguard)
        harm = p.repression * unchecked * communities.vulnerability[c] * part
        communities.legitimacy_lost[c] += p.misconduct_legitimacy * (cases - ordinary) / communities.population[c] * 1000.0 + harm
        communities.grievance_added[c] += harm


@called
def shared_picture(one, two, weaker):  # type: ignore[no-untyped-def]
    """How far two services see one picture of an event, from what each brings to it."""
    return weaker * min(one, two) + (1.0 - weaker) * 0.5 * (one + two)


@called
def watch(crossings, communities, institutions, topology, p, exposure, rumour_security):  # type: ignore[no-untyped-def]
    """Set what triggers security incidents at each crossing, and what holds them."""
    sides = communities.trust.shape[1] + 1
    for x in range(crossings.key.size):
        a, b = crossings.a[x], crossings.b[x]
        ab, ba = (
            other_index(communities.side[a], communities.side[b], sides),
            other_index(communities.side[b], communities.side[a], sides),
        )
        procedures_a = mean_towards(institutions.standards, ab, institutions, topology, a, POLICING)
        procedures_b = mean_towards(institutions.standards, ba, institutions, topology, b, POLICING)
        one = 0.5 * (procedures_a + mean_towards(institutions.sharing, ab, institutions, topology, a, POLICING))
        two = 0.5 * (procedures_b + mean_towards(institutions.sharing, ba, institutions, topology, b, POLICING))
        picture = shared_picture(one, two, p.picture_weaker)
        rapport = 0.5 * (
            mean_of(institutions.rapport, institutions, topology, a, POLICING)
            + mean_of(institutions.rapport, institutions, topology, b, POLICING)
        )
        dialogue = 0.5 * (
            mean_of(institutions.dialogue, institutions, topology, a, POLICING)
            + mean_of(institutions.dialogue, institutions, topology, b, POLICING)
        )
        both = topology.pool_staff[a, POLICING] > 0 and topology.pool_staff[b, POLICING] > 0
        crossings.misread[x, SECURITY] = min(max(p.misread * (1.0 - p.picture * picture), 0.0), 1.0) if both else 0.0
        crossings.warning[x, SECURITY] = p.early_warning * rapport
        crossings.dialogue[x, SECURITY] = p.dialogue_heat * dialogue
        crossings.shared[x, SECURITY] = 0.5 * (procedures_a + procedures_b)
        crossings.containment[x, SECURITY] = p.containment * shared_picture(procedures_a, procedures_b, p.picture_weaker)
        for c, o in ((a, ab), (b, ba)):
            facing = 0
            for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
                y = topology.crossing_list[k]
                other = crossings.b[y] if crossings.a[y] == c else crossings.a[y]
                facing += 1 if other_index(communities.side[c], communities.side[other], sides) == o else 0
            communities.trust_shift[c, o] += p.posture_trust * picture / facing

        lacking = lack(communities.legitimacy, a, b, p.legitimacy_security)
        staff = max(topology.pool_staff[a, POLICING] + topology.pool_staff[b, POLICING], 1)
        recent = (communities.misconduct[a] + communities.misconduct[b]) / staff * 10.0
        wrong = min(max(p.misconduct_security * recent, -1.0), 1.0)
        words = rumour_security * (crossings.rumour[x] - crossings.rumour_rest[x])
        visits = crowding(crossings.visitors[x, POLICING], crossings.tension[x], exposure)
        crossings.trigger[x, SECURITY] = lacking + wrong + words + visits
        cause, most = _BACKGROUND, 0.1
        for code, term in ((_LEGITIMACY, lacking), (_MISCONDUCT, wrong), (_RUMOUR, words), (_VISITORS, visits)):
            if term > most:
                cause, most = code, term
        crossings.cause[x, SECURITY] = cause


@compiled
def _week(at, services, week, tally):  # type: ignore[no-untyped-def]
    p, exposure, rumour_security = rooms.policing(at), rooms.incidents(at).exposure, rooms.rumours(at).security
    workers = state.workers(at)
    institutions = state.institutions(at)
    communities = state.communities(at)
    crossings = state.crossings(at)
    topology = state.topology(at)
    patrol(workers, institutions, communities, crossings, topology, state.draws(at), services, week, p, tally)
    watch(crossings, communities, institutions, topology, p, exposure, rumour_security)
