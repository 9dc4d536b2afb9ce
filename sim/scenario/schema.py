"""What a scenario file may say.

The models here are the one definition of the scenario format: `sim.scenario.reading` validates files against them,
``bridgework check --schema`` prints them as JSON Schema for editors, and the world is built from them.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from sim.declare import Declaration, declarations
from sim.errors import Misfit, Words
from sim.families import FAMILIES, family_of
from sim.levers import FAMILY_LEVERS, TRAINING_TIME, CommonLevers
from sim.mechanisms import MECHANISMS, effective
from sim.parameters import Parameters, with_overrides

_NAME = re.compile(r"[\w][\w .,'()&+-]{0,59}")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.strip() != name or ".." in name:
        right = (
            "1 to 60 letters, digits, spaces or . , ' ( ) & + - _, beginning with a letter or digit, without two dots in a row"
        )
        raise Misfit("not a name", value=name, right=right)
    return name


def check_line(text: str) -> str:
    """Refuse text with control characters or line breaks."""
    if not text.isprintable():
        raise Misfit("not one line of text", value=text, right="one line without control characters")
    return text


def check_text(text: str) -> str:
    """Refuse text with control characters other than line breaks and tabs."""
    if not all(c.isprintable() or c in "\n\r\t" for c in text):
        raise Misfit("control characters in a text", value=text[:80], right="text and line breaks only")
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
            said = "neither" if self.week is None else f"week = {self.week} and date = {self.date}"
            raise Misfit("give either week or date", value=Words(said), right="week = 52, or date = 2027-03-01")
        return self

    def in_week(self, start: dt.date) -> int:
        """Return the week in which this happens, where week 0 begins on `start`."""
        return self.week if self.date is None else (self.date - start).days // 7  # type: ignore[return-value]


class ProgrammeSchedule(Strict):
    """When a programme runs and where, apart from its levers."""

    family: Literal["vocational", "social_work", "public_service", "policing", "organizing"] = Field(
        json_schema_extra={"enum": [f.name for f in FAMILIES if f.built]}
    )
    label: Annotated[str, Field(max_length=120), AfterValidator(check_line)] = ""
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
    sides: list[str] | None = Field(default=None, description="sides that take part; all if not given")

    @model_validator(mode="after")
    def _family_is_built(self) -> Self:
        if not any(f.name == self.family and f.built for f in FAMILIES):
            built = ", ".join(f.name for f in FAMILIES if f.built)
            raise Misfit(
                "this family is not part of this version",
                key="family",
                value=self.family,
                right=f"a family built so far: {built}",
            )
        return self


WHOLE = {"weeks", "workers", "cohorts", "communities", "yes/no"}
"""Units of levers that are counted, so that they take whole numbers only."""
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

    def enrolled(self, region: Region) -> set[str]:
        """Return the names of the communities that take part."""
        chosen = region.community_names() if self.communities is None else self.communities
        return {name for name in chosen if self.sides is None or region.side_of(name) in self.sides}

    def sides_taking_part(self, region: Region) -> set[str]:
        """Return the sides on which a community takes part."""
        if self.communities is None:
            return set(region.sides if self.sides is None else self.sides)
        return {region.side_of(name) for name in self.enrolled(region)}

    @model_validator(mode="after")
    def _levers_are_its_own(self) -> Self:
        for family in FAMILY_LEVERS:
            table = getattr(self, family)
            if family != self.family and table is not None:
                raise Misfit(
                    f"levers of another family than this programme's, which is {self.family}",
                    key=family,
                    value=table.model_dump(exclude_unset=True),
                    right=f'a table named {self.family}, or family = "{family}"',
                )
        return self

    @model_validator(mode="after")
    def _counts_are_whole(self) -> Self:
        for row in declarations("programme", CommonLevers):
            value = getattr(self, row.name)
            if row.declared.unit in WHOLE and value != round(value):
                right = "0 or 1" if row.declared.unit == "yes/no" else f"a whole number of {row.declared.unit}"
                raise Misfit("not a whole number", key=row.name, value=value, right=f"{right} ({row.declared.meaning})")
        return self

    @model_validator(mode="after")
    def _time_is_shared(self) -> Self:
        if self.policing is not None:
            shares = {name: getattr(self.policing, name) for name in TRAINING_TIME}
            if sum(shares.values()) > 1.0 + 1e-9:
                raise Misfit(
                    f"{', '.join(TRAINING_TIME[:-1])} and {TRAINING_TIME[-1]} share one training's time and add up to more than 1",
                    key="policing",
                    value=Words(", ".join(f"{name} = {value:g}" for name, value in shares.items())),
                    right="shares that add up to 1 or less; what is left goes to other police craft",
                )
        return self


SHOCKS: dict[str, str] = {
    "rhetoric": "hostile rhetoric on some sides: lowers community trust and heats crossings while it lasts",
    "border_closure": "crossings close by `size` (1 wholly) for some weeks",
    "funding_cut": "programme budgets fall by `size` for some weeks",
    "election": "leaders change, programmes may end, rhetoric rises for some weeks",
    "spoiler_attack": "spoilers attack crossings, each `size` times on average over its weeks, and spread rumours",
    "downturn": "livelihoods' resting level falls by `size` × 0.3 for some weeks",
}
"""Kinds of shocks in this version."""


class Shock(Dated):
    """A dated blow from outside."""

    kind: Literal["rhetoric", "border_closure", "funding_cut", "election", "spoiler_attack", "downturn"]
    size: Share = 0.5
    weeks: Annotated[int, Field(ge=1, le=520)] = 26
    sides: list[str] | None = Field(default=None, description="sides that are struck; all if not given")


class Edit(Dated):
    """A change made during a run, dated, so that the run can be replayed from its file."""

    parameters: ParameterOverrides | None = None  # type: ignore[valid-type]
    mechanisms: MechanismSwitches | None = None  # type: ignore[valid-type]
    programmes: dict[Name, dict[str, Any]] = Field(
        default_factory=dict, description="programme name, then levers and their new values"
    )


CLIMATE: dict[str, tuple[float, str]] = {
    "trust": (0.40, "residents' trust in the other sides"),
    "warmth": (0.45, "workers' warmth towards the other sides"),
    "legitimacy": (0.50, "residents' confidence in their own institutions"),
    "grievance": (0.35, "residents' grievance"),
    "livelihoods": (0.50, "residents' livelihoods"),
    "services": (0.50, "quality of local services"),
    "vulnerability": (0.30, "share of residents who are badly placed in a crisis"),
    "capability": (0.45, "how well institutions do their work"),
    "openness": (0.40, "employers' openness to staff from across the border"),
    "buy_in": (0.45, "leaders' mean buy-in to co-operation"),
    "accountability": (0.30, "how far police services answer for what they do"),
    "rapport": (0.20, "how far residents talk to the police"),
}
"""Resting levels of a region: default and meaning."""
DEFAULT_CLIMATE = {name: level for name, (level, _) in CLIMATE.items()}
_Levels = _table(
    "Levels",
    {
        name: (Share | None, Field(default=None, description=f"{meaning}; {level:g} if not given"))
        for name, (level, meaning) in CLIMATE.items()
    },
)


class Climate(_Levels):  # type: ignore[misc, valid-type]
    """Resting levels of a community's state, each 0 to 1."""


