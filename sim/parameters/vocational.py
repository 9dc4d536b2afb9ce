"""Joint projects, placements and what they are worth."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class VocationalParameters(NamedTuple):
    """Joint projects, placements and what they are worth."""

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
            "H3",
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
    standards_simulation: Annotated[
        float, D("shared standards reached by the reforms after one crisis simulation", "share of the way to 1", 0, 0.3, "V11")
    ] = 0.08
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
    livelihood_labour: Annotated[
        float, D("relative rise of labour incidents per unit of livelihoods below an ordinary level", "1/unit", 0, 3)
    ] = 1.5
    placement_rivalry: Annotated[
        float,
        D(
            "relative rise of labour incidents where one in ten who work with its employers has been placed from across",
            "ratio",
            -0.2,
            0.6,
        ),
    ] = 0.1
    failure_labour: Annotated[
        float, D("relative rise of labour incidents in the weeks after a joint project failed there", "ratio", 0, 3)
    ] = 1.0
