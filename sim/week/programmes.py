"""Programmes: money, recruitment, preparation, rotations, joint work, debriefs, alumni life, defection.

Rule
----
*Money* comes at the start of each programme year. What stands all year (centre, standards, leaders, evaluation) and
what alumni of earlier years get is paid from it week by week; the rest is divided among the year's cohorts, whose
size is what that pays for. A programme never spends more than it has: what cannot be paid does not happen. Visible
results move the next year's grant, and leaders whose
grant falls lose part of their buy-in (P12); a funding cut takes money back; after the donor years the programme ends, or
institutions carry a share of it on.

*Each week* joint patrols go out (`sim.week.patrols`); cohorts meet, in person or online (a closed border moves them online, or
loses the week; flexible timelines let it pause under a shock, O5); alumni meet at events and at the joint centre, where
programmes pay for these; where benefits are one-sided, institutions leave the co-operation for a time.

Reads all tables. Writes gatherings, workers' cohort and skill, institutions' away, buy-in and withdrawal, crossings'
visitors. Mechanisms: defection, funding_feedback, broken_promises. Claims V1, V4–V8, V13, P12.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.levers import levers_priced
from sim.parameters import weekly_chance
from sim.week.alumni import EVENT_ATTENDANCE, EVENTS_A_YEAR, founders_meet, live_on
from sim.week.cohorts import contact_quality, give_up, partners_cohort, recruit, sides_of, taking_part
from sim.week.patrols import patrol_together
from sim.week.results import visible_results
from sim.world.programmes import Cohort, Gathering, Rows, RunningProgramme, budget_swing
from sim.world.world import World

_STANDING = levers_priced("euro/year")
_CENTRAL = ("joint_centre", "evaluation")
"""What stands all year and costs the same however many institutions take part; the rest costs its share of the profession's institutions."""
MOST_PAUSED = 26
"""Weeks for which a cohort can pause in all (fixed)."""
_AFTERWARDS = ("debrief", "placements")
"""Levers paid by the head at the end of a cohort, by the rules that carry them out; the others are paid at its start."""
_BY_HEAD = levers_priced("euro/head")


def live(world: World) -> None:
    """Let all programmes live this week."""
    institutions = world.institutions
    if not world.programmes:
        return
    institutions.away[:] = 0.0
    institutions.mentoring[:] = 0.0
    institutions.kept[:] = 0.0
    world.crossings.visitors[:] = 0.0
    for programme in world.programmes:
        _live(world, programme)
    for programme in world.programmes:
        _mix(world, programme)
    for programme in world.programmes:
        _meet(world, programme)
    if world.live_projects:
        founders_meet(world)


def _live(world: World, programme: RunningProgramme) -> None:
    week = world.week
    if week < programme.spec.start_week:
        return
    programme.standing = {}
    for cohort in programme.finished:
        cohort.meeting = 0.0
    programme.finished = []
    programme.alumni.update(world)
    if programme.funded(week):
        weeks = _begins_year(world, programme)
        if weeks:
            _new_year(world, programme, weeks)
        _cut(world, programme)
        _pay_standing(world, programme)
        if _is_due(world, programme):
            _begin(world, programme)
        programme.owed += programme.cohorts_a_year() / 52.0
        _withdraw(world, programme)
        patrol_together(world, programme)
    for cohort in programme.cohorts:
        _rotate(world, programme, cohort)
    live_on(world, programme)


def _is_due(world: World, programme: RunningProgramme) -> bool:
    """Whether a cohort is to begin this week: by the programme's own rhythm, or with one of its partner's."""
    if programme.partner is not None:
        return partners_cohort(world, programme) is not None
    if programme.owed < 1.0 - 1e-9:
        return False
    programme.owed -= 1.0
    return True


def _standing_costs(world: World, programme: RunningProgramme) -> dict[str, float]:
    """Cost in a year of what stands all year, by lever."""
    if programme.yearly is None:
        costs, priced = world.parameters.costs, _STANDING[programme.spec.family]
        part = taking_part(world, programme).sum() / max((world.institutions.family == programme.family).sum(), 1)
        programme.yearly = {
            name: programme.level(name) * getattr(costs, cost) * (1.0 if name in _CENTRAL else float(part))
            for name, cost in priced.items()
            if programme.level(name) > 0.0
        }
    return programme.yearly


