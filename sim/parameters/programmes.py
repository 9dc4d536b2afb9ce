"""Joining, staying and leaving, whatever the family."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


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
        float,
        D("leadership buy-in won by a year of full leadership work, before any of it fades", "share of the way to 1", 0, 0.6),
    ] = 0.3
    broken_promise: Annotated[
        float, D("share of leaders' buy-in lost when the next year's grant falls to nothing", "share", 0, 0.8, "P12")
    ] = 0.3
    funding_feedback: Annotated[
        float, D("relative change of the next year's budget per unit of visible results", "ratio", -0.2, 0.5, "V13, S9")
    ] = 0.1
    governance_shield: Annotated[
        float, D("share of a political blow that wholly shared governance wards off", "share", -0.2, 0.8, "V6")
    ] = 0.3
