"""Work of the professions: learning, vocational work, policing, and what spreads beyond participants."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from agents import (
    ORDINARY_CAPABILITY,
    ORDINARY_CONDUCT,
    ORDINARY_IDENTITY,
    ORDINARY_LEARNING,
    ORDINARY_OPENNESS,
    ORDINARY_TENSION,
)
from crossings import OWNERS, poisson

if TYPE_CHECKING:
    from agents import Institution, Worker
    from model import BorderModel

RECENT_KEPT = 0.88  # cases (and, by assumption, failed projects) are remembered at this a week


class Project:
    """A lasting joint project of two institutions."""

    def __init__(self, founder_a: Worker, founder_b: Worker, model: BorderModel) -> None:
        self.founder_a = founder_a
        self.founder_b = founder_b
        self.a = founder_a.institution
        self.b = founder_b.institution
        self.crossing = model.crossing_between.get((self.a.community, self.b.community))
        for institution in (self.a, self.b):
            institution.projects += 1
            institution.community.projects += 1
        model.projects.append(self)
        model.counts["projects_founded"] += 1

    @property
    def founders_in_post(self) -> bool:
        """Whether both founders are still there."""
        return self.founder_a in self.a.workers and self.founder_b in self.b.workers

    def live(self, model: BorderModel) -> bool:
        """One week; whether it goes on."""
        p = model.p.vocational
        capability = 0.5 * (self.a.capability + self.b.capability)
        failing = model.rates.project_failure * max(0.0, 1 - (capability - ORDINARY_CAPABILITY))
        failed = model.random.random() < failing
        if failed and self.crossing is not None:
            self.crossing.failed += 1
        if not failed:
            tie = self.founder_a.ties.get(self.founder_b)
            hazard = model.rates.project_end
            if tie is not None and tie.strength_in(model.week) > 0:
                hazard *= 1 - p.project_tie
            hazard *= 1 - p.project_mentoring * model.lever("vocational", "mentoring")
            hazard *= 1 + p.project_politics * max(model.rhetoric[self.a.side], model.rhetoric[self.b.side])
            if model.random.random() >= hazard:
                return True
        for institution in (self.a, self.b):
            institution.projects -= 1
            institution.community.projects -= 1
        return False


def vocational(model: BorderModel) -> None:
    """Let openness, projects and placements change, and what they do to the rate of labour incidents."""
    p = model.p.vocational
    work = model.p.work
    for crossing in model.crossings:
        crossing.failed *= RECENT_KEPT
    model.projects = [project for project in model.projects if project.live(model)]
    openness = {}
    for community in model.communities:
        employers = community.of_family("vocational")
        for institution in employers:
            institution.open_up(institution.away)
        openness[community] = sum(i.openness for i in employers) / len(employers) if employers else 0.0
    for project in model.projects:
        for institution, other in ((project.a, project.b), (project.b, project.a)):
            partnership = institution.partnership[other.side]
            institution.partnership[other.side] += work.partnership_gain / institution.staff * (1 - partnership)
    place(model, openness)

    ends = {c: (p.livelihood_labour * (0.5 - c.livelihoods), min(1.0, 10 * c.hosted())) for c in model.communities}
    for crossing in model.crossings:
        crowd = model.p.incidents.exposure * (crossing.tension - ORDINARY_TENSION) / 0.7
        for kind, owner in OWNERS.items():
            if owner:
                crossing.trigger[kind] = crowd * (1 - exp(-crossing.visitors[owner] / 10))
        crossing.trigger["armed"] = model.p.incidents.rhetoric_armed * crossing.rhetoric(model)
        (lack_a, guests_a), (lack_b, guests_b) = ends[crossing.a], ends[crossing.b]
        crossing.trigger["labour"] += (
            0.5 * (lack_a + lack_b)
            + p.failure_labour * min(1.0, crossing.failed)
            + p.placement_rivalry * 0.5 * (guests_a + guests_b)
        )
        crossing.shared["labour"] = shared_standards(crossing.a.of_family("vocational"), crossing.b.of_family("vocational"))


def place(model: BorderModel, openness: dict) -> None:
    """Placements end, some for good across the border, and alumni find new ones."""
    p = model.p.vocational
    random = model.random
    for community in model.communities:
        for w in sorted(community.guests, key=lambda guest: guest.unique_id):
            if model.week >= w.placed_until:
                w.return_home()
            elif random.random() < model.rates.emigration:
                w.leave()
                model.counts["emigrated"] += 1
    for community in model.communities:
        across = [crossing.across(community) for crossing in community.crossings]
        if not across:
            continue
        total = sum(community.exposures)
        mean_openness = sum(e * openness[c] for e, c in zip(community.exposures, across, strict=True)) / total
        rate = model.rates.placement * max(0.0, 1 + p.placement_openness * (mean_openness - ORDINARY_OPENNESS))
        for w in community.workers:
            if w.alumnus and w.family == "vocational" and w.at_home:
                chance = rate * (1 + p.placement_recognition) if w.credential else rate
                if random.random() < chance:
                    w.place(random.choices(across, community.exposures)[0])


def shared_standards(here: list[Institution], there: list[Institution]) -> float:
    """Standards that institutions at two ends share with each other's sides, mean of the two."""
    if not here or not there:
        return 0.0
    a, b = here[0].side, there[0].side
    return 0.5 * (sum(i.standards[b] for i in here) / len(here) + sum(i.standards[a] for i in there) / len(there))


