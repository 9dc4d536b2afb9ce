"""What a scenario file may say.

The models here are the one definition of the scenario format: `sim.scenario.reading` validates files against them,
``bridgework check --schema`` prints them as JSON Schema for editors, and the world is built from them.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator

from sim.declare import Declaration, declarations
from sim.families import FAMILIES, family_of
from sim.levers import FAMILY_LEVERS, CommonLevers
from sim.mechanisms import MECHANISMS, effective
from sim.parameters import Parameters, with_overrides

_NAME = re.compile(r"[\w][\w .,'()&+-]{0,59}")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.strip() != name or ".." in name:
        raise ValueError("a name of 1 to 60 letters, digits, spaces or . , ' ( ) & + - _, beginning with a letter or digit")
    return name


def check_line(text: str) -> str:
    """Refuse text with control characters or line breaks."""
    if not text.isprintable():
        raise ValueError("one line of text without control characters")
    return text


Name = Annotated[str, AfterValidator(_check_name)]
Share = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """Base of all tables: unknown keys, NaN and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True, frozen=True)


def _numeric_fields(rows: list[Declaration], *, optional: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for row in rows:
        d = row.declared
        constraint = Field(default=None if optional else row.default, ge=d.low, le=d.high, description=f"{d.meaning} [{d.unit}]")
        fields[row.name] = (float | None if optional else float, constraint)
    return fields


def _table(name: str, fields: dict[str, Any], base: type[BaseModel] = Strict) -> Any:
    """Make a model from declarations and leave it in this module under its name, so that scenarios can be pickled."""
    made = create_model(name, __base__=base, __module__=__name__, **fields)
    globals()[name] = made
    return made


_rooms = {
    room: (
        _table(f"{type(value).__name__}Overrides", _numeric_fields(declarations(room, type(value)), optional=True)) | None,
        None,
    )
    for room, value in zip(Parameters._fields, Parameters(), strict=True)
}
ParameterOverrides = _table("ParameterOverrides", _rooms)
_switches = {name: (bool | None, Field(default=None, description=m.meaning)) for name, m in MECHANISMS.items()}
MechanismSwitches = _table("MechanismSwitches", _switches)
_family_tables = {
    family: (_table(f"{cls.__name__}Table", _numeric_fields(declarations(family, cls), optional=False)) | None, None)
    for family, cls in FAMILY_LEVERS.items()
}


class Dated(Strict):
    """Something that happens in a given week, told by number or by date."""

    week: Annotated[int, Field(ge=0)] | None = Field(default=None, description="week, counted from the start of the horizon")
    date: dt.date | None = Field(default=None, description="calendar day, instead of a week")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.week is None) == (self.date is None):
            raise ValueError("give either week or date")
        return self

    def in_week(self, start: dt.date) -> int:
        """Return the week in which this happens, where week 0 begins on `start`."""
        return self.week if self.date is None else (self.date - start).days // 7  # type: ignore[return-value]


class ProgrammeSchedule(Strict):
    """When a programme runs and where, apart from its levers."""

    family: Literal["vocational", "social_work", "public_service", "policing", "organizing"]
    label: str = Field(default="", max_length=120)
    start_week: Annotated[int, Field(ge=0)] = 0
    years: Annotated[float, Field(gt=0, le=40)] = 5.0
    after: Literal["ends", "institutionalised"] = Field(
        default="ends", description="what follows the donor years: nothing, or the institutions carry on"
    )
    institutional_share: Share = Field(default=0.5, description="share of the donor budget that institutions take over")
    lead_side: str | None = Field(
        default=None, description="the side that hosts, governs or benefits where those levers are below 1"
    )
    communities: list[str] | None = Field(default=None, description="communities enrolled; all if not given")

    @model_validator(mode="after")
    def _family_is_built(self) -> Self:
        if not any(f.name == self.family and f.built for f in FAMILIES):
            built = ", ".join(f.name for f in FAMILIES if f.built)
            raise ValueError(f"the family {self.family} is not part of this version; built so far: {built}")
        return self


