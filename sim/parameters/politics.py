"""Rhetoric, elections and what they do."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class PoliticsParameters(NamedTuple):
    """Rhetoric, elections and what they do."""

    rhetoric_trust: Annotated[float, D("weekly loss of community trust at full hostile rhetoric", "share/week", 0, 0.02)] = 0.006
    rhetoric_tension: Annotated[float, D("weekly rise of tension at full hostile rhetoric", "share/week", 0, 0.03)] = 0.010
    election_leaders: Annotated[float, D("leaders replaced by an election of size 1", "share", 0, 1, "D2", "C")] = 0.5
    election_staff: Annotated[
        float, D("public servants replaced by an election of size 1 while it lasts", "share", 0, 0.25, "D2", "C")
    ] = 0.1
    election_programme_end: Annotated[
        float, D("chance that an election of size 1 ends a donor-funded programme", "probability", 0, 1)
    ] = 0.2