class Layout(Strict):
    """Communities placed along the border at even distances, with a little disorder."""

    communities_per_side: Annotated[int, Field(ge=1, le=100_000)] = Field(default=10, description="communities on each side")
    border_km: Annotated[float, Field(gt=0, le=10_000)] = Field(default=200.0, description="length of the border")
    depth_km: Annotated[float, Field(gt=0, le=1_000)] = Field(default=15.0, description="mean distance from the border line")
    population: Annotated[int, Field(ge=50, le=50_000_000)] = Field(default=4_000, description="median residents of a community")
    population_spread: Annotated[float, Field(ge=0, le=2)] = Field(
        default=0.4, description="how unlike communities are in residents (standard deviation, log units)"
    )


class Community(Climate):
    """One community, listed by name."""

    side: str
    x_km: Annotated[float, Field(ge=-20_000, le=20_000)]
    y_km: Annotated[float, Field(ge=-20_000, le=20_000)]
    population: Annotated[int, Field(ge=50, le=50_000_000)]
    crossings: list[str] = Field(default_factory=list, description="communities of other sides it has a crossing with")


class Institutions(Strict):
    """How many institutions of one kind a community has, and their staff."""

    per_community: Annotated[int, Field(ge=0, le=1_000)] = Field(description="institutions of this kind in each community")
    staff: Annotated[int, Field(ge=1, le=100_000)] = Field(description="workers of each")


