"""Shocks and politics: what strikes the region from outside this week.

Rule
----
Each shock of the scenario acts from its week on for as many weeks as it lasts. Rhetoric, downturns, displacement, disasters,
repression, disinformation and waves of turnover set levels that the other rules read; a closure narrows crossings; a funding
cut holds back money; an election changes leaders at once and replaces public servants while it lasts (D2), may end donor-funded
programmes of the sides that vote, and brings half its size in rhetoric. Dated edits of the scenario take effect here too.

Spoilers attack crossings: each is struck `size` times on average while it lasts. Their incident is an armed one, which begins
with force and which no programme reaches; what follows from it is for others to hold (C4). Rhetoric also raises what armed
actors do.

Writes crossings.attacks, the trigger of armed incidents, crossings.open, politics, communities.meeting_rate,
institutions.buy_in; programmes at elections.
Mechanisms: governance_shield, spoils. Claims V6, V12, V18, C4; evidence D2.
"""

from __future__ import annotations

import numpy as np

from sim import rooms, state
from sim.compiled import compiled
from sim.families import KINDS
from sim.registry import registered
from sim.scenario.schema import Shock
from sim.week.cohorts import sides_of
from sim.world.hiring import leader_buy_in
from sim.world.tables import ARISE
from sim.world.world import World

ARMED = KINDS.index("armed")
DOWNTURN_DEPTH = 0.3
"""Fall of livelihoods' resting level in a downturn of size 1 (assumption, fixed; sizes are the scenario's)."""
DISPLACED = 0.5
"""Households in crisis by displacement per 1,000 residents and week, in a displacement of size 1 (assumption, fixed)."""
TURNOVER = 3.0
"""Relative rise of leaving in a turnover wave of size 1 (assumption, fixed)."""
ELECTION_RHETORIC = 0.5
"""Rhetoric that an election of size 1 brings (assumption, fixed)."""


@compiled
def _traffic(at):  # type: ignore[no-untyped-def]
    meetings = rooms.contact(at).everyday_meetings
    communities, crossings, topology = state.communities(at), state.crossings(at), state.topology(at)
    for c in range(communities.key.size):
        traffic = 0.0
        for k in range(topology.crossing_start[c], topology.crossing_start[c + 1]):
            x = topology.crossing_list[k]
            traffic += crossings.exposure[x] * crossings.open[x]
        communities.meeting_rate[c] = 1.0 - np.exp(-meetings * traffic)


def live(world: World) -> None:
    """Set this week's politics."""
    scenario, week = world.scenario, world.week
    edited = _edit(world)
    politics = world.politics
    active = any(0 <= week - shock.in_week(scenario.start) < shock.weeks for shock in scenario.shocks.values())
    if politics.quiet and not (active or edited or scenario.named):  # registered rules may have changed something
        return
    politics.quiet = not active
    politics.rhetoric[:] = 0.0
    for column in (
        politics.livelihoods, politics.turnover, politics.replaced, politics.displaced, politics.disaster, politics.repression,
        politics.disinformation,
    ):  # fmt: skip
        column[:] = 0.0
    politics.funding = 1.0
    politics.open[:] = 1.0
    world.crossings.attacks[:] = 0
    for name, shock in sorted(scenario.shocks.items()):
        begins = shock.in_week(scenario.start)
        if not begins <= week < begins + shock.weeks:
            continue
        sides = [scenario.region.sides.index(s) for s in shock.sides or scenario.region.sides]
        _strike(world, name, shock, sides, first=week == begins)
    x, side = world.crossings, world.communities.side
    words = np.maximum(politics.rhetoric[side[x.a]], politics.rhetoric[side[x.b]])
    x.trigger[:, ARMED] = world.parameters.incidents.rhetoric_armed * words
    x.cause[:, ARMED] = np.where(x.trigger[:, ARMED] > 0.1, ARISE.index("rhetoric"), 0)
    x.open[:] = politics.open[side[x.a], side[x.b]]
    _traffic(world.at)


def _strike(world: World, name: str, shock: Shock, sides: list[int], *, first: bool) -> None:
    """Let a shock act for one week; `first` says that it begins."""
    politics, size = world.politics, shock.size
    match shock.kind:
        case "rhetoric":
            politics.rhetoric[sides] = np.maximum(politics.rhetoric[sides], size)
        case "downturn":
            politics.livelihoods[sides] -= DOWNTURN_DEPTH * size
        case "displacement":
            politics.displaced[sides] += DISPLACED * size
        case "disaster":
            politics.disaster[sides] = np.maximum(politics.disaster[sides], size)
        case "repression":
            politics.repression[sides] = np.maximum(politics.repression[sides], size)
        case "disinformation":
            politics.disinformation[sides] = np.maximum(politics.disinformation[sides], size)
        case "turnover_wave":
            politics.turnover[sides] += TURNOVER * size
        case "funding_cut":
            politics.funding *= 1.0 - size
        case "border_closure":
            politics.open[sides, :] = np.minimum(politics.open[sides, :], 1.0 - size)
            politics.open[:, sides] = np.minimum(politics.open[:, sides], 1.0 - size)
        case "spoiler_attack":
            _attack(world, name, shock, sides)
        case kind if kind in registered().shocks:
            registered().shocks[kind].strike(world, shock, sides, first)
        case "election":
            politics.rhetoric[sides] = np.maximum(politics.rhetoric[sides], ELECTION_RHETORIC * size)
            politics.replaced[sides] += -np.log1p(-world.parameters.politics.election_staff * size) / shock.weeks
            if first:
                _elect(world, name, shock, sides)


def _attack(world: World, name: str, shock: Shock, sides: list[int]) -> None:
    x, side = world.crossings, world.communities.side
    u = world.draws.fill(f"spoilers of {name}", world.week, x.key)[:, 0]
    struck = np.isin(side[x.a], sides) | np.isin(side[x.b], sides)
    x.attacks[:] |= struck & (u < shock.size / shock.weeks)


def _elect(world: World, name: str, shock: Shock, sides: list[int]) -> None:
    p, institutions = world.parameters.politics, world.institutions
    rows = np.flatnonzero(np.isin(institutions.side, sides))
    u = world.draws.fill(f"leaders after election {name}", world.week, institutions.key[rows])
    new = rows[u[:, 0] < p.election_leaders * shock.size]
    chosen = u[u[:, 0] < p.election_leaders * shock.size, 1]
    institutions.buy_in_rest[new] = leader_buy_in(institutions.buy_in_mean[new], chosen)
    institutions.buy_in[new] = institutions.buy_in_rest[new]
    shield = world.parameters.programmes.governance_shield
    for programme in world.programmes:
        if programme.in_donor_years(world.week) and set(sides_of(world, programme)) & set(sides):
            u = world.draws.fill(f"programmes after election {name}", world.week, programme.keys)
            chance = p.election_programme_end * shock.size * (1.0 - shield * programme.levers.governance)
            if u[0, 0] < chance:
                programme.ended = True


def _edit(world: World) -> bool:
    """Make the changes that are dated this week; tell whether there were any."""
    scenario = world.scenario
    edits = scenario.dated_edits()
    due = [edit for week, edit in edits if week == world.week]
    if not due:
        return False
    past = [edit for week, edit in edits if week <= world.week]
    world.parameters = scenario.parameters_with(past)
    world.derived.clear()
    for programme in world.programmes:
        programme.yearly = None
    for edit in due:
        for programme in world.programmes:
            if programme.name in edit.programmes:
                programme.change(edit.programmes[programme.name])
    return True
