"""Observation: what is recorded of a week."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim import rooms, state
from sim.compiled import called, compiled, counted, inlined
from sim.families import FAMILIES, ORGANIZING, VOCATIONAL
from sim.series import INDEX
from sim.week.cohorts import taking_part
from sim.week.work.policing import unchecked_data
from sim.world.ties import count_ties, strength_now
from sim.world.world import World

ENTRANT_WEEKS = 104
"""Weeks after which a newcomer is one no more (fixed)."""
_COMMUNITY_STATES = ("legitimacy", "grievance", "livelihoods", "services", "memory")
(_TRUST, _WARMTH, _WORKER_TRUST, _COMPETENCE, _SKILL, _STRAIN, _TENSION) = (
    INDEX[name]
    for name in ("community_trust", "worker_warmth", "worker_trust", "competence", "intercultural_skill", "strain", "tension")
)
_LEGITIMACY, _GRIEVANCE, _LIVELIHOODS, _SERVICES, _MEMORY = (INDEX[name] for name in _COMMUNITY_STATES)
_CAPABILITY, _PARTNERSHIP, _OPENNESS, _BUY_IN, _STANDARDS, _PRACTICE, _WITHDRAWN = (
    INDEX[name] for name in ("capability", "partnership", "openness", "buy_in", "standards", "practice", "withdrawn")
)
_LEAST, _ENTRANTS = INDEX["trust_least_side"], INDEX["entrant_trust"]
_TIES, _STRENGTH, _BRIDGED = INDEX["live_ties"], INDEX["tie_strength"], INDEX["crossings_bridged"]
_ACROSS = INDEX["ties_across_professions"]
_CONDUCT, _CONDUCT_GAP, _ACCOUNTABILITY, _RAPPORT, _PROCEDURES, _REPRESSION = (
    INDEX[name] for name in ("conduct", "conduct_gap", "accountability", "rapport", "procedures", "repression")
)
_RUMOUR, _WORST = INDEX["rumour"], INDEX["force_worst_side"]
_STAFF_OF, _STRAIN_OF = INDEX[f"staff_{FAMILIES[0].name}"], INDEX[f"strain_{FAMILIES[0].name}"]
_PRACTICE_OF = INDEX[f"practice_{FAMILIES[0].name}"]
_COLLEAGUES, _FAMILIES = INDEX["colleagues"], len(FAMILIES)
_SHOCK, _PROJECTS, _DISASTER, _GAP, _RESOURCES, _OUTSIDE = (
    INDEX[name] for name in ("shock", "projects", "disaster", "fairness_gap", "resources", "practice_outside")
)
_REPRESSED, _ACTIVE, _AID, _COHESION = (INDEX[name] for name in ("repressed", "active_organizers", "mutual_aid", "cohesion"))
_ATTACKS, _NETWORK = INDEX["attacks"], [INDEX["largest_component"], INDEX["brokerage"]]
_BORN, _SURVIVED = INDEX["ties_born"], INDEX["ties_survived"]
_ENROLMENTS = INDEX["enrolments"]
_EVENNESS, _CRISIS_COST, _EVICTIONS, _WAITING = (INDEX[name] for name in ("evenness", "crisis_cost", "evictions", "waiting"))
_ALUMNI, _PLACED, _CREDENTIALS = INDEX["alumni"], INDEX["placed"], INDEX["credentials"]


@called
def _residents(communities, tally):  # type: ignore[no-untyped-def]
    others = communities.trust.shape[1]
    least, residents = 1.0, 0.0
    for side in range(others + 1):
        people, trust = 0.0, 0.0
        for c in range(communities.key.size):
            if communities.side[c] == side:
                people += communities.population[c]
                for o in range(others):
                    trust += communities.population[c] * communities.trust[c, o] / others
        least = min(least, trust / people)
        residents += people
        tally[_TRUST] += trust
    tally[_LEAST] = least
    for c in range(communities.key.size):
        n = float(communities.population[c])
        tally[_LEGITIMACY] += n * communities.legitimacy[c]
        tally[_GRIEVANCE] += n * communities.grievance[c]
        tally[_LIVELIHOODS] += n * communities.livelihoods[c]
        tally[_SERVICES] += n * communities.services[c]
        tally[_MEMORY] += n * communities.memory[c]
        for o in range(others):
            tally[_RUMOUR] += n * communities.rumour[c, o] / others
    for k in (_TRUST, _LEGITIMACY, _GRIEVANCE, _LIVELIHOODS, _SERVICES, _MEMORY, _RUMOUR):
        tally[k] /= residents


@inlined
def _total(column, first, last):  # type: ignore[no-untyped-def]
    """Sum a column from one row to before another: four rows at a time, whose sums the processor keeps side by side."""
    a = b = c = d = 0.0
    most = first + (last - first) // 4 * 4
    for i in range(first, most, 4):
        a += column[i]
        b += column[i + 1]
        c += column[i + 2]
        d += column[i + 3]
    for i in range(most, last):
        a += column[i]
    return (a + b) + (c + d)


@called
def _attitudes(workers, week, tally):  # type: ignore[no-untyped-def]
    """Measure workers' warmth and trust, and the trust of newcomers."""
    others, n, entrants = workers.trust.shape[1], workers.person.size, 0
    warmth = trust = new_trust = 0.0
    for o in range(others):
        for i in range(n):
            warmth += workers.warmth[i, o]
        for i in range(n):
            trust += workers.trust[i, o]
            new_trust += workers.trust[i, o] if week - workers.hired[i] < ENTRANT_WEEKS else 0.0
    for i in range(n):
        entrants += week - workers.hired[i] < ENTRANT_WEEKS
    tally[_WARMTH] = warmth / (n * others)
    tally[_WORKER_TRUST] = trust / (n * others)
    tally[_ENTRANTS] = new_trust / (entrants * others) if entrants else tally[_WORKER_TRUST]


