"""Every outcome, declared once: the summaries of a run that comparisons use.

An *outcome* is one number of a run, computed from its weekly series over the horizon (weeks from 0 on; the burn-in never counts).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.families import KINDS

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One number of a run.

    Attributes
    ----------
    name, unit, definition : str
        As tables show them.
    group : str
        escalation, trust, network, family, money or resilience.
    better : int
        1 if more is better, -1 if less is, 0 if neither.
    measure : callable
        From (series, residents) to the number; ``series[name]`` is the weekly array over the horizon.
    primary : bool
        Whether comparisons lead with it.
    interval : bool
        False where the tail is too heavy for an interval to mean anything.
    decimals : int
        How many decimals a table shows.
    """

    name: str
    unit: str
    definition: str
    group: Literal["escalation", "trust", "network", "family", "money", "resilience"]
    better: Literal[-1, 0, 1]
    measure: Callable[[dict[str, F64], float], float]
    primary: bool = False
    interval: bool = True
    decimals: int = 3

    @property
    def matters(self) -> float:
        """Smallest effect that matters: 0.01 on a scale or share, 5 % of the reference level otherwise."""
        return 0.01 if self.absolute else 0.05

    @property
    def absolute(self) -> bool:
        """Whether `matters` is counted on the outcome's own scale."""
        return self.unit in {"0-1", "share"}

    def threshold(self, reference: float) -> float:
        """Smallest effect that matters, in the outcome's unit, where the reference arm is at `reference`."""
        return self.matters if self.absolute else self.matters * abs(reference)


def _mean(name: str) -> Callable[[dict[str, F64], float], float]:
    return lambda s, _: float(s[name].mean())


def _end(name: str) -> Callable[[dict[str, F64], float], float]:
    return lambda s, _: float(s[name][-52:].mean())


def _sum(name: str) -> Callable[[dict[str, F64], float], float]:
    return lambda s, _: float(s[name].sum())


def _per_100k(*names: str) -> Callable[[dict[str, F64], float], float]:
    return lambda s, residents: float(sum(s[n].sum() for n in names) / (len(s[names[0]]) / 52.0) / residents * 1e5)


def _ratio(top: str, bottom: str) -> Callable[[dict[str, F64], float], float]:
    def measure(s: dict[str, F64], _: float) -> float:
        below = s[bottom].sum()
        return float(s[top].sum() / below) if below > 0 else float("nan")

    return measure


def _share(part: str, rest: str) -> Callable[[dict[str, F64], float], float]:
    def measure(s: dict[str, F64], _: float) -> float:
        whole = s[part].sum() + s[rest].sum()
        return float(s[part].sum() / whole) if whole > 0 else float("nan")

    return measure


def _per(top: str, bottom: str, unit: float) -> Callable[[dict[str, F64], float], float]:
    ratio = _ratio(top, bottom)
    return lambda s, residents: unit * ratio(s, residents)


def _in_shocks(s: dict[str, F64], residents: float) -> float:
    weeks = s["shock"] > 0
    return float(s["reached_force"][weeks].sum() / (weeks.sum() / 52.0) / residents * 1e5) if weeks.any() else float("nan")


def _in_last_shock(s: dict[str, F64], residents: float) -> float:
    weeks = np.flatnonzero(s["shock"] > 0)
    if weeks.size == 0:
        return float("nan")
    first = int(weeks[np.flatnonzero(np.diff(weeks, prepend=-2) > 1)[-1]])
    span = slice(first, int(weeks[-1]) + 1)
    return float(s["reached_force"][span].sum() / ((span.stop - first) / 52.0) / residents * 1e5)


def _misread(s: dict[str, F64], _: float) -> float:
    told = s["incidents_security"].sum() - s["warnings"].sum()
    return float(s["misread"].sum() / told) if told > 0 else float("nan")


def _spiral(s: dict[str, F64], _: float) -> float:
    arisen, echoes = s["incidents_security"].sum(), s["echoes_security"].sum()
    return float(arisen / (arisen - echoes)) if arisen > echoes else float("nan")


def _per_1000(name: str) -> Callable[[dict[str, F64], float], float]:
    return lambda s, residents: float(s[name].sum() / (len(s[name]) / 52.0) / residents * 1e3)


def _survival(s: dict[str, F64], _: float) -> float:
    born = s["ties_born"][:-52].sum()
    return float(s["ties_survived"][52:].sum() / born) if born > 0 else float("nan")


