"""Ties and meetings between workers of different sides."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from agents import CLOSE_TIE, NEVER, ORDINARY_SKILL, ORDINARY_TENSION

if TYPE_CHECKING:
    from agents import Community, Worker
    from model import BorderModel

FOUNDERS_MEET = 0.25  # weekly chance
FOUNDERS_QUALITY = 0.6
PATROL_QUALITY = 0.6


class Tie:
    """Reliance of two workers on each other; decays from its last use, at a rate fixed then."""

    __slots__ = ("a", "b", "ended", "ends", "holds", "last", "rate", "strength")

    def __init__(self, a: Worker, b: Worker) -> None:
        self.a = a
        self.b = b
        self.strength = 0.0
        self.last = 0
        self.rate = 0.0
        self.ends = 0.0
        self.holds = NEVER
        self.ended = False

    def strength_in(self, week: int) -> float:
        """Strength in a week, 0 once it has ended."""
        if week >= self.ends:
            return 0.0
        return self.strength * exp(-self.rate * (week - self.last)) if week > self.last else self.strength

    def use(self, strength: float, week: int, model: BorderModel) -> None:
        """Set the strength after a meeting."""
        p = model.p.contact
        self.strength = strength
        self.last = week
        self.rate = rate = p.tie_decay * (1 - strength) ** p.tie_closeness
        if strength <= p.tie_floor:
            self.ends = week
        else:
            self.ends = week + log(strength / p.tie_floor) / rate if rate > 0 else float("inf")
        before = self.holds
        if strength >= CLOSE_TIE:
            self.holds = week + log(strength / CLOSE_TIE) / rate if rate > 0 else float("inf")
        else:
            self.holds = NEVER
        if self.holds != before:
            self.a.refresh_hold(self.b.side)
            self.b.refresh_hold(self.a.side)

    def end(self) -> None:
        """Take it off both persons' lists."""
        if not self.ended:
            self.ended = True
            del self.a.ties[self.b], self.b.ties[self.a]
            if self.holds > NEVER:
                self.a.refresh_hold(self.b.side)
                self.b.refresh_hold(self.a.side)


def begin_tie(a: Worker, b: Worker, strength: float, week: int, model: BorderModel) -> None:
    """Begin a tie, unless it is too weak, or weaker than all ties of a person who can keep no more."""
    if strength <= model.p.contact.tie_floor:
        return
    for person in (a, b):
        if len(person.ties) >= model.ties_per_worker:
            weakest = min(person.ties.values(), key=lambda tie: tie.strength_in(week))
            if weakest.strength_in(week) >= strength:
                return
            weakest.end()
    tie = Tie(a, b)
    a.ties[b] = b.ties[a] = tie
    tie.use(strength, week, model)
    model.ties.append(tie)


def meet(model: BorderModel, a: Worker, b: Worker, quality: float, tension: float, cooperation: float = 1.0) -> None:
    """Two workers of different sides meet, well or badly."""
    p = model.p.contact
    week = model.week
    tie = a.ties.get(b)
    strength = tie.strength_in(week) if tie is not None else 0.0
    chance = (
        p.bad_share
        * (1 + p.tension_bad * (tension - ORDINARY_TENSION))
        * (1 - p.skill_bad * (0.5 * (a.skill + b.skill) - ORDINARY_SKILL))
        * (1 - p.quality_bad * (quality - p.everyday_quality))
        * (1 + p.competition_bad * (1 - cooperation))
    )
    chance = min(0.9, max(0.02, chance))
    model.counts["meetings"] += 1
    if model.random.random() < chance:
        model.counts["bad_meetings"] += 1
        step = p.warmth_gain * p.bad_weight * max(quality, p.everyday_quality) * (1 - strength)
        for me, other in ((a, b.side), (b, a.side)):
            me.warmth[other] *= 1 - step
            me.trust[other] *= 1 - p.generalisation * step
            me.strain += p.strain_bad * (1 - me.strain)
        if strength:
            tie.use(strength * (1 - p.tie_loss), week, model)
            if tie.ends <= week:
                tie.end()
        return
    step = p.warmth_gain * quality * (1 - strength)
    for me, other in ((a, b.side), (b, a.side)):
        me.warmth[other] += step * (1 - me.warmth[other])
        me.trust[other] += p.generalisation * step * (1 - me.trust[other])
        me.skill += p.skill_gain * (1 - me.skill)
    stronger = strength + p.tie_gain * quality * (1 - strength)
    if strength:
        tie.use(stronger, week, model)
    else:
        if tie is not None:
            tie.end()
        begin_tie(a, b, stronger, week, model)


def everyday_meetings(model: BorderModel) -> None:
    """Unorganised meetings with colleagues across: at crossings, or where one has been placed."""
    p = model.p.contact
    random = model.random
    for community in model.communities:
        rates = [p.everyday_meetings * crossing.exposure * crossing.open for crossing in community.crossings]
        chance = 1 - exp(-sum(rates))
        for worker in community.workers:
            if worker.placed_in is not None:
                if random.random() < model.p.vocational.placement_meetings:
                    meet_colleague(model, worker, worker.placed_in, ORDINARY_TENSION)
            elif random.random() < chance:
                crossing = random.choices(community.crossings, rates)[0]
                meet_colleague(model, worker, crossing.across(community), crossing.tension)


def meet_colleague(model: BorderModel, worker: Worker, there: Community, tension: float) -> None:
    """Meet somebody of one's own profession in a community, if there is one."""
    colleagues = there.staff_of(worker.family)
    if colleagues:
        meet(model, worker, model.random.choice(colleagues), model.p.contact.everyday_quality, tension)


def use_ties(model: BorderModel) -> None:
    """Both persons of each tie may call on the other; ties that have ended are cleared."""
    p = model.p.contact
    week = model.week
    random = model.random.random
    alive = []
    used: list[tuple[Tie, int]] = []
    for tie in model.ties:
        if tie.ended:
            continue
        if week >= tie.ends:
            tie.end()
            continue
        alive.append(tie)
        draw = random()
        if draw < 2 * p.tie_use * tie.strength:  # strength since can only have fallen
            chance = p.tie_use * tie.strength_in(week)
            if draw < chance * (2 - chance):
                used.append((tie, 2 if draw < chance * chance else 1))
    model.ties = alive
    for tie, times in used:
        for _ in range(times):
            meet(model, tie.a, tie.b, p.everyday_quality, ORDINARY_TENSION)


def arranged_meetings(model: BorderModel) -> None:
    """Meetings of founders of projects, and on joint patrols."""
    for project in model.projects:
        if model.random.random() < FOUNDERS_MEET and project.founders_in_post:
            tension = project.crossing.tension if project.crossing is not None else ORDINARY_TENSION
            meet(model, project.founder_a, project.founder_b, FOUNDERS_QUALITY, tension)
    for crossing, officer, other in model.patrols:
        meet(model, officer, other, PATROL_QUALITY, crossing.tension)


def contact(model: BorderModel) -> None:
    """All meetings of the week."""
    everyday_meetings(model)
    use_ties(model)
    arranged_meetings(model)
    for programme in model.programmes:
        programme.meetings()
