"""What five texts on professional exchange claim, in our words, and the outcomes on which each claim shows.

The texts: joint vocational exchange (V), exchange of social workers between municipalities (S), of public servants (P), joint
community-policing training (C), and cross-cultural training of organizers (O). That a claim stands here says that the model can put it to
the test, not that it is true. Levers and parameters name the claims that they belong to themselves; `trace` gathers them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sim.levers import all_levers
from sim.mechanisms import MECHANISMS
from sim.parameters import all_parameters


class Claim(NamedTuple):
    """One assertion of a text."""

    text: str
    """What is asserted, in our words."""
    outcomes: tuple[str, ...]
    """Outcomes on which it shows."""


# fmt: off
CLAIMS: dict[str, Claim] = {
    "V1": Claim("small, repeated exposure beats one large event", ("community_trust", "tie_survival", "live_ties")),
    "V2": Claim("shared standards make the other side's competence visible and lower suspicion", ("worker_warmth", "partnership", "standards")),
    "V3": Claim("mentoring that outlives the programme keeps people in joint projects", ("live_ties", "projects")),
    "V4": Claim("alumni networks and joint centres become informal bridges", ("crossings_bridged", "mediated_share")),
    "V5": Claim("reciprocity and tangible returns reduce defection", ("dropout_share", "trust_least_side")),
    "V6": Claim("shared governance restrains one-sided moves that rekindle tension", ("tension", "spend")),
    "V7": Claim("real joint tasks teach negotiation instead of posturing", ("live_ties", "share_reaching_force")),
    "V8": Claim("cultural humility is a professional asset", ("bad_meeting_share", "live_ties")),
    "V9": Claim("routine sharing makes the border ordinary, and employers see mobility as an asset", ("openness", "placements")),
    "V10": Claim("gains reach young workers and last across generations", ("entrant_trust",)),
    "V11": Claim("crisis simulations show gaps between institutions, which reform then closes", ("standards", "weeks_to_calm")),
    "V12": Claim("placements, referrals and projects survive political shifts", ("projects", "placements", "live_ties")),
    "V13": Claim("interdependence makes a region less vulnerable to diplomatic swings, and governments invest more", ("tension", "budget_end")),
    "V14": Claim("bridge figures settle disputes before they climb", ("mediated_share", "force_rate")),
    "V15": Claim("communities gain jobs and services", ("livelihoods", "services")),
    "V16": Claim("networks are channels of mutual aid in a downturn", ("livelihoods", "trust_dip")),
    "V17": Claim("credible professional work displaces hostile rhetoric", ("community_trust", "trust_dip")),
    "V18": Claim("harmonised standards and mobility soften a hard border", ("placements", "live_ties", "tension")),
    "S1": Claim("rotations and shadowing speed joint response", ("weeks_to_help", "helped_across")),
    "S2": Claim("a trusted chain beats the administrative queue", ("weeks_to_help", "unmet_share", "helped_across")),
    "S3": Claim("shared assessment and data, within privacy, make triage timely", ("weeks_to_help_severe", "deterred_share")),
    "S4": Claim("joint case conferences foresee bottlenecks", ("queue_peak", "helped_across")),
    "S5": Claim("common intake and clean hand-overs spare families repetition and mistrust", ("handover_loss", "legitimacy")),
    "S6": Claim("common standards and peer supervision raise competence and resilience", ("strain_social_work", "turnover_social_work")),
    "S7": Claim("language, transport and temporary housing help prevent crises", ("crises",)),
    "S8": Claim("tools that work are carried home and adopted", ("practice_outside", "repeat_crises")),
    "S9": Claim("measured social return brings funding", ("budget_end", "crisis_cost")),
    "S10": Claim("hotlines, shared shelters and crisis corridors shorten the way to help", ("weeks_to_help", "weeks_to_help_severe", "evictions")),
    "S11": Claim("stabilisers and gap-finding reduce later crises", ("repeat_crises",)),
    "S12": Claim("long-term funding and careers keep staff and quality", ("turnover_social_work", "weeks_to_help")),
    "S13": Claim("fewer unmet crises mean fewer triggers of conflict", ("incident_rate_welfare", "force_rate_welfare")),
    "S14": Claim("the network withstands downturns and displacement", ("unmet_share", "queue_peak")),
    "S15": Claim("shared safety nets shift identity towards the region", ("community_trust", "legitimacy")),
    "S16": Claim("municipalities that took no part copy what worked", ("practice_outside",)),
    "P1": Claim("exposure to other administrations builds transferable competence", ("competence_end", "services")),
    "P2": Claim("tailoring beats copying, and failure becomes learning", ("pilot_success", "practice_public_service")),
    "P3": Claim("cohorts, mentors and visits yield shared indicators and templates", ("standards",)),
    "P4": Claim("debriefs and pilots turn experience into institutional memory", ("practice_public_service",)),
    "P5": Claim("returnees change colleagues who never travelled", ("competence_colleagues",)),
    "P6": Claim("networks outlive turnover and keep policy from lapsing", ("practice_public_service",)),
    "P7": Claim("ties give fast information and joint contingency plans in a crisis", ("services_dip", "weeks_to_recover")),
    "P8": Claim("joint bargaining brings outside funds", ("outside_funds",)),
    "P9": Claim("accountability learnt abroad raises public confidence", ("legitimacy",)),
    "P10": Claim("equity work narrows gaps for vulnerable groups", ("fairness_gap",)),
    "P11": Claim("clear roles, shared data and flexible governance decide whether joint works succeed", ("works_success", "resources")),
    "P12": Claim("steady funding and open evaluation sustain participation", ("enrolments_end", "budget_end", "buy_in")),
    "P13": Claim("aligned standards cut duplication and rivalry between cities", ("incident_rate_services", "standards")),
    "C1": Claim("training in restraint and de-escalation makes conduct consistent on both sides", ("force_per_encounter", "conduct_gap")),
    "C2": Claim("rehearsed joint scenarios give quicker and better responses", ("weeks_to_calm_security", "security_reaching_force")),
    "C3": Claim("professional identity and oversight reinforce each other", ("misconduct_rate", "complaint_rate")),
    "C4": Claim("immersion in neighbourhoods brings early warnings and starves spoilers", ("warned_share", "rumour")),
    "C5": Claim("joint patrols, contact points and ladders stop one incident becoming a spiral", ("spiral_size", "procedures")),
    "C6": Claim("public accountability builds legitimacy", ("legitimacy", "accountability")),
    "C7": Claim("donor pilots fade unless budgets, law and leaders take over; refreshers keep skills", ("conduct_end", "competence_end")),
    "C8": Claim("independent monitoring closes the gap between policy and practice", ("training_gap", "misconduct_rate")),
    "C9": Claim("joint reading of information lowers misinterpretation", ("misread_share",)),
    "C10": Claim("dialogue first, in high tension", ("force_per_encounter", "force_rate_in_shocks")),
    "C11": Claim("including prosecutors, judges and auditors aligns the justice chain", ("accountability", "legitimacy")),
    "C12": Claim("trust made in calm holds in flashpoints", ("force_rate_in_last_shock",)),
    "C13": Claim("blame-free debriefs speed correction", ("repeat_share", "complaint_rate")),
    "C14": Claim("a unified security posture raises trust and lowers misreading", ("misread_share", "community_trust")),
    "C15": Claim("calm lets schools, markets and clinics work", ("livelihoods", "services")),
    "O1": Claim("immersion and peer mentoring build mediation and context-aware advocacy", ("competence_end", "bad_meeting_share")),
    "O2": Claim("reciprocity and rotating, community-led leadership disperse power and hold people", ("turnover_organizing", "benefit_evenness")),
    "O3": Claim("rehearsing negotiation, media and emergencies helps under pressure", ("nonviolent_share", "nonviolent_while_repressed")),
    "O4": Claim("shared archives and lasting mentors keep institutional memory", ("practice_organizing",)),
    "O5": Claim("flexible timelines let groups switch between crisis and capacity work", ("weeks_held", "active_while_repressed")),
    "O6": Claim("cohorts mixed across roles coordinate better", ("weeks_to_mobilise",)),
    "O7": Claim("virtual exchange keeps continuity when travel stops", ("tie_survival", "weeks_held")),
    "O8": Claim("reflection turns experience into skill", ("competence_end",)),
    "O9": Claim("agreed roles, decision rights and escalation paths keep teams coherent under stress", ("nonviolent_while_repressed",)),
    "O10": Claim("alumni hubs mobilise fast when solidarity is needed", ("weeks_to_mobilise", "mutual_aid")),
    "O11": Claim("mental-health support prevents burnout", ("burnout", "turnover_organizing")),
    "O12": Claim("joint campaigns respect local lead and still use outside help", ("legitimacy", "campaign_success")),
    "O13": Claim("movements so prepared weather repression, disinformation and fatigue", ("active_while_repressed", "rumour_life", "rumour")),
    "O14": Claim("shared values keep cohesion in diversity", ("nonviolent_share", "splits", "cohesion")),
    "O15": Claim("including marginalised members changes who benefits and what is achieved", ("benefit_vulnerable", "campaign_success")),
    "O16": Claim("setting boundaries prevents mission creep and harm to hosts", ("host_harm", "legitimacy")),
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a claim stands in the code: full names of levers and parameters, mechanisms, modules of rules, and outcomes."""

    levers: tuple[str, ...]
    parameters: tuple[str, ...]
    mechanisms: tuple[str, ...]
    rules: tuple[str, ...]
    outcomes: tuple[str, ...]


