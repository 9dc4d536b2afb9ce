"""Households in crisis (`sim.week.work.crises`): they ask for help, wait, find it at home or across the border, or are not met in time.

Rule
----
*While it waits* a crisis grows more severe, a housing crisis may cost the home, and the household may stop asking. It counts as unmet
if no help has come within eight weeks, four if severe, or it loses its home or stops asking before.

*Ways to help*, tried each week: the *administrative queue* (papers get ready at a pace; slower where two administrations must agree,
faster with shared data); a *hotline*; for households whose lives are on both sides a *trusted chain* (a social worker on duty has a tie
across) or a referral *agreement*; where there is no place across, papers at home still count. (Where no crossing leads across, or no office
is there, one administration does it all.) Whoever is ready needs a place: an office has places for ``caseload`` households per social worker who is
not away. Severe crises that are recognised go first, the others by the week of their cue; shared shelters add places for severe ones;
case conferences find places across when there are none at home. Hand-overs lose some households, who must begin anew (S5).

*Care* ends after some time; it breaks off when the social worker leaves. The crisis may return within a year, less often after good care
and where stabilisers work (S11).

Reads communities, institutions' agreements, sharing, standards and safeguards, workers, ties, crossings, politics. Writes
cases, welfare; communities' legitimacy_lost. Mechanisms: referrals, shared_data, case_conferences, crisis_services, stabilisers, hand_overs.
Claims S1, S2, S4–S6, S10, S11; evidence W1.
"""

from __future__ import annotations

import numpy as np

from sim import rooms, state
from sim.columns import grown
from sim.compiled import called, compiled
from sim.draws import purpose_key, uniforms
from sim.families import SOCIAL_WORK
from sim.parameters.ordinary import (
    CRISES_REMEMBERED,
    ORDINARY_COMPETENCE,
)
from sim.series import INDEX
from sim.week.work.crises import (
    AT_RISK,
    CLOSED,
    HOUSING,
    IN_CARE,
    MOST_NEW,
    SEVERE,
    WAITING,
    arise,
    at_risk,
    describe,
    not_met,
    yearly_crises,
)  # fmt: skip
from sim.week.work.triggers import mean_of, mean_towards
from sim.world.tables import NEEDS, other_index
from sim.world.ties import best_across, lent_across
from sim.world.world import World

IN_TIME, IN_TIME_SEVERE = 8, 4
"""Weeks from the cue within which help comes in time (assumption, fixed)."""
RECENT = 1.0 - 1.0 / CRISES_REMEMBERED
"""Share of recent unmet crises and help from across still remembered a week later: half after eight weeks (assumption, fixed)."""
NOT_YET, BY_AGREEMENT, BY_CHAIN = range(3)
"""Ways in which a waiting household gets to help across the border."""
CLEARED = 0.125
"""Share of closed cases from which the table is cleared of them."""
_CRISES, _REPEATS, _HELPED, _WEEKS = (INDEX[name] for name in ("crises", "repeat_crises", "helped", "help_weeks"))
_HELPED_SEVERE, _WEEKS_SEVERE, _ACROSS = (INDEX[name] for name in ("helped_severe", "help_weeks_severe", "helped_across"))
_BY_TIE, _BY_AGREEMENT = (INDEX[name] for name in ("referrals_tie", "referrals_agreement"))
_GAVE_UP, _EVICTIONS, _HANDOVERS, _LOST = (INDEX[name] for name in ("gave_up", "evictions", "handovers", "lost_handovers"))
_IN_CARE_DRAW, _IN_WAITING, _TRIAGE = (
    purpose_key(f"household: {what}") for what in ("in care", "waiting", "triage and hand-over")
)
_CUE, _KEPT = np.uint64(48), np.uint64(16)
"""Bits by which waiting households are put in order: 16 for the week of the cue, 48 of the key."""
_WEEKS_BEFORE = 32_768
_BROKEN_OFF, _WAITING, _IN_CARE = (INDEX[name] for name in ("care_broken_off", "waiting", "in_care"))