@called
def _staff(workers, institutions, week, tally):  # type: ignore[no-untyped-def]
    """Measure workers' skills and strain, those of colleagues who took part in no programme apart, and count alumni and those placed."""
    n, colleagues, alumni, placed, credentials = workers.person.size, workers.person.size, 0, 0, 0
    competence = _total(workers.competence, 0, n)
    untrained, strain = competence, 0.0
    for i in range(n):
        if workers.alumnus[i] > 0 or workers.cohort[i] > 0:
            untrained -= workers.competence[i]
            colleagues -= 1
            alumni += workers.alumnus[i] > 0
    for i in range(n):
        placed += workers.placed_until[i] > week
        credentials += workers.credential[i]
    for m in range(institutions.key.size):
        first, last, family = institutions.first[m], institutions.first[m] + institutions.staff[m], institutions.family[m]
        own = _total(workers.strain, first, last)
        tally[_STAFF_OF + family] += last - first
        tally[_STRAIN_OF + family] += own
        strain += own
    tally[_COMPETENCE], tally[_SKILL], tally[_STRAIN] = competence / n, _total(workers.skill, 0, n) / n, strain / n
    tally[_ALUMNI], tally[_PLACED], tally[_CREDENTIALS] = alumni, placed, credentials
    tally[_COLLEAGUES] = untrained / max(colleagues, 1)
    for family in range(_FAMILIES):
        tally[_STRAIN_OF + family] /= max(tally[_STAFF_OF + family], 1.0)


@called
def _institutions(institutions, week, tally):  # type: ignore[no-untyped-def]
    others, count = institutions.standards.shape[1], institutions.key.size
    employers = 0
    for n in range(count):
        tally[_CAPABILITY] += institutions.capability[n] / count
        if institutions.family[n] == VOCATIONAL:
            tally[_OPENNESS] += institutions.openness[n]
            employers += 1
        tally[_BUY_IN] += institutions.buy_in[n] / count
        tally[_PRACTICE] += institutions.practice[n] / count
        tally[_WITHDRAWN] += 1.0 if institutions.withdrawn_until[n] > week else 0.0
        for o in range(others):
            tally[_PARTNERSHIP] += institutions.partnership[n, o] / (count * others)
            tally[_STANDARDS] += institutions.standards[n, o] / (count * others)
    tally[_OPENNESS] /= max(employers, 1)
    for family in range(_FAMILIES):
        practice, own = 0.0, 0
        for n in range(count):
            if institutions.family[n] == family:
                practice += institutions.practice[n]
                own += 1
        tally[_PRACTICE_OF + family] = practice / max(own, 1)


