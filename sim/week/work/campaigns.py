"""Joint campaigns: they are called, mobilised by people who trained together, and won or lost.

Rule
----
*Calls* come at crossings where both sides take part, more often where one is in hardship.

*Mobilising* takes weeks: fewer where those who trained together differ in role (O6), where an alumni hub meets (O10) and under outside lead;
more where few organizers can act, where they have several campaigns in hand, and where the border is closed. A call that is not
answered in half a year lapses.

*The campaign* brings protests to both communities. Local lead, help from across and paid outreach decide how likely it is won (O12, O15); what is won
takes off grievance, restores confidence and trust for a time. Outside lead costs confidence and adds grievance.

Reads institutions, movements, alumni. Writes campaigns; movements' rally and claims; communities' legitimacy and grievance. Mechanisms:
mobilisation, joint_campaigns, campaign_help, outside_lead. Claims O6, O10, O12, O15.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.columns import grown, keep
from sim.draws import mix_all
from sim.families import ORGANIZING
from sim.parameters import Parameters, weekly_chance
from sim.week.cohorts import across_border, crossings_between, role_of, shared_with_partners, taking_part
from sim.world.programmes import RunningProgramme
from sim.world.tables import other_index
from sim.world.world import World

PATIENCE = 26
"""Weeks after which a call that is not answered lapses (assumption, fixed)."""


def live(world: World, hardship: NDArray[np.float64]) -> None:
    """Let this week's calls come, and campaigns be mobilised and take place."""
    for programme in world.programmes:
        if programme.family == ORGANIZING and programme.standing.get("campaigns"):
            _call(world, programme, hardship)
    if world.live_campaigns:
        in_hand = _in_hand(world)
        for programme in world.programmes:
            _mobilise(world, programme, in_hand)
    if world.live_campaigns:
        _take_place(world)


def call_rate(parameters: Parameters) -> float:
    """Chance of a call in a week, at a crossing without any, under full support."""
    return weekly_chance(parameters.organizing.campaign_rate)


def _call(world: World, programme: RunningProgramme, hardship: NDArray[np.float64]) -> None:
    """Call for campaigns at crossings where this programme has none under way."""
    x, rows, side = world.crossings, world.campaigns, world.communities.side
    n = world.live_campaigns
    own = rows.crossing[:n][rows.programme[:n] == programme.number]
    free = np.setdiff1d(crossings_between(world, programme), own)
    there = np.zeros(world.communities.key.size, bool)
    working = taking_part(world, programme) & (world.institutions.withdrawn_until <= world.week)
    there[world.institutions.community[working]] = True
    free = free[there[x.a[free]] & there[x.b[free]]]
    if free.size == 0:
        return
    u = world.draws.fill(f"{programme.name}: call for a campaign", world.week, x.key[free])[:, 0]
    struck = np.maximum(hardship[side[x.a[free]]], hardship[side[x.b[free]]])
    p, rate = world.parameters.organizing, world.derive(call_rate)
    called = free[u < programme.standing["campaigns"] * rate * (1.0 + p.campaign_hardship * struck)]
    if n + called.size > rows.key.size:
        rows = world.campaigns = grown(rows, 2 * (n + called.size))
    new = slice(n, n + called.size)
    number = mix_all(programme.keys, np.array([world.week], np.int64).astype(np.uint64))
    rows.key[new] = mix_all(x.key[called], np.repeat(number, called.size))
    rows.crossing[new], rows.programme[new], rows.called[new], rows.ready[new] = called, programme.number, world.week, 0.0
    world.live_campaigns = n + called.size
    world.count("campaigns_called", float(called.size))


def mixed_pairs(world: World, programme: RunningProgramme) -> float:
    """Share of the pairs of alumni who trained together that differ in role; 0 if there are none."""
    pairs = programme.alumni.pairs
    pairs = pairs[(world.workers.family[pairs] == programme.family).all(axis=1)]
    if len(pairs) == 0:
        return 0.0
    role = role_of(world.workers.post[pairs])
    return float((role[:, 0] != role[:, 1]).mean())