_programme_fields = _numeric_fields(declarations("programme", CommonLevers), optional=False) | _family_tables
ProgrammeLevers = _table("ProgrammeLevers", _programme_fields, ProgrammeSchedule)


class Programme(ProgrammeLevers):  # type: ignore[misc, valid-type]
    """A programme: family, schedule, common levers, and a table with its family's own levers."""

    def levers(self) -> CommonLevers:
        """Return the common levers as the rules read them."""
        return CommonLevers(**{name: getattr(self, name) for name in CommonLevers._fields})

    def family_levers(self) -> Any:
        """Return the family's own levers as its work rule reads them."""
        cls = FAMILY_LEVERS[self.family]
        table = getattr(self, self.family)
        return cls() if table is None else cls(**table.model_dump())


SHOCKS: dict[str, str] = {
    "rhetoric": "hostile rhetoric on some sides: lowers community trust and heats crossings while it lasts",
    "border_closure": "crossings close by `size` (1 wholly) for some weeks",
    "funding_cut": "programme budgets fall by `size` for some weeks",
    "election": "leaders change, programmes may end, rhetoric rises for some weeks",
    "downturn": "livelihoods' resting level falls by `size` × 0.3 for some weeks",
}
"""Kinds of shocks in this version."""


class Shock(Dated):
    """A dated blow from outside."""

    kind: Literal["rhetoric", "border_closure", "funding_cut", "election", "downturn"]
    size: Share = 0.5
    weeks: Annotated[int, Field(ge=1, le=520)] = 26
    sides: list[str] | None = Field(default=None, description="sides that are struck; all if not given")


class Edit(Dated):
    """A change made during a run, dated, so that the run can be replayed from its file."""

    parameters: ParameterOverrides | None = None  # type: ignore[valid-type]
    mechanisms: MechanismSwitches | None = None  # type: ignore[valid-type]
    programmes: dict[Name, dict[str, float | dict[str, float]]] = Field(
        default_factory=dict, description="programme name, then levers and their new values"
    )


class Climate(Strict):
    """Resting levels of a community's state, each 0 to 1."""

    trust: Share | None = None
    warmth: Share | None = None
    legitimacy: Share | None = None
    grievance: Share | None = None
    livelihoods: Share | None = None
    services: Share | None = None
    vulnerability: Share | None = None
    capability: Share | None = None
    openness: Share | None = None


DEFAULT_CLIMATE = {
    "trust": 0.40,
    "warmth": 0.45,
    "legitimacy": 0.50,
    "grievance": 0.35,
    "livelihoods": 0.50,
    "services": 0.50,
    "vulnerability": 0.30,
    "capability": 0.45,
    "openness": 0.40,
}


class Layout(Strict):
    """Communities placed along the border at even distances, with a little disorder."""

    communities_per_side: Annotated[int, Field(ge=1, le=100_000)] = 10
    border_km: Annotated[float, Field(gt=0, le=10_000)] = 200.0
    depth_km: Annotated[float, Field(gt=0, le=1_000)] = Field(default=15.0, description="mean distance from the border line")
    population: Annotated[int, Field(ge=50, le=50_000_000)] = Field(default=4_000, description="median residents of a community")
    population_spread: Annotated[float, Field(ge=0, le=2)] = 0.4


class Community(Climate):
    """One community, listed by name."""

    side: str
    x_km: Annotated[float, Field(ge=-20_000, le=20_000)]
    y_km: Annotated[float, Field(ge=-20_000, le=20_000)]
    population: Annotated[int, Field(ge=50, le=50_000_000)]
    crossings: list[str] = Field(default_factory=list, description="communities of other sides it has a crossing with")


class Institutions(Strict):
    """How many institutions of one kind a community has, and their staff."""

    per_community: Annotated[int, Field(ge=0, le=1_000)]
    staff: Annotated[int, Field(ge=1, le=100_000)]