def _one_less(measure: Callable[[dict[str, F64], float], float]) -> Callable[[dict[str, F64], float], float]:
    return lambda s, residents: 1.0 - measure(s, residents)


def _mobilise(s: dict[str, F64], _: float) -> float:
    calls = s["campaigns"].sum() + s["campaigns_lapsed"].sum()
    return float(s["mobilise_weeks"].sum() / calls) if calls > 0 else float("nan")


_nonviolent = _one_less(_ratio("flashpoints", "protests"))
RECOVERED_FOR = 8
"""Weeks for which services must be back until they count as recovered (fixed)."""


def _recovery(s: dict[str, F64], _: float) -> float:
    """Weeks from the start of the last disaster until services are back for eight weeks, to a hundredth of their mean the year before."""
    weeks = np.flatnonzero(s["disaster"] > 0)
    if weeks.size == 0:
        return float("nan")
    first = int(weeks[np.flatnonzero(np.diff(weeks, prepend=-2) > 1)[-1]])
    services = s["services"]
    usual = services[max(first - 52, 0) : max(first, 1)].mean()
    back = np.convolve(services[first:] >= usual - 0.01, np.ones(RECOVERED_FOR), "valid") >= RECOVERED_FOR - 0.5
    low = np.flatnonzero(services[first:] < usual - 0.01)
    if low.size == 0:
        return 0.0
    after = np.flatnonzero(back[low[0] :]) if back.size > low[0] else low[:0]
    return float(low[0] + after[0]) if after.size else float(services.size - first)


def _queue_peak(s: dict[str, F64], residents: float) -> float:
    return float(np.quantile(s["waiting"], 0.95) / residents * 1e3)


