"""The course of incidents: they climb observable rungs or stop, echo in time and nearby, and cost lives.

Rule
----
*Climb or stop.* A new incident may be stopped by a warning, and may be misread. Each week of a live incident, workers
on duty of the profession that owns its kind are asked first, two on either side: one with a live tie across may settle
it, the more surely the stronger the tie and the readier both sides to trust. Supported bridge figures may be called in, and two colleagues
of other professions on either side are asked: one who returned from an exchange may lend her tie.
Otherwise it climbs, with log odds that rise with tension and where it is misread, and fall with community trust and the
restraint of those on duty; or it ends, sooner where standards are shared and those on duty are trained; or it goes on.
An armed incident has no profession that could settle it.

*Echo.* Each rung an incident reaches adds to the echoes to come, here and at neighbouring crossings, which fade with
a mean delay of ``echo_weeks``. Whether real incidents echo or their baseline drifts cannot be told from counts (F2):
both are mechanisms.

*Deaths.* When an incident becomes lethal, and in each week of sustained violence, there is a lethal event; an armed one may be followed
by others in the same week. Deaths of each have a tail like a power law's whose steepness
grows up to its exponent, cut off at a declared maximum (F1).

Reads workers, ties, communities, crossings. Writes incidents, lethal events, crossings' excitation and violence.
Mechanisms: mediation, bridge_figures, lent_ties, shared_standards, trust_escalation, self_excitation, restraint, trained_response, misreading.
Claims V7, V11, V14, C1, C2, C5, C9, C10.
"""

from __future__ import annotations

import math

import numpy as np

from sim import rooms, state
from sim.compiled import called, counted
from sim.draws import purpose_key, uniforms
from sim.families import ECHO_WEIGHT, FORCE, KINDS, LETHAL, RUNGS, SEVERITY
from sim.parameters.ordinary import NEUTRAL_TENSION, NEUTRAL_TRUST, ORDINARY_COMPETENCE, ORDINARY_CONDUCT
from sim.series import INDEX
from sim.world.tables import CLIMB, STOP, other_index
from sim.world.ties import best_across, lent_across

MOST_FURTHER = 4
"""Most lethal events by which one may be followed in the same week."""
_SEVERITY = np.array(SEVERITY)
_WEIGHT = np.array(ECHO_WEIGHT)
_TOP = len(RUNGS) - 1
_NOT, _CHANCE, _HEAT, _DISTRUST, _MISREAD = range(len(CLIMB))
LIVE, _BY_ITSELF, _DUTY, _BRIDGE, _LENT, _STANDARDS, _WARNED, _TRAINED = range(len(STOP))
_REACHED = INDEX[f"reached_{RUNGS[0]}"]
_FORCE_OF = INDEX[f"force_{KINDS[0]}"]
_MISREAD_COUNT, _WARNINGS = INDEX["misread"], INDEX["warnings"]
_VIOLENT = INDEX["violent"]
_MEDIATED, _MEDIATED_BRIDGE, _MEDIATED_LENT = INDEX["mediated"], INDEX["mediated_bridge"], INDEX["mediated_lent"]
_ENDED, _TO_CALM = INDEX["ended"], INDEX["weeks_to_calm"]
_ENDED_OF, _CALM_OF = INDEX[f"ended_{KINDS[0]}"], INDEX[f"calm_{KINDS[0]}"]
_ON_DUTY, _ASKED, _COURSE, _FURTHER = (
    purpose_key(f"incident: {what}") for what in ("on duty", "colleagues asked", "course", "further deaths")
)
_RESPONSE = purpose_key("incident: response")
_DEATHS, _LETHAL = INDEX["deaths"], INDEX["lethal_events"]


@called
def _spread_echo(crossings, topology, x, kind, amount, p, fade):  # type: ignore[no-untyped-def]
    """Add `amount` echoes to come, in all, here and at the neighbouring crossings."""
    first, last = topology.neighbour_start[x], topology.neighbour_start[x + 1]
    amount *= (1.0 - fade) * (1.0 - crossings.containment[x, kind])
    away = p.echo_spread if last > first else 0.0
    crossings.excitation[x, kind] += amount * (1.0 - away)
    for k in range(first, last):
        crossings.excitation[topology.neighbour_list[k], kind] += amount * away / (last - first)


@called
def _bridge(workers, ties, pool_first, pool_staff, there, side, owner, week, only_called, u1, u2, distant, p):  # type: ignore[no-untyped-def]
    """Find the best tie across, discounted by its holder's trust, among two on duty or all supported bridge figures."""
    best = 0.0
    if pool_staff == 0:
        return best
    if only_called:
        for i in range(pool_first, pool_first + pool_staff):
            if workers.bridge[i] == 1:
                o = other_index(workers.side[i], side, workers.trust.shape[1] + 1)
                worth = best_across(workers, ties, i, there, side, owner, week, distant, p)
                best = max(best, worth * (0.5 + 0.5 * workers.trust[i, o]))
        return best
    for draw in (u1, u2):
        i = pool_first + min(int(draw * pool_staff), pool_staff - 1)
        o = other_index(workers.side[i], side, workers.trust.shape[1] + 1)
        worth = best_across(workers, ties, i, there, side, owner, week, distant, p)
        best = max(best, worth * (0.5 + 0.5 * workers.trust[i, o]))
    return best


