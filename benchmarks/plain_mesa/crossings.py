"""Crossings and the incidents that arise, climb, echo and end there."""

from __future__ import annotations

from collections import Counter
from math import exp, log
from typing import TYPE_CHECKING

from agents import ORDINARY_COMPETENCE, ORDINARY_CONDUCT, ORDINARY_TENSION, ORDINARY_TRUST, unit

if TYPE_CHECKING:
    import random as random_module

    from agents import Community, Worker
    from model import BorderModel

OWNERS = {
    "labour": "vocational",
    "welfare": "social_work",
    "services": "public_service",
    "security": "policing",
    "protest": "organizing",
    "armed": None,
}
EVERYDAY = tuple(kind for kind, owner in OWNERS.items() if owner)
RUNGS = ("friction", "threat", "force", "lethal", "sustained")
LETHAL, SUSTAINED = 3, 4
ECHO_WEIGHTS = (0.3, 0.6, 1.0, 1.5, 2.0)  # of all rungs up to this one
VIOLENCE = (0.1, 0.3, 1.0, 3.0, 5.0)  # felt when a rung is reached
MOST_ARISING = 8  # of a kind, at a crossing, in a week


def log_odds(chance: float) -> float:
    """Log odds of a chance."""
    return log(chance / (1 - chance)) if chance > 0 else float("-inf")


def poisson(random: random_module.Random, mean: float) -> int:
    """Draw a Poisson number with a small mean."""
    if mean <= 0:
        return 0
    threshold, product, number = exp(-mean), random.random(), 0
    while product > threshold:
        product *= random.random()
        number += 1
    return number


class Crossing:
    """Where two communities of different sides meet."""

    def __init__(self, a: Community, b: Community, exposure: float, tension_rest: float) -> None:
        self.a = a
        self.b = b
        self.exposure = exposure
        self.tension = self.tension_rest = tension_rest
        self.open = 1.0
        self.echoes = dict.fromkeys(OWNERS, 0.0)  # to come
        self.neighbours: list[Crossing] = []
        self.failed = 0.0
        self.visitors: Counter[str] = Counter()  # by profession
        self.violence = 0.0
        # written by the work of professions
        self.trigger = dict.fromkeys(OWNERS, 0.0)
        self.shared = dict.fromkeys(OWNERS, 0.0)
        self.misread = 0.0
        self.warning = 0.0
        self.containment = 0.0
        for end in (a, b):
            end.crossings.append(self)
            end.exposures.append(exposure)

    def across(self, community: Community) -> Community:
        """Return the community at the other end."""
        return self.b if community is self.a else self.a

    def trust(self) -> float:
        """Residents' trust in each other at its two ends."""
        return 0.5 * (self.a.trust[self.b.side] + self.b.trust[self.a.side])

    def rhetoric(self, model: BorderModel) -> float:
        """Hostile rhetoric at the louder of its two ends."""
        return max(model.rhetoric[self.a.side], model.rhetoric[self.b.side])

    def echo(self, kind: str, amount: float, spread: float) -> None:
        """Add to the echoes to come, here and at neighbouring crossings."""
        if kind == "security":
            amount *= 1 - self.containment
        if not self.neighbours:
            spread = 0.0
        self.echoes[kind] += amount * (1 - spread)
        for neighbour in self.neighbours:
            neighbour.echoes[kind] += amount * spread / len(self.neighbours)

    def live(self, model: BorderModel) -> None:
        """Tension returns to its resting level, moved by grievance and distrust; violence and rhetoric heat it."""
        p = model.p.communities
        a, b = self.a, self.b
        grievance = 0.5 * (a.grievance - a.grievance_rest + b.grievance - b.grievance_rest)
        trust = self.trust() - 0.5 * (a.trust_rest[b.side] + b.trust_rest[a.side])
        rest = self.tension_rest + p.grievance_tension * grievance - p.trust_tension * trust
        heat = p.violence_tension * self.violence + model.p.politics.rhetoric_tension * self.rhetoric(model)
        self.tension = unit(self.tension + model.rates.tension * (rest - self.tension) + heat * (1 - self.tension))