def _alumnus_cost(world: World, programme: RunningProgramme) -> float:
    """Cost of one alumnus in a year."""
    costs, levers = world.parameters.costs, programme.levers
    bridge = getattr(programme.own, "bridge_figures", 0.0)
    return float(
        levers.mentoring * costs.mentoring
        + levers.alumni_support * EVENTS_A_YEAR * EVENT_ATTENDANCE * costs.alumni_event
        + levers.refreshers * costs.refresher
        + bridge * costs.bridge_figure
    )


def cost_per_head(world: World, programme: RunningProgramme) -> float:
    """Cost of one participant from preparation to debrief, placement included."""
    costs = world.parameters.costs
    weeks, virtual = programme.length()
    time = virtual * costs.virtual_week + (weeks - virtual) * costs.in_person_week
    once = sum(programme.level(name) * getattr(costs, cost) for name, cost in _BY_HEAD[programme.spec.family].items())
    return float(time + once)


def _begins_year(world: World, programme: RunningProgramme) -> int:
    """Weeks of the programme's year that begins this week, 0 if none does.

    Years count from the programme's start; where programmes share one budget, from week 0, and the first may be shorter.
    """
    since = world.week - programme.spec.start_week
    if world.scenario.budget is None:
        return 0 if since % 52 else 52
    return 52 - world.week % 52 if since == 0 or world.week % 52 == 0 else 0


def _new_year(world: World, programme: RunningProgramme, weeks: int) -> None:
    """Receive the grant for some weeks and plan what their cohorts may cost."""
    p = world.parameters.programmes
    alumni = programme.alumni.posts
    evaluation, programme.evaluated = programme.evaluated / 52.0, 0.0
    if evaluation > 0.0:
        moved = 1.0 + p.funding_feedback * evaluation * visible_results(world, programme)
        programme.feedback = min(max(programme.feedback * moved, 0.5), 2.0)
    grant = _granted(world, programme, weeks) * world.politics.funding
    programme.cut = world.politics.funding
    _disappoint(world, programme, grant / max(programme.paid_weeks(world.week, weeks), 1))
    if grant > 0.0:
        programme.purse.grant(grant)
    if programme.purse.balance <= 0.0:
        programme.cohort_money = 0.0
        return
    share = weeks / 52.0
    reserved = share * (sum(_standing_costs(world, programme).values()) + alumni.size * _alumnus_cost(world, programme))
    kept = min(reserved, 0.8 * programme.purse.balance)
    programme.cohort_money = max(0.0, programme.purse.balance - kept) / max(programme.cohorts_a_year() * share, 1.0)


def _disappoint(world: World, programme: RunningProgramme, weekly: float) -> None:
    """Let leaders lose part of their buy-in where less comes than the year before."""
    before, programme.weekly_grant = programme.weekly_grant, weekly
    if weekly < before:
        rows = taking_part(world, programme)
        world.institutions.buy_in[rows] *= 1.0 - world.parameters.programmes.broken_promise * (1.0 - weekly / before)


def _granted(world: World, programme: RunningProgramme, weeks: int) -> float:
    """Grant what a programme asks for, or its share of the one budget for which all compete in this budget year."""
    asked, budget = programme.claim(world.week, weeks), world.scenario.budget
    if budget is None or asked <= 0.0:
        return asked
    end = world.week + weeks
    claims = sum(
        other.claim(max(end - 52, other.spec.start_week), end - max(end - 52, other.spec.start_week))
        for other in world.programmes
    )
    year = world.week // 52
    already = sum(other.granted_in[1] for other in world.programmes if other.granted_in[0] == year)
    swung = budget_swing(world.scenario, year)
    grant = max(0.0, min(swung * asked * min(1.0, budget.annual / max(claims, asked)), swung * budget.annual - already))
    programme.granted_in = (year, grant)
    return grant


def _cut(world: World, programme: RunningProgramme) -> None:
    """Give money back when a funding cut begins within the year."""
    funding = world.politics.funding
    if funding < programme.cut:
        programme.purse.take_back(1.0 - funding / programme.cut)
        programme.cohort_money *= funding / programme.cut
    programme.cut = funding


def _pay_standing(world: World, programme: RunningProgramme) -> None:
    for name, yearly in _standing_costs(world, programme).items():
        programme.standing[name] = programme.level(name) * programme.purse.pay(name, yearly / 52.0)
    programme.evaluated += programme.standing.get("evaluation", 0.0)
    if programme.standing.get("leadership_work"):
        rows = taking_part(world, programme)
        gain = weekly_chance(world.parameters.programmes.buy_in_gain) * programme.standing["leadership_work"]
        world.institutions.buy_in[rows] += gain * (1.0 - world.institutions.buy_in[rows])