@called
def towards(column, institutions, topology, c, o):  # type: ignore[no-untyped-def]
    """Mean of what the welfare offices of a community hold towards another side."""
    return mean_towards(column, o, institutions, topology, c, SOCIAL_WORK)


@compiled
def prepare(at, week):  # type: ignore[no-untyped-def]
    """Measure what the welfare offices of each community can do this week."""
    p = rooms.social_work(at)
    communities = state.communities(at)
    institutions = state.institutions(at)
    workers = state.workers(at)
    welfare = state.welfare(at)
    topology = state.topology(at)
    for c in range(communities.side.size):
        welfare.unmet[c] *= RECENT
        welfare.waiting[c] = 0.0
        welfare.in_care[c] = 0.0
        for o in range(welfare.helped.shape[1]):
            welfare.helped[c, o] *= RECENT
        staff = topology.pool_staff[c, SOCIAL_WORK]
        if staff == 0:
            continue
        competence, fresh, present = 0.0, 0, float(staff)
        first = topology.pool_first[c, SOCIAL_WORK]
        for i in range(first, first + staff):
            competence += workers.competence[i] / staff
            fresh += 1 if workers.hired[i] == week else 0
        for n in range(topology.institution_start[c], topology.institution_start[c + 1]):
            if institutions.family[n] == SOCIAL_WORK:
                present -= institutions.away[n]
        welfare.places[c] = max(present, 0.0) * p.caseload / welfare.followed[c]
        welfare.turnover[c] = fresh / staff
        welfare.capability[c] = mean_of(institutions.capability, institutions, topology, c, SOCIAL_WORK)
        tools = 0.0
        for o in range(institutions.sharing.shape[1]):
            tools = max(tools, towards(institutions.sharing, institutions, topology, c, o))
        private = mean_of(institutions.safeguards, institutions, topology, c, SOCIAL_WORK)
        welfare.open_data[c] = tools * (1.0 - private)
        own = min(max(p.triage + p.triage_competence * (competence - ORDINARY_COMPETENCE), 0.0), 1.0)
        welfare.triage[c] = min(max(own + p.triage_protocols * tools * (1.0 - p.privacy_limit * private) * (1.0 - own), 0.0), 1.0)


@compiled
def in_care(at, live, week, tally):  # type: ignore[no-untyped-def]
    """Let a week pass over households in care, and over those whose crisis returns: care ends or breaks off."""
    p = rooms.social_work(at)
    welfare, cases = state.welfare(at), state.cases(at)
    draws = state.draws(at)
    for k in range(live):
        if cases.state[k] != IN_CARE and (cases.state[k] != AT_RISK or cases.due[k] != week):
            continue
        c = cases.community[k]
        u = uniforms(draws, _IN_CARE_DRAW, week, cases.key[k])
        if cases.state[k] == AT_RISK:
            cases.state[k] = WAITING
            cases.cue[k] = week
            cases.helped[k] = 0
            cases.unmet[k] = 0
            cases.evicted[k] = 0
            cases.severity[k] = u[0]
            cases.severe[k] = 1 if u[0] >= SEVERE else 0
            tally[_CRISES] += welfare.followed[c]
            tally[_REPEATS] += welfare.followed[c]
            continue
        host = cases.host[k]
        if u[0] < 1.0 / max(p.care_weeks, 1.0):
            good = p.care_helps + p.care_capability * (welfare.capability[host] - ORDINARY_COMPETENCE)
            stable = 1.0 - p.stabilisers_effect * welfare.stabilisers[c]
            at_risk(cases, k, p.repeat * (1.0 - min(max(good, 0.0), 1.0)) * stable, u[1], u[2], week)
        elif u[3] < welfare.turnover[host]:
            cases.state[k] = WAITING
            cases.host[k] = -1
            tally[_BROKEN_OFF] += welfare.followed[c]
        else:
            welfare.in_care[host] += welfare.followed[c] / welfare.followed[host]