@called
def _followed(u, chance):  # type: ignore[no-untyped-def]
    """Count how many more lethal events follow one in the same week."""
    n = 0
    while n < MOST_FURTHER and u < chance:
        u /= chance
        n += 1
    return n


@called
def deaths_from(u, tail, scale, most):  # type: ignore[no-untyped-def]
    """Deaths from one uniform number: 1 and more, rounded down from a Lomax variable, cut off at `most`."""
    beyond = (1.0 + most / scale) ** (-tail)
    return int(min(1.0 + scale * ((1.0 - u * (1.0 - beyond)) ** (-1.0 / tail) - 1.0), most))


@called
def _on_duty(column, pool_first, pool_staff, u1, u2, ordinary):  # type: ignore[no-untyped-def]
    """Mean of a column over the two who are on duty on one side, above the ordinary."""
    if pool_staff == 0:
        return 0.0
    one = pool_first + min(int(u1 * pool_staff), pool_staff - 1)
    two = pool_first + min(int(u2 * pool_staff), pool_staff - 1)
    return 0.5 * (column[one] + column[two]) - ordinary


@called
def _respond(crossings, incidents, before, live, first, week, tally):  # type: ignore[no-untyped-def]
    """Let new incidents be warned of, or be misread."""
    for k in range(before, live):
        x, kind = incidents.crossing[k], incidents.kind[k]
        if incidents.rung[k] == 0 and first[k, 1] < crossings.warning[x, kind]:
            _end(incidents, k, _WARNED, week, tally)
            tally[_WARNINGS] += 1.0
        elif first[k, 2] < crossings.misread[x, kind]:
            incidents.misread[k] = 1
            tally[_MISREAD_COUNT] += 1.0


@called
def settled(workers, communities, crossings, ties, topology, x, owner, duty, asked, calls, week, p, contact):  # type: ignore[no-untyped-def]
    """Find the worth of the best tie that can settle an incident, and whose it is: of one on duty, a bridge figure called in, or lent."""
    a, b = crossings.a[x], crossings.b[x]
    side_a, side_b = communities.side[a], communities.side[b]
    first_a, staff_a = topology.pool_first[a, owner], topology.pool_staff[a, owner]
    first_b, staff_b = topology.pool_first[b, owner], topology.pool_staff[b, owner]
    worth = max(
        _bridge(workers, ties, first_a, staff_a, b, side_b, owner, week, False, duty[0], duty[1], p.distant_tie, contact),
        _bridge(workers, ties, first_b, staff_b, a, side_a, owner, week, False, duty[2], duty[3], p.distant_tie, contact),
    )
    how = _DUTY
    if calls < p.bridge_call:
        called = max(
            _bridge(workers, ties, first_a, staff_a, b, side_b, owner, week, True, 0.0, 0.0, p.distant_tie, contact),
            _bridge(workers, ties, first_b, staff_b, a, side_a, owner, week, True, 0.0, 0.0, p.distant_tie, contact),
        )
        if called > worth:
            worth, how = called, _BRIDGE
    for k in range(4):
        lent = 0.0
        if k < 2 and staff_a > 0:
            lent = lent_across(workers, ties, topology, a, b, side_b, owner, asked[k], week, p.distant_tie, contact)
        elif k >= 2 and staff_b > 0:
            lent = lent_across(workers, ties, topology, b, a, side_a, owner, asked[k], week, p.distant_tie, contact)
        if lent > worth:
            worth, how = lent, _LENT
    return worth, how


@called
def _echo_new(incidents, crossings, topology, before, live, p, fade):  # type: ignore[no-untyped-def]
    """Add the echoes that new incidents will have, as they stand."""
    for k in range(before, live):
        if incidents.stopped[k] == LIVE:
            weight = _WEIGHT[incidents.rung[k]]
            _spread_echo(crossings, topology, incidents.crossing[k], incidents.kind[k], p.branching * weight, p, fade)


@called
def _kill(incidents, crossings, lethal, k, chance, further, at_once, most, week, p, events, tally):  # type: ignore[no-untyped-def]
    """Note this week's lethal events of an incident; returns how many have been noted in all."""
    x = incidents.crossing[k]
    for one in range(1 + _followed(at_once, most)):
        crossings.violence[x] += _SEVERITY[LETHAL] if one > 0 else 0.0
        dead = deaths_from(chance if one == 0 else further[one - 1], p.deaths_tail, p.deaths_scale, p.deaths_max)
        incidents.deaths[k] += dead
        tally[_DEATHS] += dead
        tally[_LETHAL] += 1.0
        lethal.week[events] = week
        lethal.crossing[events] = x
        lethal.kind[events] = incidents.kind[k]
        lethal.deaths[events] = dead
        events += 1
    return events


