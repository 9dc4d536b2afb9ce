"""How parameters, levers, mechanisms, professions, series and outcomes are declared: once, readable by machine.

A *room* is a ``NamedTuple`` class whose fields carry their declaration as ``Annotated`` metadata. The same class is the
value that compiled rules read (``p.bad_weight``), the schema of a scenario's overrides, the range a sweep draws from
and a row of the tables in the ODD document.
"""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, cast, get_type_hints

from sim.measures import Measure

GRADES = {
    "A": "measured in several trials or a meta-analysis",
    "B": "measured in one good study, or several weaker ones",
    "C": "indirect evidence, or carried over from another field",
    "D": "assumption",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a parameter or lever says about itself, apart from its name and default.

    Attributes
    ----------
    meaning : str
        One plain sentence.
    unit : str
        Unit of the value.
    low, high : float
        Plausible range, both ends included; a scenario may not leave it.
    source : str
        An evidence id (A3), a claim id (V1), or "assumption".
    grade : str
        A to D, see `GRADES`.
    cost : str
        For a lever: what it costs, as named in the room ``costs``; empty if it costs nothing by itself.
    rival : bool
        Whether it belongs to a rival assumption and does nothing at its default; it is varied only where it is named itself.
    """

    meaning: str
    unit: str
    low: float
    high: float
    source: str = "assumption"
    grade: str = "D"
    cost: str = ""
    rival: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"empty range {self.low}..{self.high} for: {self.meaning}")
        if self.grade not in GRADES:
            raise ValueError(f"unknown grade {self.grade} for: {self.meaning}")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declared name: its room, default, type and `Declared` metadata."""

    room: str
    name: str
    default: Any
    kind: type
    declared: Declared

    @property
    def path(self) -> str:
        """Dotted name, as a scenario writes it."""
        return f"{self.room}.{self.name}"


def declarations(room: str, cls: Any) -> list[Declaration]:
    """List what the ``NamedTuple`` class `cls` declares, in order."""
    hints = get_type_hints(cls, include_extras=True)
    out = []
    for name in cls._fields:
        hint = hints[name]
        meta = getattr(hint, "__metadata__", ())
        if not (meta and isinstance(meta[0], Declared)):
            raise TypeError(f"{cls.__name__}.{name} is not declared")
        if name not in cls._field_defaults:
            raise TypeError(f"{cls.__name__}.{name} has no default")
        default = cls._field_defaults[name]
        if not meta[0].low <= float(default) <= meta[0].high:
            raise ValueError(f"{cls.__name__}.{name}: default {default} outside its range")
        out.append(Declaration(room, name, default, hint.__origin__, meta[0]))
    return out


T = TypeVar("T")


def extended(cls: type[T], more: dict[str, tuple[Any, Any]]) -> type[T]:
    """Return a ``NamedTuple`` class with further fields, name to (annotation, default); the class itself if there are none."""
    if not more:
        return cls
    hints, defaults = get_type_hints(cls, include_extras=True), cls._field_defaults  # type: ignore[attr-defined]
    taken = [name for name in more if name in hints]
    if taken:
        raise ValueError(f"{taken[0]} is there already")
    made: Any = namedtuple(cls.__name__, [*hints, *more], defaults=[*defaults.values(), *(value for _, value in more.values())])  # type: ignore[misc]  # noqa: PYI024
    made.__annotations__ = hints | {name: hint for name, (hint, _) in more.items()}
    made.__module__, made.__doc__ = cls.__module__, cls.__doc__
    made.built_in = tuple(hints)  # type: ignore[attr-defined]
    return cast("type[T]", made)


def built_in(cls: Any) -> tuple[str, ...]:
    """Return the fields of a ``NamedTuple`` class without those by which it was extended."""
    fields: tuple[str, ...] = getattr(cls, "built_in", cls._fields)
    return fields


def number(declared: Declared) -> Any:
    """Annotate a number with its declaration."""
    return Annotated[float, declared]


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A mechanism: what it is, which parameters carry it, and whether it is on by default."""

    meaning: str
    neutral: dict[str, float]
    on: bool = True


@dataclass(frozen=True, slots=True)
class InstitutionKind:
    """A kind of institution: its name, its plural in words, and what its workers are called."""

    name: str
    words: str
    workers: str


@dataclass(frozen=True, slots=True)
class Family:
    """A profession.

    Attributes
    ----------
    name : str
        As scenarios write it.
    seed : str
        Letter of its claims in the ledger.
    institutions : tuple of InstitutionKind
        Kinds of institutions it works in.
    incident : str
        The kind of incident it owns.
    flow, trigger, damper : str
        Outcomes that show what its ties carry, what happens when it fails, and what dampens when it works.
    """

    name: str
    seed: str
    institutions: tuple[InstitutionKind, ...]
    incident: str
    flow: str
    trigger: str
    damper: str

    @property
    def words(self) -> str:
        """Name as a sentence has it."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Series:
    """A weekly series.

    Attributes
    ----------
    name, unit, meaning : str
        As tables and figures show them.
    flow : bool
        True for counts within the week, False for levels at its end.
    shared : bool
        True if it exists without programmes too; the others are zero without one.
    """

    name: str
    unit: str
    meaning: str
    flow: bool = False
    shared: bool = True


GROUPS = ("escalation", "trust", "network", "family", "money", "resilience")
"""Groups of outcomes, as tables order them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One number of a run.

    Attributes
    ----------
    name, unit, definition : str
        As tables show them.
    group : str
        One of `GROUPS`.
    better : int
        1 if more is better, -1 if less is, 0 if neither.
    measure : callable
        From (series, residents) to the number; ``series[name]`` is the weekly array over the horizon.
    primary : bool
        Whether comparisons lead with it.
    interval : bool
        False where the tail is too heavy for an interval to mean anything.
    decimals : int
        How many decimals a table shows.
    """

    name: str
    unit: str
    definition: str
    group: str
    better: Literal[-1, 0, 1]
    measure: Measure
    primary: bool = False
    interval: bool = True
    decimals: int = 3

    @property
    def matters(self) -> float:
        """Smallest effect that matters: 0.01 on a scale or share, 5 % of the reference level otherwise."""
        return 0.01 if self.absolute else 0.05

    @property
    def absolute(self) -> bool:
        """Whether `matters` is counted on the outcome's own scale."""
        return self.unit in {"0-1", "share"}

    def threshold(self, reference: float) -> float:
        """Smallest effect that matters, in the outcome's unit, where the reference arm is at `reference`."""
        return self.matters if self.absolute else self.matters * abs(reference)