@called
def wait(communities, welfare, cases, rows, u, v, week, p, tally):  # type: ignore[no-untyped-def]
    """Let crises of waiting households grow worse, cost the home, or be given up."""
    for m in range(rows.size):
        k = rows[m]
        c = cases.community[k]
        cases.severity[k] += p.worsening * (1.0 - cases.severity[k])
        if cases.need[k] == HOUSING and cases.evicted[k] == 0 and u[m, 1] < p.eviction * cases.severity[k]:
            cases.evicted[k] = 1
            tally[_EVICTIONS] += welfare.followed[c]
            not_met(communities, welfare, cases, k, tally)
        if u[m, 0] < p.give_up:
            tally[_GAVE_UP] += welfare.followed[c]
            not_met(communities, welfare, cases, k, tally)
            at_risk(cases, k, p.repeat, v[m, 3], v[m, 0], week)


@called
def across(  # type: ignore[no-untyped-def]
    communities, institutions, workers, ties, welfare, crossings, topology, cases, k, chance, on_duty, week, p, distant, contact
):
    """Find whether a trusted chain or an agreement brings a household to help across the border this week.

    The chain hangs on the social worker on duty, or on a colleague of another profession whom she asks, if that one has the better tie.
    """
    c, there = cases.community[k], cases.there[k]
    sides = communities.trust.shape[1] + 1
    here_there = other_index(communities.side[c], communities.side[there], sides)
    there_here = other_index(communities.side[there], communities.side[c], sides)
    door = crossings.open[cases.crossing[k]]
    door += (1.0 - door) * max(p.corridor * welfare.corridors[c], 0.0)
    first, staff = topology.pool_first[c, SOCIAL_WORK], topology.pool_staff[c, SOCIAL_WORK]
    i = first + min(int(on_duty * staff), staff - 1)
    side, other = communities.side[there], on_duty * staff % 1.0  # what is left of a uniform number is uniform, too
    worth = best_across(workers, ties, i, there, side, SOCIAL_WORK, week, distant, contact) * (
        0.5 + 0.5 * workers.trust[i, here_there]
    )
    worth = max(worth, lent_across(workers, ties, topology, c, there, side, SOCIAL_WORK, other, week, distant, contact))
    chain = p.referral * door * worth
    agreed = p.agreement_pace * door * both(institutions.agreements, institutions, topology, c, there, here_there, there_here)
    if chance < chain:
        return BY_CHAIN
    return BY_AGREEMENT if chance < 1.0 - (1.0 - chain) * (1.0 - agreed) else NOT_YET


@called
def both(column, institutions, topology, c, there, here_there, there_here):  # type: ignore[no-untyped-def]
    """Mean of what the welfare offices of two communities hold towards each other."""
    return 0.5 * (
        towards(column, institutions, topology, c, here_there) + towards(column, institutions, topology, there, there_here)
    )


@called
def at_home(communities, institutions, welfare, topology, cases, k, two, p):  # type: ignore[no-untyped-def]
    """Chance that papers or the hotline bring a household to help at home this week; `two` says that two administrations must agree."""
    c, there = cases.community[k], cases.there[k]
    papers = p.queue_pace * max(1.0 + welfare.capability[c] - ORDINARY_COMPETENCE, 0.0)
    if two:
        sides = communities.trust.shape[1] + 1
        here_there = other_index(communities.side[c], communities.side[there], sides)
        there_here = other_index(communities.side[there], communities.side[c], sides)
        shared = both(institutions.sharing, institutions, topology, c, there, here_there, there_here)
        shared *= 1.0 - p.privacy_limit * mean_of(institutions.safeguards, institutions, topology, c, SOCIAL_WORK)
        corridor = p.corridor * welfare.corridors[c]
        papers *= min(max(p.border_pace + (1.0 - p.border_pace) * corridor, 0.0), 1.0) * (1.0 + p.protocols_pace * shared)
    return 1.0 - (1.0 - min(papers, 1.0)) * (1.0 - p.hotline_pace * welfare.hotline[c])


