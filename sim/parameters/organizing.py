"""Organizers and their movements: protest, discipline, burnout, repression, mutual aid and joint campaigns."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817

FLANK_FADING = 0.96
"""Share of a radical flank that is left a week later: half after four months (assumption, fixed)."""


class OrganizingParameters(NamedTuple):
    """Organizers and their movements: protest, discipline, burnout, repression, mutual aid and joint campaigns."""

    # What training and standing work change
    rehearsal_gain: Annotated[
        float,
        D(
            "restraint under provocation gained in a week spent wholly on rehearsed flashpoints",
            "share of the way to 1",
            0,
            0.4,
            "O3",
        ),
    ] = 0.15
    protocols_gain: Annotated[
        float,
        D(
            "agreed roles, decision rights and paths won by a year of full work, before any of it lapses",
            "share of the way to 1",
            0,
            0.8,
            "O9",
        ),
    ] = 0.4
    network_gain: Annotated[
        float,
        D("rapid-response network won by a year of full work, before any of it lapses", "share of the way to 1", 0, 0.9, "O13"),
    ] = 0.5
    aid_gain: Annotated[
        float, D("pledges of mutual aid won by a year of full work, before any of it lapses", "share of the way to 1", 0, 0.9)
    ] = 0.5
    values_gain: Annotated[
        float,
        D(
            "cohesion won by a year of full work on shared values, before any of it lapses",
            "share of the way to 1",
            -0.1,
            0.6,
            "O14",
        ),
    ] = 0.3
    commons_keeps: Annotated[
        float, D("share of the practice that would lapse or leave with people which full commons keep", "share", -0.1, 0.8, "O4")
    ] = 0.5
    rotation_retention: Annotated[
        float, D("share of leaving that fully rotating leadership avoids", "share", -0.2, 0.5, "O2")
    ] = 0.1

    # Organizers
    burnout: Annotated[
        float, D("active organizers who burn out in a year at ordinary strain", "annual fraction", 0.1, 0.45, "G2")
    ] = 0.3
    burnout_strain: Annotated[float, D("relative rise of that hazard per unit of strain above ordinary", "1/unit", 0, 4)] = 2.0
    burnout_weeks: Annotated[float, D("weeks for which one who burns out cannot act", "weeks", 8, 52)] = 26.0
    mental_health_effect: Annotated[
        float, D("share of burnout that full mental-health support avoids", "share", -0.1, 0.7, "O11")
    ] = 0.3
    load_strain: Annotated[
        float,
        D(
            "strain added in a week to those left, per share of organizers who cannot act beyond the ordinary",
            "share of the way to 1",
            0,
            0.015,
        ),
    ] = 0.01

    # Protest and its discipline
    protests: Annotated[
        float,
        D("protests per 10,000 residents where grievance is ordinary and as many organizers as usual can act", "per year", 2, 40),
    ] = 10.0
    grievance_protests: Annotated[float, D("relative rise of protests per unit of grievance above ordinary", "1/unit", 0, 4)] = (
        1.5
    )
    quieting: Annotated[
        float,
        D(
            "relative fall of protests of the side with more grievance, per unit of warmth its organizers have gained",
            "1/unit",
            -0.5,
            2,
        ),
    ] = 0.5
    flashpoint_share: Annotated[
        float, D("protests that turn into a flashpoint at ordinary restraint, cohesion and tension", "share", 0.03, 0.4)
    ] = 0.15
    flashpoint_restraint: Annotated[
        float, D("fall of that chance per unit of organizers' restraint above ordinary", "log odds/unit", -0.5, 6, "O3")
    ] = 2.0
    flashpoint_cohesion: Annotated[
        float, D("fall of that chance per unit of cohesion above ordinary", "log odds/unit", -0.5, 3, "O14")
    ] = 1.0
    flashpoint_tension: Annotated[
        float, D("rise of that chance per unit of tension above an ordinary week", "log odds/unit", 0, 2)
    ] = 1.0
    flashpoint_repression: Annotated[float, D("rise of that chance under full repression", "log odds", 0, 2, "O13")] = 1.0
    flashpoint_flank: Annotated[float, D("rise of that chance by the radical flank of a recent split", "log odds", 0, 2)] = 0.7
    protocols_stress: Annotated[
        float,
        D("share of what tension and repression add to that chance which full protocols take away", "share", -0.2, 0.9, "O9"),
    ] = 0.4
    voice: Annotated[
        float,
        D("fall of grievance's resting level where twice as much nonviolent protest as ordinary is heard", "0-1", -0.02, 0.08),
    ] = 0.02

    # Splits
    splits: Annotated[float, D("movements of ordinary cohesion that split in a year", "annual fraction", 0.02, 0.3, "O14")] = 0.08
    split_stress: Annotated[float, D("relative rise of splits under full repression", "ratio", 0, 4)] = 1.0
    split_loss: Annotated[float, D("share of a movement's practice that is lost in a split", "share", 0, 0.6)] = 0.25

    # Repression, backlash, mutual aid
    repression_cowed: Annotated[float, D("organizers kept from acting under full repression", "share", 0, 0.8, "O13")] = 0.4
    repression_strain: Annotated[
        float, D("strain added in a week of full repression", "share of the way to 1", 0, 0.1, "O13")
    ] = 0.03
    aid_shield: Annotated[
        float, D("share of what repression does to organizers that full mutual aid from across takes away", "share", -0.2, 0.7)
    ] = 0.3
    rotation_shield: Annotated[
        float, D("share of it that fully rotating leadership takes away", "share", -0.2, 0.6, "O2, O13")
    ] = 0.2
    publicity: Annotated[float, D("how far repression becomes known where there is no rapid-response network", "0-1", 0, 0.8)] = (
        0.3
    )
    backlash_grievance: Annotated[
        float,
        D(
            "grievance added, legitimacy lost in a week of full, known repression of a wholly disciplined movement",
            "share/week",
            0,
            0.02,
        ),
    ] = 0.004
    backlash_protests: Annotated[float, D("relative rise of protests in such a week", "ratio", -0.5, 2)] = 0.5
    solidarity: Annotated[
        float,
        D("rise of trust's resting level where full mutual aid from a side meets full hardship", "0-1", -0.03, 0.1),
    ] = 0.03
    aid_grievance: Annotated[float, D("fall of grievance's resting level where it does", "0-1", -0.02, 0.08)] = 0.02

    # Joint campaigns
    campaign_rate: Annotated[
        float,
        D("calls for a joint campaign in a year at a crossing without any, under full support", "annual fraction", 0.1, 0.9),
    ] = 0.5
    campaign_hardship: Annotated[
        float, D("relative rise of calls where one of the two sides is in full hardship", "ratio", 0, 6)
    ] = 3.0
    mobilise_weeks: Annotated[
        float, D("weeks from call to campaign for locally led organizers of one role, all of them active", "weeks", 4, 30)
    ] = 12.0
    role_mix: Annotated[
        float, D("relative rise of that pace where all pairs trained together differ in role", "ratio", -0.2, 1.5, "O6")
    ] = 0.4
    hub_pace: Annotated[float, D("relative rise of that pace by an alumni hub that meets monthly", "ratio", -0.1, 1.5, "O10")] = (
        0.4
    )
    outside_pace: Annotated[float, D("relative rise of that pace under wholly outside lead", "ratio", -0.3, 1, "O12")] = 0.3
    campaign_success: Annotated[
        float, D("campaigns under outside lead and without help from across that are won", "share", 0.05, 0.6)
    ] = 0.25
    local_success: Annotated[float, D("rise of that share under wholly local lead", "share", -0.2, 0.4, "O12")] = 0.1
    help_success: Annotated[
        float, D("rise of it by help from across (pledges and network in full)", "share", -0.1, 0.4, "O12")
    ] = 0.15
    inclusive_success: Annotated[
        float, D("rise of it where those badly placed are wholly included in selection", "share", -0.1, 0.3, "O15")
    ] = 0.05
    claims_half_life: Annotated[
        float, D("weeks until half of what a won campaign brought is taken for granted", "weeks", 26, 104)
    ] = 52.0
    claim_grievance: Annotated[float, D("fall of grievance's resting level by a campaign lately won", "0-1", -0.01, 0.08)] = 0.03
    claim_legitimacy: Annotated[
        float, D("rise of legitimacy's resting level by it: institutions have answered", "0-1", -0.03, 0.08, "O12")
    ] = 0.02
    claim_trust: Annotated[float, D("rise of trust's resting level by it: it was won together", "0-1", -0.02, 0.06)] = 0.015
    outside_lead_harm: Annotated[
        float, D("legitimacy lost and grievance added by one campaign under wholly outside lead", "share", 0, 0.03, "O12")
    ] = 0.008
    campaign_protests: Annotated[
        float, D("protests of one campaign in each of its two communities", "weeks of ordinary protest", 0, 8)
    ] = 3.0
    intrusion: Annotated[
        float,
        D(
            "legitimacy lost, grievance added a week among hosts crowded with visiting organizers who heed no bounds",
            "share/week",
            0,
            0.01,
            "O16",
        ),
    ] = 0.003
    consent_effect: Annotated[
        float, D("share of that harm which full consent and boundary work avoids", "share", -0.2, 1, "O16")
    ] = 0.6

    # What happens at crossings
    flashpoint_protest: Annotated[
        float,
        D("relative rise of protest incidents where twice as many flashpoints as ordinary are to be expected", "ratio", 0, 1),
    ] = 0.7
    network_warning: Annotated[
        float, D("chance that a full rapid-response network stops a protest incident at its start", "probability", 0, 0.3, "F9")
    ] = 0.1


def ordinary_active(p: OrganizingParameters) -> float:
    """Share of organizers who are not burnt out where strain is ordinary: the rest are out for `burnout_weeks` of every mean spell."""
    return 1.0 / (1.0 - math.log1p(-p.burnout) / 52.0 * p.burnout_weeks)
