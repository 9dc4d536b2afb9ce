"""What the work rules of several professions have in common."""

from __future__ import annotations

import math

from sim.compiled import called
from sim.draws import poisson_inverse
from sim.parameters.ordinary import CROWD, NEUTRAL_TENSION, ORDINARY_STATE

_MOST_COUNTED = 500.0


@called
def count_from(u, mean):  # type: ignore[no-untyped-def]
    """Count of cases from one uniform number; where very many are expected, just that number."""
    if mean > _MOST_COUNTED:
        return int(mean + 0.5)
    return poisson_inverse(u, mean, int(mean + 12.0 * math.sqrt(mean)) + 20)


@called
def thinned(u, n, chance):  # type: ignore[no-untyped-def]
    """Count of a binomial variable of n trials from one uniform number."""
    if chance >= 1.0 or n > 200:
        return int(n * min(chance, 1.0) + 0.5)
    term = (1.0 - chance) ** n
    total, k = term, 0
    while u > total and k < n:
        k += 1
        term *= (n - k + 1) / k * chance / (1.0 - chance)
        total += term
    return k


@called
def heat_around(crossings, heat, topology, c):  # type: ignore[no-untyped-def]
    """Tension around a community above an ordinary week's, weighted by traffic; `heat` is the tension of all crossings."""
    tension, traffic = 0.0, 0.0
    for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
        x = topology.crossing_list[k]
        tension += crossings.exposure[x] * heat[x]
        traffic += crossings.exposure[x]
    return tension / traffic - NEUTRAL_TENSION if traffic > 0.0 else 0.0


@called
def lack(column, a, b, rise):  # type: ignore[no-untyped-def]
    """Relative rise of incidents by what two communities lack of a state."""
    return rise * (ORDINARY_STATE - 0.5 * (column[a] + column[b]))


@called
def crowding(visitors, tension, rise):  # type: ignore[no-untyped-def]
    """Relative rise of incidents by the visitors of programmes at a tense crossing."""
    return rise * (1.0 - math.exp(-visitors / CROWD)) * max(tension - NEUTRAL_TENSION, 0.0) / (1.0 - NEUTRAL_TENSION)


@called
def mean_of(column, institutions, topology, c, family):  # type: ignore[no-untyped-def]
    """Mean of a column over a profession's institutions in a community, 0 if it has none."""
    total, count = 0.0, 0
    for n in range(topology.institution_start[c], topology.institution_start[c + 1]):
        if institutions.family[n] == family:
            total += column[n]
            count += 1
    return total / max(count, 1)


@called
def mean_towards(column, o, institutions, topology, c, family):  # type: ignore[no-untyped-def]
    """Mean of what a profession's institutions in a community hold towards another side, 0 if it has none."""
    total, count = 0.0, 0
    for n in range(topology.institution_start[c], topology.institution_start[c + 1]):
        if institutions.family[n] == family:
            total += column[n, o]
            count += 1
    return total / max(count, 1)
