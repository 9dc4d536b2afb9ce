"""Programmes of exchange: money, cohorts, meetings in task groups, training, and what a cohort leaves behind."""

from __future__ import annotations

from math import ceil, hypot, log
from statistics import fmean
from typing import TYPE_CHECKING

from agents import ORDINARY_STRAIN
from contact import meet
from professions import Project

if TYPE_CHECKING:
    from agents import Community, Institution, Worker
    from crossings import Crossing
    from model import BorderModel

WEEKS_A_YEAR = 52
FULL_DEBRIEF_WEEKS = 12
FEWEST_OF_A_SIDE = 2  # with fewer a side takes no part; with one side alone there is no cohort
WARMTH_DEVIATION = 0.15  # by which volunteers' warmth is measured
# levers of standing work: what they win, and the parameter that says how much in a year of full work
ACCOUNTABILITY_WORK = {"oversight": "oversight_gain", "audits": "audit_gain", "justice_chain": "justice_gain"}
YEARLY_COSTS = {
    "vocational": ("standards", "recognition"),
    "policing": ("joint_patrols", "oversight", "audits", "justice_chain"),
}


class Cohort:
    """Participants who train together for some weeks."""

    def __init__(self, programme: Programme, crossing: Crossing, groups: list[list[Worker]]) -> None:
        self.programme = programme
        self.crossing = crossing
        self.groups = groups
        self.participants = [w for group in groups for w in group]
        self.sides = sorted({w.side for w in self.participants})
        self.week = 0  # weeks held
        for w in self.participants:
            w.cohort = self

    def drop(self, worker: Worker) -> None:
        """Somebody gives up, or leaves the post."""
        worker.cohort = None
        self.participants.remove(worker)
        for group in self.groups:
            if worker in group:
                group.remove(worker)

    @property
    def host(self) -> Community:
        """Both ends of the crossing host it in turn."""
        return self.crossing.a if self.week % 2 == 0 else self.crossing.b

    def across(self, side: int) -> list[int]:
        """Return the other sides that take part."""
        return [s for s in self.sides if s != side]

    def pairs(self) -> list[tuple[Worker, Worker]]:
        """All pairs of different sides within task groups."""
        return [(a, b) for group in self.groups for i, a in enumerate(group) for b in group[i + 1 :] if a.side != b.side]

    def by_institution(self) -> dict[Institution, list[Worker]]:
        """Participants by the institution that sent them."""
        sent: dict[Institution, list[Worker]] = {}
        for w in self.participants:
            sent.setdefault(w.institution, []).append(w)
        return sent


