"""Agents of the border region: communities, institutions and workers."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from contact import Tie
    from crossings import Crossing
    from model import BorderModel
    from programmes import Cohort

FAMILIES = ("vocational", "social_work", "public_service", "policing", "organizing")
KINDS_OF_INSTITUTION = (
    "enterprise",
    "training_centre",
    "health_centre",
    "welfare_office",
    "municipality",
    "police_service",
    "movement",
)

# "Ordinary" levels and newcomers (ODD 7.8)
ORDINARY_COMPETENCE = 0.45
ORDINARY_SKILL = 0.3
ORDINARY_CONDUCT = 0.5
ORDINARY_STRAIN = 0.3
ORDINARY_IDENTITY = 0.4
ORDINARY_LEARNING = 0.25
ORDINARY_TENSION = 0.3
ORDINARY_TRUST = 0.5
ORDINARY_OPENNESS = 0.4
ORDINARY_CAPABILITY = 0.45
COMPETENCE_SPREAD = 0.1
SKILL_SPREAD = 0.08
CONDUCT_SPREAD = 0.12
TRAIT_CORRELATION = 0.5
LOWEST_CLIMATE, HIGHEST_CLIMATE = 0.03, 0.97
LEADER_SPREAD = 0.25
CLOSE_TIE = 0.3
NEVER = float("-inf")  # weeks of the burn-in are negative


def unit(value: float) -> float:
    """Keep a state between 0 and 1."""
    return max(0.0, min(1.0, value))


def climate(value: float) -> float:
    """Keep a home climate with a trait within its bounds."""
    return max(LOWEST_CLIMATE, min(HIGHEST_CLIMATE, value))


class Community(mesa.Agent):
    """Residents of one place, their states and their resting levels."""

    def __init__(self, model: BorderModel, index: int, side: int, x: float, y: float, population: float, rests: dict) -> None:
        super().__init__(model)
        self.index = index
        self.side = side
        self.x = x
        self.y = y
        self.population = population
        self.households = population / model.PERSONS_PER_HOUSEHOLD
        self.trust_rest: dict[int, float] = rests["trust"]
        self.warmth_rest: dict[int, float] = rests["warmth"]
        self.trust = dict(self.trust_rest)
        self.grievance = self.grievance_rest = rests["grievance"]
        self.legitimacy = self.legitimacy_rest = rests["legitimacy"]
        self.livelihoods = self.livelihoods_rest = rests["livelihoods"]
        self.services = self.services_rest = rests["services"]
        self.vulnerability: float = rests["vulnerability"]
        self.memory = 0.0
        self.institutions: list[Institution] = []
        self.by_family: dict[str, list[Institution]] = {}
        self.crossings: list[Crossing] = []
        self.exposures: list[float] = []
        self.workers: list[Worker] = []
        self.staff: dict[str, list[Worker]] = {}  # of each profession
        self.guests: set[Worker] = set()  # workers placed here from across
        # written by the rules of the week
        self.tension = 0.0
        self.worker_gain = dict.fromkeys(self.trust, 0.0)
        self.trust_shift = dict.fromkeys(self.trust, 0.0)
        self.legitimacy_shift = 0.0
        self.legitimacy_lost = 0.0
        self.misconduct = 0.0  # recent cases above the ordinary, per ten officers
        self.projects = 0

    def of_family(self, family: str) -> list[Institution]:
        """Institutions of a profession in this community."""
        return self.by_family.get(family, [])

    def staff_of(self, family: str) -> list[Worker]:
        """Workers of a profession in this community."""
        return self.staff.get(family, [])

    def hosted(self) -> float:
        """Workers placed here from across, as a share of the employers' staff."""
        return len(self.guests) / len(self.staff_of("vocational")) if self.guests else 0.0

    def live(self) -> None:
        """One week: states return to resting levels that other states move; violence and rhetoric push at once.

        All is worked out from the states of the week before.
        """
        model: BorderModel = self.model
        p = model.p.communities
        rates = model.rates
        violence = sum(crossing.violence for crossing in self.crossings)
        rhetoric = model.rhetoric[self.side]
        livelihoods_won = self.livelihoods - self.livelihoods_rest
        services_won = self.services - self.services_rest
        legitimacy_won = self.legitimacy - self.legitimacy_rest

        known = p.acquaintances / self.population
        acquainted = min(1.0, known * len(self.workers))
        lost = p.violence_trust * violence + rhetoric * (model.p.politics.rhetoric_trust + self.branded(rhetoric, known))
        for side, trust in self.trust.items():
            rest = self.trust_rest[side] - p.memory_trust * self.memory + self.trust_shift[side]
            rest += p.extended_contact * acquainted * self.worker_gain[side]
            self.trust[side] = unit(trust + rates.trust * (rest - trust) - lost * trust)

        rest = self.grievance_rest - p.livelihoods_grievance * livelihoods_won - p.legitimacy_grievance * legitimacy_won
        added = p.violence_grievance * violence
        self.grievance = unit(self.grievance + rates.grievance * (rest - self.grievance) + added * (1 - self.grievance))

        rest = self.legitimacy_rest + p.services_legitimacy * services_won + self.legitimacy_shift
        lost = p.violence_legitimacy * violence + self.legitimacy_lost
        self.legitimacy = unit(self.legitimacy + rates.legitimacy * (rest - self.legitimacy) - lost * self.legitimacy)

        rest = self.livelihoods_rest + p.projects_livelihoods * self.reached()
        lost = p.violence_livelihoods * violence
        self.livelihoods = unit(self.livelihoods + rates.livelihoods * (rest - self.livelihoods) - lost * self.livelihoods)

        won = sum(i.capability - i.capability_rest for i in self.institutions) / len(self.institutions)
        rest = self.services_rest + p.capability_services * won
        lost = p.violence_services * violence
        self.services = unit(self.services + rates.services * (rest - self.services) - lost * self.services)

        added = p.violence_memory * violence
        self.memory = unit(self.memory - rates.memory * self.memory + added * (1 - self.memory))

    def branded(self, rhetoric: float, known: float) -> float:
        """Trust that residents lose because participants whom they know are branded disloyal."""
        if not rhetoric:
            return 0.0
        participants = sum(1 for w in self.workers if w.cohort or w.alumnus)
        return self.model.p.programmes.branding * min(1.0, known * participants)

    def reached(self) -> float:
        """Share of households with work across the border."""
        p = self.model.p.vocational
        placed = sum(1 for w in self.staff_of("vocational") if w.placed_in is not None)
        return min(1.0, (self.projects * p.project_households + placed * p.placement_households) / self.households)


