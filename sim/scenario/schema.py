"""What a scenario file may say.

The models here are the one definition of the scenario format: `sim.scenario.reading` validates files against them,
``bridgework check --schema`` prints them as JSON Schema for editors, and the world is built from them.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from sim.declare import declarations
from sim.errors import Misfit, Words
from sim.families import FAMILIES
from sim.mechanisms import MECHANISMS, effective
from sim.parameters import Parameters, with_overrides
from sim.registry import fresh, registered
from sim.scenario.programme import Programme, changed_programme
from sim.scenario.region import Region
from sim.scenario.tables import Name, Share, Strict, check_line, check_text, made_table, numeric_fields

_rooms = {
    room: (
        made_table(f"{type(value).__name__}Overrides", numeric_fields(declarations(room, type(value)), optional=True)) | None,
        None,
    )
    for room, value in zip(Parameters._fields, Parameters(), strict=True)
}
ParameterOverrides = made_table("ParameterOverrides", _rooms)
_switches = {name: (bool | None, Field(default=None, description=m.meaning)) for name, m in MECHANISMS.items()}
MechanismSwitches = made_table("MechanismSwitches", _switches)


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


SHOCKS: dict[str, str] = {
    "rhetoric": "hostile rhetoric on some sides: lowers community trust and heats crossings while it lasts",
    "border_closure": "crossings close by `size` (1 wholly) for some weeks",
    "funding_cut": "programme budgets fall by `size` for some weeks",
    "election": "leaders change, public servants are replaced, programmes may end, rhetoric rises for some weeks",
    "spoiler_attack": "spoilers attack crossings, each `size` times on average over its weeks, and spread rumours",
    "downturn": "livelihoods' resting level falls by `size` × 0.3 for some weeks",
    "displacement": "displaced households arrive on some sides: `size` × 0.5 crises per 1,000 residents and week for some weeks",
    "disaster": "services fail on some sides and what both sides use runs short, by `size` × 0.3, for some weeks",
    "repression": "movements on some sides are repressed: organizers are kept from acting and strained, protest turns more easily",
    "disinformation": "rumours about the other sides are spread on some sides: `size` × 0.2 more a week in each community",
    "turnover_wave": "people leave their posts up to four times as fast (1 + 3 × `size`) for some weeks",
}
fresh("shock", SHOCKS, registered().shocks)
SHOCKS |= {name: own.meaning for name, own in registered().shocks.items()}
"""Kinds of shocks, and what they do."""


class Shock(Dated):
    """A dated blow from outside."""

    kind: Literal[tuple(SHOCKS)]  # type: ignore[valid-type]
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


class Budget(Strict):
    """One budget for which all programmes of a scenario compete."""

    annual: Annotated[
        float, Field(ge=0, le=1e10, description="euro that all programmes together get in a year, counted from week 0")
    ]
    stop_go: Share = Field(
        default=0.0,
        description="how far it swings from year to year, the total of all years kept: 0 steady, 1 double and nothing in turn",
    )


class About(Strict):
    """What a scenario is good for, for those who choose one."""

    typical: Annotated[str, Field(max_length=1000), AfterValidator(check_text)] = Field(
        default="", description="what is typical of such a region"
    )
    to_try: Annotated[str, Field(max_length=1000), AfterValidator(check_text)] = Field(
        default="", description="what to try in it"
    )
    shaped_by: Annotated[str, Field(max_length=1000), AfterValidator(check_text)] = Field(
        default="", description="the evidence and the assumptions that shaped it"
    )


class Scenario(Strict):
    """A border region, what is done there, what strikes it, and for how long it is watched."""

    bridgework: Literal["scenario/1"] = Field(description='format of this file: "scenario/1"')
    title: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_line)]
    description: Annotated[str, Field(max_length=4000), AfterValidator(check_text)] = ""
    about: About | None = Field(default=None, description="what it is good for; changes no number")
    start: dt.date = Field(default=dt.date(2026, 1, 5), description="first day of week 0")
    years: Annotated[float, Field(ge=0.25, le=40)] = 10.0
    burn_in_weeks: Annotated[int, Field(ge=0, le=1040)] = Field(default=104, description="weeks without programmes before week 0")
    network_every: Annotated[int, Field(ge=0, le=520)] = Field(
        default=4, description="weeks between measures of the whole network of ties, which cost more than others; 0 for none"
    )
    rules: list[Name] = Field(default_factory=list, description="registered rules of your own that act here")
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
        self._rules_known()
        for name, programme in self.programmes.items():
            self._programme_fits(f"programmes.{name}", programme)
            self._held_together(f"programmes.{name}", programme, self.programmes)
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
                for name, programme in edited.items():
                    if programme_name in {name, programme.cohorts_with}:
                        self._held_together(key, programme, edited)
        return self

    def _rules_known(self) -> None:
        known = registered().rules
        if len(set(self.rules)) < len(self.rules):
            raise Misfit("a rule is listed twice", key="rules", value=self.rules, right="each rule once")
        said: dict[str, Any] = self.parameters.model_dump(exclude_none=True) if self.parameters is not None else {}
        switched: dict[str, Any] = self.mechanisms.model_dump(exclude_none=True) if self.mechanisms is not None else {}
        theirs = {f"parameters.{room}": room for room in said if room in registered().rooms}
        theirs |= {f"mechanisms.{name}": registered().owners[name] for name in switched if name in registered().mechanisms}
        for key, name in theirs.items():
            if name not in self.named:
                right = f'rules = ["{name}"]' if name in known else "an institution of that profession in the region"
                raise Misfit(f"belongs to {name}, which takes no part here", key=key, value=Words("set"), right=right)
        for name in self.rules:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f'did you mean "{near[0]}"? ' if near else ""
                right = (
                    f"registered: {', '.join(known)}; others with " if known else "to name the file that registers it: "
                ) + "--import FILE"
                raise Misfit("no such rule is registered", key="rules", value=name, right=hint + right)

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
        if programme.stop_go > 0.0 and self.budget is not None:
            raise Misfit(
                "where programmes share one budget, no programme's own can swing",
                key=f"{key}.stop_go",
                value=programme.stop_go,
                right="0, and budget.stop_go for the budget as a whole; or no [budget]",
            )
        if len(sides) < (2 if programme.joint >= 0.5 else 1):
            raise Misfit(
                "too few sides take part for anybody to meet",
                key=key,
                value=Words(", ".join(sorted(sides)) or "no side"),
                right="communities on two sides; or joint = 0, so that one side trains by itself",
            )

    def _held_together(self, key: str, programme: Programme, programmes: dict[str, Programme]) -> None:
        """Check that cohorts can be held with those of the programme that is named, as all programmes then are."""
        name, key = programme.cohorts_with, f"{key}.cohorts_with"
        if name is None:
            return
        self._known("programme", key, [name], programmes)
        other = programmes[name]
        if other.family == programme.family:
            raise Misfit("of the same profession", key=key, value=name, right="a programme of another profession")
        if other.cohorts_with is not None:
            right = f'a programme whose cohorts are its own, such as "{other.cohorts_with}"'
            raise Misfit(f'its own cohorts are held with those of "{other.cohorts_with}"', key=key, value=name, right=right)
        if sum(p.cohorts_with == name for p in programmes.values()) > 1:
            raise Misfit("held with two other programmes", key=key, value=name, right="at most one programme for each")
        if max(programme.start_week, other.start_week) >= min(programme.paid_until, other.paid_until, self.weeks):
            raise Misfit("never paid for in the same weeks", key=key, value=name, right="programmes whose years overlap")
        if min(programme.joint, other.joint) < 0.5:
            right = "joint = 1 in both, so that sides meet"
            raise Misfit("cohorts of which one meets nobody cannot be held together", key=key, value=name, right=right)

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
    def named(self) -> tuple[str, ...]:
        """What of all that is registered takes part: the rules that are listed, and professions of which the region has an institution."""
        present = {kind for kind, spec in self.region.institutions.items() if spec.per_community}
        own = [f.family for f in registered().families]
        return (*(f.name for f in own if present & {kind.name for kind in f.institutions}), *self.rules)

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
        absent = {f"{f.family.incident}_weight": 0.0 for f in registered().families if f.family.name not in self.named}
        return with_overrides(effective(merged, switches), {"incidents": absent})


def file_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a kind of file, for editors: a scenario may extend another, and then leave out what that says."""
    schema = model.model_json_schema()
    if model is Scenario:
        extend = {"type": "string", "description": "built-in name, or path of a scenario to start from", "title": "Extend"}
        schema["properties"] = {"bridgework": schema["properties"].pop("bridgework"), "extend": extend, **schema["properties"]}
        schema["required"] = ["bridgework"]
        schema["anyOf"] = [{"required": ["extend"]}, {"required": ["title", "region"]}]
    return schema
