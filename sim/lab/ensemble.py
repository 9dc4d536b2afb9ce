"""The calibrated ensemble: parameter vectors that the field's evidence leaves standing, all alike plausible.

It is a table, one row a member and one column a parameter, as ``bridgework calibrate`` writes it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.lab.factors import parameter_places
from sim.scenario.text import read_text

MEMBER = "member"
RIGHT = "a table as bridgework calibrate writes it: a column for each parameter, such as contact.bad_weight, and a row for each member"


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Plausible parameter vectors.

    Attributes
    ----------
    names : tuple of str
        Parameters, such as ``"contact.bad_weight"``.
    values : array of float, shape (members, parameters)
        Their values.
    digest : str
        Hash of its file.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    digest: str

    def taken(self, names: list[str], members: int | None, where: str) -> NDArray[np.float64]:
        """Return some of its parameters, of the first members or of all.

        Raises
        ------
        InputError
            If it has not so many members.
        """
        if members is not None and members > len(self.values):
            right = f"at most {len(self.values)}, or an ensemble of your own with more"
            raise InputError("the ensemble has not so many members", where=f"{where}: design.members", value=members, right=right)
        return self.values[:members][:, [self.names.index(name) for name in names]]

    def table(self, member: int) -> dict[str, dict[str, float]]:
        """Return one member as a scenario writes it: room to name to value."""
        out: dict[str, dict[str, float]] = {}
        for name, value in zip(self.names, self.values[member], strict=True):
            room, own = name.split(".", 1)
            out.setdefault(room, {})[own] = float(value)
        return out


def read_ensemble(path: Path) -> Ensemble:
    """Read an ensemble.

    Parameters
    ----------
    path : pathlib.Path
        Its file.

    Raises
    ------
    InputError
        If it is none, or leaves declared ranges.
    """
    text = read_text(path, most=1_000_000_000, a_path="the path of a .csv file", save="save the file as CSV in UTF-8")
    return _read(text, str(path))


@cache
def _read(text: str, where: str) -> Ensemble:
    rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    head = [cell.strip() for cell in rows[0]] if rows else []
    names, places = [name for name in head if name != MEMBER], parameter_places()
    unknown = [name for name in names if name not in places]
    if not names or unknown or len(set(names)) < len(names):
        raise InputError("no ensemble", where=f"{where}: line 1", value=(unknown or [",".join(head)])[0][:100], right=RIGHT)
    if len(rows) < 2:
        raise InputError("no member in it", where=where, right=RIGHT)
    values = np.empty((len(rows) - 1, len(names)))
    columns = [head.index(name) for name in names]
    for i, row in enumerate(rows[1:]):
        if len(row) != len(head):
            said = f"{len(row)} cells instead of {len(head)}"
            raise InputError(said, where=f"{where}: member {i + 1}", value=",".join(row)[:80], right=RIGHT)
        for k, (name, column) in enumerate(zip(names, columns, strict=True)):
            values[i, k] = _number(row[column], places[name].low, places[name].high, f"{where}: member {i + 1}, {name}")
    return Ensemble(tuple(names), values, hashlib.sha256(text.encode()).hexdigest())


def _number(text: str, low: float, high: float, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise InputError("not a number in the declared range", where=where, value=text, right=f"{low:,.12g} to {high:,.12g}")
    return value