class Institution(mesa.Agent):
    """An employer or a service, with its staff."""

    def __init__(self, model: BorderModel, community: Community, kind: str, family: str, staff: int, rests: dict) -> None:
        super().__init__(model)
        self.community = community
        self.side = community.side
        self.kind = kind
        self.family = family
        self.staff = staff
        self.capability = self.capability_rest = rests["capability"]
        self.openness = self.openness_rest = rests["openness"]
        self.buy_in = self.buy_in_rest = rests["buy_in"]
        self.buy_in_mean: float = rests["buy_in_mean"]
        self.accountability = self.accountability_rest = rests["accountability"]
        self.rapport = self.rapport_rest = rests["rapport"]
        self.partnership_rest: dict[int, float] = rests["partnership"]
        self.partnership = dict(self.partnership_rest)
        self.standards = dict.fromkeys(self.partnership, 0.0)
        self.sharing = dict.fromkeys(self.partnership, 0.0)
        self.practice = 0.0
        self.learning = ORDINARY_LEARNING
        self.misconduct = 0.0  # recent cases above the ordinary
        self.habit = 0.0  # repetitions to come
        self.projects = 0
        self.away = 0  # staff with a cohort this week
        self.workers: list[Worker] = []
        self.peers: list[Institution] = []
        community.institutions.append(self)
        community.by_family.setdefault(family, []).append(self)

    @property
    def returnees(self) -> int:
        """Alumni among the staff."""
        return sum(1 for w in self.workers if w.alumnus)

    def mean(self, state: str) -> float:
        """Mean of a state of the staff."""
        return sum(getattr(w, state) for w in self.workers) / self.staff

    def picture(self, side: int) -> float:
        """Return what it brings to a picture shared with the services of a side."""
        return 0.5 * self.standards[side] + 0.5 * self.sharing[side]

    def open_up(self, people: int) -> None:
        """Grow opener as so many of the staff meet colleagues across."""
        self.openness += self.model.p.vocational.openness_gain * people / self.staff * (1 - self.openness)

    def adopt_practice(self) -> None:
        """Take up a practice, by itself or from peers that have more."""
        p = self.model.p.work
        chance = self.model.rates.own_initiative
        weight = distance = 0.0
        for peer in self.peers:
            w = 1.0 if peer.side == self.side else self.partnership[peer.side]
            weight += w
            if peer.practice > self.practice:
                distance += w * (peer.practice - self.practice)
        if distance and p.practice_taken and self.practice < 1:
            chance += p.practice_diffusion * distance / weight / (p.practice_taken * (1 - self.practice))
        if self.random.random() < chance:
            self.practice += p.practice_taken * (1 - self.practice)

    def teach_colleagues(self) -> None:
        """Returnees' gains in competence pass to colleagues."""
        returnees = [w for w in self.workers if w.alumnus]
        if not returnees or len(returnees) == self.staff:
            return
        gained = sum(w.competence - w.competence_base for w in returnees) / len(returnees)
        rate = self.model.p.work.colleague_learning * 2 * len(returnees) / self.staff
        for w in self.workers:
            if not w.alumnus:
                lacking = gained - (w.competence - w.competence_base)
                if lacking > 0:
                    w.competence += rate * lacking * (1 - w.competence)

    def change(self) -> None:
        """One week: fading, lapse, capability, and perhaps another leader."""
        model: BorderModel = self.model
        p = model.p
        rates = model.rates
        rhetoric = model.rhetoric[self.side]
        if self.random.random() < rates.leader_rotation:
            self.buy_in = self.buy_in_rest = unit(self.buy_in_mean + self.random.uniform(-LEADER_SPREAD, LEADER_SPREAD))
        self.buy_in += rates.buy_in * (self.buy_in_rest - self.buy_in)

        rest = (
            self.capability_rest
            + p.work.practice_capability * self.practice
            + p.work.competence_capability * (self.mean("competence") - ORDINARY_COMPETENCE)
            - p.work.backlog_capability * self.away / self.staff
        )
        self.capability = unit(self.capability + rates.capability * (rest - self.capability))
        self.practice -= rates.practice * self.practice

        lapse = rates.norms * (1 - p.work.buy_in_keeps * self.buy_in)
        self.accountability -= lapse * (self.accountability - self.accountability_rest)
        self.rapport -= lapse * (self.rapport - self.rapport_rest)
        self.learning -= lapse * (self.learning - ORDINARY_LEARNING)
        if self.family == "vocational":
            self.openness -= rates.openness * (self.openness - self.openness_rest)
        lost = p.work.partnership_rhetoric * rhetoric
        for side, partnership in self.partnership.items():
            self.partnership[side] = (
                partnership + rates.partnership * (self.partnership_rest[side] - partnership) - lost * partnership
            )
            self.standards[side] -= rates.standards * self.standards[side]
            self.sharing[side] -= lapse * self.sharing[side]


