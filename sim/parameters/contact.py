"""What a meeting between two workers of different sides does."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


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
        float, D("relative rise of bad meetings per unit of tension above an ordinary week", "1/unit", 0, 2, "C12")
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
    friendship: Annotated[
        float,
        D(
            "strength of a tie from which on meetings of its two persons move attitudes; at 0 all meetings do",
            "0-1",
            0,
            0.6,
            rival=True,
        ),
    ] = 0.0
    other_profession: Annotated[
        float, D("worth, to a profession's work, of a tie to somebody of another profession across", "ratio", 0, 1)
    ] = 0.5
    lent_tie: Annotated[
        float,
        D("worth of a tie across that a returnee of another profession lends to colleagues at home", "ratio", 0, 0.8, "V14"),
    ] = 0.3