@called
def _services(workers, institutions, services, sides, safeguard, tally):  # type: ignore[no-untyped-def]
    lowest, highest, count = 1.0, 0.0, services.size
    others = institutions.standards.shape[1]
    for side in range(sides):
        conduct, force, officers = 0.0, 0.0, 0
        for k in range(count):
            n = services[k]
            if institutions.side[n] != side:
                continue
            officers += institutions.staff[n]
            force += 1000.0 * institutions.force[n] * institutions.staff[n]
            conduct += _total(workers.conduct, institutions.first[n], institutions.first[n] + institutions.staff[n])
        if officers:
            tally[_WORST] = max(tally[_WORST], force / officers)
            lowest, highest = min(lowest, conduct / officers), max(highest, conduct / officers)
    tally[_CONDUCT_GAP] = max(highest - lowest, 0.0)
    staff, all_conduct = 0, 0.0
    for k in range(count):
        n = services[k]
        tally[_ACCOUNTABILITY] += institutions.accountability[n] / count
        tally[_RAPPORT] += institutions.rapport[n] / count
        tally[_REPRESSION] += unchecked_data(institutions, n, safeguard) / count
        for o in range(others):
            tally[_PROCEDURES] += institutions.standards[n, o] / (count * others)
        all_conduct += _total(workers.conduct, institutions.first[n], institutions.first[n] + institutions.staff[n])
        staff += institutions.staff[n]
    tally[_CONDUCT] = all_conduct / max(staff, 1)


@called
def _network(workers, ties, used, crossings, topology, week, tally):  # type: ignore[no-untyped-def]
    for x in range(crossings.key.size):
        crossings.bridged[x] = 0
    total = 0.0
    for row in range(used):
        if week >= ties.relies[row]:
            continue
        i, j = ties.a[row], ties.b[row]
        tally[_ACROSS] += 1.0 if workers.family[i] != workers.family[j] else 0.0
        total += strength_now(ties, row, week)
        here, there = workers.community[i], workers.community[j]
        for k in range(topology.crossing_start[here], topology.crossing_start[here + 1]):
            x = topology.crossing_list[k]
            if crossings.a[x] == there or crossings.b[x] == there:
                crossings.bridged[x] += 1
    if tally[_TIES] > 0.0:
        tally[_STRENGTH] = total / tally[_TIES]
    exposure = 0.0
    for x in range(crossings.key.size):
        tally[_BRIDGED] += 1.0 if crossings.bridged[x] > 0 else 0.0
        tally[_ATTACKS] += crossings.attacks[x]
        tally[_TENSION] += crossings.exposure[x] * crossings.tension[x]
        exposure += crossings.exposure[x]
    tally[_TENSION] /= max(exposure, 1e-9)


@called
def _places(institutions, towns, crossings, movements, topology, rows, tally):  # type: ignore[no-untyped-def]
    """Measure towns, crossings, and movements, these weighted by their organizers."""
    tally[_GAP] = _total(towns.gap, 0, towns.gap.size) / towns.gap.size
    tally[_RESOURCES] = _total(crossings.resources, 0, crossings.resources.size) / crossings.resources.size
    organizers = 0
    for c in range(movements.active.size):
        staff = topology.pool_staff[c, ORGANIZING]
        tally[_ACTIVE] += staff * movements.active[c]
        tally[_AID] += staff * movements.aid[c]
        organizers += staff
    tally[_ACTIVE] /= max(organizers, 1)
    tally[_AID] /= max(organizers, 1)
    for k in range(rows.size):
        tally[_COHESION] += institutions.cohesion[rows[k]]
    tally[_COHESION] /= max(rows.size, 1)


@counted
def _measure(at, services, movements, week, tally):  # type: ignore[no-untyped-def]
    safeguard = rooms.policing(at).safeguard
    communities = state.communities(at)
    institutions = state.institutions(at)
    workers = state.workers(at)
    crossings = state.crossings(at)
    _residents(communities, tally)
    _attitudes(workers, week, tally)
    _staff(workers, institutions, week, tally)
    _institutions(institutions, week, tally)
    _services(workers, institutions, services, communities.trust.shape[1] + 1, safeguard, tally)
    calendar = state.calendar(at)
    tally[_TIES], tally[_BORN], tally[_SURVIVED] = count_ties(calendar, week)
    _network(workers, state.ties(at), calendar.used[0], crossings, state.topology(at), week, tally)
    _places(institutions, state.towns(at), crossings, state.movements(at), state.topology(at), movements, tally)


def _practice_outside(world: World) -> float:
    """Mean practice stock of the institutions that could take part in a programme of their profession, but are in none; NaN without any."""
    if all(programme.enrolled is None for programme in world.programmes):
        return float("nan")
    families = np.isin(world.institutions.family, [programme.family for programme in world.programmes])
    inside = np.any([taking_part(world, programme) for programme in world.programmes], axis=0)
    rows = families & ~inside
    return float(world.institutions.practice[rows].mean(dtype=np.float64)) if rows.any() else float("nan")


