"""Every behavioural parameter, declared once: meaning, unit, default, plausible range, source and grade.

A scenario overrides them by name (``[parameters.contact] bad_weight = 2.5``), a sweep draws from the ranges, the ODD
document prints this table, and the compiled rules read these very classes. Half-lives of slow states lie between 26 and
104 weeks, which is the model's stability rule. All defaults are priors set before any calibration.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, NamedTuple

from sim.declare import Declaration, declarations
from sim.declare import Declared as D  # noqa: N817

NEUTRAL_TENSION = 0.3
"""Tension of an ordinary week; effects of tension are counted from here."""
NEUTRAL_TRUST = 0.5
"""Trust at which trust neither helps nor hinders an incident's climb."""


class PoliticsParameters(NamedTuple):
    """Rhetoric, elections and what they do."""

    rhetoric_trust: Annotated[float, D("weekly loss of community trust at full hostile rhetoric", "share/week", 0, 0.02)] = 0.006
    rhetoric_tension: Annotated[float, D("weekly rise of tension at full hostile rhetoric", "share/week", 0, 0.03)] = 0.010
    election_leaders: Annotated[float, D("leaders replaced by an election of size 1", "share", 0, 1, "D2", "C")] = 0.5
    election_programme_end: Annotated[
        float, D("chance that an election of size 1 ends a donor-funded programme", "probability", 0, 1)
    ] = 0.2


class PeopleParameters(NamedTuple):
    """How workers differ, stay, leave and forget."""

    warmth_spread: Annotated[
        float, D("lasting differences in warmth between workers (standard deviation)", "0-1 scale", 0.05, 0.25)
    ] = 0.15
    trust_spread: Annotated[
        float, D("lasting differences in trust between workers (standard deviation)", "0-1 scale", 0.05, 0.25)
    ] = 0.15
    attitude_half_life: Annotated[
        float, D("weeks until half of a changed attitude has faded to the home climate", "weeks", 26, 104, "A4", "C")
    ] = 40.0
    tie_hold: Annotated[float, D("how much a live strong tie slows that fading", "share", 0, 0.9, "A4", "C")] = 0.5
    norms: Annotated[float, D("weight of changes in the home community's climate on its workers", "share", 0, 1)] = 0.6
    annual_turnover: Annotated[
        float, D("workers who leave their post in a year", "annual fraction", 0.06, 0.4, "W3, D1", "A")
    ] = 0.15
    strain_turnover: Annotated[
        float, D("relative rise of turnover per unit of strain above an ordinary level", "1/unit", 0, 3)
    ] = 1.0
    skill_half_life: Annotated[float, D("weeks until half of an unused skill is gone", "weeks", 26, 56, "B5", "B")] = 40.0
    strain_half_life: Annotated[float, D("weeks until half of an added strain is gone", "weeks", 26, 52)] = 26.0
    leader_rotation: Annotated[float, D("institutions whose leader changes in a year", "annual fraction", 0.05, 0.4)] = 0.15
    buy_in_half_life: Annotated[float, D("weeks until half of won leadership buy-in has faded", "weeks", 26, 104)] = 52.0
    capability_half_life: Annotated[
        float, D("weeks until an institution's capability is half-way to its resting level", "weeks", 26, 104)
    ] = 40.0
    practice_half_life: Annotated[
        float, D("weeks until half of an unsupported practice has lapsed", "weeks", 26, 104, "D3", "C")
    ] = 78.0
    practice_loss: Annotated[float, D("share of a leaver's part in the practice stock that leaves too", "share", 0, 1)] = 0.5