class Region(Strict):
    """The border region: sides, communities, crossings, institutions and climate."""

    sides: Annotated[list[Name], Field(min_length=2, max_length=12)]
    layout: Layout | None = None
    communities: dict[Name, Community] = Field(default_factory=dict)
    institutions: dict[str, Institutions] = Field(default_factory=dict)
    neighbours: Annotated[int, Field(ge=1, le=12)] = Field(
        default=2, description="nearest communities of other sides with which each has a crossing"
    )
    tension: Annotated[float, Field(ge=0.05, le=0.8)] = Field(default=0.3, description="resting tension at crossings")
    exposure_spread: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.5, description="how unlike crossings are in daily traffic (log units)"
    )
    state_spread: Annotated[float, Field(ge=0, le=0.12)] = Field(
        default=0.05, description="how unlike communities are in their resting levels (standard deviation)"
    )
    ties_per_worker: Annotated[int, Field(ge=1, le=64)] = Field(default=10, description="cross-border ties a worker can keep")
    climate: Climate = Climate()
    climate_of: dict[str, Climate] = Field(default_factory=dict, description="what differs on a side")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.sides)) < len(self.sides):
            raise ValueError("two sides have the same name")
        if (self.layout is None) == (not self.communities):
            raise ValueError("give either region.layout or a list of region.communities")
        for side in self.climate_of:
            if side not in self.sides:
                raise ValueError(f"climate_of names the side {side!r}, which is not in sides {self.sides}")
        for name, community in self.communities.items():
            if community.side not in self.sides:
                raise ValueError(f"community {name!r} is on side {community.side!r}, which is not in sides {self.sides}")
            for other in community.crossings:
                if other not in self.communities or self.communities[other].side == community.side:
                    raise ValueError(f"community {name!r} lists a crossing to {other!r}, which is no community of another side")
        if self.communities and len({c.side for c in self.communities.values()}) < len(self.sides):
            raise ValueError("each side needs at least one community")
        self._institutions_known()
        staff = self.staff_per_community()
        places = {name: c.population for name, c in self.communities.items()}
        if self.layout is not None:
            places = {"region.layout": self.layout.population}
        for name, population in places.items():
            if staff > population:
                raise ValueError(f"{name}: {staff} workers but only {population} residents; give fewer staff or more residents")
        return self

    def _institutions_known(self) -> None:
        for kind in self.institutions:
            try:
                family = family_of(kind)
            except KeyError:
                known = ", ".join(k.name for f in FAMILIES if f.built for k in f.institutions)
                raise ValueError(f"unknown institution kind {kind!r}; known: {known}") from None
            if not family.built:
                raise ValueError(f"institutions of kind {kind!r} belong to the family {family.name}, not part of this version")
        if not any(i.per_community for i in self.institutions.values()):
            raise ValueError("no institutions: give at least one, such as [region.institutions.enterprise]")

    def climate_on(self, side: str) -> dict[str, float]:
        """Return the resting levels on one side, defaults filled in."""
        levels = dict(DEFAULT_CLIMATE)
        for layer in (self.climate, self.climate_of.get(side)):
            if layer is not None:
                levels.update(layer.model_dump(exclude_none=True))
        return levels

    def staff_per_community(self) -> int:
        """Workers of all institutions of one community."""
        return sum(i.per_community * i.staff for i in self.institutions.values())

    def community_names(self) -> list[str]:
        """Return the names of all communities, side by side."""
        if self.layout is None:
            return sorted(self.communities, key=lambda name: (self.sides.index(self.communities[name].side), name))
        n = self.layout.communities_per_side
        return [f"{side} {i + 1:0{len(str(n))}d}" for side in self.sides for i in range(n)]

    def size(self) -> tuple[int, int, int]:
        """Return the numbers of communities, institutions and workers."""
        n = len(self.communities) or (self.layout.communities_per_side * len(self.sides) if self.layout else 0)
        institutions = n * sum(i.per_community for i in self.institutions.values())
        workers = n * sum(i.per_community * i.staff for i in self.institutions.values())
        return n, institutions, workers