class Incident:
    """One incident on its way up the ladder, or to its end."""

    __slots__ = ("began", "crossing", "kind", "misread", "rung")

    def __init__(self, crossing: Crossing, kind: str, began: int) -> None:
        self.crossing = crossing
        self.kind = kind
        self.began = began
        self.rung = 0
        self.misread = False

    def reach(self, rung: int, model: BorderModel, *, warned: bool = False) -> None:
        """Reach a rung: it is counted, felt as violence and, unless somebody warned of it, echoed later."""
        p = model.p.incidents
        self.rung = rung
        model.counts[f"reached_{RUNGS[rung]}"] += 1
        self.crossing.violence += VIOLENCE[rung]
        if not warned:
            weight = ECHO_WEIGHTS[rung] - (ECHO_WEIGHTS[rung - 1] if rung else 0.0)
            self.crossing.echo(self.kind, p.branching * weight, p.echo_spread)
        if rung >= LETHAL:
            self.kill(model)

    def kill(self, model: BorderModel) -> None:
        """One lethal event, and in an armed incident perhaps more at once."""
        p = model.p.incidents
        random = model.random
        while True:
            lomax = p.deaths_scale * ((1 - random.random()) ** (-1 / p.deaths_tail) - 1)
            model.counts["deaths"] += min(int(p.deaths_max), 1 + int(lomax))
            model.counts["lethal_events"] += 1
            if self.kind != "armed" or random.random() >= p.armed_at_once:
                return
            self.crossing.violence += VIOLENCE[LETHAL]

    def on_duty(self, model: BorderModel) -> list[Worker]:
        """Two workers of the profession that owns it on either side, whoever is away."""
        owner = OWNERS[self.kind]
        found: list[Worker] = []
        if owner in model.families:
            for end in (self.crossing.a, self.crossing.b):
                staff = end.staff_of(owner)
                found += staff if len(staff) <= 2 else model.random.sample(staff, 2)
        return found

    def best_tie(self, people: list[Worker], model: BorderModel) -> float:
        """Worth of the best tie across of those on duty."""
        distant, other_profession = model.p.incidents.distant_tie, model.p.contact.other_profession
        best = 0.0
        for w in people:
            there = self.crossing.across(w.community)
            for other, tie in w.ties.items():
                if other.side == there.side:
                    worth = tie.strength_in(model.week) * (0.5 + 0.5 * w.trust[other.side])
                    if other.community is not there:
                        worth *= distant
                    if other.family != w.family:
                        worth *= other_profession
                    best = max(best, worth)
        return best

    def live(self, model: BorderModel) -> bool:
        """One week; whether it goes on."""
        p = model.p.incidents
        random = model.random.random
        crossing = self.crossing
        people = self.on_duty(model)
        if people and random() < p.mediation * self.best_tie(people, model):
            model.counts["mediated"] += 1
            return False
        if self.rung < SUSTAINED:
            odds = model.ladders[self.kind][self.rung]
            odds += p.tension_climb * (crossing.tension - ORDINARY_TENSION) - p.trust_climb * (crossing.trust() - ORDINARY_TRUST)
            if self.misread:
                odds += p.misread_climb
            if people and self.kind == "security":
                odds -= p.security_restraint * (sum(w.conduct for w in people) / len(people) - ORDINARY_CONDUCT)
            if random() < 1 / (1 + exp(-odds)):
                self.reach(self.rung + 1, model)
                return True
        calm = 1 + p.standards_calm * crossing.shared[self.kind]
        if people and self.kind == "security":
            calm += p.security_response * (sum(w.competence for w in people) / len(people) - ORDINARY_COMPETENCE)
        if random() < p.calm * calm:
            return False
        if self.rung == SUSTAINED:
            self.kill(model)
        return True


def incidents(model: BorderModel) -> None:
    """Let new incidents arise, by themselves or as echoes; then all that live have their week."""
    for crossing in model.crossings:
        crossing.violence = 0.0
    for crossing in model.crossings:
        arise(crossing, model)
    model.incidents = [incident for incident in model.incidents if incident.live(model)]


def arise(crossing: Crossing, model: BorderModel) -> None:
    """Let new incidents of all kinds arise at a crossing; of some there is a warning, some are misread."""
    p = model.p.incidents
    random = model.random
    counts = model.counts
    heat = 1 + p.tension_rate * (crossing.tension - ORDINARY_TENSION)
    for kind, rate in model.incident_rates.items():
        factor = max(0.0, min(p.rate_cap, heat + crossing.trigger[kind]))
        due = crossing.echoes[kind] / p.echo_weeks
        crossing.echoes[kind] -= due
        echoes = poisson(random, due)
        arising = min(MOST_ARISING, poisson(random, rate * crossing.exposure * crossing.open * factor) + echoes)
        counts["echoes"] += echoes
        counts[f"incidents_{kind}"] += arising
        for _ in range(arising):
            incident = Incident(crossing, kind, model.week)
            if kind == "security" and random.random() < crossing.warning:
                counts["warnings"] += 1
                incident.reach(0, model, warned=True)
                continue
            if kind == "security":
                incident.misread = random.random() < crossing.misread
                counts["misread"] += incident.misread
            incident.reach(0, model)
            model.incidents.append(incident)
