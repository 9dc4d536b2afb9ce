"""People and institutions change: attitudes fade, skills decay, people leave, leaders rotate, practice lapses.

Rule
----
*Workers.* Warmth and trust return to what the home climate and the person's own lasting trait make of them, more
slowly while a strong tie to that side lives (A4); colleagues with close ties there warm the climate (A12). Competence,
intercultural skill, identity and strain return to ordinary levels (B5). People leave at the annual turnover (W3, D1),
sooner under strain and burnt out, public servants also after elections (D2); placed workers may move away
for good (H3). A leaver takes her ties and half her part of the practice stock with her; a new person comes, whom
alumni of a mentored institution introduce (V10).

*Institutions.* Capability follows staff competence, practice stock and backlog. Leaders rotate, and buy-in won from
one is lost. Practice, openness, shared standards, partnerships and what a police service has won fade unless renewed, the last more slowly
where the leader backs it (C7).

Reads communities. Writes workers, ties, institutions. Mechanisms: norms, extended_contact, spoils, tie_hold, backlog, emigration, entrant_mentoring,
leaders_backing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.compiled import called, counted, inlined
from sim.draws import BLOCK, draw_block, purpose_key, uniform, uniforms
from sim.families import FAMILIES, PUBLIC_SERVICE
from sim.parameters import Parameters, weekly_chance, weekly_hazard, weekly_rate
from sim.parameters.ordinary import ORDINARY_COHESION, ORDINARY_COMPETENCE, ORDINARY_IDENTITY, ORDINARY_LEARNING, ORDINARY_STRAIN
from sim.series import INDEX
from sim.world.hiring import MOST, around, climate_of_trust, climate_of_warmth, home_trust, home_warmth, settle_all
from sim.world.ties import drop_all
from sim.world.world import World

_LEAVERS, _EMIGRATED = INDEX["leavers"], INDEX["emigrated"]
LEAVING = "leaving"
_LEAVING, _LEADERS = purpose_key(LEAVING), purpose_key("leaders")
_LEAVERS_OF = INDEX[f"leavers_{FAMILIES[0].name}"]


class PeopleRates(NamedTuple):
    """Weekly rates of workers and institutions."""

    attitude: float
    skill: float
    strain: float
    leaving: float
    emigration: float
    leader: float
    buy_in: float
    practice: float
    capability: float
    openness: float
    standards: float
    partnership: float
    norms: float


def people_rates(p: Parameters) -> PeopleRates:
    """Turn half-lives and annual fractions into weekly rates."""
    q, v, w = p.people, p.vocational, p.work
    return PeopleRates(
        attitude=weekly_rate(q.attitude_half_life),
        skill=weekly_rate(q.skill_half_life),
        strain=weekly_rate(q.strain_half_life),
        leaving=weekly_hazard(q.annual_turnover),
        emigration=weekly_hazard(v.placement_emigration),
        leader=weekly_chance(q.leader_rotation),
        buy_in=weekly_rate(q.buy_in_half_life),
        practice=weekly_rate(q.practice_half_life),
        capability=weekly_rate(q.capability_half_life),
        openness=weekly_rate(v.openness_half_life),
        standards=weekly_rate(w.standards_half_life),
        partnership=weekly_rate(w.partnership_half_life),
        norms=weekly_rate(w.norms_half_life),
    )


@inlined
def _return_home(workers, institutions, communities, n, first, last, week, rate, p):  # type: ignore[no-untyped-def]
    """Let attitudes of the staff of institution n, from one worker to before another, return to what home and traits make of them."""
    c, colleagues = institutions.community[n], max(institutions.staff[n] - 1, 1)
    while_held = rate.attitude * (1.0 - p.tie_hold)
    for o in range(workers.warmth.shape[1]):
        warm, trusting = climate_of_warmth(communities, c, o, p), climate_of_trust(communities, c, o, p)
        friends = float(institutions.friends[n, o])
        for i in range(first, last):
            held = week < workers.held_until[i, o]
            fading = while_held if held else rate.attitude
            known = max(friends - (1.0 if held else 0.0), 0.0)
            w, t = float(workers.warmth[i, o]), float(workers.trust[i, o])
            rest = min(around(warm, workers.warmth_trait[i]) + p.colleagues_friends * known / colleagues, MOST)
            workers.warmth[i, o] = w + fading * (rest - w)
            workers.trust[i, o] = t + fading * (around(trusting, workers.trust_trait[i]) - t)


@called
def _fade(at, left, gone, week, rate):  # type: ignore[no-untyped-def]
    """Let a week pass over workers, and let those in `left` go: what their ties held is free from then on."""
    p = rooms.people(at)
    workers, institutions, communities = state.workers(at), state.institutions(at), state.communities(at)
    k = 0
    for n in range(institutions.key.size):
        first, last = np.int64(institutions.first[n]), np.int64(institutions.first[n] + institutions.staff[n])
        while k < gone and left[k] < last:
            _return_home(workers, institutions, communities, n, first, left[k] + 1, week, rate, p)
            drop_all(at, left[k], week)
            institutions.practice[n] *= 1.0 - p.practice_loss / institutions.staff[n] * (1.0 - institutions.kept[n])
            first, k = left[k] + 1, k + 1
        _return_home(workers, institutions, communities, n, first, last, week, rate, p)
    for i in range(workers.person.size):
        workers.competence[i] += rate.skill * (workers.competence_base[i] - workers.competence[i])
    for i in range(workers.person.size):
        workers.skill[i] += rate.skill * (workers.skill_base[i] - workers.skill[i])
    for i in range(workers.person.size):
        workers.conduct[i] += rate.skill * (workers.conduct_base[i] - workers.conduct[i])
    for i in range(workers.person.size):
        workers.identity[i] += rate.skill * (ORDINARY_IDENTITY - workers.identity[i])
    for i in range(workers.person.size):
        strain = float(workers.strain[i])
        workers.strain[i] = strain + rate.strain * (ORDINARY_STRAIN - strain)


@inlined
def _leaving(workers, institutions, i, turnover, replaced, week, rate, p):  # type: ignore[no-untyped-def]
    """Weekly hazard at which worker i leaves."""
    n, side = workers.institution[i], workers.side[i]
    hazard = rate.leaving * max(1.0 + p.strain_turnover * (float(workers.strain[i]) - ORDINARY_STRAIN), 0.0)
    if week < workers.burnt_until[i]:
        hazard *= 1.0 + p.burnout_leaving
    hazard *= (1.0 - institutions.retention[n]) * (1.0 + turnover[side])
    return hazard + replaced[side] if institutions.family[n] == PUBLIC_SERVICE else hazard


@called
def _leave(at, turnover, replaced, left, week, rate, tally):  # type: ignore[no-untyped-def]
    """Note in `left` who leaves this week; returns how many do."""
    p = rooms.people(at)
    workers, institutions, draws = state.workers(at), state.institutions(at), state.draws(at)
    moving = 1.0 - np.exp(-rate.emigration)
    kept, wave, election = 1.0, 0.0, 0.0
    for n in range(institutions.key.size):
        kept = min(kept, institutions.retention[n])
    for side in range(turnover.size):
        wave, election = max(wave, turnover[side]), max(election, replaced[side])
    most = rate.leaving * (1.0 + abs(p.strain_turnover)) * (1.0 + max(p.burnout_leaving, 0.0))
    most = most * (1.0 - kept) * (1.0 + wave) + election  # hardly anyone leaves, so a bound is looked at first
    gone = 0
    for start in range(0, workers.person.size, BLOCK):
        for k in range(draw_block(draws, _LEAVING, week, workers.person, start)):
            i, u = start + k, uniform(draws, 0, k)
            leaves = u < most and u < 1.0 - np.exp(-_leaving(workers, institutions, i, turnover, replaced, week, rate, p))
            if not leaves and uniform(draws, 1, k) < moving and week < workers.placed_until[i]:
                leaves = True
                tally[_EMIGRATED] += 1.0
            if leaves:
                left[gone] = i
                gone += 1
                tally[_LEAVERS] += 1.0
                tally[_LEAVERS_OF + institutions.family[workers.institution[i]]] += 1.0
    return gone


@called
def _introduce(at, rows, count):  # type: ignore[no-untyped-def]
    """Alumni of a mentored institution introduce its newcomers."""
    people, w = rooms.people(at), rooms.work(at)
    workers, institutions, communities = state.workers(at), state.institutions(at), state.communities(at)
    for k in range(count):
        i = rows[k]
        n, c = workers.institution[i], workers.community[i]
        mentoring = float(institutions.mentoring[n])
        if mentoring <= 0.0:
            continue
        workers.skill[i] += w.entrant_skill * mentoring * (1.0 - workers.skill[i])
        for o in range(workers.warmth.shape[1]):
            warmth, trust, mentors = 0.0, 0.0, 0
            for j in range(institutions.first[n], institutions.first[n] + institutions.staff[n]):
                if workers.alumnus[j] > 0:
                    warmth += workers.warmth[j, o] - home_warmth(workers, communities, j, c, o, people)
                    trust += workers.trust[j, o] - home_trust(workers, communities, j, c, o, people)
                    mentors += 1
            if mentors:
                share = w.entrant_attitudes * mentoring / mentors
                workers.warmth[i, o] = min(max(workers.warmth[i, o] + share * warmth, 0.03), 0.97)
                workers.trust[i, o] = min(max(workers.trust[i, o] + share * trust, 0.03), 0.97)


@called
def _institutions_change(at, rhetoric, week, rate):  # type: ignore[no-untyped-def]
    w, keeps = rooms.work(at), rooms.work(at).buy_in_keeps
    workers, institutions, draws = state.workers(at), state.institutions(at), state.draws(at)
    for n in range(institutions.key.size):
        u = uniforms(draws, _LEADERS, week, institutions.key[n])
        staff = institutions.staff[n]
        competence = 0.0
        for i in range(institutions.first[n], institutions.first[n] + staff):
            competence += workers.competence[i]
        for o in range(institutions.friends.shape[1]):
            friends = 0
            for i in range(institutions.first[n], institutions.first[n] + staff):
                friends += week < workers.held_until[i, o]
            institutions.friends[n, o] = friends
        rest = institutions.capability_rest[n] + w.practice_capability * institutions.practice[n]
        rest += (
            w.competence_capability * (competence / staff - ORDINARY_COMPETENCE)
            - w.backlog_capability * institutions.away[n] / staff
        )
        rest = min(max(rest, 0.02), 0.98)
        institutions.capability[n] += rate.capability * (rest - institutions.capability[n])
        if u[0] < rate.leader:
            institutions.buy_in_rest[n] = min(max(institutions.buy_in_mean[n] + 0.5 * (u[1] - 0.5), 0.02), 0.98)
            institutions.buy_in[n] = institutions.buy_in_rest[n]
        institutions.buy_in[n] += rate.buy_in * (institutions.buy_in_rest[n] - institutions.buy_in[n])
        institutions.practice[n] *= 1.0 - rate.practice * (1.0 - institutions.kept[n])
        institutions.openness[n] += rate.openness * (institutions.openness_rest[n] - institutions.openness[n])
        lapse = rate.norms * (1.0 - keeps * institutions.buy_in[n])
        institutions.accountability[n] += lapse * (institutions.accountability_rest[n] - institutions.accountability[n])
        institutions.rapport[n] += lapse * (institutions.rapport_rest[n] - institutions.rapport[n])
        institutions.dialogue[n] *= 1.0 - lapse
        institutions.equity[n] *= 1.0 - lapse
        institutions.cohesion[n] += lapse * (ORDINARY_COHESION - institutions.cohesion[n])
        institutions.learning[n] += lapse * (ORDINARY_LEARNING - institutions.learning[n])
        for o in range(institutions.standards.shape[1]):
            institutions.standards[n, o] *= 1.0 - rate.standards
            institutions.sharing[n, o] *= 1.0 - lapse
            institutions.agreements[n, o] *= 1.0 - lapse
            partnership = float(institutions.partnership[n, o])
            lost = w.partnership_rhetoric * rhetoric[institutions.side[n]] * partnership
            institutions.partnership[n, o] = (
                partnership + rate.partnership * (institutions.partnership_rest[n, o] - partnership) - lost
            )


def move_away(world: World, persons: NDArray[np.uint64], week: int) -> NDArray[np.bool_]:
    """Tell of placed workers who left in a week whether the border kept them: whether they moved across for good."""
    chance = 1.0 - np.exp(-world.derive(people_rates).emigration)
    return np.asarray(world.draws.fill(LEAVING, week, persons)[:, 1] < chance)


@counted
def _week(at, turnover, replaced, rhetoric, left, week, rate, tally):  # type: ignore[no-untyped-def]
    gone = _leave(at, turnover, replaced, left, week, rate, tally)
    _fade(at, left, gone, week, rate)
    settle_all(at, left, gone, week + 1, week)
    _introduce(at, left, gone)
    _institutions_change(at, rhetoric, week, rate)


def live(world: World) -> None:
    """Let a week pass over workers and institutions."""
    politics, left = world.politics, np.empty(world.workers.person.size, np.int64)
    rate = world.derive(people_rates)
    _week(world.at, politics.turnover, politics.replaced, politics.rhetoric, left, world.week, rate, world.tally)