class ContactParameters(NamedTuple):
    """What a meeting between two workers of different sides does."""

    everyday_meetings: Annotated[
        float, D("unorganised cross-border meetings of a worker at an open, fully exposed crossing", "per week", 0, 0.3)
    ] = 0.03
    everyday_quality: Annotated[float, D("contact quality of an unorganised meeting", "0-1", 0, 1)] = 0.4
    group_size: Annotated[float, D("workers in a task group of a rotation, all sides together", "workers", 4, 12)] = 6.0
    virtual_intensity: Annotated[float, D("effect of a virtual week relative to one in person", "ratio", 0, 1)] = 0.4
    bad_share: Annotated[float, D("share of meetings that go badly under ordinary tension", "share", 0.1, 0.4, "A11", "B")] = 0.25
    bad_weight: Annotated[float, D("weight of a bad meeting relative to a good one", "ratio", 1.5, 3, "A11", "B")] = 2.0
    tension_bad: Annotated[
        float, D("relative rise of bad meetings per unit of tension above an ordinary week", "1/unit", 0, 2)
    ] = 0.8
    skill_bad: Annotated[float, D("share of bad meetings that full intercultural skill of both avoids", "share", 0, 0.9)] = 0.5
    quality_bad: Annotated[float, D("share of bad meetings that the best contact conditions avoid", "share", 0, 0.9)] = 0.5
    competition_bad: Annotated[float, D("relative rise of bad meetings when the two sides compete", "ratio", 0, 4, "A6", "B")] = (
        2.0
    )
    warmth_gain: Annotated[
        float, D("gain in warmth from one good meeting of full quality", "share of the way to 1", 0, 0.02, "A3", "B")
    ] = 0.006
    generalisation: Annotated[float, D("trust in strangers gained per unit of warmth gained", "ratio", 0, 0.6, "A4", "B")] = 0.35
    skill_gain: Annotated[float, D("intercultural skill gained in one good meeting", "share of the way to 1", 0, 0.02)] = 0.006
    identity_gain: Annotated[
        float, D("professional identity gained in one week of joint work", "share of the way to 1", 0, 0.03, "V7")
    ] = 0.008
    strain_bad: Annotated[float, D("strain added by a bad meeting", "share of the way to 1", 0, 0.05)] = 0.01
    tie_gain: Annotated[
        float, D("tie strength gained in one good meeting of full quality", "share of the way to 1", 0.02, 0.3, "A6", "C")
    ] = 0.12
    tie_loss: Annotated[float, D("tie strength lost in a bad meeting", "share", 0, 0.8)] = 0.3
    tie_floor: Annotated[float, D("strength below which a tie has ended", "0-1", 0.01, 0.1)] = 0.03
    tie_decay: Annotated[float, D("weekly decay of a weak unused tie", "1/week", 0.02, 0.15, "E1", "B")] = 0.08
    tie_closeness: Annotated[
        float, D("how much slower strong ties decay: rate falls with (1 − strength) to this power", "exponent", 0, 3, "E2", "B")
    ] = 1.5
    tie_use: Annotated[float, D("unorganised uses of a full-strength tie by one of its two persons", "per week", 0, 0.2)] = 0.05


class ProgrammeParameters(NamedTuple):
    """Joining, staying and leaving, whatever the family."""

    volunteer_warmth: Annotated[
        float, D("how much warmer workers volunteer more (log odds per standard deviation)", "log odds", 0, 2)
    ] = 0.7
    preparation_skill: Annotated[
        float, D("intercultural skill gained from full preparation", "share of the way to 1", 0, 0.5)
    ] = 0.25
    dropout: Annotated[float, D("participants who give up in a week", "probability/week", 0, 0.05)] = 0.008
    dropout_one_sided: Annotated[
        float, D("relative rise of giving up where the other side takes the benefits", "ratio", 0, 5, "V5")
    ] = 1.5
    dropout_strain: Annotated[
        float, D("relative rise of giving up per unit of strain above an ordinary level", "1/unit", 0, 3)
    ] = 1.0
    dropout_branding: Annotated[float, D("relative rise of giving up at full hostile rhetoric at home", "ratio", 0, 5)] = 1.0
    withdrawal: Annotated[
        float,
        D(
            "institutions that leave the co-operation in a year when benefits are wholly one-sided",
            "annual fraction",
            0,
            0.5,
            "V5",
        ),
    ] = 0.25
    withdrawal_weeks: Annotated[float, D("weeks for which an institution stays away", "weeks", 26, 156)] = 52.0
    branding: Annotated[
        float,
        D("community trust lost a week at full rhetoric, per share of residents who know a participant", "share/week", 0, 0.02),
    ] = 0.004
    buy_in_gain: Annotated[
        float, D("leadership buy-in won by a year of full leadership work", "share of the way to 1", 0, 0.6)
    ] = 0.3
    funding_feedback: Annotated[
        float, D("relative change of the next year's budget per unit of visible results", "ratio", -0.2, 0.5, "V13")
    ] = 0.1
    governance_shield: Annotated[
        float, D("share of a political blow that wholly shared governance wards off", "share", -0.2, 0.8, "V6")
    ] = 0.3


