"""Rumours about the other side: how they arise, spread, are checked, and what belief in them does."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817

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
            "chance that a rumour goes on from one community to a further one of its side, where nobody checks",
            "probability",
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


def kept(p: RumourParameters) -> float:
    """Share of belief that is left a week later, where nobody checks."""
    return math.exp(-1.0 / p.weeks)


def life(believed: float, p: RumourParameters) -> int:
    """Weeks for which a rumour is told in a community, where nobody checks."""
    if believed <= FORGOTTEN:
        return 1
    return max(1, math.ceil(p.weeks * math.log(believed / FORGOTTEN)))


def belief_of_one(believed: float, p: RumourParameters) -> float:
    """Bound the sum over its weeks of the share of residents who believe a rumour, in all communities that it reaches."""
    return believed * sum(kept(p) ** k for k in range(life(believed, p))) / (1.0 - p.spread)