@counted
def course(at, before, live, r, first, week, events, tally):  # type: ignore[no-untyped-def]
    """Let the incidents from the row `before` on be warned of or misread, and all live ones climb, be settled, end or go on.

    `first` is room for the first draw of each; returns how many lethal events have been noted in all.
    """
    p, contact = rooms.incidents(at), rooms.contact(at)
    workers, communities, crossings, ties = state.workers(at), state.communities(at), state.crossings(at), state.ties(at)
    topology, incidents, lethal, draws = state.topology(at), state.incidents(at), state.lethal(at), state.draws(at)
    fade = r.fade
    for k in range(live):
        first[k, 0], first[k, 1], first[k, 2], first[k, 3] = uniforms(draws, _RESPONSE, week, incidents.key[k])
    _respond(crossings, incidents, before, live, first, week, tally)
    _echo_new(incidents, crossings, topology, before, live, p, fade)
    for k in range(live):
        if incidents.stopped[k] != LIVE:
            continue
        x, kind, rung = incidents.crossing[k], incidents.kind[k], incidents.rung[k]
        a, b = crossings.a[x], crossings.b[x]
        owner = r.owner[kind]
        calming = restraint = shared = 0.0
        u = uniforms(draws, _COURSE, week, incidents.key[k])
        if owner >= 0:
            duty, asked = uniforms(draws, _ON_DUTY, week, incidents.key[k]), uniforms(draws, _ASKED, week, incidents.key[k])
            worth, how = settled(
                workers, communities, crossings, ties, topology, x, owner, duty, asked, first[k, 0], week, p, contact
            )
            if u[0] < p.mediation * worth:
                _end(incidents, k, how, week, tally)
                tally[_MEDIATED] += 1.0
                tally[_MEDIATED_BRIDGE] += 1.0 if how == _BRIDGE else 0.0
                tally[_MEDIATED_LENT] += 1.0 if how == _LENT else 0.0
                continue
            first_a, staff_a = topology.pool_first[a, owner], topology.pool_staff[a, owner]
            first_b, staff_b = topology.pool_first[b, owner], topology.pool_staff[b, owner]
            restraint = (
                0.5
                * r.restraint[kind]
                * (
                    _on_duty(workers.conduct, first_a, staff_a, duty[0], duty[1], ORDINARY_CONDUCT)
                    + _on_duty(workers.conduct, first_b, staff_b, duty[2], duty[3], ORDINARY_CONDUCT)
                )
            )
            calming = (
                0.5
                * r.response[kind]
                * (
                    _on_duty(workers.competence, first_a, staff_a, duty[0], duty[1], ORDINARY_COMPETENCE)
                    + _on_duty(workers.competence, first_b, staff_b, duty[2], duty[3], ORDINARY_COMPETENCE)
                )
            )
            shared = p.standards_calm * crossings.shared[x, kind]
        sides = communities.trust.shape[1] + 1
        heat = p.tension_climb * (crossings.tension[x] - NEUTRAL_TENSION)
        if heat > 0.0:
            heat *= 1.0 - crossings.dialogue[x, kind]
        ab = communities.trust[a, other_index(communities.side[a], communities.side[b], sides)]
        ba = communities.trust[b, other_index(communities.side[b], communities.side[a], sides)]
        distrust = p.trust_climb * (NEUTRAL_TRUST - 0.5 * (ab + ba))
        misread = p.misread_climb * incidents.misread[k]
        climbs = False
        if rung < _TOP:
            odds = math.exp(r.climb[kind, rung] + heat + distrust + misread - restraint)
            climbs = u[1] < odds / (1.0 + odds)
        if climbs:
            rung += 1
            incidents.rung[k] = rung
            why = _CHANCE
            for code, term in ((_HEAT, heat), (_DISTRUST, distrust), (_MISREAD, misread)):
                if term > 0.1 and term >= max(heat, distrust, misread):
                    why = code
            incidents.climbed[k] = why
            tally[_REACHED + rung] += 1.0
            if rung == FORCE:
                tally[_FORCE_OF + kind] += 1.0
            crossings.violence[x] += _SEVERITY[rung]
            _spread_echo(crossings, topology, x, kind, p.branching * (_WEIGHT[rung] - _WEIGHT[rung - 1]), p, fade)
        elif u[2] < p.calm * max(1.0 + shared + calming, 0.0):
            _end(incidents, k, _BY_ITSELF if u[2] < p.calm else (_STANDARDS if shared >= calming else _TRAINED), week, tally)
        tally[_VIOLENT] += 1.0 if rung >= FORCE else 0.0
        if rung >= LETHAL and (climbs or rung == _TOP) and incidents.stopped[k] == LIVE:
            further = uniforms(draws, _FURTHER, week, incidents.key[k])
            events = _kill(incidents, crossings, lethal, k, u[3], further, first[k, 3], r.at_once[kind], week, p, events, tally)
    return events


@called
def _end(incidents, k, why, week, tally):  # type: ignore[no-untyped-def]
    incidents.stopped[k] = why
    incidents.ended[k] = week
    tally[_ENDED] += 1.0
    tally[_TO_CALM] += week - incidents.began[k] + 1
    tally[_ENDED_OF + incidents.kind[k]] += 1.0
    tally[_CALM_OF + incidents.kind[k]] += week - incidents.began[k] + 1