_SPAN = re.compile(r"\b([VSPCO])(\d+)(?:[–-]\1?(\d+))?")


def ids_in(text: str) -> set[str]:
    """Find the claim ids that a text names, such as ``"V2, V15–V17"``."""
    out: set[str] = set()
    for letter, first, last in _SPAN.findall(text):
        out.update(f"{letter}{n}" for n in range(int(first), int(last or first) + 1))
    return out & CLAIMS.keys()


def _rules() -> dict[str, set[str]]:
    """Find the claims that the docstring of each rule of the week names."""
    folder = Path(__file__).resolve().parent / "week"
    out = {}
    for path in sorted(folder.rglob("*.py")):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        name = ".".join(["sim", "week", *path.relative_to(folder).with_suffix("").parts])
        out[name] = ids_in(said[said.rfind("Claim") :]) if "Claim" in said else set()
    return out


def trace() -> dict[str, Trace]:
    """Trace every claim to its levers, parameters, mechanisms, rules and outcomes.

    A mechanism belongs to a claim if one of the parameters that carry it does.

    Returns
    -------
    dict
        Claim id to `Trace`, in the order of `CLAIMS`.
    """
    levers = {row.path: ids_in(row.declared.source) for row in all_levers()}
    parameters = {row.path: ids_in(row.declared.source) for row in all_parameters()}
    rules = _rules()
    out = {}
    for claim, (_, outcomes) in CLAIMS.items():
        own = tuple(name for name, ids in parameters.items() if claim in ids)
        out[claim] = Trace(
            tuple(name for name, ids in levers.items() if claim in ids),
            own,
            tuple(name for name, mechanism in MECHANISMS.items() if mechanism.neutral.keys() & set(own)),
            tuple(name for name, ids in rules.items() if claim in ids),
            outcomes,
        )
    return out
