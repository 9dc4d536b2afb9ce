"""How parameters, levers, mechanisms and columns are declared: once, beside their default, readable by machine.

A *room* is a ``NamedTuple`` class whose fields carry their declaration as ``Annotated`` metadata. The same class is the
value that compiled rules read (``p.bad_weight``), the schema of a scenario's overrides, the range a sweep draws from
and a row of the tables in the ODD document.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, get_type_hints

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
    """

    meaning: str
    unit: str
    low: float
    high: float
    source: str = "assumption"
    grade: str = "D"
    cost: str = ""

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
        default = cls._field_defaults[name]
        if not meta[0].low <= float(default) <= meta[0].high:
            raise ValueError(f"{cls.__name__}.{name}: default {default} outside its range")
        out.append(Declaration(room, name, default, hint.__origin__, meta[0]))
    return out
