"""Households in crisis, the ways to help, and what unmet crises bring."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class SocialWorkParameters(NamedTuple):
    """Households in crisis, the ways to help, and what unmet crises bring."""

    # Crises
    crises_unemployment: Annotated[float, D("households in crisis by unemployment", "per 1,000 residents and year", 0.5, 5)] = 2.5
    crises_housing: Annotated[float, D("households in crisis over their home", "per 1,000 residents and year", 0.5, 4)] = 2.0
    crises_violence: Annotated[float, D("households in crisis by violence at home", "per 1,000 residents and year", 0.5, 3)] = 1.5
    crises_mental: Annotated[float, D("households in crisis by mental illness", "per 1,000 residents and year", 0.5, 4)] = 2.0
    crises_displaced: Annotated[
        float, D("households in crisis by displacement, where no shock displaces anyone", "per 1,000 residents and year", 0, 1)
    ] = 0.2
    livelihood_crises: Annotated[
        float,
        D("relative rise of crises by unemployment and over homes per unit of livelihoods below ordinary", "1/unit", 0, 3, "S14"),
    ] = 1.5
    memory_crises: Annotated[
        float, D("relative rise of crises by violence at home and mental illness per unit of memory of violence", "1/unit", 0, 2)
    ] = 0.5
    both_sides: Annotated[
        float, D("households in crisis whose lives are on both sides, so that help needs both", "share", 0, 0.6)
    ] = 0.25
    repeat: Annotated[float, D("crises that return within a year where nobody helped", "share", 0.1, 0.6)] = 0.4

    # Ways to help
    caseload: Annotated[float, D("households that a social worker can have in care", "households", 3, 25)] = 8.0
    care_weeks: Annotated[float, D("mean length of care", "weeks", 4, 40)] = 16.0
    queue_pace: Annotated[
        float, D("weekly chance that the papers of a waiting household are ready", "probability", 0.05, 0.6)
    ] = 0.25
    border_pace: Annotated[float, D("the same where two administrations must agree, relative to one", "ratio", 0.1, 1, "S2")] = (
        0.35
    )
    give_up: Annotated[float, D("weekly chance that a waiting household stops asking", "probability", 0.005, 0.1)] = 0.03
    worsening: Annotated[float, D("rise of a crisis' severity in a week of waiting", "share of the way to 1", 0, 0.1)] = 0.03
    eviction: Annotated[
        float, D("weekly chance of losing the home, in a housing crisis of full severity that waits", "probability", 0, 0.12)
    ] = 0.04
    triage: Annotated[float, D("severe crises that ordinary social workers recognise in a week", "share", 0.2, 0.9, "S3")] = 0.5
    triage_competence: Annotated[float, D("rise of that share per unit of competence above ordinary", "1/unit", 0, 1.5, "S6")] = (
        0.6
    )
    triage_protocols: Annotated[
        float, D("share of those missed which fully shared assessment finds", "share", -0.2, 0.9, "S3")
    ] = 0.4
    protocols_pace: Annotated[
        float,
        D("relative rise of the pace of papers from both sides under fully shared data", "ratio", -0.2, 2, "S3"),
    ] = 0.8
    privacy_limit: Annotated[
        float, D("share of what shared data are worth that full privacy takes away", "share", 0, 1, "S3")
    ] = 0.3
    deterrence: Annotated[
        float, D("households that stay away where data are wholly shared without any privacy", "share", 0, 0.4, "S3")
    ] = 0.1
    referral: Annotated[
        float,
        D(
            "weekly chance that a social worker with a full-strength, fully trusting tie across gets help there for a household",
            "probability",
            0,
            1,
            "S1, S2",
        ),
    ] = 0.5
    agreement_pace: Annotated[
        float, D("the same by full referral agreements, without any tie", "probability", 0, 0.6, "S2, W1")
    ] = 0.2
    handover_loss: Annotated[
        float, D("households lost at a hand-over between offices, who must begin anew", "share", 0.02, 0.5, "S5")
    ] = 0.2
    intake_keeps: Annotated[float, D("share of those losses that a full common intake avoids", "share", -0.2, 0.9, "S5")] = 0.5
    conference_transfer: Annotated[
        float,
        D(
            "weekly chance that full case conferences find a place across for a household without one at home",
            "probability",
            0,
            0.8,
            "S4",
        ),
    ] = 0.3
    hotline_pace: Annotated[
        float, D("weekly chance that a full hotline brings a waiting household to help", "probability", 0, 0.3, "S10, F9")
    ] = 0.08
    shelter_places: Annotated[
        float, D("emergency places of full shared shelters, relative to all places", "share", 0, 0.6, "S10")
    ] = 0.2
    corridor: Annotated[
        float, D("share of a border's delay and of its closure that full crisis corridors avoid", "share", -0.1, 0.9, "S10")
    ] = 0.5
    prevention_effect: Annotated[
        float, D("share of new crises that full preventive services avoid", "share", -0.05, 0.4, "S7, W1", "C")
    ] = 0.12
    care_helps: Annotated[float, D("share of returning crises that care by an ordinary office avoids", "share", 0, 0.8)] = 0.4
    care_capability: Annotated[
        float, D("further share per unit of the office's capability above ordinary", "1/unit", -0.2, 1.5, "S6, S8")
    ] = 0.5
    stabilisers_effect: Annotated[
        float, D("share of returning crises that full work on jobs, school and gaps avoids", "share", -0.1, 0.7, "S11")
    ] = 0.25

    # What standing work wins
    agreements_gain: Annotated[
        float,
        D("referral agreements won by a year of full work on them, before any of it lapses", "share of the way to 1", 0, 0.9),
    ] = 0.5
    protocols_gain: Annotated[
        float,
        D("shared assessment and data won by a year of full work, before any of it lapses", "share of the way to 1", 0, 0.8),
    ] = 0.4
    intake_gain: Annotated[
        float, D("common intake won by a year of full work on it, before any of it lapses", "share of the way to 1", 0, 0.8)
    ] = 0.4

    # Social workers
    load_strain: Annotated[
        float,
        D(
            "strain added in a week in which twice as many households wait or are in care as there are places",
            "share of the way to 1",
            0,
            0.06,
        ),
    ] = 0.02
    supervision_relief: Annotated[
        float, D("share of that strain which full peer supervision takes away", "share", -0.1, 0.8, "S6")
    ] = 0.3
    supervision_competence: Annotated[
        float, D("competence gained in a week of full peer supervision", "share of the way to 1", -0.001, 0.008, "S6")
    ] = 0.002
    careers_retention: Annotated[
        float, D("share of leaving that full careers across the border avoid", "share", -0.1, 0.5, "S12, W3", "C")
    ] = 0.15

    # What residents make of it, and what happens at crossings
    unmet_grievance: Annotated[
        float, D("rise of grievance's resting level from no unmet crises to overwhelmingly many", "0-1", 0, 0.2)
    ] = 0.06
    unmet_legitimacy: Annotated[
        float, D("fall of legitimacy's resting level from no unmet crises to overwhelmingly many", "0-1", 0, 0.2, "S5")
    ] = 0.06
    loss_legitimacy: Annotated[
        float, D("legitimacy lost by one household lost at a hand-over, per 1,000 residents", "share", 0, 0.015, "S5")
    ] = 0.005
    safety_net_trust: Annotated[
        float,
        D("rise of community trust's resting level where very many households are helped from across", "0-1", -0.03, 0.06, "S15"),
    ] = 0.01
    unmet_welfare: Annotated[
        float,
        D("relative rise of welfare incidents from no unmet crises to overwhelmingly many", "ratio", 0, 3, "S13"),
    ] = 1.2
    hotline_warning: Annotated[
        float, D("chance that a full shared hotline stops a welfare incident at its start", "probability", 0, 0.3, "S10, F9")
    ] = 0.08
