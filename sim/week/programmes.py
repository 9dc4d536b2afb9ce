"""Programmes: money, recruitment, preparation, rotations, joint work, debriefs, alumni life, defection.

Rule
----
*Money* comes at the start of each programme year. What stands all year (centre, standards, leaders, evaluation) and
what alumni of earlier years get is paid from it week by week; the rest is divided among the year's cohorts, whose
size is what that pays for. A programme never spends more than it has: what cannot be paid does not happen. Visible
results move the next year's grant; a funding cut takes money back; after the donor years the programme ends, or
institutions carry a share of it on.

*Each week* cohorts meet, in person or online (a closed border moves them online, or loses the week); alumni meet at
events and at the joint centre, where programmes pay for these; where benefits are one-sided, institutions leave the
co-operation for a time.

Reads all tables. Writes gatherings, workers' cohort and skill, institutions' away, buy-in and withdrawal, crossings'
visitors. Mechanisms: defection, funding_feedback. Claims V1, V4–V8, V13.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import name_key, pair_keys
from sim.families import FAMILIES
from sim.levers import CommonLevers
from sim.parameters import weekly_chance
from sim.scenario.schema import Programme, Scenario, changed_programme
from sim.week.cohorts import Alumni, Cohort, give_up, recruit, sides_of
from sim.week.contact import Gathering
from sim.week.money import Purse
from sim.world.world import World

STANDING = ("joint_centre", "leadership_work", "evaluation")
EVENTS_A_YEAR = 12.0
EVENT_ATTENDANCE = 0.5
CENTRE_ATTENDANCE = 0.08
PROJECT_MEETINGS = 0.25
WORKING_QUALITY = 0.6
"""Chance that a pair meets at an event, that an alumnus meets someone in a week at a full joint centre, and that the founders of a
project meet in a week; quality of contact at the last two (assumptions, fixed)."""


@dataclass(slots=True)
class RunningProgramme:
    """A programme as it runs in a world."""

    name: str
    number: int
    spec: Programme
    levers: CommonLevers
    own: Any
    family: int
    lead_side: int
    enrolled: NDArray[np.bool_] | None
    keys: NDArray[np.uint64]
    purse: Purse = field(default_factory=Purse)
    cohorts: list[Cohort] = field(default_factory=list)
    finished: list[Cohort] = field(default_factory=list)
    alumni: Alumni = field(default_factory=Alumni)
    standing: dict[str, float] = field(default_factory=dict)
    begun: int = 0
    owed: float = 1.0
    events_owed: float = 0.0
    enrolments: int = 0
    evaluated: float = 0.0
    ended: bool = False
    feedback: float = 1.0
    cohort_money: float = 0.0
    outreach: float = 0.0
    cut: float = 1.0
    mentored: float = 0.0

    def in_donor_years(self, week: int) -> bool:
        """Whether the donor pays in this week."""
        return not self.ended and self.spec.start_week <= week < self.spec.start_week + round(self.spec.years * 52)

    def funded(self, week: int) -> bool:
        """Whether anybody pays in this week."""
        if self.ended or week < self.spec.start_week:
            return False
        return self.in_donor_years(week) or self.spec.after == "institutionalised"

    def cohorts_a_year(self) -> int:
        """Cohorts begun in a year."""
        return 1 if self.levers.summit >= 0.5 else max(1, round(self.levers.cohorts_per_year))

    def length(self) -> tuple[int, int]:
        """Weeks of a cohort, and how many of them are held online."""
        weeks = 1 if self.levers.summit >= 0.5 else round(self.levers.weeks)
        return weeks, round(weeks * self.levers.virtual_share)

    def change(self, changes: dict[str, Any]) -> None:
        """Set some levers anew."""
        self.spec = changed_programme(self.spec, changes)
        self.levers, self.own = self.spec.levers(), self.spec.family_levers()


def running_programmes(scenario: Scenario) -> list[RunningProgramme]:
    """Make the programmes of a scenario ready to run, in the order of their names' keys."""
    region = scenario.region
    out: list[RunningProgramme] = []
    for name, spec in sorted(scenario.programmes.items()):
        enrolled = None
        if spec.communities is not None:
            enrolled = np.isin(region.community_names(), spec.communities)
        lead = region.sides.index(spec.lead_side) if spec.lead_side else 0
        family = next(i for i, f in enumerate(FAMILIES) if f.name == spec.family)
        keys = np.array([name_key("programme", name)], np.uint64)
        out.append(RunningProgramme(name, len(out) + 1, spec, spec.levers(), spec.family_levers(), family, lead, enrolled, keys))
    return out