@called
def has_room(welfare, cases, k, host, p):  # type: ignore[no-untyped-def]
    """Tell whether the offices of a community have a place for a household; for a severe crisis, with the shelters' places."""
    places = welfare.places[host]
    if cases.severity[k] >= SEVERE:
        places *= 1.0 + p.shelter_places * welfare.shelters[host]
    share = welfare.followed[cases.community[k]] / welfare.followed[host]
    return welfare.in_care[host] + share <= places + 0.5 * min(share, 1.0)


@called
def take_in(communities, welfare, cases, k, host, week, tally):  # type: ignore[no-untyped-def]
    """Take a household into care."""
    c = cases.community[k]
    cases.state[k] = IN_CARE
    cases.host[k] = host
    welfare.in_care[host] += welfare.followed[c] / welfare.followed[host]
    if cases.helped[k] == 0:
        cases.helped[k] = 1
        waited = (week - cases.cue[k]) * welfare.followed[c]
        tally[_HELPED] += welfare.followed[c]
        tally[_WEEKS] += waited
        if cases.severe[k]:
            tally[_HELPED_SEVERE] += welfare.followed[c]
            tally[_WEEKS_SEVERE] += waited
    if host != c:
        o = other_index(communities.side[c], communities.side[host], communities.trust.shape[1] + 1)
        welfare.helped[c, o] += 1000.0 * welfare.followed[c] / communities.population[c]
        tally[_ACROSS] += welfare.followed[c]


@called
def hand_over(communities, institutions, welfare, topology, cases, k, u, week, p, tally):  # type: ignore[no-untyped-def]
    """Hand a household over to the office across; it may be lost on the way and must begin anew."""
    c, there = cases.community[k], cases.there[k]
    sides = communities.trust.shape[1] + 1
    here_there = other_index(communities.side[c], communities.side[there], sides)
    there_here = other_index(communities.side[there], communities.side[c], sides)
    clean = both(institutions.standards, institutions, topology, c, there, here_there, there_here)
    tally[_HANDOVERS] += welfare.followed[c]
    if u < p.handover_loss * (1.0 - p.intake_keeps * clean):
        tally[_LOST] += welfare.followed[c]
        communities.legitimacy_lost[c] += p.loss_legitimacy * 1000.0 * welfare.followed[c] / communities.population[c]
    else:
        take_in(communities, welfare, cases, k, there, week, tally)


@called
def seek(  # type: ignore[no-untyped-def]
    communities, institutions, workers, ties, welfare, crossings, topology, cases, k, m, u, v, week, p, distant, contact, tally
):
    """Let a waiting household try its ways to help: across the border where its life is on both sides, then at home."""
    c, there = cases.community[k], cases.there[k]
    two = cases.both[k] == 1 and there >= 0 and topology.pool_staff[there, SOCIAL_WORK] > 0
    if two:
        way = across(
            communities, institutions, workers, ties, welfare, crossings, topology, cases, k, u[m, 2], u[m, 3], week, p, distant, contact
        )  # fmt: skip
        if way != NOT_YET and has_room(welfare, cases, k, there, p):
            tally[_BY_TIE if way == BY_CHAIN else _BY_AGREEMENT] += welfare.followed[c]
            hand_over(communities, institutions, welfare, topology, cases, k, v[m, 1], week, p, tally)
            return
    if v[m, 3] >= at_home(communities, institutions, welfare, topology, cases, k, two, p):
        return
    if has_room(welfare, cases, k, c, p):
        take_in(communities, welfare, cases, k, c, week, tally)
    elif there >= 0:
        spare = min(welfare.conferences[c], welfare.conferences[there]) * crossings.open[cases.crossing[k]]
        if v[m, 2] < p.conference_transfer * spare and has_room(welfare, cases, k, there, p):
            hand_over(communities, institutions, welfare, topology, cases, k, v[m, 1], week, p, tally)


