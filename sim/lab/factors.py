"""Factors: what a design varies, and where in a scenario each stands.

An *uncertainty* is a parameter of the model, which nobody chooses; a *lever* is a number of a programme or of the budget, which somebody does.
Both are named as scenarios write them: ``contact.bad_weight``, ``exchange.annual_budget``, ``exchange.vocational.standards``, ``budget.annual``.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.declare import declarations
from sim.errors import InputError, Words
from sim.levers import FAMILY_LEVERS, CommonLevers
from sim.parameters import all_parameters
from sim.registry import own_paths
from sim.scenario.programme import WHOLE
from sim.scenario.schema import Scenario

DECLARED = "declared"
ALL = "all"
MOST_STEPS = 1000
SAYING = '"declared" for its declared range, { low = ..., high = ... } for a range, or { values = [...] } for these values only'
_KEYS = {"low", "high", "values", "steps"}
_MEANINGS = {
    "years": ("years", "how long the programme lasts"),
    "start_week": ("week", "week in which the programme begins"),
    "institutional_share": ("share", "share of the donor's budget that institutions take over"),
    "mixing": ("share", "how far cohorts mix the professions of both programmes"),
    "budget.annual": ("euro", "what all programmes together get in a year"),
    "budget.stop_go": ("0-1", "how far the common budget swings from year to year"),
}
_SCHEDULE = {"years": (0.02, 40.0, False), "institutional_share": (0.0, 1.0, False), "mixing": (0.0, 1.0, False)}
_BUDGET = {"annual": (0.0, 1e10, False), "stop_go": (0.0, 1.0, False)}


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that a design varies.

    Attributes
    ----------
    name : str
        As in files and tables, such as ``"contact.bad_weight"``.
    kind : str
        ``"uncertainty"`` or ``"lever"``.
    path : tuple of str
        Where it stands in a scenario.
    low, high : float
        Its range, both ends included.
    values : tuple of float
        The only values it takes; any in its range if empty.
    steps : int
        Values that a grid takes of its range.
    whole : bool
        Whether it takes whole numbers only.
    """

    name: str
    kind: str
    path: tuple[str, ...]
    low: float
    high: float
    values: tuple[float, ...] = ()
    steps: int = 0
    whole: bool = False

    def at(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return its values at positions from 0 to 1 in its range."""
        if self.values:
            return np.array(self.values)[np.minimum((unit * len(self.values)).astype(np.int64), len(self.values) - 1)]
        if self.whole:
            return np.minimum(np.floor(self.low + unit * (self.high - self.low + 1.0)), self.high)
        return self.low + unit * (self.high - self.low)

    def grid(self, steps: int) -> NDArray[np.float64]:
        """Return the values that a grid takes."""
        if self.values:
            return np.array(self.values)
        points = np.linspace(self.low, self.high, self.steps or steps)
        return np.unique(np.round(points)) if self.whole else points

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        values = {"values": list(self.values)} if self.values else {"low": self.low, "high": self.high}
        steps = {"steps": self.steps} if self.steps else {}
        return {"name": self.name, "kind": self.kind, "path": list(self.path), **values, **steps, "whole": self.whole}

    @classmethod
    def read(cls, table: dict[str, Any]) -> Factor:
        """Return the factor of which a manifest says this."""
        values = tuple(float(v) for v in table.get("values", ()))
        low, high = (min(values), max(values)) if values else (table["low"], table["high"])
        return cls(
            table["name"], table["kind"], tuple(table["path"]), low, high, values, table.get("steps", 0), bool(table["whole"])
        )

    @property
    def meaning(self) -> tuple[str, str]:
        """Its unit, and what it is."""
        key = self.path[-1]
        if self.kind == "uncertainty":
            rows = {row.path: row.declared for row in all_parameters()}
            declared = rows.get(self.name)
        else:
            room = FAMILY_LEVERS.get(self.path[2], CommonLevers) if len(self.path) == 4 else CommonLevers
            declared = {row.name: row.declared for row in declarations("", room)}.get(key)
        if declared is not None:
            return declared.unit, declared.meaning
        return _MEANINGS.get(self.name if self.path[0] == "budget" else key, ("", ""))

    @property
    def words(self) -> str:
        """Its values, in words."""
        if self.values:
            return ", ".join(f"{v:,.12g}" for v in self.values)
        return f"{self.low:,.12g} to {self.high:,.12g}" + (", whole numbers" if self.whole else "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something that can be varied stands in a scenario, its range there, and whether it belongs to a rival assumption."""

    path: tuple[str, ...]
    low: float
    high: float
    whole: bool
    rival: bool = False


def parameter_places() -> dict[str, Place]:
    """Return the place of every parameter."""
    return {
        row.path: Place(("parameters", *row.path.split(".")), row.declared.low, row.declared.high, False, row.declared.rival)
        for row in all_parameters()
    }


def lever_places(scenario: Scenario) -> dict[str, Place]:
    """Return the place of every lever of a scenario's programmes, and of its budget."""
    out: dict[str, Place] = {}
    if scenario.budget is not None:
        out |= {f"budget.{name}": Place(("budget", name), *bounds) for name, bounds in _BUDGET.items()}
    for name, programme in scenario.programmes.items():
        here = ("programmes", name)
        out |= {f"{name}.{key}": Place((*here, key), *bounds) for key, bounds in _SCHEDULE.items()}
        out[f"{name}.start_week"] = Place((*here, "start_week"), 0.0, scenario.weeks - 1.0, True)
        for row in declarations("", CommonLevers):
            out[f"{name}.{row.name}"] = Place((*here, row.name), row.declared.low, row.declared.high, row.declared.unit in WHOLE)
        family = programme.family
        for row in declarations("", FAMILY_LEVERS[family]):
            out[f"{name}.{family}.{row.name}"] = Place((*here, family, row.name), row.declared.low, row.declared.high, False)
    return out


def leaves(table: dict[str, Any], known: Container[str] = (), above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """List what a nested table says, by dotted names; what stands under a name that is known is a range, however it is written."""
    for key, value in table.items():
        name = ".".join((*above, key))
        is_range = isinstance(value, dict) and value.keys() & _KEYS and not any(isinstance(v, dict) for v in value.values())
        if isinstance(value, dict) and not is_range and name not in known:
            yield from leaves(value, known, (*above, key))
        else:
            yield name, value


def factors_of(
    uncertainties: dict[str, Any], levers: dict[str, Any], constants: dict[str, Any], scenarios: dict[str, Scenario], where: str
) -> list[Factor]:
    """Read which parameters and levers an experiment varies.

    Parameters
    ----------
    uncertainties, levers, constants : dict
        Tables of the experiment file; a parameter that is a constant is left out of ``all`` and of whole rooms.
    scenarios : dict
        Arm name to scenario.
    where : str
        The file.

    Raises
    ------
    InputError
        If a name is unknown or a range is none, or leaves the declared one.
    """
    named = {name for scenario in scenarios.values() for name in scenario.named}
    own, held = own_paths(), {name for name, _ in leaves(constants)}
    places = {name: place for name, place in parameter_places().items() if name not in own or own[name] in named}
    out: dict[str, Factor] = {}
    theirs = {name: place for scenario in scenarios.values() for name, place in lever_places(scenario).items()}
    listed = list(leaves(uncertainties, places))
    for name, said in sorted(
        listed, key=lambda item: (item[0] != ALL, "." in item[0])
    ):  # what is said of one alone comes last, and holds
        several = [path for path, place in places.items() if name in (ALL, path.partition(".")[0]) and not place.rival]
        for path in [p for p in several if p not in held] or [name]:
            if several and said != DECLARED:
                raise InputError(
                    "a range for a whole room", where=f"{where}: uncertainties.{name}", value=said, right='"declared"'
                )
            if path not in places and path in theirs:
                raise InputError(
                    "this is a lever", where=f"{where}: uncertainties.{path}", value=Words(path), right=f"[levers] {path} = ..."
                )
            out[path] = _factor("uncertainty", path, said, places, f"{where}: uncertainties.{path}", "parameter")
    for name, said in leaves(levers, theirs):
        if name not in theirs and name in places:
            raise InputError(
                "this is a parameter", where=f"{where}: levers.{name}", value=Words(name), right=f"[uncertainties] {name} = ..."
            )
        out[name] = _factor("lever", name, said, theirs, f"{where}: levers.{name}", "lever of a programme here")
    for name in held & out.keys():
        raise InputError("both varied and held constant", where=f"{where}: constants.{name}", right="one of the two")
    return list(out.values())


def _factor(kind: str, name: str, said: Any, places: dict[str, Place], where: str, what: str) -> Factor:
    if name not in places:
        near = difflib.get_close_matches(name, places, 3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else _names(places)
        raise InputError(f"no such {what}", where=where, value=name, right=hint)
    place = places[name]
    if said == DECLARED:
        return Factor(name, kind, place.path, place.low, place.high, whole=place.whole)
    if (
        not isinstance(said, dict)
        or not said.keys() <= _KEYS
        or not ({"values"} <= said.keys() or {"low", "high"} <= said.keys())
    ):
        number = isinstance(said, int | float) and not isinstance(said, bool)
        right = f"[constants] {name} = {said:g}, which does not vary" if number else SAYING
        raise InputError("not a range", where=where, value=said, right=right)
    steps = said.get("steps", 0)
    if not isinstance(steps, int) or isinstance(steps, bool) or not (steps == 0 or 2 <= steps <= MOST_STEPS):
        raise InputError(
            "not a number of steps", where=f"{where}.steps", value=steps, right=f"a whole number from 2 to {MOST_STEPS}"
        )
    numbers = said.get("values", [said.get("low"), said.get("high")])
    if not isinstance(numbers, list) or not numbers or len(said.keys() & {"values", "low", "high", "steps"}) > 3:
        raise InputError("not a range", where=where, value=said, right=SAYING)
    if "values" in said and len(said) > 1:
        raise InputError("both values and a range", where=where, value=said, right=SAYING)
    for key, number in zip(("low", "high") if "low" in said else ["values"] * len(numbers), numbers, strict=True):
        check_number(number, place, f"{where}.{key}")
    if len(set(numbers)) < 2:
        raise InputError(
            "does not vary", where=where, value=said, right=f"two values or more, or [constants] {name} = {numbers[0]}"
        )
    values = tuple(float(v) for v in numbers) if "values" in said else ()
    low, high = (min(values), max(values)) if values else (float(numbers[0]), float(numbers[1]))
    if low >= high:
        raise InputError("ends before it begins", where=where, value=said, right="low below high")
    return Factor(name, kind, place.path, low, high, values, steps, place.whole)


def check_number(number: Any, place: Place, where: str) -> None:
    """Check that something is a number that may stand at a place.

    Raises
    ------
    InputError
        If not.
    """
    if isinstance(number, bool) or not isinstance(number, int | float) or not -sys.float_info.max <= number <= sys.float_info.max:
        raise InputError("not a number", where=where, value=number, right=SAYING)
    if not place.low <= number <= place.high:
        right = f"{place.low:,.12g} to {place.high:,.12g}"
        raise InputError("out of range", where=where, value=number, right=right)
    if place.whole and number != round(number):
        raise InputError("not a whole number", where=where, value=number, right="whole numbers only")


def _names(places: dict[str, Place]) -> str:
    shown = sorted(places)
    return f"one of: {', '.join(shown[:30])}{' ...' if len(shown) > 30 else ''}" if shown else "none: no arm has a programme"


def own_of(changes: dict[str, Any]) -> tuple[str, ...]:
    """Return the parameters and levers that an arm sets itself, by the names that factors have."""
    kinds = {"parameters": "", "programmes": "", "budget": "budget."}
    return tuple(sorted(f"{above}{name}" for kind, above in kinds.items() for name, _ in leaves(changes.get(kind, {}))))


def constants_of(
    constants: dict[str, Any], scenarios: dict[str, Scenario], own: dict[str, tuple[str, ...]], where: str
) -> dict[str, dict[str, Any]]:
    """Return what constants lay over each arm that does not set the same itself: arm name to a table of its scenario.

    Raises
    ------
    InputError
        If a name is unknown or a value is none.
    """
    shared = parameter_places()
    theirs = {arm: shared | lever_places(scenario) for arm, scenario in scenarios.items()}
    every = {name: place for places in theirs.values() for name, place in places.items()}
    out: dict[str, dict[str, Any]] = {arm: {} for arm in scenarios}
    for name, value in leaves(constants):
        here = f"{where}: constants.{name}"
        if name not in every:
            near = difflib.get_close_matches(name, every, 3, cutoff=0.5)
            right = f"did you mean {' or '.join(near)}?" if near else "a parameter (room.name) or a lever (programme.name)"
            raise InputError(
                "no such parameter, and no such lever of a programme here", where=here, value=Words(name), right=right
            )
        if isinstance(value, dict | list | str):
            raise InputError("not a number", where=here, value=value, right="one number")
        check_number(value, every[name], here)
        for arm, places in theirs.items():
            if name in own.get(arm, ()):
                said = f"arm {arm} sets it itself"
                raise InputError(f"not the same in every arm: {said}", where=here, value=value, right="one of the two")
            if name in places:
                put(out[arm], places[name].path, int(value) if places[name].whole else float(value))
    return out


def put(table: dict[str, Any], path: tuple[str, ...], value: float) -> None:
    """Set a number in a nested table, making what tables are missing on the way."""
    for key in path[:-1]:
        inner = table.get(key)
        table[key] = inner = dict(inner) if isinstance(inner, dict) else {}
        table = inner
    table[path[-1]] = value


def reached(factor: Factor, scenario: Scenario, own: Collection[str]) -> bool:
    """Tell whether a factor reaches an arm: where there is its programme, and where the arm does not set the same itself.

    Parameters
    ----------
    factor : Factor
        What varies.
    scenario : Scenario
        The arm's.
    own : collection of str
        Parameters and levers that the arm sets itself.
    """
    if factor.name in own:
        return False
    if factor.kind == "lever":
        return factor.name in lever_places(scenario)
    registered = own_paths()
    return factor.name not in registered or registered[factor.name] in scenario.named
