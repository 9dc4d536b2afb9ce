"""How workers differ, stay, leave and forget."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


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
    colleagues_friends: Annotated[
        float,
        D("rise of a worker's climate of warmth if all her colleagues had a close tie across", "0-1 scale", 0, 0.4, "A12", "C"),
    ] = 0.1
    norms: Annotated[float, D("weight of changes in the home community's climate on its workers", "share", 0, 1)] = 0.6
    annual_turnover: Annotated[
        float, D("workers who leave their post in a year", "annual fraction", 0.06, 0.4, "W3, D1", "A")
    ] = 0.15
    strain_turnover: Annotated[
        float, D("relative rise of turnover per unit of strain above an ordinary level", "1/unit", 0, 3)
    ] = 1.0
    burnout_leaving: Annotated[float, D("relative rise of leaving of those who have burnt out", "ratio", 0, 4, "O11")] = 1.0
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
