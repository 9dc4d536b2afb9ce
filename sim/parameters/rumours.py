"""Rumours about the other side: how they arise, spread, are checked, and what belief in them does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817
from sim.parameters.ordinary import ORDINARY_RAPPORT

if TYPE_CHECKING:
    from sim.parameters import Parameters

FORGOTTEN = 0.02
"""Share of believers below which a rumour is told no more (fixed)."""


class RumourParameters(NamedTuple):
    """Rumours about the other side: how they arise, spread, are checked, and what belief in them does."""

    rate: Annotated[
        float,
        D("rumours about another side that arise in a community with a crossing to it, at ordinary tension", "per year", 0, 3),
    ] = 1.0
    tension_rate: Annotated[float, D("relative rise of that rate per unit of tension above an ordinary week", "1/unit", 0, 3)] = (
        1.5
    )
    disinformation: Annotated[
        float, D("further rumours in a community in a week of full disinformation", "per week", 0, 0.5, "O13")
    ] = 0.2
    believed: Annotated[
        float,
        D("residents who believe a rumour where it arrives, were nobody to doubt it; after an attack all do", "share", 0.05, 0.5),
    ] = 0.3
    weeks: Annotated[float, D("weeks in which belief falls to a third (1/e), where nobody checks", "weeks", 1, 8)] = 3.0
    spread: Annotated[
        float,
        D(
            "further communities of its side that one rumour reaches from one community, where nobody checks",
            "communities",
            0,
            0.6,
        ),
    ] = 0.4
    rapport_disbelief: Annotated[
        float,
        D("share of residents who do not believe a rumour, where rapport with the police is full", "share", -0.2, 0.9, "C4"),
    ] = 0.4
    tie_checks: Annotated[
        float,
        D(
            "weekly chance that a rumour is corrected, were all organizers to be able to act and have a tie to that side",
            "probability",
            0,
            0.8,
            "O13",
        ),
    ] = 0.4
    network_checks: Annotated[
        float,
        D(
            "further chance where the rapid-response network with that side is full and all can act",
            "probability",
            -0.1,
            0.6,
            "O13, F9",
        ),
    ] = 0.3
    trust: Annotated[float, D("community trust lost in a week in which all believe a rumour", "share/week", 0, 0.02)] = 0.01
    tension: Annotated[float, D("tension added in such a week", "share of the way to 1", 0, 0.05)] = 0.03
    security: Annotated[float, D("relative rise of security incidents in such a week", "ratio", 0, 3)] = 1.0
    protest: Annotated[float, D("relative rise of protest incidents in such a week", "ratio", 0, 3)] = 1.0


class RumourRates(NamedTuple):
    """What a week of a rumour's life amounts to."""

    spread: float
    """Chance to reach one more community, in a week."""
    ordinary: float
    """Share of residents who believe a rumour about another side in an ordinary week, nobody checking: those who believe none are
    exp(−rate × belief of one), since rumours arise independently and are believed independently (Campbell's theorem)."""


def life(believed: float, p: RumourParameters) -> int:
    """Weeks for which a rumour is told that nobody checks."""
    kept = 1.0 - 1.0 / max(p.weeks, 1.0)
    if kept <= 0.0 or believed <= FORGOTTEN:
        return 1
    return max(1, math.ceil(math.log(FORGOTTEN / believed) / math.log(kept)))


def belief_of_one(believed: float, p: RumourParameters) -> float:
    """Sum over its weeks of the share of residents who believe a rumour, in all communities that it reaches."""
    kept = 1.0 - 1.0 / max(p.weeks, 1.0)
    return believed * sum(kept**k for k in range(life(believed, p))) / (1.0 - p.spread)


def rumour_rates(parameters: Parameters) -> RumourRates:
    """Turn a rumour's reach over its life into a weekly chance, and reckon the ordinary belief."""
    p = parameters.rumours
    believed = min(max(p.believed * (1.0 - p.rapport_disbelief * ORDINARY_RAPPORT), 0.0), 1.0)
    ordinary = -math.expm1(-p.rate / 52.0 * belief_of_one(believed, p))
    return RumourRates(min(p.spread / max(life(believed, p) - 1, 1), 1.0), ordinary)
