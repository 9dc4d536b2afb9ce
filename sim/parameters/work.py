"""What professionals of any family learn, and what their institutions keep and share."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class WorkParameters(NamedTuple):
    """What professionals of any family learn, and what their institutions keep and share."""

    competence_gain: Annotated[
        float, D("job-relevant competence gained in a week of rotation", "share of the way to 1", 0, 0.03, "P1, O1")
    ] = 0.012
    transfer: Annotated[float, D("share of trained competence that is used on the job", "share", 0.3, 0.8, "D3", "B")] = 0.6
    refresher_restores: Annotated[
        float, D("share of what has faded since training that a refresher restores", "share", 0, 1, "B5", "C")
    ] = 0.8
    reflection_gain: Annotated[
        float,
        D(
            "competence and intercultural skill gained by full debriefs of a full cohort",
            "share of the way to 1",
            -0.02,
            0.15,
            "O8",
        ),
    ] = 0.04
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
    standards_gain: Annotated[
        float,
        D(
            "shared standards won by a year of full standards work, before any of it lapses",
            "share of the way to 1",
            0,
            0.6,
            "V2",
        ),
    ] = 0.3
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
    entrant_skill: Annotated[
        float, D("intercultural skill passed to an entrant by full mentoring", "share of the way to 1", 0, 0.4, "V10")
    ] = 0.15
    entrant_attitudes: Annotated[
        float, D("share of mentors' gains in warmth and trust that passes to an entrant", "share", -0.1, 0.4, "V10")
    ] = 0.1
    colleague_learning: Annotated[
        float,
        D(
            "of what returnees have gained in competence, what colleagues take over in a week, were half the staff returnees",
            "share of the way",
            0,
            0.06,
            "P5, A12",
        ),
    ] = 0.015
    own_initiative: Annotated[
        float, D("institutions that take up a practice by themselves in a year", "annual fraction", 0, 0.3)
    ] = 0.1
    practice_taken: Annotated[
        float, D("practice stock gained by one practice taken up at home or from a peer", "share of the way to 1", 0.05, 0.3)
    ] = 0.15
    practice_diffusion: Annotated[
        float,
        D(
            "practice taken up in a week from institutions of the profession nearby, or across where there is partnership: expected gain",
            "share of the way to theirs",
            0,
            0.02,
            "S16",
        ),
    ] = 0.004
    alumni_keeps: Annotated[
        float,
        D(
            "share of the practice that would lapse or leave with people which full alumni life keeps, where alumni are in post",
            "share",
            -0.1,
            0.7,
            "P6",
        ),
    ] = 0.3
    norms_half_life: Annotated[
        float,
        D(
            "weeks until half of what standing work has won in an institution has lapsed where no leader backs it",
            "weeks",
            26,
            104,
            "C7",
            "D",
        ),
    ] = 60.0
    buy_in_keeps: Annotated[
        float, D("share of that lapsing which a leader's full backing prevents", "share", -0.2, 0.5, "C7")
    ] = 0.3
