"""Communities: what residents come to feel from service, work, contact and violence, and how they return to themselves.

Rule
----
Every state has a resting level and returns to it with its own half-life. What moves the resting level: memory of violence and
what residents hear from workers they know (trust; the extended-contact pathway is at most the share of residents who know a
worker × the mean gain of workers, A12; under the rival assumption of thresholds, nothing where fewer than ``tipping`` know a
participant); lost livelihoods and legitimacy (grievance); services (legitimacy); work across the border and downturns
(livelihoods); capability of institutions, municipalities above all, and disasters (services); grievance and distrust
(tension). Violence at its crossings, hostile rhetoric while it lasts, and rumours believed beyond the ordinary push at once.
What the professions' work adds (shifts of resting levels, losses of the week) stands in columns that their work rules write.
Work across the border and credible professionals ward off part of the rhetoric; under rhetoric participants may be branded
disloyal.

Reads crossings.violence, workers, institutions, politics. Writes all states of communities; crossings' tension.
Mechanisms: extended_contact, livelihoods, services, legitimacy, interdependence, credibility, backlash, mutual_aid.
Claims V13, V15–V17, C15.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim import rooms, state
from sim.compiled import called, compiled, inlined
from sim.families import VOCATIONAL
from sim.parameters import Parameters, weekly_rate
from sim.world.hiring import around, climate_of_trust
from sim.world.tables import other_index
from sim.world.world import World

HOUSEHOLD = 4.0
"""Residents in a household (fixed)."""
FADING = 0.9
"""Share of a failed project's memory at a crossing that is left a week later (fixed)."""


class CommunityRates(NamedTuple):
    """Share of a deviation that fades in a week, by state."""

    trust: float
    grievance: float
    legitimacy: float
    livelihoods: float
    services: float
    memory: float
    tension: float


def community_rates(p: Parameters) -> CommunityRates:
    """Turn the half-lives into weekly rates."""
    return CommunityRates(*(weekly_rate(getattr(p.communities, f"{name}_half_life")) for name in CommunityRates._fields))


@inlined
def _unit(x):  # type: ignore[no-untyped-def]
    return min(max(x, 0.001), 0.999)


@called
def institutions_of(institutions, first, last, family):  # type: ignore[no-untyped-def]
    """Count the institutions of a profession among some rows."""
    count = 0
    for n in range(first, last):
        count += 1 if institutions.family[n] == family else 0
    return count


@called
def _hear(workers, institutions, communities, topology, people, acquaintances):  # type: ignore[no-untyped-def]
    """Measure, by community, what its workers have gained, who knows them, and how capable its institutions are."""
    others = communities.trust.shape[1]
    for c in range(communities.key.size):
        first, last = topology.institution_start[c], topology.institution_start[c + 1]
        staff, known = 0, 0
        communities.worker_gain[c, :] = 0.0
        gain = 0.0
        for f in range(communities.standards.shape[1]):
            communities.standards[c, f] = 0.0
        for n in range(first, last):
            gain += institutions.capability[n] - institutions.capability_rest[n]
            f = institutions.family[n]
            for o in range(others):
                communities.standards[c, f] += institutions.standards[n, o] / (
                    others * institutions_of(institutions, first, last, f)
                )
            begin, end = institutions.first[n], institutions.first[n] + institutions.staff[n]
            staff += end - begin
            for i in range(begin, end):
                known += (workers.alumnus[i] > 0) | (workers.cohort[i] > 0)
            for o in range(others):
                climate, above = climate_of_trust(communities, c, o, people), communities.worker_gain[c, o]
                for i in range(begin, end):
                    above = np.float32(above + (workers.trust[i, o] - around(climate, workers.trust_trait[i])))
                communities.worker_gain[c, o] = above
        if staff:
            for o in range(others):
                communities.worker_gain[c, o] /= staff
        count = max(last - first, 1)
        communities.capability_gain[c] = gain / count
        communities.acquainted[c] = min(staff * acquaintances / communities.population[c], 1.0)
        communities.acquainted_participants[c] = min(known * acquaintances / communities.population[c], 1.0)