def live(world: World) -> None:
    """Measure this week."""
    tally, p = world.tally, world.parameters
    _measure(world.at, world.services, world.movement_rows, world.week, tally)
    tally[_PROJECTS] = world.live_projects
    if not world.politics.quiet:
        tally[_SHOCK], tally[_DISASTER], tally[_REPRESSED] = 1.0, world.politics.disaster.max(), world.politics.repression.max()
    _network_measures(world)
    tally[_CRISIS_COST] = tally[_EVICTIONS] * p.costs.eviction + tally[_WAITING] * p.costs.crisis_week
    tally[_OUTSIDE] = np.nan
    if world.programmes:
        _measure_programmes(world)


def _measure_programmes(world: World) -> None:
    """Measure practice outside programmes, how evenly enrolments fall, and money."""
    world.tally[_OUTSIDE] = _practice_outside(world)
    world.tally[_EVENNESS] = _evenness_now(world)
    for programme in world.programmes:
        granted, spent, won = programme.purse.news()
        world.count("budget", granted)
        world.count("outside_funds", won)
        world.count("spend", spent)


def _evenness_now(world: World) -> float:
    """Return how evenly enrolments so far fall on residents; it changes only in weeks with some."""
    if _evenness_now not in world.derived or world.tally[_ENROLMENTS]:
        world.derived[_evenness_now] = evenness(world.communities.enrolled, world.communities.population)
    return float(world.derived[_evenness_now])


def evenness(counts: NDArray[np.float32], residents: NDArray[np.float32]) -> float:
    """Return how evenly counts fall on residents of communities: 1 less the Gini coefficient, 0 where there are none."""
    if not counts.any():
        return 0.0
    order = np.argsort(counts / residents)
    people, got = (np.concatenate([[0.0], np.cumsum(x[order], dtype=np.float64)]) for x in (residents, counts))
    return float(2.0 * np.trapezoid(got / got[-1], people / people[-1]))


@called
def _root(group, n):  # type: ignore[no-untyped-def]
    """First institution of a group, on the way to which steps are halved."""
    while group[n] != n:
        group[n] = group[group[n]]
        n = group[n]
    return n


@compiled
def _group(at, week, held):  # type: ignore[no-untyped-def]
    """Group institutions that live ties connect, and count in `held` workers by how many they have."""
    workers, ties, institutions = state.workers(at), state.ties(at), state.institutions(at)
    for n in range(institutions.key.size):
        institutions.group[n] = n
    for row in range(state.calendar(at).used[0]):
        if week < ties.relies[row]:
            n = _root(institutions.group, workers.institution[ties.a[row]])
            m = _root(institutions.group, workers.institution[ties.b[row]])
            institutions.group[max(n, m)] = min(n, m)
    for n in range(institutions.key.size):
        institutions.group[n] = _root(institutions.group, n)
    for i in range(workers.person.size):
        live = 0
        for k in range(workers.ties[i]):
            live += week < ties.relies[workers.slots[i, k]]
        held[live] += 1


def network(world: World) -> tuple[float, float]:
    """Return the share of institutions in the largest group connected by live ties, and of ties that the tenth with most hold."""
    held = np.zeros(world.workers.slots.shape[1] + 1, np.int64)
    _group(world.at, world.week, held)
    number = np.arange(held.size)
    ends = int(held @ number)
    if ends == 0:
        return 0.0, 0.0
    most, above = -(-int(held.sum()) // 10), int(held.sum()) - np.cumsum(held)
    top = int(np.clip(most - above, 0, held) @ number)
    return float(np.bincount(world.institutions.group).max()) / world.institutions.key.size, top / ends


def _network_measures(world: World) -> None:
    """Measure the network of live ties in every so manieth week; between, what was found last holds."""
    every = world.scenario.network_every
    if every and world.week % every == 0:
        world.network = network(world)
    world.tally[_NETWORK] = world.network


@compiled
def strengths_now(at, rows, week, out):  # type: ignore[no-untyped-def]
    """Present strength of the ties in `rows`."""
    ties = state.ties(at)
    for k in range(rows.size):
        out[k] = strength_now(ties, rows[k], week)


@compiled
def strongest_tie(at, posts, week, out):  # type: ignore[no-untyped-def]
    """Strength of the strongest live tie of each worker in `posts`, 0 if none: reliance on persons met."""
    workers, ties = state.workers(at), state.ties(at)
    for k in range(posts.size):
        best = 0.0
        for m in range(workers.ties[posts[k]]):
            best = max(best, strength_now(ties, workers.slots[posts[k], m], week))
        out[k] = best
