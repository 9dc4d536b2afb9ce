"""Every behavioural parameter, declared once: meaning, unit, default, plausible range, source and grade. One file a room.

A scenario overrides them by name (``[parameters.contact] bad_weight = 2.5``), a sweep draws from the ranges, the ODD
document prints this table, and the compiled rules read these very classes. Half-lives of slow states lie between 26 and
104 weeks, which is the model's stability rule. All defaults are priors set before any calibration.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from sim.declare import Declaration, declarations, extended
from sim.parameters.communities import CommunityParameters
from sim.parameters.contact import ContactParameters
from sim.parameters.costs import CostParameters
from sim.parameters.incidents import IncidentParameters
from sim.parameters.organizing import OrganizingParameters
from sim.parameters.people import PeopleParameters
from sim.parameters.policing import PolicingParameters
from sim.parameters.politics import PoliticsParameters
from sim.parameters.programmes import ProgrammeParameters
from sim.parameters.public_service import PublicServiceParameters
from sim.parameters.rumours import RumourParameters
from sim.parameters.social_work import SocialWorkParameters
from sim.parameters.vocational import VocationalParameters
from sim.parameters.work import WorkParameters
from sim.registry import fresh, registered


class Parameters(NamedTuple):
    """All rooms of parameters, as the rules of a run read them."""

    politics: PoliticsParameters = PoliticsParameters()
    people: PeopleParameters = PeopleParameters()
    contact: ContactParameters = ContactParameters()
    programmes: ProgrammeParameters = ProgrammeParameters()
    work: WorkParameters = WorkParameters()
    vocational: VocationalParameters = VocationalParameters()
    social_work: SocialWorkParameters = SocialWorkParameters()
    public_service: PublicServiceParameters = PublicServiceParameters()
    policing: PolicingParameters = PolicingParameters()
    organizing: OrganizingParameters = OrganizingParameters()
    rumours: RumourParameters = RumourParameters()
    incidents: IncidentParameters = IncidentParameters()
    communities: CommunityParameters = CommunityParameters()
    costs: CostParameters = CostParameters()


fresh("room of parameters", Parameters._fields, registered().rooms)
Parameters = extended(Parameters, {name: (room, room()) for name, room in registered().rooms.items()})  # type: ignore[misc]


def all_parameters() -> list[Declaration]:
    """List every declared parameter, room by room."""
    return [row for room, value in zip(Parameters._fields, Parameters(), strict=True) for row in declarations(room, type(value))]


def with_overrides(base: Parameters, overrides: dict[str, dict[str, float]]) -> Parameters:
    """Return `base` with some values replaced; names and ranges are checked where scenarios are read."""
    rooms: dict[str, Any] = {room: getattr(base, room)._replace(**values) for room, values in overrides.items()}
    return base._replace(**rooms)


def weekly_hazard(annual_fraction: float) -> float:
    """Turn an annual fraction p into the weekly hazard −ln(1−p)/52."""
    return -math.log1p(-annual_fraction) / 52.0


def weekly_chance(annual_fraction: float) -> float:
    """Turn an annual fraction p into the chance per week 1−(1−p)^(1/52)."""
    return -math.expm1(-weekly_hazard(annual_fraction))


def weekly_rate(half_life: float) -> float:
    """Turn a half-life in weeks into the share of a deviation that fades in one week."""
    return -math.expm1(-math.log(2.0) / half_life)
