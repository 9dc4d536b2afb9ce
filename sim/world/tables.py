"""The columns of the world: communities, institutions, workers, ties, crossings, incidents, projects, and what each profession keeps of its own.

Where a state is held *towards* another side, its column has one value per other side. The other sides of side s are
numbered ``(other − s − 1) mod S``, see `other_index`; nothing assumes that there are two sides.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.columns import F32, F64, I16, I32, U64, Column, together
from sim.compiled import inlined
from sim.parameters.ordinary import ORDINARY_COHESION, ORDINARY_LEARNING

C = Column


@inlined
def other_index(own, other, sides):  # type: ignore[no-untyped-def]
    """Place of the side `other` among the other sides of the side `own`."""
    return (other - own - 1) % sides


class Communities(NamedTuple):
    """One row per community."""

    key: Annotated[U64, C("u8", "key of its name", "key")]
    side: Annotated[I32, C("i4", "side", "index")]
    x: Annotated[F32, C("f4", "place along the border", "km")]
    y: Annotated[F32, C("f4", "place across the border", "km")]
    population: Annotated[F32, C("f4", "residents", "persons")]
    trust: Annotated[F32, C("f4", "residents' trust in each other side", width="others")]
    trust_rest: Annotated[F32, C("f4", "resting level of trust", width="others")]
    warmth_rest: Annotated[F32, C("f4", "home climate of warmth, around which workers differ", width="others")]
    grievance: Annotated[F32, C("f4", "grievance")]
    grievance_rest: Annotated[F32, C("f4", "resting level of grievance")]
    legitimacy: Annotated[F32, C("f4", "confidence in its own institutions")]
    legitimacy_rest: Annotated[F32, C("f4", "resting level of legitimacy")]
    livelihoods: Annotated[F32, C("f4", "livelihoods")]
    livelihoods_rest: Annotated[F32, C("f4", "resting level of livelihoods")]
    services: Annotated[F32, C("f4", "quality of local services")]
    services_rest: Annotated[F32, C("f4", "resting level of services")]
    vulnerability: Annotated[F32, C("f4", "share of residents who are badly placed in a crisis")]
    memory: Annotated[F32, C("f4", "memory of violence")]
    violence: Annotated[F32, C("f4", "violence felt this week", "units of one incident of force")]
    capability_gain: Annotated[F32, C("f4", "mean capability of its institutions above their resting level", "deviation")]
    worker_gain: Annotated[F32, C("f4", "mean gain in trust of its workers above their home climate", "deviation", "others")]
    acquainted: Annotated[F32, C("f4", "share of residents who know a worker")]
    acquainted_participants: Annotated[F32, C("f4", "share of residents who know a participant or alumnus")]
    reached: Annotated[F32, C("f4", "share of households with work across the border")]
    hosted: Annotated[F32, C("f4", "workers placed with its employers from across", "share of their staff")]
    standards: Annotated[F32, C("f4", "standards its institutions of each profession share across the border", width="families")]
    services_shift: Annotated[F32, C("f4", "shift of services' resting level by municipalities and disasters", "deviation")]
    legitimacy_shift: Annotated[F32, C("f4", "shift of legitimacy's resting level by the work of professions", "deviation")]
    legitimacy_lost: Annotated[F32, C("f4", "legitimacy lost this week by the work of professions", "share")]
    grievance_shift: Annotated[F32, C("f4", "shift of grievance's resting level by the work of professions", "deviation")]
    grievance_added: Annotated[F32, C("f4", "grievance added this week by the work of professions", "share of the way to 1")]
    trust_shift: Annotated[F32, C("f4", "shift of trust's resting level by the work of professions", "deviation", "others")]
    rumour: Annotated[F32, C("f4", "share of residents who believe a rumour about each other side", width="others")]
    rumour_rest: Annotated[F32, C("f4", "that share in an ordinary week, where nobody checks", width="others")]
    misconduct: Annotated[F32, C("f4", "recent cases of police misconduct above the ordinary", "cases, fading")]
    enrolled: Annotated[F32, C("f4", "workers enrolled in programmes so far", "workers")]
    meeting_rate: Annotated[F32, C("f4", "chance of an everyday meeting of one of its workers this week", "probability")]


class Institutions(NamedTuple):
    """One row per institution; its workers are the rows ``first`` to ``first + staff``."""

    key: Annotated[U64, C("u8", "key of its name", "key")]
    side: Annotated[I32, C("i4", "side", "index")]
    community: Annotated[I32, C("i4", "community", "index")]
    kind: Annotated[I32, C("i4", "kind of institution", "index")]
    family: Annotated[I32, C("i4", "profession", "index")]
    first: Annotated[I32, C("i4", "first worker", "index")]
    staff: Annotated[I32, C("i4", "number of workers", "workers")]
    capability: Annotated[F32, C("f4", "how well it does its work")]
    capability_rest: Annotated[F32, C("f4", "resting level of capability")]
    practice: Annotated[F32, C("f4", "practice stock: what it keeps of what workers brought home, or it took up")]
    openness: Annotated[F32, C("f4", "openness to staff from across the border")]
    openness_rest: Annotated[F32, C("f4", "resting level of openness")]
    buy_in: Annotated[F32, C("f4", "its leader's buy-in to co-operation")]
    buy_in_rest: Annotated[F32, C("f4", "resting level of buy-in of its present leader")]
    buy_in_mean: Annotated[F32, C("f4", "mean buy-in of those who become its leader")]
    standards: Annotated[F32, C("f4", "standards and procedures shared with each other side", width="others")]
    partnership: Annotated[F32, C("f4", "readiness to work with each other side", width="others")]
    partnership_rest: Annotated[F32, C("f4", "resting level of partnership", width="others")]
    friends: Annotated[F32, C("f4", "staff with a close tie to each other side", "workers", "others")]
    away: Annotated[F32, C("f4", "staff away on rotation this week", "workers")]
    projects: Annotated[I32, C("i4", "live joint projects", "projects")]
    mentoring: Annotated[F32, C("f4", "mentoring of entrants that alumni give this week")]
    accountability: Annotated[F32, C("f4", "how far it answers for what it does")]
    accountability_rest: Annotated[F32, C("f4", "resting level of accountability")]
    rapport: Annotated[F32, C("f4", "how far residents talk to it and it knows their neighbourhoods")]
    rapport_rest: Annotated[F32, C("f4", "resting level of rapport")]
    dialogue: Annotated[F32, C("f4", "norm of dialogue first when tension is high")]
    sharing: Annotated[
        F32, C("f4", "information read jointly with each other side; of movements, rapid-response network", width="others")
    ]
    agreements: Annotated[
        F32, C("f4", "agreements with each other side: on referrals, contingency plans, mutual aid", width="others")
    ]
    learning: Annotated[F32, C("f4", "readiness to admit errors", fill=ORDINARY_LEARNING)]
    safeguards: Annotated[F32, C("f4", "privacy safeguards on what is shared this week")]
    misconduct: Annotated[F32, C("f4", "recent cases of misconduct above the ordinary", "cases, fading")]
    force: Annotated[F32, C("f4", "use of force per encounter this week", "probability")]
    habit: Annotated[F32, C("f4", "repetitions to come of uncorrected misconduct", "cases")]
    cohesion: Annotated[F32, C("f4", "how far it holds together, of movements", fill=ORDINARY_COHESION)]
    equity: Annotated[F32, C("f4", "inclusive service: languages, access, liaison")]
    kept: Annotated[
        F32,
        C("f4", "share of the practice that would lapse or leave with people which alumni or commons keep this week", "share"),
    ]
    retention: Annotated[F32, C("f4", "share of leaving avoided this week", "share")]
    group: Annotated[
        I32, C("i4", "first institution of those connected to it by live ties, when the network was last measured", "index")
    ]
    withdrawn_until: Annotated[I32, C("i4", "week until which it stays out of the co-operation", "week", fill=-(10**6))]


class Workers(NamedTuple):
    """One row per post; the person in it changes."""

    post: Annotated[U64, C("u8", "key of the post", "key")]
    person: Annotated[U64, C("u8", "key of the person: (post, week hired)", "key")]
    side: Annotated[I32, C("i4", "side", "index")]
    community: Annotated[I32, C("i4", "community", "index")]
    institution: Annotated[I32, C("i4", "institution", "index")]
    family: Annotated[I32, C("i4", "profession", "index")]
    hired: Annotated[I32, C("i4", "week hired", "week")]
    warmth: Annotated[F32, C("f4", "warmth towards each other side", width="others")]
    trust: Annotated[F32, C("f4", "readiness to rely on a stranger from each other side", width="others")]
    warmth_trait: Annotated[F32, C("f4", "lasting difference in warmth from the home climate", "deviation")]
    trust_trait: Annotated[F32, C("f4", "lasting difference in trust from the home climate", "deviation")]
    held_until: Annotated[
        I32, C("i4", "week until which a live tie to each other side holds attitudes", "week", "others", -(10**6))
    ]
    competence: Annotated[F32, C("f4", "competence on the job")]
    competence_base: Annotated[F32, C("f4", "competence without training")]
    skill: Annotated[F32, C("f4", "intercultural skill")]
    skill_base: Annotated[F32, C("f4", "intercultural skill without training")]
    conduct: Annotated[F32, C("f4", "restraint and fairness towards the people served")]
    conduct_base: Annotated[F32, C("f4", "the same without training")]
    identity: Annotated[F32, C("f4", "professional identity shared with colleagues anywhere")]
    strain: Annotated[F32, C("f4", "strain")]
    credential: Annotated[I32, C("i4", "1 if a recognised credential is held", "yes/no")]
    cohort: Annotated[I32, C("i4", "1 while in a cohort", "yes/no")]
    alumnus: Annotated[I32, C("i4", "number of the programme graduated from, 0 if none", "index")]
    bridge: Annotated[I32, C("i4", "1 if supported as a bridge figure this week", "yes/no")]
    placed_until: Annotated[I32, C("i4", "week until which placed across the border", "week", fill=-(10**6))]
    placed_in: Annotated[I32, C("i4", "community where placed", "index", fill=-1)]
    burnt_until: Annotated[I32, C("i4", "week until which burnt out", "week", fill=-(10**6))]
    ties: Annotated[I32, C("i4", "ties kept, ended ones not yet cleared included", "ties")]
    slots: Annotated[I32, C("i4", "rows of its ties", "index", "slots", -1)]
    partners: Annotated[I32, C("i4", "workers to whom they are", "index", "slots", -1)]


@together
class Ties(NamedTuple):
    """One row per tie between two workers of different sides; rows are reused.

    A tie's strength is stored as of its last use; since then it has decayed at the rate fixed at that moment, see
    `sim.world.ties`. So a tie costs nothing in weeks in which nothing happens to it. What is known of a tie lies together in
    memory, since ties are looked up one by one.
    """

    a: Annotated[I32, C("i4", "one worker, -1 if the row is free", "index", fill=-1)]
    b: Annotated[I32, C("i4", "the other worker; of a free row, the next free one", "index", fill=-1)]
    decay: Annotated[F64, C("f8", "rate of its decay since its last use", "1/week")]
    strength: Annotated[F32, C("f4", "strength when last used")]
    last: Annotated[I16, C("i2", "week of last use", "week")]
    born: Annotated[I16, C("i2", "week in which it began", "week")]
    ends: Annotated[I16, C("i2", "week in which it ends if it is not used before", "week", fill=-30_000)]
    relies: Annotated[I16, C("i2", "week until which it is strong enough to rely on", "week", fill=-30_000)]
    holds: Annotated[I16, C("i2", "week until which it holds its persons' attitudes", "week", fill=-30_000)]


CALENDAR = 4_096
"""Weeks of the calendar of ties, a power of two."""


class TieCalendar(NamedTuple):
    """What is counted of all ties; the weeks of a run go round in its columns."""

    free: Annotated[I32, C("i4", "first free row of ties", "index")]
    used: Annotated[I32, C("i4", "rows of ties that have ever been taken: the first so many", "rows")]
    live: Annotated[I32, C("i4", "ties that are strong enough to rely on", "ties")]
    born: Annotated[I32, C("i4", "ties begun this week", "ties")]
    falls: Annotated[I32, C("i4", "ties that cease in a week to be strong enough to rely on, unless they are used", "ties")]
    survive: Annotated[I32, C("i4", "ties that in a week will have lived a year, unless something happens to them", "ties")]


class Crossings(NamedTuple):
    """One row per crossing between two communities of different sides."""

    key: Annotated[U64, C("u8", "key of the pair of communities", "key")]
    a: Annotated[I32, C("i4", "one community", "index")]
    b: Annotated[I32, C("i4", "the other community", "index")]
    exposure: Annotated[F32, C("f4", "daily traffic, relative to the busiest crossing")]
    open: Annotated[F32, C("f4", "how far it is open this week", fill=1)]
    tension: Annotated[F32, C("f4", "tension")]
    tension_rest: Annotated[F32, C("f4", "resting level of tension")]
    excitation: Annotated[F32, C("f4", "echoes expected this week, by kind of incident", "incidents", "kinds")]
    drift: Annotated[F32, C("f4", "slow drift of the rate of incidents", "log units")]
    visitors: Annotated[F32, C("f4", "participants on visit or joint patrol this week", "workers", "families")]
    trigger: Annotated[F32, C("f4", "what raises or lowers the rate of incidents this week", "relative", "kinds")]
    cause: Annotated[I32, C("i4", "largest of what raises it, see ARISE", "code", "kinds")]
    shared: Annotated[F32, C("f4", "standards and procedures that the professions on both sides share", "0-1", "kinds")]
    misread: Annotated[F32, C("f4", "chance that an incident is misread", "0-1", "kinds")]
    warning: Annotated[F32, C("f4", "chance that a warning stops an incident at its start", "0-1", "kinds")]
    dialogue: Annotated[F32, C("f4", "share of tension's effect on climbing that is taken away", "share", "kinds")]
    containment: Annotated[F32, C("f4", "share of echoes that is avoided", "share", "kinds")]
    attacks: Annotated[I32, C("i4", "1 if spoilers attack this week", "yes/no")]
    rumour: Annotated[F32, C("f4", "share of residents of both sides who believe a rumour about the other")]
    rumour_rest: Annotated[F32, C("f4", "that share in an ordinary week, where nobody checks")]
    rally: Annotated[F32, C("f4", "protests of joint campaigns this week", "weeks of ordinary protest")]
    resources: Annotated[F32, C("f4", "strain on water and housing that both sides use")]
    resources_rest: Annotated[F32, C("f4", "its level without joint works or a disaster")]
    relief: Annotated[F32, C("f4", "share of it that joint works take away", "share")]
    failed_works: Annotated[F32, C("f4", "recent visible failures of joint works", "works, fading")]
    failed: Annotated[F32, C("f4", "recent visible failures of joint projects", "projects, fading")]
    violence: Annotated[F32, C("f4", "violence this week", "units of one incident of force")]
    bridged: Annotated[I32, C("i4", "live ties between its two communities", "ties")]


@together
class Incidents(NamedTuple):
    """One row per live incident, in the order in which they arose."""

    key: Annotated[U64, C("u8", "key: (crossing, kind, week, lineage)", "key")]
    crossing: Annotated[I32, C("i4", "crossing", "index")]
    kind: Annotated[I32, C("i4", "kind", "index")]
    began: Annotated[I32, C("i4", "week in which it arose", "week")]
    ended: Annotated[I32, C("i4", "week in which it ended", "week")]
    rung: Annotated[I32, C("i4", "highest rung reached", "index")]
    misread: Annotated[I32, C("i4", "1 if the two sides misread it", "yes/no")]
    arose: Annotated[I32, C("i4", "why it arose, see ARISE", "code")]
    climbed: Annotated[I32, C("i4", "why it last climbed, see CLIMB", "code")]
    stopped: Annotated[I32, C("i4", "why it stopped, see STOP", "code")]
    deaths: Annotated[I32, C("i4", "deaths", "persons")]


class LethalEvents(NamedTuple):
    """One row per lethal event: a week of an incident in which somebody died."""

    week: Annotated[I32, C("i4", "week", "week")]
    crossing: Annotated[I32, C("i4", "crossing", "index")]
    kind: Annotated[I32, C("i4", "kind of incident", "index")]
    deaths: Annotated[I32, C("i4", "deaths", "persons")]


class Projects(NamedTuple):
    """One row per live joint project, in the order in which they were founded."""

    key: Annotated[U64, C("u8", "key of the founding pair and week", "key")]
    a: Annotated[I32, C("i4", "institution on one side", "index")]
    b: Annotated[I32, C("i4", "institution on the other side", "index")]
    worker_a: Annotated[I32, C("i4", "founder's post", "index")]
    worker_b: Annotated[I32, C("i4", "other founder's post", "index")]
    person_a: Annotated[U64, C("u8", "founder", "key")]
    person_b: Annotated[U64, C("u8", "other founder", "key")]
    crossing: Annotated[I32, C("i4", "crossing between the two communities, -1 if none", "index")]
    programme: Annotated[I32, C("i4", "number of the programme it came from", "index")]
    began: Annotated[I32, C("i4", "week founded", "week")]


class Towns(NamedTuple):
    """One row per community: its municipalities taken together."""

    place: Annotated[F32, C("f4", "what kind of place it is, in two respects", width="respects")]
    gap: Annotated[F32, C("f4", "fairness gap: how much worse vulnerable residents are served")]
    gap_rest: Annotated[F32, C("f4", "resting level of the fairness gap")]


class Pilots(NamedTuple):
    """One row per attempt under way: a pilot of a practice in one municipality, or joint works at a crossing."""

    key: Annotated[U64, C("u8", "key: (institution or crossing, programme, week)", "key")]
    works: Annotated[I32, C("i4", "1 for joint works, 0 for a pilot", "yes/no")]
    institution: Annotated[I32, C("i4", "municipality of a pilot, -1 for joint works", "index", fill=-1)]
    crossing: Annotated[I32, C("i4", "crossing of joint works, -1 for a pilot", "index", fill=-1)]
    programme: Annotated[I32, C("i4", "programme that pays", "index")]
    due: Annotated[I32, C("i4", "week in which it comes out", "week")]
    length: Annotated[I32, C("i4", "weeks that it takes", "weeks")]
    chance: Annotated[F32, C("f4", "chance of coming out well, of a pilot", "probability")]
    paid: Annotated[F32, C("f4", "share of its weeks that were paid, of joint works", "share")]
    roles: Annotated[F32, C("f4", "how clear roles have been, sum of its weeks over its length")]
    flexible: Annotated[F32, C("f4", "how flexible governance has been, likewise, twice in weeks of shocks", "level")]
    lesson: Annotated[F32, C("f4", "how far its failure would be debriefed")]


class Welfare(NamedTuple):
    """One row per community: its welfare offices taken together."""

    followed: Annotated[
        F32, C("f4", "households that one followed household stands for, see MOST_FOLLOWED", "households", fill=1)
    ]
    places: Annotated[F32, C("f4", "households that can be in care this week", "households")]
    in_care: Annotated[F32, C("f4", "households in care", "households")]
    waiting: Annotated[F32, C("f4", "households waiting for help", "households")]
    load: Annotated[F32, C("f4", "households in care or waiting, relative to places", "ratio")]
    capability: Annotated[F32, C("f4", "capability of its offices")]
    triage: Annotated[F32, C("f4", "share of severe crises recognised in a week")]
    open_data: Annotated[F32, C("f4", "data shared without privacy")]
    turnover: Annotated[F32, C("f4", "share of its social workers who have just been replaced")]
    unmet: Annotated[F32, C("f4", "recent crises not met in time", "per 1,000 residents, fading")]
    helped: Annotated[F32, C("f4", "households recently helped from each other side", "per 1,000 residents, fading", "others")]
    conferences: Annotated[F32, C("f4", "joint case conferences this week")]
    supervision: Annotated[F32, C("f4", "peer supervision this week")]
    prevention: Annotated[F32, C("f4", "preventive services this week")]
    hotline: Annotated[F32, C("f4", "joint hotline this week")]
    shelters: Annotated[F32, C("f4", "shared shelters this week")]
    corridors: Annotated[F32, C("f4", "crisis corridors this week")]
    stabilisers: Annotated[F32, C("f4", "work on jobs, school and gaps this week")]


class Cases(NamedTuple):
    """One row per household in crisis, or at risk of another one, in the order in which the first cue came."""

    key: Annotated[U64, C("u8", "key: (community, need, week, number)", "key")]
    community: Annotated[I32, C("i4", "community", "index")]
    there: Annotated[I32, C("i4", "community across that could help, -1 if none", "index", fill=-1)]
    crossing: Annotated[I32, C("i4", "crossing between the two, -1 if none", "index", fill=-1)]
    need: Annotated[I32, C("i4", "what the crisis is about, see NEEDS", "index")]
    both: Annotated[I32, C("i4", "1 if help needs both sides", "yes/no")]
    state: Annotated[I32, C("i4", "waiting, in care, at risk, or closed and not yet cleared, see CASE_STATES", "index")]
    host: Annotated[I32, C("i4", "community that has it in care, -1 if none", "index", fill=-1)]
    severity: Annotated[F32, C("f4", "severity")]
    severe: Annotated[I32, C("i4", "1 if it was severe at its cue", "yes/no")]
    cue: Annotated[I32, C("i4", "week of the cue", "week")]
    due: Annotated[I32, C("i4", "week in which the crisis returns", "week")]
    helped: Annotated[I32, C("i4", "1 once help has begun", "yes/no")]
    unmet: Annotated[I32, C("i4", "1 once it was not met in time", "yes/no")]
    evicted: Annotated[I32, C("i4", "1 once the home was lost", "yes/no")]


class Movements(NamedTuple):
    """One row per community: its movements taken together."""

    active: Annotated[F32, C("f4", "share of its organizers who can act this week", fill=1)]
    discipline: Annotated[F32, C("f4", "chance that a protest stays nonviolent this week", fill=1)]
    pressure: Annotated[F32, C("f4", "what flashpoints to be expected add to the rate of protest incidents", "relative")]
    rally: Annotated[F32, C("f4", "protests of joint campaigns this week", "weeks of ordinary protest")]
    flank: Annotated[F32, C("f4", "radical flank left by recent splits", "splits, fading")]
    claims: Annotated[F32, C("f4", "what joint campaigns with each other side have lately won", width="others")]
    aid: Annotated[F32, C("f4", "mutual aid from across that meets hardship this week")]
    rotation: Annotated[F32, C("f4", "rotating leadership this week")]
    mental_health: Annotated[F32, C("f4", "mental-health support this week")]


class Campaigns(NamedTuple):
    """One row per joint campaign that is being mobilised, in the order of their calls."""

    key: Annotated[U64, C("u8", "key: (crossing, programme, week)", "key")]
    crossing: Annotated[I32, C("i4", "crossing", "index")]
    programme: Annotated[I32, C("i4", "programme that pays", "index")]
    called: Annotated[I32, C("i4", "week of the call", "week")]
    ready: Annotated[F32, C("f4", "how far it is mobilised")]


@together
class Rumours(NamedTuple):
    """One row per rumour and community where it is told, in the order in which it came there."""

    key: Annotated[U64, C("u8", "key: (rumour, community)", "key")]
    origin: Annotated[U64, C("u8", "key of the rumour: where, about whom and when it arose", "key")]
    source: Annotated[I32, C("i4", "community where it arose", "index")]
    rank: Annotated[I32, C("i4", "how many communities lie nearer to that one on its side, itself included; 0 there", "rank")]
    community: Annotated[I32, C("i4", "community", "index")]
    about: Annotated[I32, C("i4", "which of the other sides it is about", "index")]
    began: Annotated[I32, C("i4", "week in which it came there", "week")]
    belief: Annotated[F32, C("f4", "share of residents who believe it")]
    onward: Annotated[F32, C("f4", "weekly chance that it goes on from there; 0 once it has", "probability")]


NEEDS = ("unemployment", "housing", "violence", "mental", "displaced")
"""What a household's crisis is about; each has its own rate, ``social_work.crises_<need>``."""
CASE_STATES = ("waiting", "in care", "at risk", "closed")

ARISE = (
    "background", "tension", "livelihoods", "failed project", "visitors", "rhetoric", "echo", "legitimacy", "misconduct", "rumour",
    "spoilers", "unmet crises", "poor services", "unfair services", "shared resources", "failed works", "flashpoints",
    "rivalry for work",
)  # fmt: skip
CLIMB = ("", "chance", "tension", "distrust", "misread")
STOP = (
    "live",
    "by itself",
    "mediated: on duty",
    "mediated: bridge figure",
    "mediated: returnee of another profession",
    "shared standards",
    "early warning",
    "trained response",
)
"""Cause codes of incidents; a cause is the largest of the terms that moved the chance."""