class VocationalParameters(NamedTuple):
    """Projects, placements, standards and what they are worth."""

    competence_gain: Annotated[
        float, D("job-relevant competence gained in a week of rotation", "share of the way to 1", 0, 0.03)
    ] = 0.012
    transfer: Annotated[float, D("share of trained competence that is used on the job", "share", 0.3, 0.8, "D3", "B")] = 0.6
    practice_gain: Annotated[
        float, D("practice stock gained by an institution per debriefed returnee's share of its staff", "ratio", 0, 1)
    ] = 0.3
    practice_capability: Annotated[float, D("rise of capability's resting level per unit of practice stock", "ratio", 0, 0.6)] = (
        0.2
    )
    competence_capability: Annotated[
        float, D("rise of capability's resting level per unit of its staff's mean competence", "ratio", 0, 0.6)
    ] = 0.3
    backlog_capability: Annotated[float, D("fall of capability's resting level per share of staff away", "ratio", 0, 1)] = 0.3
    project_founding: Annotated[
        float, D("chance that a pair who finish joint work together found a lasting project", "probability", 0, 0.3, "V3")
    ] = 0.06
    project_end: Annotated[float, D("joint projects that end in a year", "annual fraction", 0.1, 0.8)] = 0.45
    project_failure: Annotated[
        float, D("joint projects that fail visibly in a year at ordinary capability", "annual fraction", 0, 0.4)
    ] = 0.1
    project_tie: Annotated[float, D("share of endings avoided while the founders' tie lives", "share", 0, 0.9)] = 0.5
    project_mentoring: Annotated[float, D("share of endings avoided under full mentoring", "share", 0, 0.9, "V3")] = 0.3
    project_politics: Annotated[
        float, D("relative rise of endings at full hostile rhetoric or full closure", "ratio", 0, 10, "V12")
    ] = 4.0
    project_households: Annotated[float, D("households whose living a joint project helps", "households", 0, 60)] = 15.0
    placement_rate: Annotated[
        float,
        D(
            "alumni who find work across the border in a year without recognised credentials",
            "annual fraction",
            0,
            0.15,
            "H1, H3",
            "C",
        ),
    ] = 0.04
    placement_recognition: Annotated[
        float, D("relative rise of placements under full recognition of credentials", "ratio", 0, 4, "H2", "B")
    ] = 1.5
    placement_openness: Annotated[
        float, D("relative rise of placements per unit of employer openness above an ordinary level", "1/unit", 0, 4, "V9")
    ] = 1.5
    placement_weeks: Annotated[float, D("mean length of a placement", "weeks", 13, 208)] = 52.0
    placement_meetings: Annotated[float, D("meetings with host colleagues in a week of placement", "per week", 0, 1)] = 0.5
    placement_emigration: Annotated[
        float, D("placed workers who move away for good in a year", "annual fraction", 0, 0.3, "H3", "C")
    ] = 0.08
    placement_households: Annotated[float, D("households whose living a placement helps", "households", 1, 8)] = 3.0
    openness_gain: Annotated[
        float,
        D(
            "employer openness gained per returnee's or guest's share of the staff and week",
            "share of the way to 1",
            0,
            0.1,
            "V9",
        ),
    ] = 0.02
    openness_half_life: Annotated[float, D("weeks until half of won openness has faded", "weeks", 26, 104)] = 78.0
    standards_gain: Annotated[
        float, D("shared standards reached by a year of full standards work", "share of the way to 1", 0, 0.6, "V2")
    ] = 0.3
    standards_simulation: Annotated[
        float, D("shared standards reached by the reforms after one crisis simulation", "share of the way to 1", 0, 0.3, "V11")
    ] = 0.08
    standards_half_life: Annotated[float, D("weeks until half of the shared standards have lapsed", "weeks", 26, 104)] = 104.0
    standards_quality: Annotated[float, D("contact quality added by fully shared standards", "0-1", -0.1, 0.4, "V2")] = 0.15
    partnership_gain: Annotated[
        float,
        D(
            "partnership gained by an institution in a week, per share of staff in joint work or project",
            "share of the way to 1",
            0,
            0.2,
        ),
    ] = 0.05
    partnership_half_life: Annotated[float, D("weeks until half of a partnership has faded", "weeks", 26, 104)] = 78.0
    partnership_rhetoric: Annotated[float, D("partnership lost in a week of full hostile rhetoric", "share/week", 0, 0.03)] = (
        0.008
    )
    mutual_aid: Annotated[
        float,
        D("share of a downturn that joint projects and placements take off the households they reach", "share", -0.2, 0.8, "V16"),
    ] = 0.3
    interdependence: Annotated[
        float, D("share of rhetoric's effect warded off among households with work across the border", "share", -0.3, 0.8, "V13")
    ] = 0.3
    credibility: Annotated[
        float,
        D(
            "share of rhetoric's effect warded off where standards are shared and residents know a participant",
            "share",
            -0.3,
            0.8,
            "V17",
        ),
    ] = 0.2
    mobility: Annotated[
        float,
        D("share of a closure's effect on placements and projects that recognition and standards avoid", "share", 0, 0.8, "V18"),
    ] = 0.3
    entrant_skill: Annotated[
        float, D("intercultural skill passed to an entrant by full mentoring", "share of the way to 1", 0, 0.4, "V10")
    ] = 0.15
    entrant_attitudes: Annotated[
        float, D("share of mentors' gains in warmth and trust that passes to an entrant", "share", -0.1, 0.4, "V10")
    ] = 0.1


