"""Every weekly series that a run records, declared once."""

from __future__ import annotations

import difflib

from sim.declare import Series
from sim.errors import InputError
from sim.families import FAMILIES, KINDS, RUNGS
from sim.registry import fresh, registered

SERIES: tuple[Series, ...] = (
    Series("community_trust", "0-1", "residents' trust in the other sides, weighted by population"),
    Series("trust_least_side", "0-1", "residents' trust on the side that trusts least"),
    Series("entrant_trust", "0-1", "trust in the other sides of workers hired within the last two years"),
    Series("worker_warmth", "0-1", "workers' warmth towards the other sides"),
    Series("worker_trust", "0-1", "workers' readiness to rely on a stranger from the other sides"),
    Series("legitimacy", "0-1", "residents' confidence in their own institutions"),
    Series("grievance", "0-1", "residents' grievance"),
    Series("livelihoods", "0-1", "residents' livelihoods"),
    Series("services", "0-1", "quality of local services"),
    Series("memory", "0-1", "residents' memory of violence"),
    Series("tension", "0-1", "tension at crossings, weighted by exposure"),
    Series("capability", "0-1", "institutions' capability"),
    Series("competence", "0-1", "workers' competence"),
    Series("intercultural_skill", "0-1", "workers' intercultural skill"),
    Series("strain", "0-1", "workers' strain"),
    Series("partnership", "0-1", "institutions' readiness to work with the other sides"),
    Series("openness", "0-1", "employers' openness to staff from across the border"),
    Series("buy_in", "0-1", "leaders' buy-in to co-operation"),
    Series("live_ties", "ties", "cross-border ties between workers strong enough to rely on (0.15 or more)"),
    Series("ties_across_professions", "ties", "those of them between workers of different professions"),
    Series("tie_strength", "0-1", "mean strength of live ties"),
    Series("crossings_bridged", "crossings", "crossings with a live tie between their two communities"),
    Series("ties_born", "ties", "ties begun", flow=True),
    Series("ties_survived", "ties", "ties begun 52 weeks ago that are alive", flow=True),
    Series(
        "largest_component",
        "share",
        "institutions that live ties connect with each other, directly or by others: largest such group",
    ),
    Series("brokerage", "share", "live ties held by the tenth of workers who hold most"),
    Series("meetings", "meetings", "meetings between workers of different sides", flow=True),
    Series("bad_meetings", "meetings", "meetings that went badly", flow=True),
    Series("leavers", "workers", "workers who left their post", flow=True),
    *(Series(f"reached_{rung}", "incidents", f"incidents that reached the rung {rung}", flow=True) for rung in RUNGS),
    Series("violent", "incidents", "incidents at the rung of force or worse"),
    Series("echoes", "incidents", "incidents that arose as an echo of earlier ones", flow=True),
    Series("mediated", "incidents", "incidents settled by someone with a tie across", flow=True),
    Series("mediated_bridge", "incidents", "incidents settled by a supported bridge figure", flow=True, shared=False),
    Series("mediated_lent", "incidents", "incidents settled by a returnee of another profession", flow=True, shared=False),
    Series("shock", "yes/no", "1 while a shock of the scenario lasts"),
    Series("trained", "worker weeks", "weeks of training received", flow=True, shared=False),
    Series("transferred", "worker weeks", "the same, as far as it is used on the job", flow=True, shared=False),
    Series("ended", "incidents", "incidents that ended", flow=True),
    Series("weeks_to_calm", "weeks", "sum of the lengths of the incidents that ended", flow=True),
    Series("lethal_events", "events", "weeks of an incident in which somebody died", flow=True),
    Series("deaths", "deaths", "deaths", flow=True),
    Series("misread", "incidents", "incidents that the two sides misread", flow=True),
    Series("warnings", "incidents", "incidents stopped at their start by a warning", flow=True),
    Series("at_arms", "yes/no", "1 while armed actors have not stood down"),
    Series("attacks", "incidents", "attacks by spoilers", flow=True),
    Series("rumour", "share", "residents who believe a rumour about the other side"),
    Series("rumours", "rumours", "rumours that arose", flow=True),
    Series("rumours_ended", "rumours", "rumours that ended in a community", flow=True),
    Series("rumour_weeks", "weeks", "sum of the weeks for which these were told there", flow=True),
    Series("rumours_checked", "rumours", "those of them that were corrected across ties or by the network", flow=True),
    Series("protests", "protests", "protests", flow=True),
    Series("flashpoints", "protests", "those of them that turned into a flashpoint", flow=True),
    Series("protests_repressed", "protests", "protests on sides whose movements are repressed", flow=True),
    Series("flashpoints_repressed", "protests", "those of them that turned into a flashpoint", flow=True),
    Series("staff_repressed", "workers", "organizers of sides whose movements are repressed"),
    Series("active_repressed", "workers", "those of them who can act"),
    Series("host_harm", "share", "confidence lost by host communities to visitors who heed no bounds", flow=True, shared=False),
    Series("active_organizers", "share", "organizers who can act"),
    Series("burnouts", "workers", "organizers who burnt out", flow=True),
    Series("splits", "movements", "movements that split", flow=True),
    Series("cohesion", "0-1", "how far movements hold together"),
    Series("repressed", "0-1", "how hard movements are repressed, the hardest of all sides"),
    Series("campaigns_called", "campaigns", "calls for a joint campaign", flow=True, shared=False),
    Series("campaigns", "campaigns", "joint campaigns that took place", flow=True, shared=False),
    Series("mobilise_weeks", "weeks", "sum of the weeks from their calls", flow=True, shared=False),
    Series("campaigns_won", "campaigns", "joint campaigns that were won", flow=True, shared=False),
    Series("campaigns_lapsed", "campaigns", "calls that nobody answered in half a year", flow=True, shared=False),
    Series("mutual_aid", "0-1", "mutual aid from across that meets hardship", shared=False),
    Series("crises", "households", "households that came into a crisis", flow=True),
    Series("repeat_crises", "households", "those of them who had one before", flow=True),
    Series("helped", "households", "households whom help reached", flow=True),
    Series("help_weeks", "weeks", "sum of their weeks from cue to help", flow=True),
    Series("helped_severe", "households", "those of them whose crisis was severe at its cue", flow=True),
    Series("help_weeks_severe", "weeks", "sum of the weeks of these", flow=True),
    Series("unmet_crises", "households", "households whom no help reached in time", flow=True),
    Series("gave_up", "households", "households that stopped asking", flow=True),
    Series("evictions", "households", "households that lost their home while waiting", flow=True),
    Series("handovers", "households", "households handed over between offices", flow=True),
    Series("lost_handovers", "households", "those of them who were lost and must begin anew", flow=True),
    Series("helped_across", "households", "households taken into care across the border", flow=True),
    Series("referrals_tie", "households", "households referred across by a trusted chain", flow=True),
    Series("referrals_agreement", "households", "households referred across by agreement", flow=True),
    Series("care_broken_off", "households", "households whose care broke off when the social worker left", flow=True),
    Series("deterred", "households", "households that stayed away because data are shared without privacy", flow=True),
    Series("crisis_cost", "euro", "what lost homes and weeks of waiting cost the public", flow=True),
    Series("waiting", "households", "households waiting for help"),
    Series("in_care", "households", "households in care"),
    Series("disaster", "0-1", "size of a disaster under way, the largest of all sides"),
    Series("fairness_gap", "0-1", "how much worse vulnerable residents are served"),
    Series("resources", "0-1", "strain on water and housing that both sides of crossings use"),
    Series("encounters", "encounters", "encounters of officers with residents", flow=True),
    Series("police_force", "encounters", "encounters in which officers use force (expected number)", flow=True),
    Series("force_worst_side", "per 1,000 encounters", "use of force where officers of one side use it most"),
    Series("misconduct", "cases", "cases of police misconduct", flow=True),
    Series("repeat_misconduct", "cases", "cases that repeat uncorrected ones", flow=True),
    Series("complaints", "cases", "cases that become complaints", flow=True),
    Series("conduct", "0-1", "officers' restraint"),
    Series("conduct_gap", "0-1", "officers' restraint: largest difference between sides"),
    Series("accountability", "0-1", "accountability of police services"),
    Series("rapport", "0-1", "rapport of police services with residents"),
    Series("procedures", "0-1", "procedures that police services share with the other sides", shared=False),
    Series("repression", "0-1", "shared police data that nobody checks", shared=False),
    Series("participants", "workers", "workers enrolled in a cohort this week", shared=False),
    Series("enrolments", "workers", "workers newly enrolled", flow=True, shared=False),
    Series(
        "enrolments_vulnerable",
        "workers",
        "those of them from the third of communities that are most vulnerable",
        flow=True,
        shared=False,
    ),
    Series(
        "evenness",
        "0-1",
        "how evenly enrolments so far fall on communities' residents: 1 less the Gini coefficient",
        shared=False,
    ),
    Series("weeks_planned", "weeks", "weeks planned of cohorts that ended", flow=True, shared=False),
    Series("weeks_held", "weeks", "weeks held of them", flow=True, shared=False),
    Series("dropouts", "workers", "participants who gave up", flow=True, shared=False),
    Series("alumni", "workers", "alumni in post", shared=False),
    Series("projects", "projects", "live joint projects", shared=False),
    Series("projects_founded", "projects", "joint projects founded", flow=True, shared=False),
    Series("projects_ended", "projects", "joint projects that ended", flow=True, shared=False),
    Series("projects_failed", "projects", "joint projects that failed visibly", flow=True, shared=False),
    Series("placed", "workers", "workers placed across the border", shared=False),
    Series("placements", "workers", "workers newly placed across the border", flow=True, shared=False),
    Series("credentials", "workers", "workers in post with a recognised credential", shared=False),
    Series("emigrated", "workers", "placed workers who moved away for good", flow=True, shared=False),
    Series("standards", "0-1", "standards and procedures shared with the other sides", shared=False),
    Series("practice", "0-1", "practice stock of institutions"),
    Series(
        "practice_outside",
        "0-1",
        "practice stock of institutions of its profession that take part in no programme, where there are some",
        shared=False,
    ),
    Series("colleagues", "0-1", "competence of workers in post who took part in no programme"),
    Series("withdrawn", "institutions", "institutions that left the co-operation", shared=False),
    Series("pilots_started", "pilots", "pilots begun", flow=True, shared=False),
    Series("pilots_adopted", "pilots", "pilots that worked out", flow=True, shared=False),
    Series("pilots_failed", "pilots", "pilots that failed", flow=True, shared=False),
    Series("works_started", "works", "joint works begun", flow=True, shared=False),
    Series("works_done", "works", "joint works that succeeded", flow=True, shared=False),
    Series("works_failed", "works", "joint works that failed", flow=True, shared=False),
    Series("budget", "euro", "money granted, outside funds included", flow=True, shared=False),
    Series("outside_funds", "euro", "outside funds won", flow=True, shared=False),
    Series("spend", "euro", "money spent", flow=True, shared=False),
    # by profession and kind of incident: last, so that where the others stand does not depend on what is registered
    *(Series(f"leavers_{f.name}", "workers", f"workers of {f.words} who left their post", flow=True) for f in FAMILIES),
    *(Series(f"strain_{f.name}", "0-1", f"strain of workers of {f.words}") for f in FAMILIES),
    *(Series(f"staff_{f.name}", "workers", f"workers of {f.words}") for f in FAMILIES),
    *(Series(f"incidents_{kind}", "incidents", f"incidents of kind {kind} that arose", flow=True) for kind in KINDS),
    *(Series(f"echoes_{kind}", "incidents", f"incidents of kind {kind} that arose as an echo", flow=True) for kind in KINDS),
    *(Series(f"force_{kind}", "incidents", f"incidents of kind {kind} that reached force", flow=True) for kind in KINDS),
    *(Series(f"ended_{kind}", "incidents", f"incidents of kind {kind} that ended", flow=True) for kind in KINDS),
    *(
        Series(f"calm_{kind}", "weeks", f"sum of the lengths of the incidents of kind {kind} that ended", flow=True)
        for kind in KINDS
    ),
    *(Series(f"practice_{f.name}", "0-1", f"practice stock of institutions of {f.words}") for f in FAMILIES),
    *registered().series,
)
fresh("series", (), (series.name for series in SERIES))

INDEX: dict[str, int] = {series.name: i for i, series in enumerate(SERIES)}


def series_index(name: str, where: str) -> int:
    """Return the column of a series, given by name.

    Raises
    ------
    InputError
        If there is none of this name; `where` says where it was asked for.
    """
    if name not in INDEX:
        near = difflib.get_close_matches(str(name), INDEX, 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        raise InputError("unknown series", where=where, value=name, right=f"{hint}one of: {', '.join(INDEX)}")
    return INDEX[name]
