"""What spreads beyond participants: skill among colleagues, practice between institutions.

Rule
----
Colleagues who never travelled take over what the returnees of their institution have gained in competence, the faster the more there are
(P5): were half the staff returnees, a weekly share of the way to the returnees' mean gain.
Institutions take up practices: now and then by themselves, and the sooner the more their peers have of what they lack. Peers are those of
their profession in the nearest communities of their side, and, as far as there is partnership, those across a crossing (S16, D5).

Reads institutions. Writes workers' competence, institutions' practice. Mechanisms: colleague_learning, practice_diffusion, own_initiative.
Claims P5, S16; evidence D5.
"""

from __future__ import annotations

import math

from sim import state
from sim.compiled import compiled
from sim.draws import purpose_key, uniforms
from sim.parameters import weekly_hazard
from sim.world.tables import other_index
from sim.world.world import World

_TAKEN_UP = purpose_key("a practice is taken up")


@compiled
def _spread(at, before, week, learning, copying, initiative, taken):  # type: ignore[no-untyped-def]
    workers, institutions, topology = state.workers(at), state.institutions(at), state.topology(at)
    draws = state.draws(at)
    sides = institutions.partnership.shape[1] + 1
    for n in range(before.size):
        first, last = institutions.first[n], institutions.first[n] + institutions.staff[n]
        returnees, gain = 0, 0.0
        for i in range(first, last):
            if workers.alumnus[i] > 0:
                returnees += 1
                gain += workers.competence[i] - workers.competence_base[i]
        if returnees:
            step = min(learning * 2.0 * returnees / (last - first), 1.0)
            for i in range(first, last):
                if workers.alumnus[i] == 0:
                    own = workers.competence[i] - workers.competence_base[i]
                    further = step * max(gain / returnees - own, 0.0)
                    workers.competence[i] += further * (1.0 - workers.competence[i])
        gained, weights = 0.0, 0.0
        for k in range(topology.peer_start[n], topology.peer_start[n + 1]):
            m = topology.peer_list[k]
            weight = 1.0
            if institutions.side[m] != institutions.side[n]:
                weight = float(institutions.partnership[n, other_index(institutions.side[n], institutions.side[m], sides)])
            weights += weight
            gained += weight * max(before[m] - before[n], 0.0)
        hazard = initiative + (copying * gained / weights / taken if weights > 0.0 else 0.0)
        u = uniforms(draws, _TAKEN_UP, week, institutions.key[n])
        if u[0] < 1.0 - math.exp(-hazard):
            institutions.practice[n] += taken * (1.0 - institutions.practice[n])


def live(world: World) -> None:
    """Let skill and practice spread this week."""
    w, institutions = world.parameters.work, world.institutions
    before = institutions.practice.copy()
    _spread(
        world.at,
        before,
        world.week,
        w.colleague_learning,
        w.practice_diffusion,
        weekly_hazard(w.own_initiative),
        w.practice_taken,
    )