@compiled
def ask_for_help(at, rows, u, v, week, tally):  # type: ignore[no-untyped-def]
    """Let a week pass over waiting households, rows by their cue: those recognised as severe try to get help first, then all others.

    `u` and `v` are room for two draws of each.
    """
    p, distant, contact = rooms.social_work(at), rooms.incidents(at).distant_tie, rooms.contact(at)
    communities = state.communities(at)
    institutions = state.institutions(at)
    workers = state.workers(at)
    ties = state.ties(at)
    welfare = state.welfare(at)
    crossings = state.crossings(at)
    topology = state.topology(at)
    cases, draws = state.cases(at), state.draws(at)
    for m in range(rows.size):
        u[m, 0], u[m, 1], u[m, 2], u[m, 3] = uniforms(draws, _IN_WAITING, week, cases.key[rows[m]])
        v[m, 0], v[m, 1], v[m, 2], v[m, 3] = uniforms(draws, _TRIAGE, week, cases.key[rows[m]])
    wait(communities, welfare, cases, rows, u, v, week, p, tally)
    for first in range(2):
        for m in range(rows.size):
            k = rows[m]
            if cases.state[k] != WAITING:
                continue
            recognised = cases.severity[k] >= SEVERE and v[m, 0] < welfare.triage[cases.community[k]]
            if recognised != (first == 0):
                continue
            seek(
                communities, institutions, workers, ties, welfare, crossings, topology, cases, k, m, u, v, week, p, distant, contact, tally
            )  # fmt: skip
    for m in range(rows.size):
        k = rows[m]
        if cases.state[k] == WAITING:
            welfare.waiting[cases.community[k]] += 1.0
            if week - cases.cue[k] >= (IN_TIME_SEVERE if cases.severity[k] >= SEVERE else IN_TIME):
                not_met(communities, welfare, cases, k, tally)
    for c in range(communities.side.size):
        welfare.load[c] = (welfare.in_care[c] + welfare.waiting[c]) / max(welfare.places[c], 1.0)
        tally[_WAITING] += welfare.waiting[c] * welfare.followed[c]
        tally[_IN_CARE] += welfare.in_care[c] * welfare.followed[c]


@compiled
def _gather(at, live, rows, order):  # type: ignore[no-untyped-def]
    """List waiting households in `rows`, and by what they go in `order`: the week of their cue, then their key. Returns how many they are."""
    cases = state.cases(at)
    waiting = 0
    for k in range(live):
        if cases.state[k] == WAITING:
            rows[waiting] = k
            order[waiting] = (np.uint64(cases.cue[k] + _WEEKS_BEFORE) << _CUE) | (cases.key[k] >> _KEPT)
            waiting += 1
    return waiting


@compiled
def _clear(at, live):  # type: ignore[no-untyped-def]
    """Clear the table of closed cases, where there are many of them; returns how many cases there are then."""
    cases = state.cases(at)
    open_cases = 0
    for k in range(live):
        open_cases += cases.state[k] != CLOSED
    if open_cases >= (1.0 - CLEARED) * live:
        return live
    kept = 0
    for k in range(live):
        if cases.state[k] != CLOSED:
            if kept < k:
                state.copy_row(cases, kept, cases, k)
            kept += 1
    return kept


def live(world: World) -> None:
    """Let this week's crises begin, and all households wait, find help, or leave care."""
    week, cases, tally = world.week, world.cases, world.tally
    prepare(world.at, week)
    yearly, reached, before = world.derive(yearly_crises), 0, world.live_cases
    now = before
    while reached < world.communities.key.size:
        if now + len(NEEDS) * MOST_NEW > cases.key.size:
            world.cases = cases = grown(cases, 2 * cases.key.size + len(NEEDS) * MOST_NEW)
        reached, now = arise(world.at, reached, now, yearly, world.politics.displaced, week, tally)
    describe(world.at, before, now, week, tally)
    in_care(world.at, now, week, tally)
    rows, order = np.empty(now, np.int64), np.empty(now, np.uint64)
    waiting = _gather(world.at, now, rows, order)
    rows = rows[np.argsort(order[:waiting])]
    ask_for_help(world.at, rows, np.empty((waiting, 4)), np.empty((waiting, 4)), week, tally)
    world.live_cases = _clear(world.at, now)
