"""Outcomes: the summaries of a run that comparisons use, declared once.

An *outcome* is one number of a run, computed from its weekly series over the horizon (weeks from 0 on; the burn-in never counts).
"""

from __future__ import annotations

import difflib

import numpy as np

from sim.declare import Outcome
from sim.errors import InputError
from sim.families import KINDS
from sim.measures import (
    Weekly,
    dip,
    evenness,
    force_in_last_shock,
    force_in_shocks,
    last_two_years,
    last_year,
    mean,
    misread_share,
    nonviolent_share,
    one_less,
    per,
    per_100k,
    per_1000,
    per_resident,
    queue_peak,
    ratio,
    share,
    spiral_size,
    tie_survival,
    total,
    turnover,
    weeks_to_mobilise,
    weeks_to_recover,
    weeks_with,
    yearly,
)
from sim.registry import fresh, known, registered
from sim.series import SERIES

# fmt: off
_BUILT_IN: tuple[Outcome, ...] = (
    Outcome("force_rate", "per 100,000 residents and year", "incidents that reach force or worse",
            "escalation", -1, per_100k("reached_force"), primary=True, decimals=2),
    Outcome("community_trust", "0-1", "residents' trust in the other sides, mean over the horizon",
            "trust", 1, mean("community_trust"), primary=True, decimals=4),
    Outcome("community_trust_end", "0-1", "the same in the last year", "trust", 1, last_year("community_trust"), decimals=4),
    Outcome("trust_least_side", "0-1", "residents' trust on the side that trusts least, mean",
            "trust", 1, mean("trust_least_side"), decimals=4),
    Outcome("entrant_trust", "0-1", "trust of workers hired within the last two years, mean",
            "trust", 1, mean("entrant_trust"), decimals=4),
    Outcome("lethal_rate", "per 100,000 residents and year", "incidents that reach a death",
            "escalation", -1, per_100k("reached_lethal"), decimals=2),
    Outcome("incident_rate", "per 100,000 residents and year", "incidents that arise, of any kind",
            "escalation", -1, per_100k("reached_friction"), decimals=2),
    *(Outcome(f"force_rate_{kind}", "per 100,000 residents and year", f"incidents of kind {kind} that reach force or worse",
            "escalation", -1, per_100k(f"force_{kind}"), decimals=2) for kind in KINDS),
    *(Outcome(f"incident_rate_{kind}", "per 100,000 residents and year", f"incidents of kind {kind} that arise",
            "escalation", -1, per_100k(f"incidents_{kind}"), decimals=2) for kind in KINDS),
    Outcome("share_reaching_force", "share", "incidents that reach force, of those that arise",
            "escalation", -1, ratio("reached_force", "reached_friction")),
    Outcome("violent_weeks", "share", "weeks with an incident of force or worse anywhere",
            "escalation", -1, weeks_with("violent")),
    Outcome("deaths", "deaths", "deaths over the horizon (no interval: the tail is too heavy)",
            "escalation", -1, total("deaths"), interval=False, decimals=0),
    Outcome("tension", "0-1", "tension at crossings, mean over the horizon", "escalation", -1, mean("tension"), decimals=4),
    Outcome("mediated_share", "share", "incidents settled by someone with a tie across, of those that ended",
            "escalation", 1, ratio("mediated", "ended")),
    Outcome("lent_share", "share", "incidents settled by a returnee of another profession, of those that ended",
            "escalation", 1, ratio("mediated_lent", "ended")),
    Outcome("weeks_to_calm", "weeks", "mean length of an incident", "escalation", -1, ratio("weeks_to_calm", "ended")),
    Outcome("worker_warmth", "0-1", "workers' warmth towards the other sides, mean over the horizon",
            "trust", 1, mean("worker_warmth"), decimals=4),
    Outcome("worker_trust", "0-1", "workers' trust in strangers from the other sides, mean over the horizon",
            "trust", 1, mean("worker_trust"), decimals=4),
    Outcome("legitimacy", "0-1", "residents' confidence in their own institutions, mean",
            "trust", 1, mean("legitimacy"), decimals=4 ),
    Outcome("partnership", "0-1", "institutions' readiness to work with the other sides, mean",
            "trust", 1, mean("partnership"), decimals=4),
    Outcome("buy_in", "0-1", "leaders' buy-in to co-operation, mean", "trust", 1, mean("buy_in"), decimals=4),
    Outcome("bad_meeting_share", "share", "cross-border meetings that go badly", "trust", -1, ratio("bad_meetings", "meetings")),
    Outcome("live_ties", "ties", "live cross-border ties, mean over the horizon", "network", 1, mean("live_ties"), decimals=1),
    Outcome("ties_across_professions", "ties", "those of them between workers of different professions",
            "network", 1, mean("ties_across_professions"), decimals=1),
    Outcome("crossings_bridged", "crossings", "crossings bridged by a live tie, mean over the horizon",
            "network", 1, mean("crossings_bridged"), decimals=1),
    Outcome("tie_survival", "share", "cross-border ties that are alive a year after they began", "network", 1, tie_survival),
    Outcome("largest_component", "share", "institutions in the largest group that live ties connect, mean",
            "network", 1, mean("largest_component"), decimals=4),
    Outcome("brokerage", "share", "live ties held by the tenth of workers who hold most, mean",
            "network", 0, mean("brokerage"), decimals=4),
    Outcome("livelihoods", "0-1", "residents' livelihoods, mean", "family", 1, mean("livelihoods"), decimals=4),
    Outcome("services", "0-1", "quality of local services, mean", "family", 1, mean("services"), decimals=4),
    Outcome("grievance", "0-1", "residents' grievance, mean", "family", -1, mean("grievance"), decimals=4),
    Outcome("openness", "0-1", "employers' openness, mean", "family", 1, mean("openness"), decimals=4),
    Outcome("placements", "workers", "workers placed across the border over the horizon",
            "family", 1, total("placements"), decimals=1 ),
    Outcome("projects_founded", "projects", "joint projects founded", "family", 1, total("projects_founded"), decimals=1),
    Outcome("projects", "projects", "live joint projects, mean over the horizon", "family", 1, mean("projects"), decimals=1),
    Outcome("force_per_encounter", "per 1,000 encounters", "police use of force",
            "family", -1, per("police_force", "encounters", 1e3), decimals=2),
    Outcome("force_worst_side", "per 1,000 encounters", "police use of force on the side whose officers use it most, mean",
            "family", -1, mean("force_worst_side"), decimals=2),
    Outcome("misconduct_rate", "per 100,000 encounters", "police misconduct",
            "family", -1, per("misconduct", "encounters", 1e5), decimals=2),
    Outcome("force_rate_in_shocks", "per 100,000 residents and year", "incidents that reach force or worse in the weeks of shocks",
            "resilience", -1, force_in_shocks, decimals=2),
    Outcome("force_rate_in_last_shock", "per 100,000 residents and year",
            "the same in the last shock, or in the last shocks that followed each other without a break",
            "resilience", -1, force_in_last_shock, decimals=2),
    Outcome("security_reaching_force", "share", "security incidents that reach force, of those that arise",
            "escalation", -1, ratio("force_security", "incidents_security")),
    Outcome("weeks_to_calm_security", "weeks", "mean length of a security incident",
            "escalation", -1, ratio("calm_security", "ended_security")),
    Outcome("training_gap", "share", "part of the training received that is not used on the job",
            "family", -1, one_less(ratio("transferred", "trained"))),
    Outcome("repeat_share", "share", "police misconduct that repeats uncorrected cases",
            "family", -1, ratio("repeat_misconduct", "misconduct")),
    Outcome("complaint_rate", "per 100,000 encounters", "complaints about the police",
            "family", 0, per("complaints", "encounters", 1e5), decimals=2),
    Outcome("misread_share", "share", "security incidents misread, of those that no warning stopped",
            "family", -1, misread_share),
    Outcome("warned_share", "share", "security incidents stopped by a warning, of those that arise",
            "family", 1, ratio("warnings", "incidents_security")),
    Outcome("spiral_size", "incidents", "security incidents for each one that was no echo",
            "escalation", -1, spiral_size, decimals=3 ),
    Outcome("rumour", "share", "residents who believe a rumour about the other side, mean",
            "family", -1, mean("rumour"), decimals=4 ),
    Outcome("crises", "per 1,000 residents and year", "households that come into a crisis",
            "family", -1, per_1000("crises"), decimals=2),
    Outcome("repeat_crises", "share", "crises of households that had one before",
            "family", -1, ratio("repeat_crises", "crises") ),
    Outcome("weeks_to_help", "weeks", "mean time from cue to help, where it came",
            "family", -1, ratio("help_weeks", "helped"), decimals=2),
    Outcome("weeks_to_help_severe", "weeks", "the same for crises severe at their cue",
            "family", -1, ratio("help_weeks_severe", "helped_severe"), decimals=2),
    Outcome("unmet_share", "share", "crises that no help reached in time", "family", -1, ratio("unmet_crises", "crises")),
    Outcome("queue_peak", "per 1,000 residents", "households waiting for help, exceeded in one week of twenty",
            "family", -1, queue_peak, decimals=2),
    Outcome("evictions", "per 1,000 residents and year", "households that lost their home while waiting",
            "family", -1, per_1000("evictions")),
    Outcome("handover_loss", "share", "households lost at a hand-over between offices",
            "family", -1, ratio("lost_handovers", "handovers")),
    Outcome("helped_across", "per 1,000 residents and year", "households taken into care across the border",
            "family", 1, per_1000("helped_across")),
    Outcome("deterred_share", "share", "crises of households that stayed away for lack of privacy",
            "family", -1, ratio("deterred", "crises")),
    Outcome("crisis_cost", "euro per resident and year", "what lost homes and weeks of waiting cost the public",
            "family", -1, per_resident("crisis_cost"), decimals=2),
    Outcome("strain_social_work", "0-1", "strain of social workers, mean", "family", -1, mean("strain_social_work"), decimals=4),
    Outcome("turnover_social_work", "share", "social workers who leave in a year",
            "family", -1, turnover("social_work"), decimals=4 ),
    Outcome("fairness_gap", "0-1", "how much worse vulnerable residents are served, mean",
            "family", -1, mean("fairness_gap"), decimals=4),
    Outcome("pilot_success", "share", "pilots that worked out, of those that came out",
            "family", 1, share("pilots_adopted", "pilots_failed")),
    Outcome("works_success", "share", "joint works that succeeded, of those that came out",
            "family", 1, share("works_done", "works_failed")),
    Outcome("resources", "0-1", "strain on water and housing that both sides use, mean",
            "family", -1, mean("resources"), decimals=4 ),
    Outcome("outside_funds", "euro", "outside funds won over the horizon", "money", 1, total("outside_funds"), decimals=0),
    Outcome("practice_public_service", "0-1", "practice stock of municipalities in the last year",
            "family", 1, last_year("practice_public_service"), decimals=4),
    Outcome("practice_outside", "0-1", "practice stock of institutions of its profession outside the programme, in the last year",
            "family", 1, last_year("practice_outside"), decimals=4),
    Outcome("competence_colleagues", "0-1", "competence of workers who took part in nothing, in the last year",
            "family", 1, last_year("colleagues"), decimals=4),
    Outcome("active_organizers", "share", "organizers who can act, mean", "family", 1, mean("active_organizers"), decimals=4),
    Outcome("active_while_repressed", "share", "organizers who can act, of those whose movements are repressed",
            "resilience", 1, ratio("active_repressed", "staff_repressed"), decimals=4),
    Outcome("burnout", "share", "organizers who burn out in a year",
            "family", -1, yearly("burnouts", "staff_organizing"), decimals=4),
    Outcome("turnover_organizing", "share", "organizers who leave in a year", "family", -1, turnover("organizing"), decimals=4),
    Outcome("strain_organizing", "0-1", "strain of organizers, mean", "family", -1, mean("strain_organizing"), decimals=4),
    Outcome("protests", "per 100,000 residents and year", "protests", "family", 0, per_100k("protests"), decimals=1),
    Outcome("nonviolent_share", "share", "protests that stay nonviolent", "family", 1, nonviolent_share, decimals=4),
    Outcome("nonviolent_while_repressed", "share", "protests that stay nonviolent, where movements are repressed",
            "resilience", 1, one_less(ratio("flashpoints_repressed", "protests_repressed")), decimals=4),
    Outcome("cohesion", "0-1", "how far movements hold together, mean", "family", 1, mean("cohesion"), decimals=4),
    Outcome("splits", "movements", "movements that split over the horizon", "family", -1, total("splits"), decimals=1),
    Outcome("rumour_life", "weeks", "mean time for which a rumour is told in a community",
            "family", -1, ratio("rumour_weeks", "rumours_ended"), decimals=2),
    Outcome("rumours_checked", "share", "rumours corrected across ties or by a network",
            "family", 1, ratio("rumours_checked", "rumours_ended")),
    Outcome("weeks_to_mobilise", "weeks", "mean time from call to joint campaign, half a year for calls that lapse",
            "family", -1, weeks_to_mobilise, decimals=2),
    Outcome("calls_lapsed", "share", "calls that nobody answered in half a year",
            "family", -1, share("campaigns_lapsed", "campaigns")),
    Outcome("campaign_success", "share", "joint campaigns that were won", "family", 1, ratio("campaigns_won", "campaigns")),
    Outcome("campaigns", "campaigns", "joint campaigns that took place over the horizon",
            "family", 1, total("campaigns"), decimals=1 ),
    Outcome("campaigns_won", "campaigns", "joint campaigns won over the horizon",
            "family", 1, total("campaigns_won"), decimals=1),
    Outcome("mutual_aid", "0-1", "mutual aid from across that met hardship, mean", "family", 1, mean("mutual_aid"), decimals=4),
    Outcome("practice_organizing", "0-1", "practice stock of movements in the last year",
            "family", 1, last_year("practice_organizing"), decimals=4),
    Outcome("host_harm", "share", "confidence lost by hosts to visitors, over the horizon", "family", -1, total("host_harm")),
    Outcome("weeks_held", "share", "weeks of cohorts held, of those planned", "family", 1, ratio("weeks_held", "weeks_planned")),
    Outcome("competence_end", "0-1", "workers' competence in the last year", "family", 1, last_year("competence"), decimals=4),
    Outcome("conduct", "0-1", "officers' restraint, mean", "family", 1, mean("conduct"), decimals=4),
    Outcome("conduct_end", "0-1", "officers' restraint in the last year", "family", 1, last_year("conduct"), decimals=4),
    Outcome("conduct_gap", "0-1", "officers' restraint: largest difference between sides, mean",
            "family", -1, mean("conduct_gap"), decimals=4),
    Outcome("accountability", "0-1", "accountability of police services, mean", "family", 1, mean("accountability"), decimals=4),
    Outcome("procedures", "0-1", "procedures that police services share across the border, mean",
            "family", 1, mean("procedures"), decimals=4),
    Outcome("repression", "0-1", "shared police data that nobody checks, mean", "family", -1, mean("repression"), decimals=4),
    Outcome("standards", "0-1", "standards shared across the border, mean", "family", 1, mean("standards"), decimals=4),
    Outcome("emigrated", "workers", "placed workers who moved away for good", "family", 0, total("emigrated"), decimals=1),
    Outcome("enrolments", "workers", "workers enrolled over the horizon", "money", 0, total("enrolments"), decimals=0),
    Outcome("benefit_vulnerable", "share", "enrolled workers from the third of communities that are most vulnerable",
            "money", 0, ratio("enrolments_vulnerable", "enrolments")),
    Outcome("benefit_evenness", "0-1", "how evenly enrolments fall on communities' residents: 1 less the Gini coefficient, at the end",
            "money", 0, evenness),
    Outcome("dropout_share", "share", "enrolled workers who gave up", "money", -1, ratio("dropouts", "enrolments")),
    Outcome("enrolments_end", "workers", "workers enrolled in a year, mean of the last two",
            "money", 0, last_two_years("enrolments"), decimals=1),
    Outcome("budget_end", "euro", "money granted in a year, mean of the last two",
            "money", 0, last_two_years("budget"), decimals=0),
    Outcome("spend", "euro", "money spent over the horizon", "money", 0, total("spend"), decimals=0),
    Outcome("cost_per_participant", "euro", "money spent per enrolled worker",
            "money", -1, ratio("spend", "enrolments"), decimals=0 ),
    Outcome("services_dip", "0-1", "deepest fall of services below their level in week 0",
            "resilience", -1, dip("services"), decimals=4),
    Outcome("weeks_to_recover", "weeks", "weeks from the start of the last disaster until services are back for eight weeks",
            "resilience", -1, weeks_to_recover, decimals=1),
    Outcome("trust_dip", "0-1", "deepest fall of community trust below its level in week 0",
            "resilience", -1, dip("community_trust"), decimals=4),
)
# fmt: on

