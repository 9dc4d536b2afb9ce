"""What a scenario may say of a programme."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.declare import declarations
from sim.errors import Misfit, Words
from sim.levers import FAMILY_LEVERS, TRAINING_TIME, CommonLevers
from sim.registry import fresh, registered
from sim.scenario.tables import Share, Strict, check_line, made_table, numeric_fields

if TYPE_CHECKING:
    from sim.scenario.region import Region

_family_tables = {
    family: (made_table(f"{cls.__name__}Table", numeric_fields(declarations(family, cls), optional=False)) | None, None)
    for family, cls in FAMILY_LEVERS.items()
}


class ProgrammeSchedule(Strict):
    """When a programme runs and where, apart from its levers."""

    family: Literal[tuple(FAMILY_LEVERS)]  # type: ignore[valid-type]
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
    cohorts_with: str | None = Field(
        default=None,
        description="a programme of another profession with whose cohorts its own begin and are held, at the same crossing; "
        "its own cohorts_per_year is then left aside",
    )
    mixing: Share = Field(
        default=0.5,
        description="share of the time that cohorts held with another programme's spend in task groups across professions",
    )


fresh(
    "key of a programme",
    (*CommonLevers._fields, *ProgrammeSchedule.model_fields),
    [own.family.name for own in registered().families],
)
WHOLE = {"weeks", "workers", "cohorts", "communities", "yes/no"}
"""Units of levers that are counted, so that they take whole numbers only."""
_programme_fields = numeric_fields(declarations("programme", CommonLevers), optional=False) | _family_tables
ProgrammeLevers = made_table("ProgrammeLevers", _programme_fields, ProgrammeSchedule)


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

    @property
    def paid_until(self) -> float:
        """Week from which nobody pays any more."""
        return float("inf") if self.after == "institutionalised" else self.start_week + round(self.years * 52)

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