class Region(Strict):
    """The border region: sides, communities, crossings, institutions and climate."""

    sides: Annotated[list[Name], Field(min_length=2, max_length=12)] = Field(description="names of the sides, two or more")
    layout: Layout | None = Field(default=None, description="communities spread along the border")
    communities: dict[Name, Community] = Field(default_factory=dict, description="or listed one by one")
    institutions: dict[str, Institutions] = Field(default_factory=dict, description="by kind")
    neighbours: Annotated[int, Field(ge=1, le=12)] = Field(
        default=2, description="nearest communities of other sides with which each has a crossing"
    )
    tension: Annotated[float, Field(ge=0.05, le=0.8)] = Field(default=0.3, description="resting tension at crossings")
    armed_actors: Annotated[float, Field(ge=0, le=100)] = Field(
        default=1.0, description="presence of armed actors, relative to an ordinary tense border; multiplies incidents.armed_rate"
    )
    exposure_spread: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.5, description="how unlike crossings are in daily traffic (log units)"
    )
    state_spread: Annotated[float, Field(ge=0, le=0.12)] = Field(
        default=0.05, description="how unlike communities are in their resting levels (standard deviation)"
    )
    ties_per_worker: Annotated[int, Field(ge=1, le=64)] = Field(default=10, description="cross-border ties a worker can keep")
    climate: Climate = Field(default_factory=Climate, description="resting levels on all sides")
    climate_of: dict[str, Climate] = Field(default_factory=dict, description="what differs on a side")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.sides)) < len(self.sides):
            raise Misfit("two sides have the same name", key="sides", value=self.sides, right="a name of its own for each side")
        if (self.layout is None) == (not self.communities):
            said = "neither" if self.layout is None else "both"
            raise Misfit(
                "give either a layout or a list of communities",
                value=Words(said),
                right="[region.layout], or [region.communities.NAME] for each",
            )
        sides = f"one of the sides {', '.join(self.sides)}"
        for side in self.climate_of:
            if side not in self.sides:
                raise Misfit("no such side", key=f"climate_of.{side}", value=side, right=sides)
        for name, community in self.communities.items():
            if community.side not in self.sides:
                raise Misfit("no such side", key=f"communities.{name}.side", value=community.side, right=sides)
            for other in community.crossings:
                if other not in self.communities or self.communities[other].side == community.side:
                    key = f"communities.{name}.crossings"
                    raise Misfit(
                        "a crossing to no community of another side",
                        key=key,
                        value=other,
                        right="the name of a community of another side",
                    )
        if self.communities:
            empty = [side for side in self.sides if side not in {c.side for c in self.communities.values()}]
            if empty:
                raise Misfit(
                    "a side without a community", key="sides", value=empty[0], right="at least one community on each side"
                )
        self._institutions_known()
        self._room_for_staff()
        return self

    def _room_for_staff(self) -> None:
        staff = self.staff_per_community()
        places = {f"communities.{name}": c.population for name, c in self.communities.items()}
        if self.layout is not None:
            places = {"layout": self.layout.population}
        for name, population in places.items():
            if staff > population:
                raise Misfit(
                    f"{staff:,} workers of all institutions but only {population:,} residents",
                    key=f"{name}.population",
                    value=population,
                    right=f"at least {staff} residents, or fewer staff",
                )

    def _institutions_known(self) -> None:
        known = [k.name for f in FAMILIES if f.built for k in f.institutions]
        for kind in self.institutions:
            key = f"institutions.{kind}"
            near = difflib.get_close_matches(kind, known, 1)
            hint = f'did you mean "{near[0]}"? ' if near else ""
            try:
                family = family_of(kind)
            except KeyError:
                raise Misfit(
                    "no such kind of institution", key=key, value=kind, right=f"{hint}known: {', '.join(known)}"
                ) from None
            if not family.built:
                what = f"the family {family.name}, to which it belongs, is not part of this version"
                raise Misfit(what, key=key, value=kind, right=f"one of: {', '.join(known)}")
        if not any(i.per_community for i in self.institutions.values()):
            raise Misfit(
                "no institutions",
                key="institutions",
                value=Words("none"),
                right="at least one, such as [region.institutions.enterprise]",
            )

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

    def side_of(self, name: str) -> str:
        """Return the side of a community, given by name."""
        if self.layout is None:
            return self.communities[name].side
        return name.rpartition(" ")[0]

    def size(self) -> tuple[int, int, int]:
        """Return the numbers of communities, institutions and workers."""
        n = len(self.communities) or (self.layout.communities_per_side * len(self.sides) if self.layout else 0)
        institutions = n * sum(i.per_community for i in self.institutions.values())
        workers = n * sum(i.per_community * i.staff for i in self.institutions.values())
        return n, institutions, workers


