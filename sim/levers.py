"""What a programme designer can set. Each lever is a declared row: meaning, unit, range and what it costs."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from sim.declare import Declaration, declarations
from sim.declare import Declared as D  # noqa: N817
from sim.parameters.costs import CostParameters
from sim.registry import fresh, known, registered


class CommonLevers(NamedTuple):
    """Levers of every family."""

    annual_budget: Annotated[float, D("money a year; never overspent", "euro", 0, 1e9)] = 250_000.0
    cohort_size: Annotated[float, D("participants of one cohort, all sides together", "workers", 4, 400)] = 24.0
    cohorts_per_year: Annotated[float, D("cohorts begun in a year", "cohorts", 1, 12)] = 2.0
    weeks: Annotated[float, D("weeks of one cohort", "weeks", 1, 40, "V1, V9", cost="in_person_week")] = 12.0
    virtual_share: Annotated[float, D("share of weeks held online", "share", 0, 1, cost="virtual_week")] = 0.0
    virtual_fallback: Annotated[
        float, D("1: go online while the border is closed; 0: the week is lost", "yes/no", 0, 1, "O7")
    ] = 1.0
    summit: Annotated[
        float, D("1: the year's contact in one big one-week event; 0: small, repeated exposure", "yes/no", 0, 1, "V1")
    ] = 0.0
    catchment: Annotated[float, D("communities on each side that a cohort draws on", "communities", 1, 1000)] = 4.0
    joint: Annotated[
        float, D("1: the sides train together; 0: each side trains by itself, so that nobody meets", "yes/no", 0, 1, "C14")
    ] = 1.0
    joint_work: Annotated[float, D("share of time spent on real joint tasks", "share", 0, 1, "V7")] = 0.5
    cooperation: Annotated[float, D("0: the two sides compete; 1: they co-operate", "0-1", 0, 1, "A6")] = 1.0
    hosting: Annotated[float, D("who hosts: 0 one side only, 1 in turn", "0-1", 0, 1, "V5, O2")] = 1.0
    governance: Annotated[float, D("who governs: 0 one side only, 1 together", "0-1", 0, 1, "V6, O2")] = 1.0
    benefits: Annotated[float, D("who benefits: 0 one side only, 1 all alike", "0-1", 0, 1, "V5, O2")] = 1.0
    preparation: Annotated[
        float, D("language, intercultural and bias preparation", "0-1", 0, 1, "V8, O16", cost="preparation")
    ] = 0.5
    mentoring: Annotated[
        float, D("mentoring that outlives the cohort, and of entrants", "0-1", 0, 1, "V3, V10, O1, O4", cost="mentoring")
    ] = 0.0
    debrief: Annotated[
        float, D("debrief, so that institutions keep what returnees learnt", "0-1", 0, 1, "V9, S8, P4, O8", cost="debrief")
    ] = 0.5
    alumni_support: Annotated[
        float, D("alumni events: 1 is one a month", "0-1", 0, 1, "V4, V12, P6, O10", cost="alumni_event")
    ] = 0.0
    joint_centre: Annotated[float, D("a joint centre where alumni and others meet", "0-1", 0, 1, "V4", cost="joint_centre")] = 0.0
    refreshers: Annotated[float, D("share of alumni refreshed in a year", "share", 0, 1, "B5", cost="refresher")] = 0.0
    inclusion: Annotated[
        float, D("outreach: how far marginalised communities are favoured in selection", "0-1", 0, 1, "O15", cost="outreach")
    ] = 0.0
    seniority: Annotated[float, D("-1 favours the newest staff, 1 the longest-serving", "-1 to 1", -1, 1, "V10")] = 0.0
    stop_go: Annotated[
        float,
        D(
            "how far the budget swings from year to year, the total kept: 0 steady, 1 double and nothing in turn",
            "0-1",
            0,
            1,
            "P12",
        ),
    ] = 0.0
    leadership_work: Annotated[float, D("work for the buy-in of leaders", "0-1", 0, 1, cost="leadership_work")] = 0.0
    evaluation: Annotated[
        float,
        D("evaluation and open reporting, which makes results visible to funders", "0-1", 0, 1, "S9, P12", cost="evaluation"),
    ] = 0.0


class VocationalLevers(NamedTuple):
    """Levers of joint vocational exchange."""

    standards: Annotated[float, D("joint work on standards of quality and safety", "0-1", 0, 1, "V2, V18", cost="standards")] = (
        0.0
    )
    recognition: Annotated[float, D("mutual recognition of credentials", "0-1", 0, 1, "V18, H2", cost="recognition")] = 0.0
    placements: Annotated[
        float, D("share of graduates with a guaranteed placement across the border", "share", 0, 1, "V5", cost="placement")
    ] = 0.0
    simulations: Annotated[
        float, D("share of cohorts that end with a crisis simulation", "share", 0, 1, "V11", cost="simulation")
    ] = 0.0
    bridge_figures: Annotated[
        float, D("share of alumni chosen and supported as bridge figures", "share", 0, 1, "V14", cost="bridge_figure")
    ] = 0.0


class PolicingLevers(NamedTuple):
    """Levers of joint community-policing training.

    Those in `TRAINING_TIME` divide the training's time; what is left of it goes to other police craft.
    """

    restraint: Annotated[float, D("share of the training on restraint, rights and de-escalation", "share", 0, 1, "C1")] = 0.4
    scenarios: Annotated[float, D("share of the training on rehearsed joint scenarios", "share", 0, 1, "C2", cost="exercise")] = (
        0.2
    )
    immersion: Annotated[float, D("share of the training spent in neighbourhoods", "share", 0, 1, "C4", cost="immersion")] = 0.0
    identity: Annotated[
        float, D("share of the training on ethics and a professional identity shared across the border", "share", 0, 1, "C3")
    ] = 0.0
    deescalation: Annotated[
        float, D("work on a dialogue-first norm for times of high tension", "0-1", 0, 1, "C10", cost="deescalation")
    ] = 0.0
    contact_points: Annotated[
        float, D("standing contact points and escalation ladders", "0-1", 0, 1, "C5", cost="contact_points")
    ] = 0.0
    joint_patrols: Annotated[float, D("joint patrols at crossings", "0-1", 0, 1, "C5", cost="joint_patrols")] = 0.0
    information_sharing: Annotated[
        float, D("joint reading of information, which may also serve repression", "0-1", 0, 1, "C9", cost="information_sharing")
    ] = 0.0
    safeguards: Annotated[
        float, D("privacy safeguards and redaction of what is shared", "0-1", 0, 1, "C9", cost="safeguards")
    ] = 0.0
    oversight: Annotated[float, D("civilian review and public reporting", "0-1", 0, 1, "C3, C6", cost="oversight")] = 0.0
    audits: Annotated[float, D("independent audits of how training is used on the job", "0-1", 0, 1, "C8", cost="audits")] = 0.0
    justice_chain: Annotated[
        float, D("parallel sessions with prosecutors, judges and auditors", "0-1", 0, 1, "C11", cost="justice_chain")
    ] = 0.0
    blame_free: Annotated[float, D("debriefs: 0 look for the guilty, 1 for the error", "0-1", 0, 1, "C13")] = 0.5


class SocialWorkLevers(NamedTuple):
    """Levers of exchange between social workers."""

    agreements: Annotated[
        float, D("work on agreements by which offices refer households across the border", "0-1", 0, 1, "S2", cost="agreements")
    ] = 0.0
    protocols: Annotated[float, D("shared assessment tools and data protocols", "0-1", 0, 1, "S3", cost="protocols")] = 0.0
    privacy: Annotated[float, D("privacy of what is shared: 0 none, 1 full", "0-1", 0, 1, "S3", cost="privacy")] = 0.0
    conferences: Annotated[float, D("joint case conferences", "0-1", 0, 1, "S4", cost="conferences")] = 0.0
    intake: Annotated[float, D("common intake forms and clean hand-overs", "0-1", 0, 1, "S5", cost="intake")] = 0.0
    supervision: Annotated[float, D("peer supervision across the border", "0-1", 0, 1, "S6", cost="supervision")] = 0.0
    prevention: Annotated[
        float, D("preventive services: language, transport, temporary housing", "0-1", 0, 1, "S7", cost="prevention")
    ] = 0.0
    hotline: Annotated[float, D("a joint crisis hotline", "0-1", 0, 1, "S10", cost="hotline")] = 0.0
    shelters: Annotated[float, D("shared emergency shelters", "0-1", 0, 1, "S10", cost="shelters")] = 0.0
    corridors: Annotated[float, D("crisis corridors across the border", "0-1", 0, 1, "S10", cost="corridors")] = 0.0
    stabilisers: Annotated[
        float, D("work on jobs and school for helped households, and on gaps in services", "0-1", 0, 1, "S11", cost="stabilisers")
    ] = 0.0
    careers: Annotated[float, D("careers across the border for social workers", "0-1", 0, 1, "S12", cost="careers")] = 0.0


class PublicServiceLevers(NamedTuple):
    """Levers of exchange between public servants."""

    pilots: Annotated[
        float,
        D(
            "share of returnees' municipalities that are helped to try a practice they have seen",
            "share",
            0,
            1,
            "P4",
            cost="pilot",
        ),
    ] = 0.0
    adaptation: Annotated[
        float, D("0: practices are copied; 1: wholly tailored to the place", "0-1", 0, 1, "P2", cost="adaptation")
    ] = 0.0
    standards: Annotated[
        float, D("joint work on standards, templates and procurement", "0-1", 0, 1, "P3, P13", cost="standards")
    ] = 0.0
    data: Annotated[float, D("shared indicators and data", "0-1", 0, 1, "P3, P11", cost="data")] = 0.0
    works: Annotated[float, D("joint works on water and housing that both sides use", "0-1", 0, 1, "P11", cost="works")] = 0.0
    roles: Annotated[float, D("clear roles in joint works", "0-1", 0, 1, "P11", cost="roles")] = 0.0
    flexibility: Annotated[float, D("flexible governance of joint works", "0-1", 0, 1, "P11", cost="flexibility")] = 0.0
    ethics: Annotated[float, D("ethics, disclosure and open books", "0-1", 0, 1, "P9", cost="ethics")] = 0.0
    equity: Annotated[float, D("equity work: languages, access, liaison", "0-1", 0, 1, "P10", cost="equity")] = 0.0
    bargaining: Annotated[float, D("joint bargaining for outside funds", "0-1", 0, 1, "P8", cost="bargaining")] = 0.0
    contingency: Annotated[float, D("joint contingency plans", "0-1", 0, 1, "P7", cost="contingency")] = 0.0


class OrganizingLevers(NamedTuple):
    """Levers of cross-cultural training of organizers."""

    rehearsals: Annotated[
        float,
        D("share of the training on rehearsed negotiations, press calls and emergencies", "share", 0, 1, "O3", cost="exercise"),
    ] = 0.3
    mixed_roles: Annotated[
        float, D("0: a cohort is of one role; 1: legal aid, media, logistics and rapid response mixed", "0-1", 0, 1, "O6")
    ] = 1.0
    consent: Annotated[float, D("work on consent and boundaries with hosts", "0-1", 0, 1, "O16", cost="consent")] = 0.5
    flexible_timelines: Annotated[
        float,
        D(
            "share of shock weeks in which cohorts pause, so that people are at home, and go on later",
            "share",
            0,
            1,
            "O5",
            cost="flexible_timelines",
        ),
    ] = 0.0
    rotation: Annotated[float, D("rotating, community-led leadership", "0-1", 0, 1, "O2", cost="rotation")] = 0.0
    protocols: Annotated[
        float, D("agreed roles, decision rights and escalation paths", "0-1", 0, 1, "O9", cost="movement_protocols")
    ] = 0.0
    values: Annotated[
        float, D("work on shared values: nonviolence, inclusion, accountability", "0-1", 0, 1, "O14", cost="values")
    ] = 0.0
    commons: Annotated[float, D("digital commons and archives", "0-1", 0, 1, "O4", cost="commons")] = 0.0
    mental_health: Annotated[float, D("mental-health support", "0-1", 0, 1, "O11", cost="mental_health")] = 0.0
    rapid_response: Annotated[
        float, D("rapid-response network: checks rumours, makes repression known", "0-1", 0, 1, "O13", cost="rapid_response")
    ] = 0.0
    mutual_aid: Annotated[float, D("pledges of mutual aid across the border", "0-1", 0, 1, "O13", cost="mutual_aid")] = 0.0
    campaigns: Annotated[float, D("support of joint campaigns", "0-1", 0, 1, "O12", cost="campaigns")] = 0.0
    local_lead: Annotated[float, D("who leads joint campaigns: 0 outsiders, 1 those who live there", "0-1", 0, 1, "O12")] = 1.0


TRAINING_TIME = ("restraint", "scenarios", "immersion", "identity")
"""Levers that divide the time of police training."""
FAMILY_LEVERS: dict[str, Any] = {
    "vocational": VocationalLevers,
    "social_work": SocialWorkLevers,
    "public_service": PublicServiceLevers,
    "policing": PolicingLevers,
    "organizing": OrganizingLevers,
    **{own.family.name: own.levers for own in registered().families},
}


for _own in registered().families:
    fresh("lever", CommonLevers._fields, _own.levers._fields)
FIRST: dict[str, str] = {
    "programme.annual_budget": "enrolments",
    "programme.cohort_size": "enrolments",
    "programme.cohorts_per_year": "enrolments",
    "programme.weeks": "partnership",
    "programme.virtual_share": "cost_per_participant",
    "programme.virtual_fallback": "weeks_held",
    "programme.summit": "tie_survival",
    "programme.catchment": "benefit_evenness",
    "programme.joint": "live_ties",
    "programme.joint_work": "partnership",
    "programme.cooperation": "bad_meeting_share",
    "programme.hosting": "bad_meeting_share",
    "programme.governance": "bad_meeting_share",
    "programme.benefits": "dropout_share",
    "programme.preparation": "bad_meeting_share",
    "programme.mentoring": "entrant_trust",
    "programme.debrief": "practice_public_service",
    "programme.alumni_support": "live_ties",
    "programme.joint_centre": "live_ties",
    "programme.refreshers": "competence_end",
    "programme.inclusion": "benefit_vulnerable",
    "programme.seniority": "entrant_trust",
    "programme.stop_go": "buy_in",
    "programme.leadership_work": "buy_in",
    "programme.evaluation": "budget_end",
    "vocational.standards": "standards",
    "vocational.recognition": "placements",
    "vocational.placements": "placements",
    "vocational.simulations": "standards",
    "vocational.bridge_figures": "mediated_share",
    "social_work.agreements": "helped_across",
    "social_work.protocols": "weeks_to_help",
    "social_work.privacy": "deterred_share",
    "social_work.conferences": "helped_across",
    "social_work.intake": "handover_loss",
    "social_work.supervision": "strain_social_work",
    "social_work.prevention": "crises",
    "social_work.hotline": "weeks_to_help",
    "social_work.shelters": "weeks_to_help_severe",
    "social_work.corridors": "weeks_to_help",
    "social_work.stabilisers": "repeat_crises",
    "social_work.careers": "turnover_social_work",
    "public_service.pilots": "practice_public_service",
    "public_service.adaptation": "pilot_success",
    "public_service.standards": "standards",
    "public_service.data": "works_success",
    "public_service.works": "resources",
    "public_service.roles": "works_success",
    "public_service.flexibility": "works_success",
    "public_service.ethics": "legitimacy",
    "public_service.equity": "fairness_gap",
    "public_service.bargaining": "outside_funds",
    "public_service.contingency": "services_dip",
    "policing.restraint": "conduct",
    "policing.scenarios": "procedures",
    "policing.immersion": "warned_share",
    "policing.identity": "misconduct_rate",
    "policing.deescalation": "force_per_encounter",
    "policing.contact_points": "procedures",
    "policing.joint_patrols": "procedures",
    "policing.information_sharing": "misread_share",
    "policing.safeguards": "repression",
    "policing.oversight": "accountability",
    "policing.audits": "training_gap",
    "policing.justice_chain": "accountability",
    "policing.blame_free": "repeat_share",
    "organizing.rehearsals": "nonviolent_share",
    "organizing.mixed_roles": "weeks_to_mobilise",
    "organizing.consent": "host_harm",
    "organizing.flexible_timelines": "weeks_held",
    "organizing.rotation": "turnover_organizing",
    "organizing.protocols": "nonviolent_while_repressed",
    "organizing.values": "cohesion",
    "organizing.commons": "practice_organizing",
    "organizing.mental_health": "burnout",
    "organizing.rapid_response": "rumour_life",
    "organizing.mutual_aid": "mutual_aid",
    "organizing.campaigns": "campaigns",
    "organizing.local_lead": "campaign_success",
    **{lever: outcome for own in registered().families for lever, outcome in own.first.items()},
}
"""Outcome that each lever moves first; `benchmarks/levers.py` shows how far it does."""


known(
    "cost",
    CostParameters._fields,
    {
        own.family.name: [d.declared.cost for d in declarations(own.family.name, own.levers) if d.declared.cost]
        for own in registered().families
    },
)


def levers_priced(unit: str) -> dict[str, dict[str, str]]:
    """List the levers whose cost falls due in a given way, such as ``"euro/year"``.

    Returns
    -------
    dict
        Family to (lever to the name of its cost), the common levers included.
    """
    units = {row.name: row.declared.unit for row in declarations("costs", CostParameters)}
    out = {}
    for family, cls in FAMILY_LEVERS.items():
        rows = [*declarations("programme", CommonLevers), *declarations(family, cls)]
        out[family] = {row.name: row.declared.cost for row in rows if units.get(row.declared.cost) == unit}
    return out


def level_of(levers: CommonLevers, own: Any, name: str) -> float:
    """Return the level of a lever, common or the family's own."""
    return float(getattr(own if hasattr(own, name) else levers, name))


def all_levers() -> list[Declaration]:
    """List every declared lever, the common ones first."""
    rows = declarations("programme", CommonLevers)
    for family, cls in FAMILY_LEVERS.items():
        rows += declarations(family, cls)
    return rows