def live(world: World) -> None:
    """Let all programmes live this week."""
    institutions = world.institutions
    if not world.programmes:
        return
    institutions.away[:] = 0.0
    institutions.mentoring[:] = 0.0
    world.crossings.visitors[:] = 0.0
    for programme in world.programmes:
        _live(world, programme)
    if world.live_projects:
        _founders_meet(world)


def _founders_meet(world: World) -> None:
    """Bring together the founders of joint projects who are both still in their posts."""
    projects, workers, crossings, n = world.projects, world.workers, world.crossings, world.live_projects
    a, b = projects.worker_a[:n].astype(np.int64), projects.worker_b[:n].astype(np.int64)
    here = (workers.person[a] == projects.person_a[:n]) & (workers.person[b] == projects.person_b[:n])
    if here.any():
        x = projects.crossing[:n][here]
        keys = projects.key[:n][here].copy()
        name = "founders of a joint project meet"
        amount, tension = _across(world, crossings.open[x]), crossings.tension[x].astype(np.float64)
        world.gatherings.append(Gathering(name, a[here], b[here], keys, amount, WORKING_QUALITY, 1.0, tension, PROJECT_MEETINGS))


def _across(world: World, door: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Intensity of meetings across a border that is open so far: what is closed moves online."""
    virtual = world.parameters.contact.virtual_intensity
    return np.asarray(door + (1.0 - door) * virtual, np.float64)


def _taking_part(world: World, programme: RunningProgramme) -> NDArray[np.bool_]:
    """Institutions that take part: of the programme's family and, if it names communities, in one of them."""
    own = world.institutions.family == programme.family
    return own if programme.enrolled is None else own & programme.enrolled[world.institutions.community]


def _live(world: World, programme: RunningProgramme) -> None:
    week = world.week
    if week < programme.spec.start_week:
        return
    since = week - programme.spec.start_week
    programme.standing = {}
    programme.finished = []
    programme.alumni.update(world)
    if programme.funded(week):
        if since % 52 == 0:
            _new_year(world, programme)
        _cut(world, programme)
        _pay_standing(world, programme)
        if programme.owed >= 1.0 - 1e-9:
            programme.owed -= 1.0
            _begin(world, programme)
        programme.owed += programme.cohorts_a_year() / 52.0
        _withdraw(world, programme)
    for cohort in programme.cohorts:
        _rotate(world, programme, cohort)
    _alumni_life(world, programme)


def _standing_costs(world: World, programme: RunningProgramme) -> dict[str, float]:
    """Cost in a year of what stands all year, by lever."""
    costs = world.parameters.costs
    levels = {name: getattr(programme.levers, name) for name in STANDING}
    levels.update({name: getattr(programme.own, name) for name in ("standards", "recognition") if hasattr(programme.own, name)})
    return {name: level * getattr(costs, name) for name, level in levels.items() if level > 0.0}


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
    costs, levers = world.parameters.costs, programme.levers
    weeks, virtual = programme.length()
    time = virtual * costs.virtual_week + (weeks - virtual) * costs.in_person_week
    once = levers.preparation * costs.preparation + levers.debrief * costs.debrief + levers.inclusion * costs.outreach
    placed = getattr(programme.own, "placements", 0.0) * costs.placement
    return float(time + once + placed)


def _new_year(world: World, programme: RunningProgramme) -> None:
    """Receive a year's grant and plan what its cohorts may cost."""
    levers, p = programme.levers, world.parameters.programmes
    end = programme.spec.start_week + round(programme.spec.years * 52)
    share = min(1.0, (end - world.week) / 52.0) if programme.in_donor_years(world.week) else programme.spec.institutional_share
    alumni = programme.alumni.posts
    evaluation, programme.evaluated = programme.evaluated / 52.0, 0.0
    if evaluation > 0.0 and alumni.size:
        placed = world.workers.placed_until[alumni] > world.week
        own_projects = (world.projects.programme[: world.live_projects] == programme.number).sum()
        results = min(1.0, (float(placed.sum()) + 2.0 * float(own_projects)) / alumni.size)
        programme.feedback = min(max(programme.feedback * (1.0 + p.funding_feedback * evaluation * results), 0.5), 2.0)
    grant = levers.annual_budget * share * programme.feedback * world.politics.funding
    programme.cut = world.politics.funding
    if grant <= 0.0:
        programme.cohort_money = 0.0
        return
    programme.purse.grant(grant)
    reserved = sum(_standing_costs(world, programme).values()) + alumni.size * _alumnus_cost(world, programme)
    kept = min(reserved, 0.8 * programme.purse.balance)
    programme.cohort_money = max(0.0, programme.purse.balance - kept) / programme.cohorts_a_year()


def _cut(world: World, programme: RunningProgramme) -> None:
    """Give money back when a funding cut begins within the year."""
    funding = world.politics.funding
    if funding < programme.cut:
        programme.purse.take_back(1.0 - funding / programme.cut)
        programme.cohort_money *= funding / programme.cut
    programme.cut = funding


def _pay_standing(world: World, programme: RunningProgramme) -> None:
    for name, yearly in _standing_costs(world, programme).items():
        level = getattr(programme.levers, name, None)
        level = getattr(programme.own, name) if level is None else level
        programme.standing[name] = level * programme.purse.pay(name, yearly / 52.0)
    programme.evaluated += programme.standing.get("evaluation", 0.0)
    if programme.standing.get("leadership_work"):
        rows = _taking_part(world, programme)
        gain = world.parameters.programmes.buy_in_gain / 52.0 * programme.standing["leadership_work"]
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
    programme.outreach = levers.inclusion
    cohort = recruit(world, programme, programme.begun - 1, per_side)
    if cohort is None:
        return
    n = cohort.members.size
    programme.purse.pay("outreach", n * levers.inclusion * costs.outreach)
    paid = programme.purse.pay("preparation", n * levers.preparation * costs.preparation)
    skill = world.workers.skill
    skill[cohort.members] += (
        world.parameters.programmes.preparation_skill * levers.preparation * paid * (1.0 - skill[cohort.members])
    )
    programme.cohorts.append(cohort)
    programme.enrolments += n
    world.count("enrolments", n)


def contact_quality(world: World, programme: RunningProgramme, rows: NDArray[np.int64]) -> float:
    """Rate the quality of contact among participants in the posts `rows`, by Allport's conditions and shared standards.

    Returns
    -------
    float
        0 to 1.
    """
    levers, workers, institutions = programme.levers, world.workers, world.institutions
    home = workers.institution[rows]
    equal = (levers.hosting + levers.governance + levers.benefits) / 3.0
    support = float(institutions.buy_in[home].mean(dtype=np.float64))
    identity = float(workers.identity[rows].mean(dtype=np.float64))
    standards = float(institutions.standards[home].mean(dtype=np.float64))
    quality = 0.2 * (equal + levers.joint_work + levers.cooperation + support) + 0.1 + 0.1 * identity
    return float(np.clip(quality + world.parameters.vocational.standards_quality * standards, 0.0, 1.0))


def _rotate(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """Hold one week of a cohort."""
    levers, costs, workers = programme.levers, world.parameters.costs, world.workers
    cohort.update(world)
    cohort.meeting, cohort.in_person = 0.0, False
    if not programme.funded(world.week):
        _finish(world, programme, cohort)
        return
    give_up(world, programme, cohort)
    rows = cohort.members[cohort.active]
    k = cohort.elapsed
    cohort.elapsed += 1
    virtual = (k + 1) * cohort.virtual_weeks // cohort.weeks > k * cohort.virtual_weeks // cohort.weeks
    closed = world.crossings.open[cohort.crossing] < 0.5
    lost = closed and not virtual and levers.virtual_fallback < 0.5
    virtual = virtual or closed
    item = "virtual_week" if virtual else "in_person_week"
    if rows.size and not lost and programme.purse.pay_whole(item, rows.size * getattr(costs, item)):
        cohort.done += 1
        cohort.meeting = world.parameters.contact.virtual_intensity if virtual else 1.0
        cohort.in_person = not virtual
        _meet(world, programme, cohort)
        if not virtual:
            np.add.at(world.institutions.away, workers.institution[rows], 1.0)
            hosts = (programme.lead_side + cohort.done) % world.sides if levers.hosting >= 0.5 else programme.lead_side
            world.crossings.visitors[cohort.crossing] += float((workers.side[rows] != hosts).sum())
    world.count("participants", float(rows.size))
    if cohort.elapsed >= cohort.weeks:
        _finish(world, programme, cohort)


def _meet(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    pairs = cohort.pairs()
    world.gatherings.append(
        Gathering(
            f"{programme.name}: task group",
            cohort.members[cohort.pair_a[pairs]],
            cohort.members[cohort.pair_b[pairs]],
            cohort.pair_keys[pairs],
            np.full(pairs.size, cohort.meeting),
            contact_quality(world, programme, cohort.members[cohort.active]),
            programme.levers.cooperation,
            np.full(pairs.size, world.crossings.tension[cohort.crossing], np.float64),
        )
    )


def _finish(world: World, programme: RunningProgramme, cohort: Cohort) -> None:
    """End a cohort: those who stayed become alumni, and the family's work rule takes over."""
    rows = cohort.members[cohort.active]
    world.workers.cohort[rows] = 0
    programme.cohorts = [c for c in programme.cohorts if c is not cohort]
    if cohort.done:
        world.workers.alumnus[rows] = programme.number
        programme.finished.append(cohort)
        programme.alumni.join(world, programme, cohort)


def _alumni_life(world: World, programme: RunningProgramme) -> None:
    """Hold alumni events, open the joint centre, support bridge figures, mentor and refresh."""
    alumni, workers = programme.alumni.posts, world.workers
    workers.bridge[alumni] = 0
    programme.mentored = 0.0
    if alumni.size == 0 or not programme.funded(world.week):
        return
    levers, costs = programme.levers, world.parameters.costs
    programme.mentored = levers.mentoring * programme.purse.pay(
        "mentoring", alumni.size * levers.mentoring * costs.mentoring / 52.0
    )
    if programme.mentored:
        homes = workers.institution[alumni]
        world.institutions.mentoring[homes] = np.maximum(world.institutions.mentoring[homes], programme.mentored)
    _events(world, programme, alumni)
    _refresh(world, programme, alumni)
    _centre(world, programme, alumni)
    share = getattr(programme.own, "bridge_figures", 0.0)
    if share > 0.0:
        chosen = alumni[programme.alumni.priority < share]
        if programme.purse.pay_whole("bridge_figures", chosen.size * costs.bridge_figure / 52.0):
            workers.bridge[chosen] = 1


def _events(world: World, programme: RunningProgramme, alumni: NDArray[np.int64]) -> None:
    levers = programme.levers
    programme.events_owed += levers.alumni_support * EVENTS_A_YEAR / 52.0
    if programme.events_owed < 1.0 - 1e-9:
        return
    programme.events_owed -= 1.0
    cost = alumni.size * EVENT_ATTENDANCE * world.parameters.costs.alumni_event
    if not programme.purse.pay_whole("alumni_events", cost):
        return
    roster = programme.alumni
    if len(roster.pairs):
        x = roster.pair_crossing
        amount, tension = _across(world, world.crossings.open[x]), world.crossings.tension[x].astype(np.float64)
        a, b = roster.pairs[:, 0].copy(), roster.pairs[:, 1].copy()
        name, quality = f"{programme.name}: alumni event", contact_quality(world, programme, alumni)
        world.gatherings.append(Gathering(name, a, b, roster.pair_keys, amount, quality, 1.0, tension, EVENT_ATTENDANCE))


def _refresh(world: World, programme: RunningProgramme, alumni: NDArray[np.int64]) -> None:
    """Refresh what alumni learnt: the share of the year's refreshers that falls on this week."""
    level, costs, workers = programme.levers.refreshers, world.parameters.costs, world.workers
    if level <= 0.0:
        return
    u = world.draws.fill(f"{programme.name}: refresher", world.week, workers.person[alumni])[:, 0]
    chosen = alumni[u < level / 52.0]
    if chosen.size and programme.purse.pay_whole("refreshers", chosen.size * costs.refresher):
        gain = 3.0 * world.parameters.vocational.competence_gain * world.parameters.vocational.transfer
        workers.competence[chosen] += gain * (1.0 - workers.competence[chosen])
        workers.skill[chosen] += 3.0 * world.parameters.contact.skill_gain * (1.0 - workers.skill[chosen])


def _centre(world: World, programme: RunningProgramme, alumni: NDArray[np.int64]) -> None:
    """Let alumni of different cohorts meet at the joint centre, two by two."""
    level = programme.standing.get("joint_centre", 0.0)
    if level <= 0.0:
        return
    workers = world.workers
    u = world.draws.fill(f"{programme.name}: joint centre", world.week, workers.person[alumni])
    there = np.flatnonzero(u[:, 0] < CENTRE_ATTENDANCE * level)
    order = there[np.lexsort((workers.person[alumni[there]], u[there, 1]))]
    visitors = alumni[order]
    a, b = visitors[:-1:2], visitors[1::2]
    across = workers.side[a] != workers.side[b]
    a, b = a[across], b[across]
    if a.size:
        keys = pair_keys(workers.person[a], workers.person[b])
        amount = _across(world, world.politics.open[workers.side[a], workers.side[b]])
        tension = np.full(a.size, world.crossings.tension.mean(dtype=np.float64))
        name = f"{programme.name}: at the joint centre"
        world.gatherings.append(Gathering(name, a, b, keys, amount, WORKING_QUALITY, 1.0, tension))


def _withdraw(world: World, programme: RunningProgramme) -> None:
    """Let institutions leave the co-operation where benefits are one-sided."""
    one_sided = 1.0 - programme.levers.benefits
    if one_sided <= 0.0 or programme.enrolments == 0:
        return
    p, institutions = world.parameters.programmes, world.institutions
    rows = np.flatnonzero(_taking_part(world, programme) & (institutions.side != programme.lead_side))
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