def pace(mixed: float, hub: float, local: float, p: Any) -> float:
    """Share of the way to a campaign that is made in a week in which all organizers can act and the border is open."""
    return max((1.0 + p.role_mix * mixed + p.hub_pace * hub + p.outside_pace * (1.0 - local)) / p.mobilise_weeks, 0.0)


def _in_hand(world: World) -> NDArray[np.float64]:
    """Campaigns that the movements of each community have in hand, at least 1."""
    at, n = world.campaigns.crossing[: world.live_campaigns], world.communities.key.size
    ends = np.concatenate([world.crossings.a[at], world.crossings.b[at]])
    return np.maximum(np.bincount(ends, minlength=n), 1).astype(np.float64)


def _mobilise(world: World, programme: RunningProgramme, in_hand: NDArray[np.float64]) -> None:
    """Bring a programme's campaigns nearer; when its money has ended they are given up, uncounted."""
    rows, x, effort = world.campaigns, world.crossings, world.movements.active / in_hand
    own = np.flatnonzero(rows.programme[: world.live_campaigns] == programme.number)
    if own.size == 0:
        return
    if not programme.funded(world.week):
        stay = np.flatnonzero(rows.programme[: world.live_campaigns] != programme.number)
        keep(rows, stay)
        world.live_campaigns = int(stay.size)
        return
    paid = programme.standing.get("campaigns", 0.0) / max(programme.level("campaigns"), 1e-9)
    hub = min(programme.network, programme.levers.alumni_support)
    week = pace(mixed_pairs(world, programme), hub, programme.own.local_lead, world.parameters.organizing)
    at = rows.crossing[own]
    rows.ready[own] += min(paid, 1.0) * week * across_border(world, x.open[at]) * 0.5 * (effort[x.a[at]] + effort[x.b[at]])


def win_chance(local: float, helped: float, inclusion: float, p: Any) -> float:
    """Chance that a campaign is won."""
    chance = p.campaign_success + p.local_success * local + p.help_success * helped + p.inclusive_success * inclusion
    return float(min(max(chance, 0.0), 1.0))


def _take_place(world: World) -> None:
    """Let the campaigns take place that are ready, and calls lapse that nobody answered."""
    rows, n, week = world.campaigns, world.live_campaigns, world.week
    ready = rows.ready[:n] >= 1.0 - 1e-6
    lapsed = ~ready & (week - rows.called[:n] >= PATIENCE)
    due = np.flatnonzero(ready)
    if due.size:
        u = world.draws.fill("a campaign takes place", week, rows.key[due])[:, 0]
        for k, draw in zip(due.tolist(), u.tolist(), strict=True):
            _carry_out(world, world.programmes[int(rows.programme[k]) - 1], int(rows.crossing[k]), draw)
        world.count("mobilise_weeks", float((week - rows.called[due]).sum() + due.size))
    world.count("mobilise_weeks", float(PATIENCE * lapsed.sum()))
    world.count("campaigns", float(due.size))
    world.count("campaigns_lapsed", float(lapsed.sum()))
    stay = np.flatnonzero(~ready & ~lapsed)
    if stay.size < n:
        keep(rows, stay)
        world.live_campaigns = int(stay.size)


def _carry_out(world: World, programme: RunningProgramme, x: int, draw: float) -> None:
    p, movements, communities, institutions = world.parameters.organizing, world.movements, world.communities, world.institutions
    ends = [int(world.crossings.a[x]), int(world.crossings.b[x])]
    between = np.flatnonzero(taking_part(world, programme) & np.isin(institutions.community, ends))
    helped = 0.5 * sum(
        shared_with_partners(world, programme, column, between) for column in (institutions.agreements, institutions.sharing)
    )
    movements.rally[ends] += p.campaign_protests
    world.crossings.rally[x] += p.campaign_protests
    local = programme.own.local_lead
    harm = p.outside_lead_harm * (1.0 - local)
    communities.legitimacy_lost[ends] += harm
    communities.grievance_added[ends] += harm
    if draw < win_chance(local, helped, programme.outreach, p):
        a, b = (int(side) for side in communities.side[ends])
        movements.claims[ends, [other_index(a, b, world.sides), other_index(b, a, world.sides)]] = 1.0
        world.count("campaigns_won")
