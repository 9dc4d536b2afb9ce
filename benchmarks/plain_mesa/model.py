"""Bridgework's core as a plain Mesa model, written from the ODD alone, for docking.

python model.py quiet.toml --seed 1
python model.py programmes.toml --arm both --seed 1
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections import Counter
from math import hypot
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace

import mesa
from agents import FAMILIES, KINDS_OF_INSTITUTION, Community, Institution, Worker, people_change
from contact import Tie, contact
from crossings import OWNERS, RUNGS, Crossing, Incident, incidents, log_odds
from professions import Project, diffusion, policing, vocational
from programmes import WEEKS_A_YEAR, Programme

from sim.lab.experiment import load_experiment
from sim.scenario.reading import load_scenario
from sim.world.build import build_world

LIVE_TIE = 0.15
COUNTS = (
    "meetings",
    "bad_meetings",
    "leavers",
    *(f"incidents_{kind}" for kind in OWNERS),
    *(f"reached_{rung}" for rung in RUNGS),
    "echoes",
    "mediated",
    "deaths",
    "misread",
    "warnings",
    "police_force",
    "misconduct",
    "complaints",
    "participants",
    "enrolments",
    "dropouts",
    "projects_founded",
    "placements",
    "spend",
    "budget",
)


def weekly(annual: float) -> float:
    """Chance in a week of what happens to an annual fraction."""
    return 1 - (1 - annual) ** (1 / WEEKS_A_YEAR)


def fading(half_life: float) -> float:
    """Share that fades in a week."""
    return 1 - 0.5 ** (1 / half_life)


class BorderModel(mesa.Model):
    """A border region, week by week."""

    PERSONS_PER_HOUSEHOLD = 4.0

    def __init__(self, scenario, seed: int) -> None:
        super().__init__(seed=seed)
        self.scenario = scenario
        self.p = scenario.effective_parameters
        self.week = -scenario.burn_in_weeks
        self.counts: Counter = Counter()
        self.series: dict[str, list[float]] = {}
        self.set_rates()
        self.n_sides = len(scenario.region.sides)
        self.ties_per_worker = int(scenario.region.ties_per_worker)
        self.rhetoric = [0.0] * self.n_sides
        self.ties: list[Tie] = []
        self.incidents: list[Incident] = []
        self.projects: list[Project] = []
        self.patrols: list[tuple[Crossing, Worker, Worker]] = []
        self.crossings: list[Crossing] = []
        self.crossing_between: dict[tuple[Community, Community], Crossing] = {}
        self.build()
        self.programmes = [Programme(self, name, spec) for name, spec in scenario.programmes.items()]

    def set_rates(self) -> None:
        """Weekly rates of all half-lives and annual fractions, worked out once."""
        c, people, work, vocation = self.p.communities, self.p.people, self.p.work, self.p.vocational
        self.rates = SimpleNamespace(
            trust=fading(c.trust_half_life),
            grievance=fading(c.grievance_half_life),
            legitimacy=fading(c.legitimacy_half_life),
            livelihoods=fading(c.livelihoods_half_life),
            services=fading(c.services_half_life),
            memory=fading(c.memory_half_life),
            tension=fading(c.tension_half_life),
            attitude=fading(people.attitude_half_life),
            skill=fading(people.skill_half_life),
            strain=fading(people.strain_half_life),
            buy_in=fading(people.buy_in_half_life),
            capability=fading(people.capability_half_life),
            practice=fading(people.practice_half_life),
            standards=fading(work.standards_half_life),
            partnership=fading(work.partnership_half_life),
            norms=fading(work.norms_half_life),
            openness=fading(vocation.openness_half_life),
            turnover=weekly(people.annual_turnover),
            leader_rotation=weekly(people.leader_rotation),
            own_initiative=weekly(work.own_initiative),
            project_end=weekly(vocation.project_end),
            project_failure=weekly(vocation.project_failure),
            placement=weekly(vocation.placement_rate),
            emigration=weekly(vocation.placement_emigration),
        )
        p = self.p.incidents
        weights = {kind: getattr(p, f"{kind}_weight") for kind, owner in OWNERS.items() if owner}
        total = sum(weights.values())
        self.incident_rates = {kind: p.everyday_rate * weight / total for kind, weight in weights.items()}
        self.incident_rates["armed"] = p.armed_rate * self.scenario.region.armed_actors
        self.ladders = {
            kind: [
                log_odds(getattr(p, f"{kind if kind == 'armed' else 'everyday'}_{rung}")) + getattr(p, f"{kind}_climb", 0.0)
                for rung in RUNGS[1:]
            ]
            for kind in OWNERS
        }

    def build(self) -> None:
        """Places, crossings and resting levels are the scenario's; people are drawn."""
        world = build_world(self.scenario, 1)
        c, x, i = world.communities, world.crossings, world.institutions
        sides = [int(s) for s in c.side]
        communities: list[Community] = []  # by index of the region's tables
        for k, side in enumerate(sides):
            others = [s for s in range(self.n_sides) if s != side]
            rests = {
                name: float(getattr(c, f"{name}_rest")[k]) for name in ("grievance", "legitimacy", "livelihoods", "services")
            }
            rests["vulnerability"] = float(c.vulnerability[k])
            for name in ("trust", "warmth"):
                rests[name] = {s: float(v) for s, v in zip(others, getattr(c, f"{name}_rest")[k], strict=True)}
            communities.append(Community(self, k, side, float(c.x[k]), float(c.y[k]), float(c.population[k]), rests))
        for a, b, exposure, tension in zip(x.a, x.b, x.exposure, x.tension_rest, strict=True):
            one, two = communities[int(a)], communities[int(b)]
            crossing = Crossing(one, two, float(exposure), float(tension))
            self.crossings.append(crossing)
            self.crossing_between[one, two] = self.crossing_between[two, one] = crossing
        for crossing in self.crossings:
            ends = {crossing.a, crossing.b}
            crossing.neighbours = [other for other in self.crossings if other is not crossing and ends & {other.a, other.b}]
        for k, community in enumerate(i.community):
            home = communities[int(community)]
            names = ("capability_rest", "openness_rest", "buy_in_rest", "buy_in_mean", "accountability_rest", "rapport_rest")
            rests = {name.removesuffix("_rest"): float(getattr(i, name)[k]) for name in names}
            rests["partnership"] = {s: float(v) for s, v in zip(home.trust, i.partnership_rest[k], strict=True)}
            kind, family = KINDS_OF_INSTITUTION[int(i.kind[k])], FAMILIES[int(i.family[k])]
            institution = Institution(self, home, kind, family, int(i.staff[k]), rests)
            for _ in range(institution.staff):
                Worker(self, institution, self.week)
        self.communities = self.agents_by_type[Community]
        self.institutions = self.agents_by_type[Institution]
        self.families = {institution.family for institution in self.institutions}
        for community in self.communities:
            near = sorted(
                (c for c in self.communities if c.side == community.side and c is not community),
                key=lambda c: hypot(c.x - community.x, c.y - community.y),
            )[:3]
            near += [crossing.across(community) for crossing in community.crossings]
            for institution in community.institutions:
                institution.peers = [peer for place in near for peer in place.of_family(institution.family)]

    def lever(self, family: str, name: str) -> float:
        """Return the highest level of a lever among the active programmes of a family."""
        return max((getattr(pr.spec, name) for pr in self.programmes if pr.family == family and pr.active), default=0.0)

    def step(self) -> None:
        """One week, in the order of the ODD."""
        self.counts.clear()
        self.patrols.clear()
        for crossing in self.crossings:
            crossing.visitors.clear()
        for community in self.communities:
            if community.crossings:
                community.tension = fmean((crossing.tension for crossing in community.crossings), community.exposures)
        self.shocks()
        for institution in self.institutions:
            institution.away = 0
        for programme in self.programmes:
            programme.live()
        contact(self)
        for programme in self.programmes:
            programme.learn()
        vocational(self)
        for programme in self.programmes:
            programme.standing_work()
        policing(self)
        diffusion(self)
        incidents(self)
        self.communities.do("live")
        for crossing in self.crossings:
            crossing.live(self)
        people_change(self)
        self.institutions.do("change")
        if self.week >= 0:
            self.observe()
        self.week += 1

    def shocks(self) -> None:
        """Rhetoric is the only shock of these scenarios."""
        names = self.scenario.region.sides
        self.rhetoric = [0.0] * self.n_sides
        for shock in self.scenario.shocks.values():
            if shock.kind == "rhetoric" and shock.week <= self.week < shock.week + shock.weeks:
                for side in range(self.n_sides):
                    if shock.sides is None or names[side] in shock.sides:
                        self.rhetoric[side] = max(self.rhetoric[side], shock.size)

    def observe(self) -> None:
        """Keep the week's series."""
        communities, institutions = self.communities, self.institutions
        workers = [w for community in communities for w in community.workers]
        residents = sum(c.population for c in communities)
        staff = len(workers)
        others = self.n_sides - 1

        def residents_mean(state: str) -> float:
            return sum(c.population * getattr(c, state) for c in communities) / residents

        now: dict[str, float] = {name: self.counts[name] for name in COUNTS}
        now["community_trust"] = sum(c.population * sum(c.trust.values()) for c in communities) / others / residents
        for state in ("grievance", "legitimacy", "livelihoods", "services", "memory"):
            now[state] = residents_mean(state)
        exposure = sum(crossing.exposure for crossing in self.crossings)
        now["tension"] = sum(crossing.exposure * crossing.tension for crossing in self.crossings) / exposure
        warmth = trust = competence = skill = strain = conduct = 0.0
        officers = alumni = placed = credentials = 0
        for w in workers:
            warmth += sum(w.warmth.values())
            trust += sum(w.trust.values())
            competence += w.competence
            skill += w.skill
            strain += w.strain
            alumni += w.alumnus
            placed += w.placed_in is not None
            credentials += w.credential
            if w.family == "policing":
                officers += 1
                conduct += w.conduct
        now["worker_warmth"] = warmth / others / staff
        now["worker_trust"] = trust / others / staff
        now["competence"] = competence / staff
        now["intercultural_skill"] = skill / staff
        now["strain"] = strain / staff
        now["conduct"] = conduct / officers if officers else 0.0
        now["alumni"] = alumni
        now["placed"] = placed
        now["credentials"] = credentials
        for state in ("capability", "practice", "buy_in"):
            now[state] = sum(getattr(i, state) for i in institutions) / len(institutions)
        now["partnership"] = sum(sum(i.partnership.values()) for i in institutions) / others / len(institutions)
        now["standards"] = sum(sum(i.standards.values()) for i in institutions) / others / len(institutions)
        now["openness"] = fmean(i.openness for i in institutions if i.family == "vocational")
        now["accountability"] = fmean(i.accountability for i in institutions if i.family == "policing")
        strengths = [s for tie in self.ties if not tie.ended and (s := tie.strength_in(self.week)) >= LIVE_TIE]
        now["live_ties"] = len(strengths)
        now["tie_strength"] = fmean(strengths) if strengths else 0.0
        now["projects"] = len(self.projects)
        for name, value in now.items():
            self.series.setdefault(name, []).append(value)


def run(scenario, seed: int) -> dict[str, list[float]]:
    """Live a scenario under a seed; the weekly series over the horizon."""
    model = BorderModel(scenario, seed)
    for _ in range(scenario.burn_in_weeks + scenario.weeks):
        model.step()
    return model.series


def read(path: Path, arm: str):
    """Read a scenario, or one arm of an experiment."""
    with path.open("rb") as file:
        kind = tomllib.load(file)["bridgework"]
    return load_experiment(str(path)).scenarios[arm] if kind.startswith("experiment") else load_scenario(str(path))


def main() -> None:
    """Print the means of the series."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arm", default="both")
    args = parser.parse_args()
    scenario = read(args.file, args.arm)
    start = time.perf_counter()
    series = run(scenario, args.seed)
    took = time.perf_counter() - start
    for name, values in series.items():
        print(f"{name:22s} {fmean(values):12.4f}   from {values[0]:10.4f} to {values[-1]:10.4f}")
    print(f"{took:.2f} s")


if __name__ == "__main__":
    main()