class IncidentParameters(NamedTuple):
    """How incidents arise, climb, are settled and echo."""

    labour_rate: Annotated[float, D("labour incidents at a fully exposed crossing in an ordinary week", "per week", 0, 0.12)] = (
        0.04
    )
    armed_rate: Annotated[float, D("armed incidents at a fully exposed crossing in an ordinary week", "per week", 0, 0.06)] = (
        0.004
    )
    tension_rate: Annotated[float, D("relative rise of incidents per unit of tension above an ordinary week", "1/unit", 0, 2)] = (
        1.0
    )
    livelihood_labour: Annotated[
        float, D("relative rise of labour incidents per unit of livelihoods below an ordinary level", "1/unit", 0, 3)
    ] = 1.5
    failure_labour: Annotated[
        float, D("relative rise of labour incidents in the weeks after a joint project failed there", "ratio", 0, 3)
    ] = 1.0
    exposure_labour: Annotated[
        float, D("relative rise of labour incidents per ten visitors of a programme at a tense crossing", "ratio", 0, 1)
    ] = 0.2
    rhetoric_armed: Annotated[float, D("relative rise of armed incidents at full hostile rhetoric", "ratio", 0, 3)] = 0.5
    rate_cap: Annotated[float, D("most that all of these together may multiply a rate", "ratio", 2, 6)] = 3.0
    labour_threat: Annotated[float, D("labour: weekly chance from friction to threat", "probability", 0, 0.35)] = 0.15
    labour_force: Annotated[float, D("labour: weekly chance from threat to force", "probability", 0, 0.25)] = 0.12
    labour_lethal: Annotated[float, D("labour: weekly chance from force to a death", "probability", 0, 0.06)] = 0.02
    labour_sustained: Annotated[float, D("labour: weekly chance from lethal to sustained", "probability", 0, 0.3)] = 0.05
    armed_threat: Annotated[float, D("armed: weekly chance from friction to threat", "probability", 0, 0.9)] = 0.5
    armed_force: Annotated[float, D("armed: weekly chance from threat to force", "probability", 0, 0.9)] = 0.4
    armed_lethal: Annotated[float, D("armed: weekly chance from force to a death", "probability", 0, 0.5)] = 0.25
    armed_sustained: Annotated[float, D("armed: weekly chance from lethal to sustained", "probability", 0, 0.25)] = 0.1
    calm: Annotated[float, D("weekly chance that an incident ends by itself if it does not climb", "probability", 0.2, 0.9)] = 0.5
    tension_climb: Annotated[
        float, D("effect of tension on climbing, per unit above an ordinary week", "log odds/unit", 0, 2)
    ] = 1.0
    trust_climb: Annotated[
        float, D("effect of community trust on not climbing, per unit above neutral", "log odds/unit", -0.5, 2.0)
    ] = 0.6
    mediation: Annotated[
        float,
        D(
            "weekly chance that someone on duty with a full-strength, fully trusting tie across settles an incident",
            "probability",
            0,
            0.8,
            "V14",
        ),
    ] = 0.3
    distant_tie: Annotated[float, D("worth of a tie to the other side that is not to the community concerned", "ratio", 0, 1)] = (
        0.4
    )
    bridge_call: Annotated[
        float, D("weekly chance that a supported bridge figure is called in, if one lives there", "probability", 0, 1, "V14")
    ] = 0.4
    standards_calm: Annotated[
        float, D("relative rise of the chance to end, under fully shared standards", "ratio", -0.2, 1.5, "V11")
    ] = 0.4
    branching: Annotated[float, D("incidents echoed by one that reaches force", "incidents", 0, 0.35, "F2", "C")] = 0.2
    echo_weeks: Annotated[float, D("mean delay of an echo", "weeks", 1, 12, "F2", "C")] = 4.0
    echo_spread: Annotated[float, D("share of echoes that fall on neighbouring crossings", "share", 0, 0.6, "F2", "C")] = 0.25
    drift_spread: Annotated[
        float, D("standard deviation of the slow drift of a crossing's log rate", "log units", 0, 1.2, "F2", "C")
    ] = 0.5
    drift_half_life: Annotated[float, D("half-life of that drift", "weeks", 8, 104, "F2", "C")] = 26.0
    deaths_exponent: Annotated[
        float, D("tail exponent of deaths per lethal week of an incident", "exponent", 1.5, 3, "F1", "B")
    ] = 2.0
    deaths_max: Annotated[float, D("largest number of deaths in one lethal week of an incident", "deaths", 10, 5000)] = 300.0