class Programme:
    """One programme of one profession, paid by yearly grants."""

    def __init__(self, model: BorderModel, name: str, spec) -> None:
        self.model = model
        self.name = name
        self.spec = spec
        self.family: str = spec.family
        self.levers = getattr(spec, self.family)  # those of this family only
        self.first = spec.start_week
        self.last = spec.start_week + round(spec.years * WEEKS_A_YEAR)
        self.weeks = round(spec.weeks)
        self.left = 0.0
        self.grant = 0.0
        self.cohorts: list[Cohort] = []
        per_year = round(spec.cohorts_per_year)
        self.begins = {ceil(k * WEEKS_A_YEAR / per_year) for k in range(per_year)}
        costs = model.p.costs
        self.standing_cost = sum(getattr(costs, lever) * getattr(self.levers, lever) for lever in YEARLY_COSTS[self.family])
        self.standing_cost += costs.leadership_work * spec.leadership_work + costs.joint_centre * spec.joint_centre
        self.standing_paid = 0.0  # share paid
        self.training_cost = 0.0  # one head and week
        self.end_cost = costs.debrief * spec.debrief  # one graduate
        self.event_cost = 0.0  # one cohort, on average
        if self.family == "vocational":
            self.placement_cost = costs.placement
            self.event_cost = costs.simulation * self.levers.simulations
        elif self.family == "policing":
            self.training_cost = (costs.exercise * self.levers.scenarios + costs.immersion * self.levers.immersion) / self.weeks
        self.training_cost += costs.in_person_week * (1 - spec.virtual_share) + costs.virtual_week * spec.virtual_share
        self.entry_cost = costs.preparation * spec.preparation + costs.outreach * spec.inclusion

    @property
    def active(self) -> bool:
        """Whether it is paid this week."""
        return self.first <= self.model.week < self.last

    def pay(self, amount: float) -> bool:
        """Spend some of the grant, if it is there."""
        if amount > self.left + 1e-6:
            return False
        self.left -= amount
        self.model.counts["spend"] += amount
        return True

    # step 2 of the week

    def live(self) -> None:
        """Grant, standing work, new cohorts, giving up and visits."""
        model = self.model
        if self.active:
            week = (model.week - self.first) % WEEKS_A_YEAR
            if week == 0:
                self.grant = self.left = self.spec.annual_budget
                model.counts["budget"] += self.grant
                self.standing_paid = min(1.0, self.grant / self.standing_cost) if self.standing_cost else 1.0
            self.pay(self.standing_paid * self.standing_cost / WEEKS_A_YEAR)
            if week in self.begins:
                self.begin_cohort()
        else:
            self.standing_paid = 0.0
        for cohort in self.cohorts:
            self.give_up(cohort)
            model.counts["participants"] += len(cohort.participants)
            for w in cohort.participants:
                w.institution.away += 1
            cohort.crossing.visitors[self.family] += sum(1 for w in cohort.participants if w.side != cohort.host.side)
        if self.family == "policing" and self.active:
            self.patrol()

    def begin_cohort(self) -> None:
        """Choose a crossing and participants, as many as can be paid, and deal them into task groups."""
        model = self.model
        spec = self.spec
        costs = model.p.costs
        head = self.entry_cost + self.weeks * self.training_cost + self.end_cost
        if self.family == "vocational":
            head += costs.placement * self.levers.placements
        money = (self.grant - self.standing_paid * self.standing_cost) / len(self.begins) - self.event_cost
        size = min(round(spec.cohort_size), int(money / head))
        if size < 2:
            return
        crossing = model.random.choices(model.crossings, [crossing.exposure for crossing in model.crossings])[0]
        chosen = [self.select(crossing, side, size // model.n_sides) for side in range(model.n_sides)]
        chosen = [workers for workers in chosen if len(workers) >= FEWEST_OF_A_SIDE]
        n = sum(map(len, chosen))
        if len(chosen) < 2 or not self.pay(n * self.entry_cost):
            return
        groups: list[list[Worker]] = [[] for _ in range(max(1, round(n / model.p.contact.group_size)))]
        for workers in chosen:
            for k, w in enumerate(workers):
                groups[k % len(groups)].append(w)
                w.skill += model.p.programmes.preparation_skill * spec.preparation * (1 - w.skill)
        self.cohorts.append(Cohort(self, crossing, groups))
        model.counts["enrolments"] += n

    def select(self, crossing: Crossing, side: int, places: int) -> list[Worker]:
        """Volunteers of the nearest communities of a side: the warmer, the likelier."""
        model = self.model
        random = model.random
        x, y = 0.5 * (crossing.a.x + crossing.b.x), 0.5 * (crossing.a.y + crossing.b.y)
        near = sorted((c for c in model.communities if c.side == side), key=lambda c: hypot(c.x - x, c.y - y))
        near = near[: round(self.spec.catchment)]
        favour = model.p.programmes.volunteer_warmth / WARMTH_DEVIATION
        priorities = []
        for community in near:
            climate = sum(community.warmth_rest.values()) / len(community.warmth_rest)
            for w in community.staff_of(self.family):
                if w.at_home and not w.alumnus:
                    warmth = sum(w.warmth.values()) / len(w.warmth)
                    gumbel = -log(-log(random.random()))
                    priorities.append((gumbel + favour * (warmth - climate), w.unique_id, w))
        priorities.sort(reverse=True)
        chosen = [w for _, _, w in priorities[:places]]
        random.shuffle(chosen)
        return chosen

    def give_up(self, cohort: Cohort) -> None:
        """Let some participants give up."""
        model = self.model
        p = model.p.programmes
        for w in list(cohort.participants):
            factor = 1 + p.dropout_one_sided * (1 - self.spec.benefits) + p.dropout_branding * model.rhetoric[w.side]
            factor += p.dropout_strain * (w.strain - ORDINARY_STRAIN)
            if model.random.random() < p.dropout * factor:
                cohort.drop(w)
                model.counts["dropouts"] += 1

    def patrol(self) -> None:
        """Officers of both sides go on patrol together at crossings."""
        model = self.model
        random = model.random
        chance = self.levers.joint_patrols * self.standing_paid * model.p.policing.patrol_meetings
        for crossing in model.crossings:
            if random.random() < chance * crossing.open:
                here, there = ([w for w in end.staff_of("policing") if w.at_home] for end in (crossing.a, crossing.b))
                if here and there:
                    model.patrols.append((crossing, random.choice(here), random.choice(there)))
                    crossing.visitors["policing"] += 2

    # step 3

    def meetings(self) -> None:
        """Every pair of different sides in a task group meets."""
        model = self.model
        spec = self.spec
        gain = model.p.work.standards_quality
        equal_status = (spec.hosting + spec.governance + spec.benefits) / 3
        for cohort in self.cohorts:
            if not cohort.participants:
                continue
            backing = sum(w.institution.buy_in for w in cohort.participants) / len(cohort.participants)
            held = [w.institution.standards[s] for w in cohort.participants for s in cohort.across(w.side)]
            standards = sum(held) / len(held) if held else 0.0
            quality = 0.1 + 0.2 * (equal_status + spec.joint_work + spec.cooperation + backing) + gain * standards
            tension = cohort.crossing.tension
            for a, b in cohort.pairs():
                meet(model, a, b, min(1.0, quality + 0.05 * (a.identity + b.identity)), tension, spec.cooperation)

    # step 4

    def learn(self) -> None:
        """Train all who are in a cohort for a week; cohorts that have had all their weeks end."""
        for cohort in self.cohorts:
            if self.pay(self.training_cost * len(cohort.participants)):
                self.train(cohort)
            cohort.week += 1
        ended = [cohort for cohort in self.cohorts if cohort.week >= self.weeks]
        self.cohorts = [cohort for cohort in self.cohorts if cohort.week < self.weeks]
        for cohort in ended:
            self.end(cohort)

    def train(self, cohort: Cohort) -> None:
        """Competence, restraint, identity, partnership and procedures."""
        model = self.model
        work, police, contact = model.p.work, model.p.policing, model.p.contact
        joint_work = self.spec.joint_work
        policing = self.levers if self.family == "policing" else None
        craft = 1.0
        if policing:
            taught = policing.restraint + policing.scenarios + policing.immersion + policing.identity
            scale = 1 / taught if taught > 1 else 1.0
            restraint, scenarios, identity = (scale * s for s in (policing.restraint, policing.scenarios, policing.identity))
            craft = max(0.0, 1 - taught)
        for w in cohort.participants:
            transfer = work.transfer
            competence = work.competence_gain * craft
            if policing:
                transfer *= 1 - police.buy_in_transfer * (1 - w.institution.buy_in)
                transfer += police.audit_transfer * policing.audits * (1 - transfer)
                competence += police.scenario_competence * scenarios
                w.conduct += police.conduct_gain * restraint * transfer * (1 - w.conduct)
                w.identity += police.identity_gain * identity * transfer * (1 - w.identity)
            w.competence += competence * transfer * (1 - w.competence)
            w.identity += contact.identity_gain * joint_work * (1 - w.identity)
        for institution, sent in cohort.by_institution().items():
            share = len(sent) / institution.staff
            for side in cohort.across(institution.side):
                institution.partnership[side] += work.partnership_gain * share * joint_work * (1 - institution.partnership[side])
                if policing:
                    gain = police.scenario_standards * scenarios * share
                    institution.standards[side] += gain * (1 - institution.standards[side])

    def end(self, cohort: Cohort) -> None:
        """Debriefs, and what graduates of the profession take home."""
        model = self.model
        random = model.random
        work = model.p.work
        graduates = list(cohort.participants)
        full = min(1.0, self.weeks / FULL_DEBRIEF_WEEKS)
        for institution, sent in cohort.by_institution().items():
            if not self.pay(self.end_cost * len(sent)):
                continue
            debriefed = self.spec.debrief * len(sent) / institution.staff * full
            institution.practice += work.practice_gain * debriefed * (1 - institution.practice)
            if self.family == "policing":
                institution.learning += (
                    model.p.policing.learning_gain * debriefed * (self.levers.blame_free - institution.learning)
                )
        if self.family == "vocational":
            self.vocational_end(cohort)
        for w in graduates:
            w.cohort = None
            w.alumnus = True
            if self.family == "vocational":
                if self.active and random.random() < self.levers.recognition * self.standing_paid:
                    w.credential = True
                if random.random() < self.levers.placements and self.pay(self.placement_cost):
                    ends = [end for end in (cohort.crossing.a, cohort.crossing.b) if end.side != w.side]
                    w.place(random.choice(ends))

    def vocational_end(self, cohort: Cohort) -> None:
        """Hold a crisis simulation, and let pairs who worked together found joint projects."""
        model = self.model
        random = model.random
        p = model.p.vocational
        if random.random() < self.levers.simulations and self.pay(model.p.costs.simulation):
            for institution in cohort.by_institution():
                for side in cohort.across(institution.side):
                    institution.standards[side] += p.standards_simulation * (1 - institution.standards[side])
        chance = p.project_founding * self.spec.joint_work * min(1.0, self.weeks / FULL_DEBRIEF_WEEKS)
        for a, b in cohort.pairs():
            if random.random() < chance:
                Project(a, b, model)

    # standing work of the policing programme, step 9

    def standing_work(self) -> None:
        """Accountability and shared procedures that are won week by week."""
        if self.family != "policing" or not self.active:
            return
        model = self.model
        police = model.p.policing
        won = [
            weekly_gain(getattr(police, gain)) * getattr(self.levers, lever) * self.standing_paid
            for lever, gain in ACCOUNTABILITY_WORK.items()
        ]
        patrols = weekly_gain(police.patrols_gain) * self.levers.joint_patrols * self.standing_paid
        for community in model.communities:
            reach = patrols * fmean(crossing.open for crossing in community.crossings)
            for service in community.of_family("policing"):
                for gain in won:
                    service.accountability += gain * (1 - service.accountability if gain > 0 else service.accountability)
                for side, standards in service.standards.items():
                    service.standards[side] += reach * (1 - standards)


def weekly_gain(yearly: float) -> float:
    """Return what is won in a week where so much is won in a year."""
    return 1 - (1 - yearly) ** (1 / WEEKS_A_YEAR)
