"""Officers' conduct, oversight, warnings, and how two services see one event."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class PolicingParameters(NamedTuple):
    """Officers' conduct, oversight, warnings, and how two services see one event."""

    # What training and standing work change
    conduct_gain: Annotated[
        float,
        D(
            "restraint gained in a week spent wholly on restraint, rights and de-escalation",
            "share of the way to 1",
            0,
            0.4,
            "B2",
            "B",
        ),
    ] = 0.2
    buy_in_transfer: Annotated[
        float, D("share of a training's transfer to the job that hangs on the leader's backing", "share", 0, 1, "C7")
    ] = 0.5
    audit_transfer: Annotated[
        float, D("share of the gap that is left between training and job, which full audits close", "share", -0.1, 0.8, "C8")
    ] = 0.3
    scenario_competence: Annotated[
        float, D("competence gained in a week spent wholly on rehearsed joint scenarios", "share of the way to 1", 0, 0.05, "C2")
    ] = 0.02
    scenario_standards: Annotated[
        float,
        D("shared procedures gained by a service in such a week, per share of its staff", "share of the way to 1", 0, 0.1, "C2"),
    ] = 0.03
    immersion_rapport: Annotated[
        float,
        D(
            "rapport gained by a service in a week spent wholly in neighbourhoods, per share of its staff; lost, where they intrude",
            "share of the way to 1",
            -0.1,
            0.3,
            "C4",
        ),
    ] = 0.1
    identity_gain: Annotated[
        float,
        D(
            "professional identity gained in a week spent wholly on ethics and a shared identity",
            "share of the way to 1",
            0,
            0.2,
            "C3",
        ),
    ] = 0.05
    deescalation_gain: Annotated[
        float,
        D(
            "dialogue-first norm won by a year of full work on it, before any of it lapses",
            "share of the way to 1",
            0,
            0.8,
            "C10",
        ),
    ] = 0.4
    contact_points_gain: Annotated[
        float,
        D(
            "shared procedures won by a year of full contact points, before any of it lapses",
            "share of the way to 1",
            0,
            0.8,
            "C5",
        ),
    ] = 0.4
    patrols_gain: Annotated[
        float,
        D(
            "shared procedures won by a year of full joint patrols, before any of it lapses",
            "share of the way to 1",
            0,
            0.6,
            "C5",
        ),
    ] = 0.2
    patrol_meetings: Annotated[
        float,
        D("weekly chance that officers of both sides meet on patrol at a crossing, at full joint patrols", "probability", 0, 1),
    ] = 0.5
    sharing_gain: Annotated[
        float,
        D(
            "joint reading of information won by a year of full work on it, before any of it lapses",
            "share of the way to 1",
            0,
            0.9,
            "C9",
        ),
    ] = 0.5
    oversight_gain: Annotated[
        float,
        D(
            "accountability won by a year of full civilian review and public reporting, before any of it lapses",
            "share of the way to 1",
            0,
            0.6,
            "C6",
        ),
    ] = 0.3
    audit_gain: Annotated[
        float,
        D(
            "accountability won by a year of full audits, before any of it lapses; lost, where they are a pretence",
            "share of the way to 1",
            -0.1,
            0.4,
            "C8",
        ),
    ] = 0.1
    justice_gain: Annotated[
        float,
        D(
            "accountability won by a year of full sessions with prosecutors, judges and auditors, before any of it lapses",
            "share of the way to 1",
            0,
            0.5,
            "C11",
        ),
    ] = 0.15
    learning_gain: Annotated[
        float,
        D(
            "how far debriefs move a service's readiness to admit errors, per share of its staff debriefed over a full course",
            "share of the way to their own manner",
            0,
            1,
            "C13",
        ),
    ] = 0.3

    # Conduct on the job
    encounters: Annotated[float, D("encounters of an officer with residents", "per week", 2, 30)] = 8.0
    force_share: Annotated[
        float, D("encounters in which an officer of ordinary restraint uses force", "probability", 0.002, 0.05)
    ] = 0.02
    force_conduct: Annotated[
        float, D("fall of the use of force per unit of restraint above ordinary", "log/unit", -0.5, 8, "C1", "C")
    ] = 3.0
    force_tension: Annotated[
        float, D("rise of the use of force per unit of tension above an ordinary week", "log/unit", 0, 3)
    ] = 1.0
    misconduct_share: Annotated[
        float, D("encounters with misconduct by an officer of ordinary restraint", "probability", 0.0001, 0.002)
    ] = 0.0004
    misconduct_conduct: Annotated[
        float, D("fall of misconduct per unit of restraint above ordinary", "log/unit", -0.5, 8, "B2", "C")
    ] = 3.0
    misconduct_accountability: Annotated[
        float, D("fall of misconduct per unit of accountability above ordinary", "log/unit", -0.5, 3, "C8")
    ] = 0.8
    misconduct_identity: Annotated[
        float, D("fall of misconduct per unit of professional identity above ordinary", "log/unit", -0.5, 3, "C3")
    ] = 0.5
    identity_oversight: Annotated[
        float, D("further fall per unit of both: whether identity and oversight reinforce each other", "log/unit²", -4, 6, "C3")
    ] = 1.0
    repeat: Annotated[float, D("further cases to which one uncorrected case leads", "cases", 0, 0.45, "C13")] = 0.3
    repeat_weeks: Annotated[float, D("mean delay of such a repetition", "weeks", 2, 26)] = 8.0
    correction: Annotated[float, D("share of cases corrected in any event", "share", 0, 0.6)] = 0.3
    learning_correction: Annotated[
        float, D("further share corrected where errors are wholly admitted", "share", -0.3, 0.6, "C13")
    ] = 0.3
    punishment_correction: Annotated[
        float,
        D("further share corrected by punishment, at full accountability where no error is admitted", "share", -0.3, 0.6, "C13"),
    ] = 0.15
    report_share: Annotated[
        float, D("cases of misconduct that become complaints at ordinary accountability", "share", 0.1, 0.7)
    ] = 0.4
    report_accountability: Annotated[
        float, D("relative rise of complaints per unit of accountability: who is heard complains", "1/unit", 0, 2, "C3")
    ] = 0.5

    # What residents make of it
    misconduct_legitimacy: Annotated[
        float, D("legitimacy lost by one case above the ordinary per 1,000 residents", "share", 0, 0.05)
    ] = 0.01
    conduct_legitimacy: Annotated[
        float,
        D("rise of legitimacy's resting level per unit of officers' restraint above ordinary", "ratio", -0.1, 0.5, "C6, B2", "C"),
    ] = 0.1
    accountability_legitimacy: Annotated[
        float, D("rise of legitimacy's resting level per unit of accountability won", "ratio", -0.1, 0.4, "C6, C11")
    ] = 0.08
    posture_trust: Annotated[
        float, D("rise of community trust's resting level where both services wholly act as one", "0-1", -0.05, 0.1, "C14")
    ] = 0.01
    repression: Annotated[
        float,
        D(
            "grievance added and legitimacy lost a week where shared data are wholly unchecked, per share of vulnerable residents",
            "share/week",
            0,
            0.02,
        ),
    ] = 0.004
    safeguard: Annotated[float, D("share of that harm which full privacy safeguards avoid", "share", 0, 1)] = 0.7

    # What happens at crossings
    legitimacy_security: Annotated[
        float, D("relative rise of security incidents per unit of legitimacy below an ordinary level", "1/unit", 0, 3)
    ] = 1.0
    misconduct_security: Annotated[
        float, D("relative rise of security incidents per recent case above the ordinary and ten officers", "1/case", 0, 1)
    ] = 0.3
    misread: Annotated[
        float,
        D(
            "chance that the two services misread an incident, or act on it against each other, where they share no picture of it",
            "probability",
            0,
            0.6,
        ),
    ] = 0.3
    picture: Annotated[float, D("share of misreadings that a wholly shared picture avoids", "share", -0.3, 0.9, "C9, C14")] = 0.5
    picture_weaker: Annotated[
        float,
        D(
            "how far the less prepared of two services decides what both see: 0 their mean, 1 the weaker alone",
            "0-1",
            0,
            1,
            "C14",
        ),
    ] = 0.5
    early_warning: Annotated[
        float,
        D(
            "chance that residents' warnings stop an incident at its start, where rapport is full",
            "probability",
            0,
            0.3,
            "C4, F9",
        ),
    ] = 0.1
    dialogue_heat: Annotated[
        float, D("share of tension's effect on climbing that a full dialogue-first norm takes away", "share", -0.3, 0.9, "C10")
    ] = 0.3
    containment: Annotated[float, D("share of echoes that fully shared procedures avoid", "share", -0.3, 0.8, "C5")] = 0.3
