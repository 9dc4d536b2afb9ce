"""Pilots and practices, joint works on shared resources, and what residents make of services and their fairness."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class PublicServiceParameters(NamedTuple):
    """Pilots and practices, joint works on shared resources, and what residents make of services and their fairness."""

    # Pilots
    pilot_weeks: Annotated[float, D("length of a pilot", "weeks", 13, 78)] = 26.0
    pilot_success: Annotated[
        float,
        D("pilots that work out, of practices seen in a wholly alike place, by an ordinary municipality", "share", 0.2, 0.9),
    ] = 0.6
    pilot_mismatch: Annotated[
        float, D("share of that success which is lost where a practice is copied from a wholly unlike place", "share", 0, 1, "P2")
    ] = 0.8
    adaptation_effect: Annotated[
        float, D("share of the mismatch that full tailoring to the place takes away", "share", -0.2, 0.95, "P2")
    ] = 0.6
    pilot_practice: Annotated[float, D("practice stock won by a pilot that works out", "share of the way to 1", 0, 0.6, "P4")] = (
        0.25
    )
    pilot_lesson: Annotated[
        float,
        D(
            "practice stock won by one that fails, where it is wholly debriefed and errors are admitted",
            "share of the way to 1",
            -0.05,
            0.4,
            "P2",
        ),
    ] = 0.12
    reflection_gain: Annotated[
        float,
        D(
            "readiness to admit errors won where all staff are wholly debriefed after a full cohort",
            "share of the way to 1",
            -0.1,
            0.8,
            "P2",
        ),
    ] = 0.3
    pilot_gap: Annotated[
        float, D("fairness gap added by a pilot that works out without any equity work", "0-1", -0.02, 0.06, "P10")
    ] = 0.01
    pilot_disruption: Annotated[float, D("quality of services lost by a pilot that fails", "share", 0, 0.05)] = 0.01
    pilot_confidence: Annotated[
        float,
        D("legitimacy lost by a pilot that fails, where errors are not admitted; less the more is learnt", "share", -0.002, 0.02),
    ] = 0.004

    # What standing work wins
    data_gain: Annotated[
        float,
        D(
            "shared indicators and data won by a year of full work, before any of it lapses",
            "share of the way to 1",
            0,
            0.8,
            "P3",
        ),
    ] = 0.4
    contingency_gain: Annotated[
        float,
        D("joint contingency plans won by a year of full work, before any of it lapses", "share of the way to 1", 0, 0.9, "P7"),
    ] = 0.5
    people_build: Annotated[
        float,
        D(
            "share of what work on standards, data and plans wins that hangs on colleagues who have met, full with a quarter of the staff",
            "share",
            0,
            1,
            "P3",
        ),
    ] = 0.5
    ethics_gain: Annotated[
        float,
        D("accountability won by a year of full ethics work, before any of it lapses", "share of the way to 1", -0.1, 0.6, "P9"),
    ] = 0.25
    equity_gain: Annotated[
        float,
        D(
            "inclusive service won by a year of full equity work, before any of it lapses",
            "share of the way to 1",
            0,
            0.7,
            "P10",
        ),
    ] = 0.35

    # Joint works on water and housing
    works_rate: Annotated[
        float, D("joint works begun in a year at a crossing without any, under full support", "annual fraction", 0.05, 0.9)
    ] = 0.4
    works_weeks: Annotated[float, D("length of joint works", "weeks", 26, 156)] = 52.0
    works_success: Annotated[float, D("joint works that succeed without any of what follows", "share", 0.1, 0.7)] = 0.35
    works_roles: Annotated[float, D("rise of that share by clear roles", "share", -0.1, 0.4, "P11")] = 0.15
    works_data: Annotated[float, D("rise of that share by fully shared data", "share", -0.1, 0.4, "P11")] = 0.15
    works_flexibility: Annotated[
        float, D("rise of that share by flexible governance; in a week of shocks twice as much", "share", -0.1, 0.3, "P11")
    ] = 0.1
    works_relief: Annotated[
        float, D("strain on what both sides use that joint works take away when they succeed", "share of what is left", 0, 0.6)
    ] = 0.25
    works_half_life: Annotated[float, D("weeks until half of what works won has worn out", "weeks", 52, 104)] = 104.0

    # Disasters
    plan_relief: Annotated[
        float, D("share of a disaster's blow that full joint contingency plans ward off", "share", -0.05, 0.7, "P7")
    ] = 0.3
    tie_relief: Annotated[
        float, D("share of it that ties across ward off, were every public servant to have one", "share", -0.05, 0.7, "P7")
    ] = 0.3

    # Outside funds
    bid_success: Annotated[
        float,
        D(
            "joint bids for outside funds that succeed in a year of full bargaining with one voice",
            "annual fraction",
            0,
            0.9,
            "P8",
        ),
    ] = 0.4
    bid_size: Annotated[float, D("outside funds won by one successful joint bid", "euro", 10_000, 1_000_000, "P8")] = 120_000.0
    duplication: Annotated[
        float, D("share of a pilot's cost that fully shared standards and templates save", "share", -0.1, 0.6, "P13")
    ] = 0.25

    # What residents make of it
    municipal_services: Annotated[
        float, D("rise of services' resting level per unit of municipalities' capability above theirs", "1/unit", 0, 1)
    ] = 0.4
    equity_effect: Annotated[
        float, D("fall of the fairness gap's resting level under fully inclusive service", "0-1", -0.03, 0.25, "P10")
    ] = 0.1
    gap_half_life: Annotated[float, D("half-life of a change in the fairness gap", "weeks", 26, 104)] = 52.0
    gap_grievance: Annotated[
        float, D("rise of grievance's resting level per unit of fairness gap above its own", "1/unit", 0, 0.4, "P10")
    ] = 0.15
    gap_legitimacy: Annotated[
        float, D("fall of legitimacy's resting level per unit of fairness gap above its own", "1/unit", 0, 0.5, "P10")
    ] = 0.2
    ethics_legitimacy: Annotated[
        float,
        D(
            "rise of legitimacy's resting level per unit of municipalities' accountability above theirs",
            "1/unit",
            -0.1,
            0.3,
            "P9",
        ),
    ] = 0.08

    # What happens at crossings
    quality_services: Annotated[
        float, D("relative rise of services incidents per unit of services below ordinary", "1/unit", 0, 3)
    ] = 1.0
    gap_services: Annotated[
        float, D("relative rise of services incidents per unit of fairness gap above its own", "1/unit", 0, 3)
    ] = 1.0
    strain_services: Annotated[
        float, D("relative rise of services incidents per unit of strain on shared resources above ordinary", "1/unit", 0, 3)
    ] = 1.5
    failure_services: Annotated[float, D("relative rise of services incidents by recently failed joint works", "ratio", 0, 2)] = (
        0.6
    )
    rivalry_services: Annotated[
        float, D("relative fall of services incidents where standards are fully shared", "ratio", -0.3, 0.6, "P13")
    ] = 0.15