class Worker(mesa.Agent):
    """Somebody in a post; who leaves is replaced by another agent."""

    def __init__(self, model: BorderModel, institution: Institution, hired: int) -> None:
        super().__init__(model)
        gauss = self.random.gauss
        self.institution = institution
        self.community = institution.community
        self.side = institution.side
        self.family = institution.family
        self.hired = hired
        warm = gauss(0, 1)
        trusting = TRAIT_CORRELATION * warm + sqrt(1 - TRAIT_CORRELATION**2) * gauss(0, 1)
        self.warmth_trait = warm * model.p.people.warmth_spread
        self.trust_trait = trusting * model.p.people.trust_spread
        self.warmth: dict[int, float] = {}
        self.trust: dict[int, float] = {}
        norms = model.p.people.norms
        for side, rest in self.community.trust_rest.items():
            shift = norms * (self.community.trust[side] - rest)
            self.warmth[side] = climate(self.community.warmth_rest[side] + self.warmth_trait + shift)
            self.trust[side] = climate(rest + self.trust_trait + shift)
        self.competence = self.competence_base = self.newcomers(ORDINARY_COMPETENCE, COMPETENCE_SPREAD)
        self.skill = self.skill_base = self.newcomers(ORDINARY_SKILL, SKILL_SPREAD)
        self.conduct = self.conduct_base = self.newcomers(ORDINARY_CONDUCT, CONDUCT_SPREAD)
        self.identity = ORDINARY_IDENTITY
        self.strain = ORDINARY_STRAIN
        self.credential = False
        self.alumnus = False
        self.cohort: Cohort | None = None
        self.placed_in: Community | None = None
        self.placed_until = 0
        self.ties: dict[Worker, Tie] = {}
        self.held_until: dict[int, float] = dict.fromkeys(self.trust, NEVER)
        institution.workers.append(self)
        self.community.workers.append(self)
        self.community.staff.setdefault(self.family, []).append(self)

    def newcomers(self, mean: float, spread: float) -> float:
        """Draw what a newcomer can do."""
        return max(0.05, min(0.95, self.random.gauss(mean, spread)))

    @property
    def at_home(self) -> bool:
        """Neither with a cohort nor placed across."""
        return self.cohort is None and self.placed_in is None

    def place(self, host: Community) -> None:
        """Begin to work across the border."""
        self.placed_in = host
        mean = self.model.p.vocational.placement_weeks
        self.placed_until = self.model.week + max(1, round(self.random.expovariate(1 / mean)))
        host.guests.add(self)
        self.institution.open_up(1)
        self.model.counts["placements"] += 1

    def return_home(self) -> None:
        """End a placement."""
        if self.placed_in is not None:
            self.placed_in.guests.discard(self)
            self.placed_in = None

    def refresh_hold(self, side: int) -> None:
        """Find out until when close ties to a side hold attitudes."""
        self.held_until[side] = max((tie.holds for other, tie in self.ties.items() if other.side == side), default=NEVER)

    def leave(self) -> Worker:
        """Leave the post; ties and part of the practice go too. Return the successor."""
        model: BorderModel = self.model
        institution = self.institution
        self.return_home()
        if self.cohort is not None:
            self.cohort.drop(self)
        for tie in list(self.ties.values()):
            tie.end()
        institution.practice *= 1 - model.p.people.practice_loss / institution.staff
        institution.workers.remove(self)
        self.community.workers.remove(self)
        self.community.staff[self.family].remove(self)
        self.remove()
        model.counts["leavers"] += 1
        return Worker(model, institution, model.week)