class CommunityParameters(NamedTuple):
    """How communities feel what happens, and come back to themselves."""

    trust_half_life: Annotated[float, D("weeks until half of a blow to community trust is mended", "weeks", 26, 104)] = 78.0
    grievance_half_life: Annotated[float, D("weeks until half of an added grievance is gone", "weeks", 26, 104)] = 52.0
    legitimacy_half_life: Annotated[float, D("weeks until half of a change in legitimacy is gone", "weeks", 26, 104)] = 78.0
    livelihoods_half_life: Annotated[
        float, D("weeks until livelihoods are half-way to their resting level", "weeks", 26, 104)
    ] = 40.0
    services_half_life: Annotated[float, D("weeks until services are half-way to their resting level", "weeks", 26, 104)] = 40.0
    memory_half_life: Annotated[float, D("weeks until half of the memory of violence has faded", "weeks", 26, 104)] = 104.0
    tension_half_life: Annotated[float, D("weeks until half of an added tension is gone", "weeks", 26, 104)] = 30.0
    acquaintances: Annotated[
        float, D("residents who know a worker well enough to learn from her contacts", "residents", 5, 50, "A12", "C")
    ] = 20.0
    extended_contact: Annotated[
        float, D("share of a worker's gain that passes to those who know her", "share", 0, 1, "A12", "B")
    ] = 0.4
    violence_trust: Annotated[float, D("community trust lost per unit of violence", "share", 0, 0.016)] = 0.008
    violence_grievance: Annotated[float, D("grievance added per unit of violence", "share of the way to 1", 0, 0.016)] = 0.008
    violence_legitimacy: Annotated[float, D("legitimacy lost per unit of violence", "share", 0, 0.015)] = 0.005
    violence_livelihoods: Annotated[float, D("livelihoods lost per unit of violence", "share", 0, 0.015)] = 0.005
    violence_services: Annotated[float, D("service quality lost per unit of violence", "share", 0, 0.015)] = 0.005
    violence_memory: Annotated[float, D("memory added per unit of violence", "share of the way to 1", 0, 0.05)] = 0.02
    violence_tension: Annotated[float, D("tension added per unit of violence", "share of the way to 1", 0, 0.05)] = 0.03
    livelihoods_grievance: Annotated[
        float, D("rise of grievance's resting level per unit of livelihoods lost", "ratio", 0, 0.6)
    ] = 0.4
    services_legitimacy: Annotated[float, D("rise of legitimacy's resting level per unit of service gained", "ratio", 0, 1)] = 0.3
    legitimacy_grievance: Annotated[
        float, D("fall of grievance's resting level per unit of legitimacy gained", "ratio", 0, 1)
    ] = 0.2
    grievance_tension: Annotated[float, D("rise of tension's resting level per unit of grievance added", "ratio", 0, 0.4)] = 0.3
    trust_tension: Annotated[
        float, D("fall of tension's resting level per unit of community trust gained", "ratio", -0.1, 0.4)
    ] = 0.2
    memory_trust: Annotated[float, D("fall of trust's resting level per unit of memory of violence", "ratio", 0, 0.15)] = 0.05
    projects_livelihoods: Annotated[
        float, D("rise of livelihoods' resting level if every household had work across the border", "ratio", 0, 0.6, "V15")
    ] = 0.25
    capability_services: Annotated[
        float, D("rise of services' resting level per unit of its institutions' capability gained", "ratio", 0, 0.8, "V15")
    ] = 0.4


