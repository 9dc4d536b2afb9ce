"""How incidents arise, climb, are settled and echo."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817
from sim.declare import extended, number
from sim.families import ARMED_KIND, KINDS, RUNGS
from sim.registry import registered


class IncidentParameters(NamedTuple):
    """How incidents arise, climb, are settled and echo."""

    everyday_rate: Annotated[
        float,
        D("incidents of all professions' kinds together at a fully exposed crossing in an ordinary week", "per week", 0, 0.12),
    ] = 0.06
    labour_weight: Annotated[float, D("weight of labour incidents among them", "weight", 0, 3)] = 1.0
    welfare_weight: Annotated[float, D("weight of welfare incidents among them", "weight", 0, 3)] = 0.5
    services_weight: Annotated[float, D("weight of services incidents among them", "weight", 0, 3)] = 0.5
    security_weight: Annotated[float, D("weight of security incidents among them", "weight", 0, 3)] = 0.5
    protest_weight: Annotated[float, D("weight of protest incidents among them", "weight", 0, 3)] = 0.5
    armed_rate: Annotated[float, D("armed incidents at a fully exposed crossing in an ordinary week", "per week", 0, 0.06)] = (
        0.004
    )
    stand_down: Annotated[
        float,
        D("armed actors who fight nobody stand down: annual fraction of regions in which they do", "fraction a year", 0, 0.6),
    ] = 0.2
    quiet_deaths: Annotated[
        float, D("deaths over the past year with which they are half as ready to stand down", "deaths", 5, 200, "F5", "D")
    ] = 25.0
    take_up: Annotated[
        float,
        D("annual fraction of regions in which armed actors who have stood down take up arms again", "fraction a year", 0, 0.2),
    ] = 0.02
    peace_presence: Annotated[float, D("presence of armed actors once they have stood down, at most", "ratio", 0, 1)] = 0.25
    tension_rate: Annotated[float, D("relative rise of incidents per unit of tension above an ordinary week", "1/unit", 0, 2)] = (
        1.0
    )
    exposure: Annotated[
        float,
        D("relative rise of a profession's incidents at a wholly tense crossing crowded with its visitors", "ratio", 0, 1),
    ] = 0.2
    rhetoric_armed: Annotated[float, D("relative rise of armed incidents at full hostile rhetoric", "ratio", 0, 3)] = 0.5
    rate_cap: Annotated[float, D("most that all of these together may multiply a rate", "ratio", 2, 6)] = 3.0
    everyday_threat: Annotated[float, D("professions' kinds: weekly chance from friction to threat", "probability", 0, 0.35)] = (
        0.15
    )
    everyday_force: Annotated[float, D("professions' kinds: weekly chance from threat to force", "probability", 0, 0.25)] = 0.12
    everyday_lethal: Annotated[float, D("professions' kinds: weekly chance from force to a death", "probability", 0, 0.06)] = 0.02
    everyday_sustained: Annotated[
        float, D("professions' kinds: weekly chance from lethal to sustained", "probability", 0, 0.3)
    ] = 0.05
    labour_climb: Annotated[
        float, D("how much more readily labour incidents climb than this, at every rung", "log odds", -0.7, 0.7)
    ] = 0.0
    welfare_climb: Annotated[
        float, D("how much more readily welfare incidents climb than this, at every rung", "log odds", -0.7, 0.7)
    ] = 0.0
    services_climb: Annotated[
        float, D("how much more readily services incidents climb than this, at every rung", "log odds", -0.7, 0.7)
    ] = 0.0
    security_climb: Annotated[
        float, D("how much more readily security incidents climb than this, at every rung", "log odds", -0.7, 0.7)
    ] = 0.0
    protest_climb: Annotated[
        float, D("how much more readily protest incidents climb than this, at every rung", "log odds", -0.7, 0.7)
    ] = 0.0
    armed_threat: Annotated[float, D("armed: weekly chance from friction to threat", "probability", 0, 0.9)] = 0.5
    armed_force: Annotated[float, D("armed: weekly chance from threat to force", "probability", 0, 0.9)] = 0.4
    armed_lethal: Annotated[float, D("armed: weekly chance from force to a death", "probability", 0, 0.5)] = 0.25
    armed_sustained: Annotated[float, D("armed: weekly chance from lethal to sustained", "probability", 0, 0.25)] = 0.1
    armed_at_once: Annotated[
        float,
        D("armed: chance that a lethal event is followed by another one in the same week", "probability", 0, 0.6, "F2, F3", "C"),
    ] = 0.2
    calm: Annotated[float, D("weekly chance that an incident ends by itself if it does not climb", "probability", 0.2, 0.9)] = 0.5
    tension_climb: Annotated[
        float, D("effect of tension on climbing, per unit above an ordinary week", "log odds/unit", 0, 2)
    ] = 1.0
    trust_climb: Annotated[
        float, D("effect of community trust on not climbing, per unit above neutral", "log odds/unit", -0.5, 2.0)
    ] = 0.6
    misread_climb: Annotated[float, D("effect on climbing of an incident that is misread", "log odds", 0, 1.5, "C9")] = 0.7
    security_restraint: Annotated[
        float,
        D(
            "security: effect of the restraint of those on duty on not climbing, per unit above ordinary",
            "log odds/unit",
            -0.5,
            4,
            "C1, C10",
        ),
    ] = 1.5
    security_response: Annotated[
        float,
        D(
            "security: relative rise of the chance to end, per unit of the competence of those on duty above ordinary",
            "1/unit",
            -0.3,
            3,
            "C2",
        ),
    ] = 1.0
    protest_restraint: Annotated[
        float,
        D(
            "protest: effect of the restraint of the organizers there on not climbing, per unit above ordinary",
            "log odds/unit",
            -0.5,
            4,
            "O3",
        ),
    ] = 1.0
    mediation: Annotated[
        float,
        D(
            "weekly chance that someone on duty with a full-strength, fully trusting tie across settles an incident",
            "probability",
            0,
            0.8,
            "V14",
        ),
    ] = 0.3
    distant_tie: Annotated[float, D("worth of a tie to the other side that is not to the community concerned", "ratio", 0, 1)] = (
        0.4
    )
    bridge_call: Annotated[
        float, D("weekly chance that a supported bridge figure is called in, if one lives there", "probability", 0, 1, "V14")
    ] = 0.4
    standards_calm: Annotated[
        float, D("relative rise of the chance to end, under fully shared standards", "ratio", -0.2, 1.5, "V11")
    ] = 0.4
    branching: Annotated[float, D("incidents echoed by one that reaches force", "incidents", 0, 0.6, "F2", "C")] = 0.2
    echo_weeks: Annotated[float, D("mean delay of an echo", "weeks", 1, 12, "F2", "C")] = 4.0
    echo_spread: Annotated[float, D("share of echoes that fall on neighbouring crossings", "share", 0, 0.6, "F2", "C")] = 0.25
    drift_spread: Annotated[
        float, D("standard deviation of the slow drift of a crossing's log rate", "log units", 0, 2, "F2", "C")
    ] = 0.5
    drift_common: Annotated[float, D("share of that drift which the whole region has in common", "share", 0, 1, "F2", "C")] = 0.5
    drift_half_life: Annotated[float, D("half-life of that drift", "weeks", 2, 104, "F2", "C")] = 26.0
    deaths_tail: Annotated[
        float, D("how fast large numbers of deaths become rare: exponent of the tail, less one", "exponent", 0.8, 3, "F1", "B")
    ] = 1.6
    deaths_scale: Annotated[float, D("number of deaths from which that tail begins to hold", "deaths", 0.5, 15, "F1", "B")] = 5.0
    deaths_max: Annotated[float, D("largest number of deaths in one lethal week of an incident", "deaths", 10, 5000)] = 300.0


IncidentParameters = extended(  # type: ignore[misc]
    IncidentParameters,
    {
        f"{own.family.incident}_{what}": (number(declared), default)
        for own in registered().families
        for what, declared, default in (
            ("weight", D(f"weight of {own.family.incident} incidents among them", "weight", 0, 3), own.weight),
            ("climb", D(f"how much more readily {own.family.incident} incidents climb", "log odds", -0.7, 0.7), 0.0),
        )
    },
)


def kind_rate(p: IncidentParameters, kind: str) -> float:
    """Return the rate of a kind's incidents at a fully exposed crossing in an ordinary week: its part of all everyday ones."""
    if kind == ARMED_KIND:
        return p.armed_rate
    weights = {k: float(getattr(p, f"{k}_weight")) for k in KINDS if k != ARMED_KIND}
    return p.everyday_rate * weights[kind] / max(sum(weights.values()), 1e-9)


def climb_chances(p: IncidentParameters, kind: str) -> tuple[float, ...]:
    """Return the weekly chances to climb from each rung to the next, for one kind, in an ordinary week."""
    own, shift = (kind, 0.0) if kind == ARMED_KIND else ("everyday", float(getattr(p, f"{kind}_climb")))
    return tuple(_shifted(float(getattr(p, f"{own}_{rung}")), shift) for rung in RUNGS[1:])


def _shifted(chance: float, log_odds: float) -> float:
    odds = chance / (1.0 - chance) * math.exp(log_odds)
    return odds / (1.0 + odds) if log_odds else chance