OUTCOMES: tuple[Outcome, ...] = (*_BUILT_IN, *registered().outcomes)
"""Every outcome: name, unit, definition, group, which way is better, and how it is measured."""
fresh("outcome", (), (outcome.name for outcome in OUTCOMES))
BY_NAME: dict[str, Outcome] = {outcome.name: outcome for outcome in OUTCOMES}
known(
    "outcome",
    BY_NAME,
    {own.family.name: (own.family.flow, own.family.damper, *own.first.values(), *own.shown) for own in registered().families},
)
PRIMARY: tuple[str, ...] = tuple(outcome.name for outcome in OUTCOMES if outcome.primary)


def _measurable() -> None:
    """Measure registered outcomes on a year of zeros, so that one made of a series that there is not is told at once."""
    nothing = {series.name: np.zeros(104) for series in SERIES}
    for outcome in registered().outcomes:
        owner = registered().owners[outcome.name]
        where = f"{registered().files[owner]}: {owner}: outcome {outcome.name}"
        try:
            float(outcome.measure(nothing, 1.0))
        except KeyError as error:
            near = difflib.get_close_matches(str(error.args[0]), nothing, 1)
            right = f'did you mean "{near[0]}"?' if near else "a series that is declared"
            raise InputError("made of a series that there is not", where=where, value=error.args[0], right=right) from None
        except Exception as error:
            right = "a function of (series by name, residents) that returns a number, such as total(name)"
            raise InputError(f"cannot be measured: {type(error).__name__}: {error}", where=where, right=right) from error


_measurable()


def summarise(series: Weekly, residents: float) -> dict[str, float]:
    """Compute every outcome of a run.

    Parameters
    ----------
    series : dict of array of float, shape (weeks,)
        Weekly values over the horizon.
    residents : float
        Population of the region.
    """
    return {outcome.name: outcome.measure(series, residents) for outcome in OUTCOMES}


def check_outcome(name: object, where: str) -> str:
    """Return the name of an outcome.

    Raises
    ------
    InputError
        If there is none of that name; `where` says where it was named.
    """
    if isinstance(name, str) and name in BY_NAME:
        return name
    near = difflib.get_close_matches(str(name), BY_NAME, 3)
    right = f"did you mean {' or '.join(near)}?" if near else f"one of: {', '.join(BY_NAME)}"
    raise InputError("no such outcome", where=where, value=name, right=right)