class CostParameters(NamedTuple):
    """What things cost. There is no evidence row for costs: all are assumptions."""

    in_person_week: Annotated[float, D("one participant, one week in person", "euro", 300, 2500)] = 900.0
    virtual_week: Annotated[float, D("one participant, one virtual week", "euro", 30, 400)] = 120.0
    preparation: Annotated[float, D("full preparation of one participant", "euro", 100, 1500)] = 500.0
    debrief: Annotated[float, D("full debrief and follow-up of one returnee", "euro", 50, 800)] = 250.0
    mentoring: Annotated[float, D("full mentoring, per alumnus and year", "euro", 50, 800)] = 250.0
    alumni_event: Annotated[float, D("one alumnus at one alumni event", "euro", 20, 300)] = 90.0
    refresher: Annotated[float, D("one refresher for one alumnus", "euro", 50, 600)] = 200.0
    joint_centre: Annotated[float, D("a full joint centre for a year", "euro", 20000, 400000)] = 90000.0
    leadership_work: Annotated[float, D("full work with leaders for a year", "euro", 5000, 100000)] = 25000.0
    evaluation: Annotated[float, D("full evaluation and open reporting for a year", "euro", 5000, 100000)] = 25000.0
    outreach: Annotated[float, D("full outreach to marginalised applicants, per participant", "euro", 20, 600)] = 150.0
    standards: Annotated[float, D("full joint work on standards for a year", "euro", 10000, 200000)] = 50000.0
    recognition: Annotated[float, D("full credential recognition for a year", "euro", 5000, 150000)] = 35000.0
    placement: Annotated[float, D("one guaranteed placement", "euro", 1000, 12000)] = 4000.0
    simulation: Annotated[float, D("one crisis simulation", "euro", 3000, 60000)] = 12000.0
    bridge_figure: Annotated[float, D("support of one bridge figure for a year", "euro", 200, 4000)] = 900.0


class Parameters(NamedTuple):
    """All rooms of parameters, as the rules of a run read them."""

    politics: PoliticsParameters = PoliticsParameters()
    people: PeopleParameters = PeopleParameters()
    contact: ContactParameters = ContactParameters()
    programmes: ProgrammeParameters = ProgrammeParameters()
    vocational: VocationalParameters = VocationalParameters()
    incidents: IncidentParameters = IncidentParameters()
    communities: CommunityParameters = CommunityParameters()
    costs: CostParameters = CostParameters()


def all_parameters() -> list[Declaration]:
    """List every declared parameter, room by room."""
    return [row for room, value in zip(Parameters._fields, Parameters(), strict=True) for row in declarations(room, type(value))]


def with_overrides(base: Parameters, overrides: dict[str, dict[str, float]]) -> Parameters:
    """Return `base` with some values replaced; names and ranges are checked where scenarios are read."""
    rooms: dict[str, Any] = {room: getattr(base, room)._replace(**values) for room, values in overrides.items()}
    return base._replace(**rooms)


def weekly_hazard(annual_fraction: float) -> float:
    """Turn an annual fraction p into the weekly hazard −ln(1−p)/52."""
    return -math.log1p(-annual_fraction) / 52.0


def weekly_chance(annual_fraction: float) -> float:
    """Turn an annual fraction p into the chance per week 1−(1−p)^(1/52)."""
    return -math.expm1(-weekly_hazard(annual_fraction))


def weekly_rate(half_life: float) -> float:
    """Turn a half-life in weeks into the share of a deviation that fades in one week."""
    return -math.expm1(-math.log(2.0) / half_life)