def _turnover(family: str) -> Callable[[dict[str, F64], float], float]:
    def measure(s: dict[str, F64], _: float) -> float:
        leavers, posts = s[f"leavers_{family}"], s[f"staff_{family}"].mean()
        return float(leavers.sum() / (len(leavers) / 52.0) / posts) if posts > 0 else float("nan")

    return measure


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(
        "force_rate",
        "per 100,000 residents and year",
        "incidents that reach force or worse",
        "escalation",
        -1,
        _per_100k("reached_force"),
        primary=True,
        decimals=2,
    ),
    Outcome(
        "community_trust",
        "0-1",
        "residents' trust in the other sides, mean over the horizon",
        "trust",
        1,
        _mean("community_trust"),
        primary=True,
        decimals=4,
    ),
    Outcome("community_trust_end", "0-1", "the same in the last year", "trust", 1, _end("community_trust"), decimals=4),
    Outcome(
        "trust_least_side",
        "0-1",
        "residents' trust on the side that trusts least, mean",
        "trust",
        1,
        _mean("trust_least_side"),
        decimals=4,
    ),
    Outcome(
        "entrant_trust",
        "0-1",
        "trust of workers hired within the last two years, mean",
        "trust",
        1,
        _mean("entrant_trust"),
        decimals=4,
    ),
    Outcome(
        "lethal_rate",
        "per 100,000 residents and year",
        "incidents that reach a death",
        "escalation",
        -1,
        _per_100k("reached_lethal"),
        decimals=2,
    ),
    Outcome(
        "incident_rate",
        "per 100,000 residents and year",
        "incidents that arise, of any kind",
        "escalation",
        -1,
        _per_100k("reached_friction"),
        decimals=2,
    ),
    *(
        Outcome(
            f"force_rate_{kind}",
            "per 100,000 residents and year",
            f"incidents of kind {kind} that reach force or worse",
            "escalation",
            -1,
            _per_100k(f"force_{kind}"),
            decimals=2,
        )
        for kind in KINDS
    ),
    *(
        Outcome(
            f"incident_rate_{kind}",
            "per 100,000 residents and year",
            f"incidents of kind {kind} that arise",
            "escalation",
            -1,
            _per_100k(f"incidents_{kind}"),
            decimals=2,
        )
        for kind in KINDS
    ),
    Outcome(
        "share_reaching_force",
        "share",
        "incidents that reach force, of those that arise",
        "escalation",
        -1,
        _ratio("reached_force", "reached_friction"),
    ),
    Outcome(
        "violent_weeks",
        "share",
        "weeks with an incident of force or worse anywhere",
        "escalation",
        -1,
        lambda s, _: float((s["violent"] > 0).mean()),
    ),
    Outcome(
        "deaths",
        "deaths",
        "deaths over the horizon (no interval: the tail is too heavy)",
        "escalation",
        -1,
        _sum("deaths"),
        interval=False,
        decimals=0,
    ),
    Outcome("tension", "0-1", "tension at crossings, mean over the horizon", "escalation", -1, _mean("tension"), decimals=4),
    Outcome(
        "mediated_share",
        "share",
        "incidents settled by someone with a tie across, of those that ended",
        "escalation",
        1,
        _ratio("mediated", "ended"),
    ),
    Outcome("weeks_to_calm", "weeks", "mean length of an incident", "escalation", -1, _ratio("weeks_to_calm", "ended")),
    Outcome(
        "worker_warmth",
        "0-1",
        "workers' warmth towards the other sides, mean over the horizon",
        "trust",
        1,
        _mean("worker_warmth"),
        decimals=4,
    ),
    Outcome(
        "worker_trust",
        "0-1",
        "workers' trust in strangers from the other sides, mean over the horizon",
        "trust",
        1,
        _mean("worker_trust"),
        decimals=4,
    ),
    Outcome(
        "legitimacy", "0-1", "residents' confidence in their own institutions, mean", "trust", 1, _mean("legitimacy"), decimals=4
    ),
    Outcome(
        "partnership",
        "0-1",
        "institutions' readiness to work with the other sides, mean",
        "trust",
        1,
        _mean("partnership"),
        decimals=4,
    ),
    Outcome("buy_in", "0-1", "leaders' buy-in to co-operation, mean", "trust", 1, _mean("buy_in"), decimals=4),
    Outcome("bad_meeting_share", "share", "cross-border meetings that go badly", "trust", -1, _ratio("bad_meetings", "meetings")),
    Outcome("live_ties", "ties", "live cross-border ties, mean over the horizon", "network", 1, _mean("live_ties"), decimals=1),
    Outcome(
        "crossings_bridged",
        "crossings",
        "crossings bridged by a live tie, mean over the horizon",
        "network",
        1,
        _mean("crossings_bridged"),
        decimals=1,
    ),
    Outcome("tie_survival", "share", "cross-border ties that are alive a year after they began", "network", 1, _survival),
    Outcome(
        "largest_component",
        "share",
        "institutions in the largest group that live ties connect, mean",
        "network",
        1,
        _mean("largest_component"),
        decimals=4,
    ),
    Outcome(
        "brokerage",
        "share",
        "live ties held by the tenth of workers who hold most, mean",
        "network",
        0,
        _mean("brokerage"),
        decimals=4,
    ),
    Outcome("livelihoods", "0-1", "residents' livelihoods, mean", "family", 1, _mean("livelihoods"), decimals=4),
    Outcome("services", "0-1", "quality of local services, mean", "family", 1, _mean("services"), decimals=4),
    Outcome("grievance", "0-1", "residents' grievance, mean", "family", -1, _mean("grievance"), decimals=4),
    Outcome("openness", "0-1", "employers' openness, mean", "family", 1, _mean("openness"), decimals=4),
    Outcome(
        "placements", "workers", "workers placed across the border over the horizon", "family", 1, _sum("placements"), decimals=1
    ),
    Outcome("projects_founded", "projects", "joint projects founded", "family", 1, _sum("projects_founded"), decimals=1),
    Outcome("projects", "projects", "live joint projects, mean over the horizon", "family", 1, _mean("projects"), decimals=1),
    Outcome(
        "force_per_encounter",
        "per 1,000 encounters",
        "police use of force",
        "family",
        -1,
        _per("police_force", "encounters", 1e3),
        decimals=2,
    ),
    Outcome(
        "force_worst_side",
        "per 1,000 encounters",
        "police use of force on the side whose officers use it most, mean",
        "family",
        -1,
        _mean("force_worst_side"),
        decimals=2,
    ),
    Outcome(
        "misconduct_rate",
        "per 100,000 encounters",
        "police misconduct",
        "family",
        -1,
        _per("misconduct", "encounters", 1e5),
        decimals=2,
    ),
    Outcome(
        "force_rate_in_shocks",
        "per 100,000 residents and year",
        "incidents that reach force or worse in the weeks of shocks",
        "resilience",
        -1,
        _in_shocks,
        decimals=2,
    ),
    Outcome(
        "force_rate_in_last_shock",
        "per 100,000 residents and year",
        "the same in the last shock, or in the last shocks that followed each other without a break",
        "resilience",
        -1,
        _in_last_shock,
        decimals=2,
    ),
    Outcome(
        "security_reaching_force",
        "share",
        "security incidents that reach force, of those that arise",
        "escalation",
        -1,
        _ratio("force_security", "incidents_security"),
    ),
    Outcome(
        "weeks_to_calm_security",
        "weeks",
        "mean length of a security incident",
        "escalation",
        -1,
        _ratio("calm_security", "ended_security"),
    ),
    Outcome(
        "training_gap",
        "share",
        "part of the training received that is not used on the job",
        "family",
        -1,
        lambda s, residents: 1.0 - _ratio("transferred", "trained")(s, residents),
    ),
    Outcome(
        "repeat_share",
        "share",
        "police misconduct that repeats uncorrected cases",
        "family",
        -1,
        _ratio("repeat_misconduct", "misconduct"),
    ),
    Outcome(
        "complaint_rate",
        "per 100,000 encounters",
        "complaints about the police",
        "family",
        0,
        _per("complaints", "encounters", 1e5),
        decimals=2,
    ),
    Outcome(
        "misread_share",
        "share",
        "security incidents misread, of those that no warning stopped",
        "family",
        -1,
        _misread,
    ),
    Outcome(
        "warned_share",
        "share",
        "security incidents stopped by a warning, of those that arise",
        "family",
        1,
        _ratio("warnings", "incidents_security"),
    ),
    Outcome(
        "spiral_size", "incidents", "security incidents for each one that was no echo", "escalation", -1, _spiral, decimals=3
    ),
    Outcome(
        "rumour", "share", "residents who believe a rumour about the other side, mean", "family", -1, _mean("rumour"), decimals=4
    ),
    Outcome(
        "crises",
        "per 1,000 residents and year",
        "households that come into a crisis",
        "family",
        -1,
        _per_1000("crises"),
        decimals=2,
    ),
    Outcome(
        "repeat_crises", "share", "crises of households that had one before", "family", -1, _ratio("repeat_crises", "crises")
    ),
    Outcome(
        "weeks_to_help",
        "weeks",
        "mean time from cue to help, where it came",
        "family",
        -1,
        _ratio("help_weeks", "helped"),
        decimals=2,
    ),
    Outcome(
        "weeks_to_help_severe",
        "weeks",
        "the same for crises severe at their cue",
        "family",
        -1,
        _ratio("help_weeks_severe", "helped_severe"),
        decimals=2,
    ),
    Outcome("unmet_share", "share", "crises that no help reached in time", "family", -1, _ratio("unmet_crises", "crises")),
    Outcome(
        "queue_peak",
        "per 1,000 residents",
        "households waiting for help, exceeded in one week of twenty",
        "family",
        -1,
        _queue_peak,
        decimals=2,
    ),
    Outcome(
        "evictions",
        "per 1,000 residents and year",
        "households that lost their home while waiting",
        "family",
        -1,
        _per_1000("evictions"),
    ),
    Outcome(
        "handover_loss",
        "share",
        "households lost at a hand-over between offices",
        "family",
        -1,
        _ratio("lost_handovers", "handovers"),
    ),
    Outcome(
        "helped_across",
        "per 1,000 residents and year",
        "households taken into care across the border",
        "family",
        1,
        _per_1000("helped_across"),
    ),
    Outcome(
        "deterred_share",
        "share",
        "crises of households that stayed away for lack of privacy",
        "family",
        -1,
        _ratio("deterred", "crises"),
    ),
    Outcome(
        "crisis_cost",
        "euro per resident and year",
        "what lost homes and weeks of waiting cost the public",
        "family",
        -1,
        lambda s, residents: float(s["crisis_cost"].sum() / (len(s["crisis_cost"]) / 52.0) / residents),
        decimals=2,
    ),
    Outcome("strain_social_work", "0-1", "strain of social workers, mean", "family", -1, _mean("strain_social_work"), decimals=4),
    Outcome(
        "turnover_social_work", "share", "social workers who leave in a year", "family", -1, _turnover("social_work"), decimals=4
    ),
    Outcome(
        "fairness_gap",
        "0-1",
        "how much worse vulnerable residents are served, mean",
        "family",
        -1,
        _mean("fairness_gap"),
        decimals=4,
    ),
    Outcome(
        "pilot_success",
        "share",
        "pilots that worked out, of those that came out",
        "family",
        1,
        _share("pilots_adopted", "pilots_failed"),
    ),
    Outcome(
        "works_success",
        "share",
        "joint works that succeeded, of those that came out",
        "family",
        1,
        _share("works_done", "works_failed"),
    ),
    Outcome(
        "resources", "0-1", "strain on water and housing that both sides use, mean", "family", -1, _mean("resources"), decimals=4
    ),
    Outcome("outside_funds", "euro", "outside funds won over the horizon", "money", 1, _sum("outside_funds"), decimals=0),
    Outcome(
        "practice_public_service",
        "0-1",
        "practice stock of municipalities in the last year",
        "family",
        1,
        _end("practice_public_service"),
        decimals=4,
    ),
    Outcome(
        "practice_outside",
        "0-1",
        "practice stock of institutions of its profession outside the programme, in the last year",
        "family",
        1,
        _end("practice_outside"),
        decimals=4,
    ),
    Outcome(
        "competence_colleagues",
        "0-1",
        "competence of workers who took part in nothing, in the last year",
        "family",
        1,
        _end("colleagues"),
        decimals=4,
    ),
    Outcome("active_organizers", "share", "organizers who can act, mean", "family", 1, _mean("active_organizers"), decimals=4),
    Outcome(
        "active_while_repressed",
        "share",
        "organizers who can act, of those whose movements are repressed",
        "resilience",
        1,
        _ratio("active_repressed", "staff_repressed"),
        decimals=4,
    ),
    Outcome(
        "burnout",
        "share",
        "organizers who burn out in a year",
        "family",
        -1,
        lambda s, _: float(s["burnouts"].sum() / max(s["staff_organizing"].sum() / 52.0, 1e-9)),
        decimals=4,
    ),
    Outcome("turnover_organizing", "share", "organizers who leave in a year", "family", -1, _turnover("organizing"), decimals=4),
    Outcome("strain_organizing", "0-1", "strain of organizers, mean", "family", -1, _mean("strain_organizing"), decimals=4),
    Outcome("protests", "per 100,000 residents and year", "protests", "family", 0, _per_100k("protests"), decimals=1),
    Outcome("nonviolent_share", "share", "protests that stay nonviolent", "family", 1, _nonviolent, decimals=4),
    Outcome(
        "nonviolent_while_repressed",
        "share",
        "protests that stay nonviolent, where movements are repressed",
        "resilience",
        1,
        _one_less(_ratio("flashpoints_repressed", "protests_repressed")),
        decimals=4,
    ),
    Outcome("cohesion", "0-1", "how far movements hold together, mean", "family", 1, _mean("cohesion"), decimals=4),
    Outcome("splits", "movements", "movements that split over the horizon", "family", -1, _sum("splits"), decimals=1),
    Outcome(
        "rumour_life",
        "weeks",
        "mean time for which a rumour is told in a community",
        "family",
        -1,
        _ratio("rumour_weeks", "rumours_ended"),
        decimals=2,
    ),
    Outcome(
        "rumours_checked",
        "share",
        "rumours corrected across ties or by a network",
        "family",
        1,
        _ratio("rumours_checked", "rumours_ended"),
    ),
    Outcome(
        "weeks_to_mobilise",
        "weeks",
        "mean time from call to joint campaign, half a year for calls that lapse",
        "family",
        -1,
        _mobilise,
        decimals=2,
    ),
    Outcome(
        "calls_lapsed",
        "share",
        "calls that nobody answered in half a year",
        "family",
        -1,
        _share("campaigns_lapsed", "campaigns"),
    ),
    Outcome("campaign_success", "share", "joint campaigns that were won", "family", 1, _ratio("campaigns_won", "campaigns")),
    Outcome(
        "campaigns", "campaigns", "joint campaigns that took place over the horizon", "family", 1, _sum("campaigns"), decimals=1
    ),
    Outcome("campaigns_won", "campaigns", "joint campaigns won over the horizon", "family", 1, _sum("campaigns_won"), decimals=1),
    Outcome("mutual_aid", "0-1", "mutual aid from across that met hardship, mean", "family", 1, _mean("mutual_aid"), decimals=4),
    Outcome(
        "practice_organizing",
        "0-1",
        "practice stock of movements in the last year",
        "family",
        1,
        _end("practice_organizing"),
        decimals=4,
    ),
    Outcome("host_harm", "share", "confidence lost by hosts to visitors, over the horizon", "family", -1, _sum("host_harm")),
    Outcome("weeks_held", "share", "weeks of cohorts held, of those planned", "family", 1, _ratio("weeks_held", "weeks_planned")),
    Outcome("competence_end", "0-1", "workers' competence in the last year", "family", 1, _end("competence"), decimals=4),
    Outcome("conduct", "0-1", "officers' restraint, mean", "family", 1, _mean("conduct"), decimals=4),
    Outcome("conduct_end", "0-1", "officers' restraint in the last year", "family", 1, _end("conduct"), decimals=4),
    Outcome(
        "conduct_gap",
        "0-1",
        "officers' restraint: largest difference between sides, mean",
        "family",
        -1,
        _mean("conduct_gap"),
        decimals=4,
    ),
    Outcome("accountability", "0-1", "accountability of police services, mean", "family", 1, _mean("accountability"), decimals=4),
    Outcome(
        "procedures",
        "0-1",
        "procedures that police services share across the border, mean",
        "family",
        1,
        _mean("procedures"),
        decimals=4,
    ),
    Outcome("repression", "0-1", "shared police data that nobody checks, mean", "family", -1, _mean("repression"), decimals=4),
    Outcome("standards", "0-1", "standards shared across the border, mean", "family", 1, _mean("standards"), decimals=4),
    Outcome("emigrated", "workers", "placed workers who moved away for good", "family", 0, _sum("emigrated"), decimals=1),
    Outcome("enrolments", "workers", "workers enrolled over the horizon", "money", 0, _sum("enrolments"), decimals=0),
    Outcome(
        "benefit_vulnerable",
        "share",
        "enrolled workers from the third of communities that are most vulnerable",
        "money",
        0,
        _ratio("enrolments_vulnerable", "enrolments"),
    ),
    Outcome(
        "benefit_evenness",
        "0-1",
        "how evenly enrolments fall on communities' residents: 1 less the Gini coefficient, at the end",
        "money",
        0,
        lambda s, _: float(s["evenness"][-1]) if s["enrolments"].any() else float("nan"),
    ),
    Outcome("dropout_share", "share", "enrolled workers who gave up", "money", -1, _ratio("dropouts", "enrolments")),
    Outcome(
        "enrolments_end",
        "workers",
        "workers enrolled in a year, mean of the last two",
        "money",
        0,
        lambda s, _: float(s["enrolments"][-104:].sum() / 2.0),
        decimals=1,
    ),
    Outcome(
        "budget_end",
        "euro",
        "money granted in a year, mean of the last two",
        "money",
        0,
        lambda s, _: float(s["budget"][-104:].sum() / 2.0),
        decimals=0,
    ),
    Outcome("spend", "euro", "money spent over the horizon", "money", 0, _sum("spend"), decimals=0),
    Outcome(
        "cost_per_participant", "euro", "money spent per enrolled worker", "money", -1, _ratio("spend", "enrolments"), decimals=0
    ),
    Outcome(
        "services_dip",
        "0-1",
        "deepest fall of services below their level in week 0",
        "resilience",
        -1,
        lambda s, _: float(s["services"][0] - s["services"].min()),
        decimals=4,
    ),
    Outcome(
        "weeks_to_recover",
        "weeks",
        "weeks from the start of the last disaster until services are back for eight weeks",
        "resilience",
        -1,
        _recovery,
        decimals=1,
    ),
    Outcome(
        "trust_dip",
        "0-1",
        "deepest fall of community trust below its level in week 0",
        "resilience",
        -1,
        lambda s, _: float(s["community_trust"][0] - s["community_trust"].min()),
        decimals=4,
    ),
)

BY_NAME: dict[str, Outcome] = {outcome.name: outcome for outcome in OUTCOMES}
PRIMARY: tuple[str, ...] = tuple(outcome.name for outcome in OUTCOMES if outcome.primary)


def summarise(series: dict[str, F64], residents: float) -> dict[str, float]:
    """Compute every outcome of a run.

    Parameters
    ----------
    series : dict of array of float, shape (weeks,)
        Weekly values over the horizon.
    residents : float
        Population of the region.
    """
    return {outcome.name: outcome.measure(series, residents) for outcome in OUTCOMES}