def policing(model: BorderModel) -> None:
    """Force, misconduct, what follows from it, and the picture that services share."""
    p = model.p.policing
    random = model.random
    counts = model.counts
    for community in model.communities:
        community.legitimacy_shift = community.legitimacy_lost = community.misconduct = 0.0
        services = community.of_family("policing")
        if not services:
            continue
        officers = sum(s.staff for s in services)
        harm = recent = 0.0
        for service in services:
            encounters = p.encounters * (service.staff - service.away)
            restraint = service.mean("conduct") - ORDINARY_CONDUCT
            answers = service.accountability - service.accountability_rest
            identity = service.mean("identity") - ORDINARY_IDENTITY
            heat = p.force_tension * (community.tension - ORDINARY_TENSION)
            counts["police_force"] += encounters * p.force_share * exp(heat - p.force_conduct * restraint)
            less = (
                p.misconduct_conduct * restraint
                + p.misconduct_accountability * answers
                + p.misconduct_identity * identity
                + p.identity_oversight * answers * identity
            )
            fresh = poisson(random, encounters * p.misconduct_share * exp(-less))
            repeated = poisson(random, service.habit / p.repeat_weeks)
            cases = fresh + repeated
            left = p.repeat * (1 - corrected(model, service.learning, service.accountability))
            service.habit += left * cases - service.habit / p.repeat_weeks
            report = p.report_share * (1 + p.report_accountability * answers)
            counts["misconduct"] += cases
            counts["repeat_misconduct"] += repeated
            counts["complaints"] += sum(random.random() < report for _ in range(cases))
            usual = encounters * p.misconduct_share * usual_repeats(model, service)
            service.misconduct = RECENT_KEPT * service.misconduct + cases - usual
            harm += cases - usual
            recent += service.misconduct
            weight = service.staff / officers
            community.legitimacy_shift += weight * (p.conduct_legitimacy * restraint + p.accountability_legitimacy * answers)
        community.legitimacy_lost = p.misconduct_legitimacy * harm / (community.population / 1000)
        community.misconduct = max(-1.0, min(1.0, recent / (officers / 10)))
    picture(model)


def corrected(model: BorderModel, learning: float, accountability: float) -> float:
    """Share of cases of misconduct that are corrected."""
    p = model.p.policing
    return p.correction + p.learning_correction * learning + p.punishment_correction * accountability * (1 - learning)


def usual_repeats(model: BorderModel, service: Institution) -> float:
    """Cases for each fresh one at ordinary learning and the service's own resting accountability."""
    return 1 / (1 - model.p.policing.repeat * (1 - corrected(model, ORDINARY_LEARNING, service.accountability_rest)))


def picture(model: BorderModel) -> None:
    """Triggers of security incidents, and how far two services act as one at each crossing."""
    p = model.p.policing
    seen: dict = {community: {side: [] for side in community.trust} for community in model.communities}
    for crossing in model.crossings:
        a, b = crossing.a, crossing.b
        crossing.trigger["security"] += p.legitimacy_security * (0.5 - 0.5 * (a.legitimacy + b.legitimacy))
        crossing.trigger["security"] += p.misconduct_security * 0.5 * (a.misconduct + b.misconduct)
        here, there = a.of_family("policing"), b.of_family("policing")
        if not here or not there:
            continue
        one = sum(s.picture(b.side) for s in here) / len(here)
        two = sum(s.picture(a.side) for s in there) / len(there)
        shared = p.picture_weaker * min(one, two) + (1 - p.picture_weaker) * 0.5 * (one + two)
        one = sum(s.standards[b.side] for s in here) / len(here)
        two = sum(s.standards[a.side] for s in there) / len(there)
        procedures = p.picture_weaker * min(one, two) + (1 - p.picture_weaker) * 0.5 * (one + two)
        crossing.shared["security"] = 0.5 * (one + two)
        crossing.misread = p.misread * (1 - p.picture * shared)
        crossing.containment = p.containment * procedures
        services = here + there
        crossing.warning = p.early_warning * sum(s.rapport for s in services) / len(services)
        seen[a][b.side].append(shared)
        seen[b][a.side].append(shared)
    for community, by_side in seen.items():
        for side, pictures in by_side.items():
            community.trust_shift[side] = p.posture_trust * sum(pictures) / len(pictures) if pictures else 0.0


def diffusion(model: BorderModel) -> None:
    """Colleagues learn from returnees; institutions take up practices."""
    for institution in model.institutions:
        institution.teach_colleagues()
        institution.adopt_practice()