def _begin(world: World, programme: RunningProgramme) -> None:
    """Begin a cohort, as large as the money for it allows."""
    levers, costs = programme.levers, world.parameters.costs
    head = cost_per_head(world, programme)
    programme.begun += 1
    simulation = getattr(programme.own, "simulations", 0.0) * costs.simulation
    money = min(programme.cohort_money, programme.purse.balance) - simulation
    wanted = levers.cohort_size
    if levers.summit >= 0.5:
        wanted = levers.cohort_size * levers.cohorts_per_year * levers.weeks
    per_side = int(min(wanted, money / head) // max(len(sides_of(world, programme)), 1))
    if per_side < 2:
        return
    cohort = recruit(world, programme, programme.begun - 1, per_side)
    if cohort is None:
        return
    n = cohort.members.size
    paid = {
        name: programme.level(name) * programme.purse.pay(cost, n * programme.level(name) * getattr(costs, cost))
        for name, cost in _BY_HEAD[programme.spec.family].items()
        if name not in _AFTERWARDS
    }
    skill = world.workers.skill
    skill[cohort.members] += world.parameters.programmes.preparation_skill * paid["preparation"] * (1.0 - skill[cohort.members])
    programme.outreach = paid.get("inclusion", 0.0)
    cohort.own = cohort.own._replace(**{name: share for name, share in paid.items() if name in cohort.own._fields})
    programme.cohorts.append(cohort)
    programme.enrolments += n
    world.count("enrolments", n)
    home = world.workers.community[cohort.members]
    np.add.at(world.communities.enrolled, home, 1.0)
    world.count("enrolments_vulnerable", float(world.most_vulnerable[home].sum()))


def _rotate(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Hold one week of a cohort."""
    levers, costs, workers = cohort.levers, world.parameters.costs, world.workers
    cohort.update(world)
    cohort.meeting, cohort.guests, cohort.apart = 0.0, 0.0, 1.0
    if not programme.funded(world.week):
        _finish(world, programme, cohort)
        return
    give_up(world, programme, cohort)
    rows = cohort.members[cohort.active]
    k = cohort.elapsed
    virtual = (k + 1) * cohort.virtual_weeks // cohort.weeks > k * cohort.virtual_weeks // cohort.weeks
    closed = levers.joint >= 0.5 and world.crossings.open[cohort.crossing] < 0.5
    lost = closed and not virtual and levers.virtual_fallback < 0.5
    if _pauses(world, programme, cohort, lost=lost):
        world.count("participants", float(rows.size))
        return
    cohort.elapsed += 1
    virtual = virtual or closed
    item = "virtual_week" if virtual else "in_person_week"
    if rows.size and not lost and programme.purse.pay_whole(item, rows.size * getattr(costs, item)):
        cohort.done += 1
        cohort.meeting = world.parameters.contact.virtual_intensity if virtual else 1.0
        if not virtual:
            np.add.at(world.institutions.away, workers.institution[rows], 1.0)
            cohort.host = _host(world, programme, cohort)
            hosts = world.communities.side[cohort.host]
            cohort.guests = float((workers.side[rows] != hosts).sum()) if levers.joint >= 0.5 else 0.0
            world.crossings.visitors[cohort.crossing, programme.family] += cohort.guests
    world.count("participants", float(rows.size))
    if cohort.elapsed >= cohort.weeks:
        _finish(world, programme, cohort)


def _host(world: World, programme: RunningProgramme, cohort: Cohort) -> int:
    """Return the community that hosts a cohort: both ends of its crossing in turn, or always the leading side, where it lies nearest.

    Where only some communities are enrolled, only they host, if there is one.
    """
    x, communities = world.crossings, world.communities
    crossing = np.array([x.a[cohort.crossing], x.b[cohort.crossing]], np.int64)
    ends = _enrolled(programme, crossing)
    if cohort.levers.hosting >= 0.5:
        return int(ends[cohort.done % ends.size])
    leading = _enrolled(programme, np.flatnonzero(communities.side == programme.lead_side))
    away = [np.hypot(communities.x[leading] - communities.x[end], communities.y[leading] - communities.y[end]) for end in ends]
    return int(leading[np.minimum(*away).argmin()])


def _enrolled(programme: RunningProgramme, rows: Rows) -> Rows:
    """Return those of some communities that are enrolled; all, if none is."""
    if programme.enrolled is None or not programme.enrolled[rows].any():
        return rows
    return rows[programme.enrolled[rows]]


def _pauses(world: World, programme: RunningProgramme, cohort: Cohort, *, lost: bool) -> bool:
    """Whether a cohort pauses this week, as a shock strikes and timelines are flexible: a share of such weeks, first those lost otherwise."""
    level = programme.standing.get("flexible_timelines", 0.0)
    if level <= 0.0 or world.politics.quiet or cohort.paused >= MOST_PAUSED:
        return False
    k = cohort.struck
    cohort.struck += 1
    pauses = lost or int((k + 1) * level + 1e-9) > int(k * level + 1e-9)
    cohort.paused += pauses
    return pauses


def _mix(world: World, programme: RunningProgramme) -> None:
    """Let cohorts that are held together this week meet in task groups across professions, for their share of the time."""
    for cohort in [*programme.cohorts, *programme.finished]:
        if cohort.mixed is None or not cohort.mixed.meets(cohort):
            continue
        other, share = cohort.mixed.other, programme.spec.mixing
        assert programme.partner is not None
        cohort.mixed.met = True
        cohort.apart = other.apart = 1.0 - share
        quality = 0.5 * (
            contact_quality(world, programme, cohort.levers, cohort.members[cohort.active])
            + contact_quality(world, programme.partner, other.levers, other.members[other.active])
        )
        cooperation = 0.5 * (cohort.levers.cooperation + other.levers.cooperation)
        amount = share * min(cohort.meeting, other.meeting)
        name = f"{programme.name}: mixed task group"
        posts = cohort.mixed.posts(cohort, cohort.mixed.active(cohort))
        world.gatherings.append(_gathering(world, name, posts, cohort.crossing, amount, quality, cooperation))


def _meet(world: World, programme: RunningProgramme) -> None:
    """Let the cohorts that are held this week meet in task groups of their own."""
    for cohort in [*programme.cohorts, *programme.finished]:
        amount = cohort.meeting * cohort.apart
        if amount > 0.0:
            pairs = cohort.pairs()
            posts = cohort.members[cohort.pair_a[pairs]], cohort.members[cohort.pair_b[pairs]], cohort.pair_keys[pairs]
            quality = contact_quality(world, programme, cohort.levers, cohort.members[cohort.active])
            name = f"{programme.name}: task group"
            world.gatherings.append(_gathering(world, name, posts, cohort.crossing, amount, quality, cohort.levers.cooperation))


def _gathering(
    world: World,
    purpose: str,
    pairs: tuple[Rows, Rows, NDArray[np.uint64]],
    crossing: int,
    amount: float,
    quality: float,
    cooperation: float,
) -> Gathering:
    a, b, keys = pairs
    tension = np.full(a.size, world.crossings.tension[crossing], np.float64)
    return Gathering(purpose, a, b, keys, np.full(a.size, amount), quality, cooperation, tension)


def _finish(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """End a cohort: those who stayed become alumni, and the family's work rule takes over."""
    rows = cohort.members[cohort.active]
    world.workers.cohort[rows] = 0
    programme.cohorts = [c for c in programme.cohorts if c is not cohort]
    world.count("weeks_planned", cohort.weeks)
    world.count("weeks_held", cohort.done)
    if cohort.done:
        world.workers.alumnus[rows] = programme.number
        programme.finished.append(cohort)
        programme.alumni.join(world, programme, cohort)


def _withdraw(world: World, programme: RunningProgramme) -> None:
    """Let institutions leave the co-operation where benefits are one-sided."""
    one_sided = 1.0 - programme.levers.benefits
    if one_sided <= 0.0 or programme.enrolments == 0:
        return
    p, institutions = world.parameters.programmes, world.institutions
    rows = np.flatnonzero(taking_part(world, programme) & (institutions.side != programme.lead_side))
    rows = rows[institutions.withdrawn_until[rows] <= world.week]
    u = world.draws.fill(f"{programme.name}: withdrawal", world.week, institutions.key[rows])[:, 0]
    gone = rows[u < weekly_chance(p.withdrawal * one_sided)]
    if gone.size:
        institutions.withdrawn_until[gone] = world.week + round(p.withdrawal_weeks)
        institutions.partnership[gone] *= 0.8
        for cohort in programme.cohorts:
            leaving = cohort.active & np.isin(world.workers.institution[cohort.members], gone)
            world.workers.cohort[cohort.members[leaving]] = 0
            cohort.active &= ~leaving
            world.count("dropouts", float(leaving.sum()))