class Scenario(Strict):
    """A border region, what is done there, what strikes it, and for how long it is watched."""

    bridgework: Literal["scenario/1"] = Field(description='format of this file: "scenario/1"')
    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(max_length=4000)] = ""
    start: dt.date = Field(default=dt.date(2026, 1, 5), description="first day of week 0")
    years: Annotated[float, Field(ge=0.25, le=40)] = 10.0
    burn_in_weeks: Annotated[int, Field(ge=0, le=1040)] = Field(default=104, description="weeks without programmes before week 0")
    region: Region
    parameters: ParameterOverrides | None = None  # type: ignore[valid-type]
    mechanisms: MechanismSwitches | None = None  # type: ignore[valid-type]
    programmes: dict[Name, Programme] = Field(default_factory=dict)
    shocks: dict[Name, Shock] = Field(default_factory=dict)
    edits: dict[Name, Edit] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, programme in self.programmes.items():
            if programme.lead_side is not None and programme.lead_side not in self.region.sides:
                raise ValueError(f"programme {name!r}: lead_side {programme.lead_side!r} is not in sides {self.region.sides}")
            if programme.start_week >= self.weeks:
                raise ValueError(f"programme {name!r} starts in week {programme.start_week}, after the end (week {self.weeks})")
            unknown = set(programme.communities) - set(self.region.community_names()) if programme.communities else set()
            if unknown:
                raise ValueError(f"programme {name!r} enrols unknown communities: {', '.join(sorted(unknown))}")
        for name, shock in self.shocks.items():
            self._within(f"shock {name!r}", shock)
            unknown = set(shock.sides or ()) - set(self.region.sides)
            if unknown:
                raise ValueError(
                    f"shock {name!r} strikes unknown sides: {', '.join(sorted(unknown))}; sides: {self.region.sides}"
                )
        for name, edit in self.edits.items():
            self._within(f"edit {name!r}", edit)
            for programme_name, changes in edit.programmes.items():
                if programme_name not in self.programmes:
                    raise ValueError(f"edit {name!r} changes the programme {programme_name!r}, which does not exist")
                changed_programme(self.programmes[programme_name], changes)
        return self

    def _within(self, what: str, item: Dated) -> None:
        week = item.in_week(self.start)
        if not 0 <= week < self.weeks:
            raise ValueError(f"{what} falls in week {week}, outside the horizon of weeks 0 to {self.weeks - 1}")

    @property
    def weeks(self) -> int:
        """Length of the horizon in weeks."""
        return max(1, round(self.years * 52))

    def dated_edits(self) -> list[tuple[int, Edit]]:
        """Return the edits with their weeks, in order of week and name."""
        dated = sorted((edit.in_week(self.start), name) for name, edit in self.edits.items())
        return [(week, self.edits[name]) for week, name in dated]

    @cached_property
    def effective_parameters(self) -> Parameters:
        """All parameters as they hold from the start, mechanisms that are off made neutral."""
        return self.parameters_with([])

    def parameters_with(self, edits: list[Edit]) -> Parameters:
        """Return all parameters as they hold after some edits."""
        merged = Parameters()
        switches: dict[str, bool] = {}
        layers: list[Any] = [self, *edits]
        for layer in layers:
            if layer.parameters is not None:
                merged = with_overrides(merged, layer.parameters.model_dump(exclude_none=True))
            if layer.mechanisms is not None:
                switches.update(layer.mechanisms.model_dump(exclude_none=True))
        return effective(merged, switches)


def changed_programme(programme: Programme, changes: dict[str, Any]) -> Programme:
    """Return a programme with some levers replaced.

    Raises
    ------
    pydantic.ValidationError
        If a lever is unknown or out of range.
    """
    data = programme.model_dump()
    for key, value in changes.items():
        data[key] = {**(data.get(key) or {}), **value} if isinstance(value, dict) else value
    return Programme.model_validate(data)