def people_change(model: BorderModel) -> None:
    """Fading of attitudes and skills, and leaving, of all workers; sums workers' gains for their communities."""
    p = model.p.people
    rates = model.rates
    week = model.week
    random = model.random.random
    slower = rates.attitude * (1 - p.tie_hold)
    attitude, skill, strain, leaving, strain_turnover = (
        rates.attitude,
        rates.skill,
        rates.strain,
        rates.turnover,
        p.strain_turnover,
    )
    for community in model.communities:
        gains = dict.fromkeys(community.trust, 0.0)
        shifts = {s: p.norms * (community.trust[s] - rest) for s, rest in community.trust_rest.items()}
        for institution in community.institutions:
            friendship = p.colleagues_friends / max(1, institution.staff - 1)
            climates = [
                (
                    s,
                    community.warmth_rest[s] + shift,
                    community.trust_rest[s] + shift,
                    sum(w.held_until[s] >= week for w in institution.workers),
                )
                for s, shift in shifts.items()
            ]
            leavers = []
            for w in institution.workers:
                for s, warm, trusting, friends in climates:
                    rate, target = attitude, warm + w.warmth_trait
                    if friends:
                        own = 0
                        if w.held_until[s] >= week:
                            rate, own = slower, 1
                        target += friendship * (friends - own)
                    if not LOWEST_CLIMATE <= target <= HIGHEST_CLIMATE:
                        target = climate(target)
                    w.warmth[s] += rate * (target - w.warmth[s])
                    target = trusting + w.trust_trait
                    if not LOWEST_CLIMATE <= target <= HIGHEST_CLIMATE:
                        target = climate(target)
                    gain = (1 - rate) * (w.trust[s] - target)
                    w.trust[s] = target + gain
                    gains[s] += gain
                w.skill -= skill * (w.skill - w.skill_base)
                w.competence -= skill * (w.competence - w.competence_base)
                if w.conduct != w.conduct_base:
                    w.conduct -= skill * (w.conduct - w.conduct_base)
                if w.identity != ORDINARY_IDENTITY:
                    w.identity -= skill * (w.identity - ORDINARY_IDENTITY)
                above = w.strain - ORDINARY_STRAIN
                w.strain -= strain * above
                if random() < leaving * (1 + strain_turnover * above):
                    leavers.append(w)
            for w in leavers:
                w.leave()
        for s, gain in gains.items():
            community.worker_gain[s] = gain / len(community.workers)