class Budget(Strict):
    """One budget for which all programmes of a scenario compete."""

    annual: Annotated[
        float, Field(ge=0, le=1e10, description="euro that all programmes together get in a year, counted from week 0")
    ]


class Scenario(Strict):
    """A border region, what is done there, what strikes it, and for how long it is watched."""

    bridgework: Literal["scenario/1"] = Field(description='format of this file: "scenario/1"')
    title: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_line)]
    description: Annotated[str, Field(max_length=4000), AfterValidator(check_text)] = ""
    start: dt.date = Field(default=dt.date(2026, 1, 5), description="first day of week 0")
    years: Annotated[float, Field(ge=0.25, le=40)] = 10.0
    burn_in_weeks: Annotated[int, Field(ge=0, le=1040)] = Field(default=104, description="weeks without programmes before week 0")
    region: Region
    parameters: ParameterOverrides | None = None  # type: ignore[valid-type]
    mechanisms: MechanismSwitches | None = None  # type: ignore[valid-type]
    programmes: dict[Name, Programme] = Field(default_factory=dict)
    budget: Budget | None = Field(
        default=None, description="one budget for all programmes; what they ask for beyond it is cut in proportion"
    )
    shocks: dict[Name, Shock] = Field(default_factory=dict)
    edits: dict[Name, Edit] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, programme in self.programmes.items():
            self._programme_fits(f"programmes.{name}", programme)
        for name, shock in self.shocks.items():
            self._within(f"shocks.{name}", shock)
            self._known("side", f"shocks.{name}.sides", shock.sides, self.region.sides)
        for name, edit in self.edits.items():
            self._within(f"edits.{name}", edit)
            self._known("programme", f"edits.{name}.programmes", edit.programmes, self.programmes)
        edited = dict(self.programmes)
        names = {id(edit): name for name, edit in self.edits.items()}
        for _, edit in self.dated_edits():
            for programme_name, changes in edit.programmes.items():
                key = f"edits.{names[id(edit)]}.programmes.{programme_name}"
                try:
                    edited[programme_name] = changed_programme(edited[programme_name], changes)
                except (ValidationError, Misfit) as error:
                    raise Misfit("", key=key, value=error) from None
                self._programme_fits(key, edited[programme_name])
        return self

    def _programme_fits(self, key: str, programme: Programme) -> None:
        region = self.region
        self._known("side", f"{key}.lead_side", [programme.lead_side] if programme.lead_side is not None else None, region.sides)
        self._known("side", f"{key}.sides", programme.sides, region.sides)
        if programme.communities is not None:
            self._known("community", f"{key}.communities", programme.communities, region.community_names())
        if programme.start_week >= self.weeks:
            right = f"a week before the end, 0 to {self.weeks - 1}"
            raise Misfit("starts after the end", key=f"{key}.start_week", value=programme.start_week, right=right)
        own = {kind.name for family in FAMILIES if family.name == programme.family for kind in family.institutions}
        if not any(kind in own and spec.per_community for kind, spec in region.institutions.items()):
            raise Misfit(
                "no institution of its family is in the region",
                key=f"{key}.family",
                value=programme.family,
                right=f"at least one, such as [region.institutions.{min(own)}]",
            )
        sides = programme.sides_taking_part(region)
        if len(sides) == 1 and programme.policing is not None and programme.policing.joint_patrols > 0.0:
            raise Misfit(
                "one side alone cannot patrol together",
                key=f"{key}.policing.joint_patrols",
                value=programme.policing.joint_patrols,
                right="0, or communities on two sides",
            )
        if len(sides) < (2 if programme.joint >= 0.5 else 1):
            raise Misfit(
                "too few sides take part for anybody to meet",
                key=key,
                value=Words(", ".join(sorted(sides)) or "no side"),
                right="communities on two sides; or joint = 0, so that one side trains by itself",
            )

    @staticmethod
    def _known(what: str, key: str, names: Iterable[str] | None, there: Iterable[str]) -> None:
        known = list(there)
        for name in names or ():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f'did you mean "{near[0]}"? ' if near else ""
                shown = ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
                raise Misfit(
                    f"no such {what}",
                    key=key,
                    value=name,
                    right=hint + (f"known: {shown}" if known else f"there is no {what} here"),
                )

    def _within(self, key: str, item: Dated) -> None:
        week = item.in_week(self.start)
        if not 0 <= week < self.weeks:
            raise Misfit(
                f"outside the horizon: falls in week {week}",
                key=f"{key}.{'week' if item.date is None else 'date'}",
                value=week if item.date is None else str(item.date),
                right=f"a week from 0 to {self.weeks - 1}, counted from {self.start}",
            )

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