@called
def _feel(communities, crossings, topology, rhetoric, downturn, rate, c_p, politics_p, vocational_p, branding, rumours):  # type: ignore[no-untyped-def]
    others = communities.trust.shape[1]
    for c in range(communities.key.size):
        violence = 0.0
        for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
            violence += crossings.violence[topology.crossing_list[k]]
        communities.violence[c] = violence
        side = communities.side[c]
        reached, known = float(communities.reached[c]), float(communities.acquainted_participants[c])
        shield = vocational_p.interdependence * reached + vocational_p.credibility * communities.standards[c, VOCATIONAL] * known
        words = rhetoric[side] * (1.0 - min(shield, 0.9))
        memory = float(communities.memory[c])
        for o in range(others):
            t = float(communities.trust[c, o])
            rest = communities.trust_rest[c, o] - c_p.memory_trust * memory + communities.trust_shift[c, o]
            if communities.acquainted_participants[c] >= c_p.tipping:
                rest += c_p.extended_contact * communities.acquainted[c] * communities.worker_gain[c, o]
            push = c_p.violence_trust * violence + politics_p.rhetoric_trust * words + branding * rhetoric[side] * known
            push = -(push + rumours.trust * (communities.rumour[c, o] - communities.rumour_rest[c, o])) * t
            communities.trust[c, o] = _unit(t + rate.trust * (rest - t) + push)
        living, legit = float(communities.livelihoods[c]), float(communities.legitimacy[c])
        g, service = float(communities.grievance[c]), float(communities.services[c])
        rest = communities.grievance_rest[c] + c_p.livelihoods_grievance * (communities.livelihoods_rest[c] - living)
        rest -= c_p.legitimacy_grievance * (legit - communities.legitimacy_rest[c])
        rest += communities.grievance_shift[c]
        push = c_p.violence_grievance * violence + communities.grievance_added[c]
        communities.grievance[c] = _unit(g + rate.grievance * (rest - g) + push * (1.0 - g))
        rest = communities.legitimacy_rest[c] + c_p.services_legitimacy * (service - communities.services_rest[c])
        rest += communities.legitimacy_shift[c]
        push = c_p.violence_legitimacy * violence + communities.legitimacy_lost[c]
        communities.legitimacy[c] = _unit(legit + rate.legitimacy * (rest - legit) - push * legit)
        rest = communities.livelihoods_rest[c] + c_p.projects_livelihoods * reached
        rest += downturn[side] * (1.0 - vocational_p.mutual_aid * reached)
        communities.livelihoods[c] = _unit(
            living + rate.livelihoods * (rest - living) - c_p.violence_livelihoods * violence * living
        )
        rest = (
            communities.services_rest[c]
            + c_p.capability_services * communities.capability_gain[c]
            + communities.services_shift[c]
        )
        communities.services[c] = _unit(service + rate.services * (rest - service) - c_p.violence_services * violence * service)
        communities.memory[c] = memory * (1.0 - rate.memory) + min(c_p.violence_memory * violence, 1.0) * (1.0 - memory)


@called
def _strain_crossings(communities, crossings, rhetoric, rate, c_p, politics_p, vocational_p, rumours, fading):  # type: ignore[no-untyped-def]
    sides = communities.trust.shape[1] + 1
    for x in range(crossings.key.size):
        a, b = crossings.a[x], crossings.b[x]
        ab = other_index(communities.side[a], communities.side[b], sides)
        ba = other_index(communities.side[b], communities.side[a], sides)
        grievance = 0.5 * (
            communities.grievance[a] - communities.grievance_rest[a] + communities.grievance[b] - communities.grievance_rest[b]
        )
        trust = 0.5 * (
            communities.trust[a, ab] - communities.trust_rest[a, ab] + communities.trust[b, ba] - communities.trust_rest[b, ba]
        )
        t = float(crossings.tension[x])
        rest = crossings.tension_rest[x] + c_p.grievance_tension * grievance - c_p.trust_tension * trust
        words = 0.0
        for c in (a, b):
            shield = vocational_p.interdependence * communities.reached[c]
            shield += vocational_p.credibility * communities.standards[c, VOCATIONAL] * communities.acquainted_participants[c]
            words = max(words, rhetoric[communities.side[c]] * (1.0 - min(shield, 0.9)))
        push = c_p.violence_tension * crossings.violence[x] + politics_p.rhetoric_tension * words
        push = (push + rumours.tension * (crossings.rumour[x] - crossings.rumour_rest[x])) * (1.0 - t)
        crossings.tension[x] = _unit(t + rate.tension * (rest - t) + push)
        crossings.failed[x] *= fading


@compiled
def _week(at, rhetoric, downturn, rate):  # type: ignore[no-untyped-def]
    people = rooms.people(at)
    c_p = rooms.communities(at)
    politics_p = rooms.politics(at)
    vocational_p = rooms.vocational(at)
    branding = rooms.programmes(at).branding
    rumours = rooms.rumours(at)
    workers, institutions, communities = state.workers(at), state.institutions(at), state.communities(at)
    crossings, topology = state.crossings(at), state.topology(at)
    _hear(workers, institutions, communities, topology, people, c_p.acquaintances)
    _feel(communities, crossings, topology, rhetoric, downturn, rate, c_p, politics_p, vocational_p, branding, rumours)
    _strain_crossings(communities, crossings, rhetoric, rate, c_p, politics_p, vocational_p, rumours, FADING)


def live(world: World) -> None:
    """Let communities feel this week, and crossings heat up or cool down."""
    _week(world.at, world.politics.rhetoric, world.politics.livelihoods, world.derive(community_rates))
