"""Crises of households: how many arise, how severe they are, where help could come from, who stays away; and how a crisis closes.

Rule
----
*Crises arise* in every community with a welfare office, by need: unemployment, housing, violence at home, mental illness,
displacement. They are more where livelihoods are low, violence is remembered, residents are vulnerable or displaced households
arrive, and fewer where preventive services work (S7). A share of households has its life on both sides, so that help needs both. Where
data are shared without privacy some stay away (S3). A crisis that is over may return within a year (S11).

Reads communities, crossings, politics. Writes cases, welfare. Mechanisms: prevention, crisis_causes. Claims S3, S7, S11, S14.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.compiled import called, compiled
from sim.draws import mix, purpose_key, uniforms
from sim.families import SOCIAL_WORK
from sim.parameters import Parameters
from sim.parameters.ordinary import MOST_VULNERABLE, ORDINARY_STATE, ORDINARY_VULNERABILITY
from sim.series import INDEX
from sim.week.work.triggers import count_from
from sim.world.tables import CASE_STATES, NEEDS

OFTENER_BOTH = 2.0
"""How many times as often displaced households have their lives on both sides (assumption, fixed)."""
SEVERE = 0.7
"""Severity from which a crisis is severe (fixed)."""
RETURNS_AFTER, RETURNS_WITHIN = 4, 48
"""A crisis that returns does so after four to fifty-two weeks (fixed)."""
MOST_NEW = 500
"""Most crises of a need that begin in a community in one week."""
_UNEMPLOYMENT, HOUSING, _VIOLENCE, _MENTAL, _DISPLACED = range(len(NEEDS))
WAITING, IN_CARE, AT_RISK, CLOSED = range(len(CASE_STATES))
_CRISES, _UNMET, _DETERRED = (INDEX[name] for name in ("crises", "unmet_crises", "deterred"))

_ARISE, _CRISIS, _STAYS_AWAY = (
    purpose_key(name) for name in ("household crises", "a household's crisis", "a household that stays away")
)


def yearly_crises(p: Parameters) -> NDArray[np.float64]:
    """Return the crises of each need per 1,000 residents and year."""
    return np.array([float(getattr(p.social_work, f"crises_{need}")) for need in NEEDS])


@called
def expected_crises(communities, welfare, c, need, yearly, displaced, p):  # type: ignore[no-untyped-def]
    """Crises of a need to be expected in a community this week."""
    per_week = yearly[need] / 52.0 * min(communities.vulnerability[c] / ORDINARY_VULNERABILITY, MOST_VULNERABLE)
    if need in (_UNEMPLOYMENT, HOUSING):
        per_week *= max(1.0 + p.livelihood_crises * (ORDINARY_STATE - communities.livelihoods[c]), 0.0)
    elif need in (_VIOLENCE, _MENTAL):
        per_week *= 1.0 + p.memory_crises * communities.memory[c]
    else:
        per_week += displaced[communities.side[c]]
    avoided = p.prevention_effect * welfare.prevention[c]
    return per_week * communities.population[c] / 1000.0 * (1.0 - avoided)


@compiled
def arise(at, first, live, yearly, displaced, week, tally):  # type: ignore[no-untyped-def]
    """Let crises arise from the community `first` on; stops early where the table might not hold those of the next."""
    p = rooms.social_work(at)
    communities, welfare, topology, cases = state.communities(at), state.welfare(at), state.topology(at), state.cases(at)
    draws = state.draws(at)
    needs = yearly.size
    for c in range(first, communities.side.size):
        if topology.pool_staff[c, SOCIAL_WORK] == 0:
            continue
        if live + needs * MOST_NEW > cases.key.size:
            return c, live
        for need in range(needs):
            key = topology.needs[c * needs + need]
            u = uniforms(draws, _ARISE, week, key)
            mean = expected_crises(communities, welfare, c, need, yearly, displaced, p) / welfare.followed[c]
            for number in range(min(count_from(u[0], mean), MOST_NEW)):
                name = mix(np.uint64(week + 1_000_000), np.uint64(number))
                cases.key[live] = mix(key, name)
                cases.community[live] = c
                cases.need[live] = need
                cases.cue[live] = week
                cases.state[live] = WAITING
                cases.host[live] = -1
                cases.helped[live] = 0
                cases.unmet[live] = 0
                cases.evicted[live] = 0
                tally[_CRISES] += welfare.followed[c]
                live += 1
    return communities.side.size, live


@called
def not_met(communities, welfare, cases, k, tally):  # type: ignore[no-untyped-def]
    """Count a crisis as not met in time, once."""
    if cases.unmet[k] == 0 and cases.helped[k] == 0:
        c = cases.community[k]
        cases.unmet[k] = 1
        welfare.unmet[c] += 1000.0 * welfare.followed[c] / communities.population[c]
        tally[_UNMET] += welfare.followed[c]


@called
def at_risk(cases, k, chance, whether, when, week):  # type: ignore[no-untyped-def]
    """Close a case: the household may come into another crisis within a year."""
    cases.host[k] = -1
    if whether < chance:
        cases.state[k] = AT_RISK
        cases.due[k] = week + RETURNS_AFTER + int(when * (RETURNS_WITHIN + 1))
    else:
        cases.state[k] = CLOSED


@compiled
def describe(at, before, live, week, tally):  # type: ignore[no-untyped-def]
    """Say of new crises how severe they are, where help could come from, and who stays away."""
    p = rooms.social_work(at)
    communities = state.communities(at)
    welfare = state.welfare(at)
    crossings = state.crossings(at)
    topology = state.topology(at)
    cases = state.cases(at)
    draws = state.draws(at)
    for k in range(before, live):
        c = cases.community[k]
        u, when = uniforms(draws, _CRISIS, week, cases.key[k]), uniforms(draws, _STAYS_AWAY, week, cases.key[k])
        cases.severity[k] = u[0]
        cases.severe[k] = 1 if u[0] >= SEVERE else 0
        share = p.both_sides * (OFTENER_BOTH if cases.need[k] == _DISPLACED else 1.0)
        cases.both[k] = 1 if u[1] < share else 0
        total = 0.0
        for m in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
            total += crossings.exposure[topology.crossing_list[m]]
        target, chosen = u[2] * total, -1
        for m in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
            chosen = topology.crossing_list[m]
            target -= crossings.exposure[chosen]
            if target < 0.0:
                break
        cases.crossing[k] = chosen
        cases.there[k] = -1
        if chosen >= 0:
            cases.there[k] = crossings.b[chosen] if crossings.a[chosen] == c else crossings.a[chosen]
        if u[3] < p.deterrence * welfare.open_data[c]:
            not_met(communities, welfare, cases, k, tally)
            at_risk(cases, k, p.repeat, when[1], when[0], week)
            tally[_DETERRED] += welfare.followed[c]