def file_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a kind of file, for editors: a scenario may extend another, and then leave out what that says."""
    schema = model.model_json_schema()
    if model is Scenario:
        extend = {"type": "string", "description": "built-in name, or path of a scenario to start from", "title": "Extend"}
        schema["properties"] = {"bridgework": schema["properties"].pop("bridgework"), "extend": extend, **schema["properties"]}
        schema["required"] = ["bridgework"]
        schema["anyOf"] = [{"required": ["extend"]}, {"required": ["title", "region"]}]
    return schema


def changed_programme(programme: Programme, changes: dict[str, Any]) -> Programme:
    """Return a programme with some levers replaced.

    Raises
    ------
    Misfit
        If something else than a lever is to change.
    pydantic.ValidationError
        If a lever is unknown or out of range.
    """
    data = programme.model_dump()
    levers = [*CommonLevers._fields, programme.family]
    for key, value in changes.items():
        if key not in levers:
            near = difflib.get_close_matches(key, levers, 1)
            hint = f'did you mean "{near[0]}"? ' if near else ""
            raise Misfit("no lever that an edit can change", key=key, value=value, right=f"{hint}one of: {', '.join(levers)}")
        old = data.get(key)
        data[key] = {**(old if isinstance(old, dict) else {}), **value} if isinstance(value, dict) else value
    return Programme.model_validate(data)
