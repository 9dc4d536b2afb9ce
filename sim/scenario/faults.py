"""Say what is wrong with a table, in which file, under which key, what was found, and what would be right."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import InputError, Misfit, Words
from sim.levers import FAMILY_LEVERS
from sim.scenario.programme import Programme
from sim.scenario.schema import Scenario

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the tables from which a scenario was laid together: what to call it (a file, an arm of one), and what it says."""

    name: str
    table: dict[str, Any]

    def reaches(self, key: str) -> int:
        """Tell how many parts of a dotted key stand in it."""
        parts, depth, here = key.split("."), 0, self.table
        while depth < len(parts) and isinstance(here, dict):
            # names may hold dots themselves
            step = next((n for n in range(1, len(parts) - depth + 1) if ".".join(parts[depth : depth + n]) in here), 0)
            if not step:
                break
            here, depth = here[".".join(parts[depth : depth + step])], depth + step
        return depth


def as_layers(table: dict[str, Any], where: str | list[Layer]) -> list[Layer]:
    """Return the layers of a table, which is the only one if it has but a name."""
    return [Layer(where, table)] if isinstance(where, str) else where


def _source(layers: list[Layer], key: str) -> Layer:
    """Return the layer to which a fault belongs: the first that says most of its key; a whole file, if none says any of it."""
    depths = [layer.reaches(key) for layer in layers]
    if not max(depths):
        return next((layer for layer in layers if ": arms." not in layer.name), layers[0])
    return layers[depths.index(max(depths))]


def validated(model: type[M], table: dict[str, Any], where: str | list[Layer]) -> M:
    """Validate a table against a model; the first fault is reported in full, the next few in a line each."""
    layers = as_layers(table, where)
    said = table.get("bridgework", "")
    wanted = get_args(model.model_fields["bridgework"].annotation)[0] if "bridgework" in model.model_fields else ""
    if wanted and isinstance(said, str) and "/" in said and said.split("/", maxsplit=1)[0] != wanted.split("/")[0]:
        own, other = wanted.split("/")[0], said.split("/", maxsplit=1)[0]
        right = "bridgework run and map take a scenario, compare and effects an experiment, evidence a trial, workshop a lesson"
        what = f"this file is a{'n' if other[0] in 'aeiou' else ''} {other}, not a{'n' if own[0] in 'aeiou' else ''} {own}"
        raise InputError(what, where=f"{_source(layers, 'bridgework').name}: bridgework", value=said, right=right)
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise _friendly(model, error, layers) from None


OTHERS = "; others with --import FILE"
_WRONG = {
    "float_type": ("not a number", "a number, such as 3.5"),
    "int_type": ("not a whole number", "a whole number, such as 3"),
    "int_from_float": ("not a whole number", "a whole number, such as 3"),
    "string_type": ("not text", "text in quotes"),
    "bool_type": ("neither true nor false", "true or false, without quotes"),
    "date_type": ("not a date", "a date such as 2027-03-01, without quotes"),
    "date_from_datetime_inexact": ("not a date", "a date such as 2027-03-01, without a time"),
    "list_type": ("not a list", 'a list, such as ["one", "two"]'),
    "dict_type": ("not a table", "a table"),
    "model_type": ("not a table", "a table"),
    "finite_number": ("not a finite number", "a finite number"),
    "int_parsing_size": ("too large a number", "a smaller whole number"),
}
"""What a kind of fault is called, and what would be right instead."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """One fault in a table: where, what, the value found, and what would be right."""

    key: str
    what: str
    value: object
    right: str


def _friendly(model: type[BaseModel], error: ValidationError, layers: list[Layer]) -> InputError:
    faults = _faults(model, error, ())
    first, rest = faults[0], faults[1:]
    source = _source(layers, first.key)
    also = "; ".join(f"{fault.key}: {fault.what}" for fault in rest[:4])
    more = f" (also: {also}{' ...' if len(rest) > 4 else ''})" if rest else ""
    below = f" (a file on which {layers[0].name} builds)" if source is not layers[0] else ""
    where = f"{source.name}: {first.key}" if first.key else source.name
    return InputError(first.what + below + more, where=where, value=first.value, right=first.right)


def _faults(model: type[BaseModel], error: ValidationError, above: tuple[str, ...]) -> list[_Fault]:
    """List what is wrong with a table, unknown keys first, since a slip in a key often makes another one missing."""
    out = []
    for fault in sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden"):
        cause = fault.get("ctx", {}).get("error")
        location = tuple(str(part) for part in fault["loc"] if part != "[key]")
        if isinstance(cause, Misfit):
            place = (*above, *location, *cause.key.split(".")) if cause.key else (*above, *location)
            if isinstance(cause.value, ValidationError):
                out += _faults(Programme, cause.value, place)
            elif isinstance(cause.value, Misfit):
                inner = cause.value
                out.append(_Fault(".".join((*place, inner.key)), inner.what, inner.value, inner.right))
            else:
                out.append(_Fault(".".join(place), cause.what, cause.value, cause.right))
        else:
            out.append(_fault(model, fault, location, above))
    return out


def _fault(model: type[BaseModel], fault: Any, location: tuple[str, ...], above: tuple[str, ...]) -> _Fault:
    context, kind, value = fault.get("ctx", {}), fault["type"], fault["input"]
    what, right = _WRONG.get(kind, (fault["msg"], ""))
    if kind == "extra_forbidden":
        known = _fields_at(model, location[:-1])
        owner = _owner(location, fault["input"], above)
        near = difflib.get_close_matches(location[-1], known, 1, cutoff=0.5)
        shown = ", ".join(known[:40]) + (" ..." if len(known) > 40 else "")
        more = OTHERS if location[0] in {"programmes", "parameters", "mechanisms"} or "programmes" in above else ""
        what, right = "unknown key", owner or (f'did you mean "{near[0]}"? ' if near else "") + f"known here: {shown}{more}"
    elif kind == "missing":
        what, right, value = "missing", f"give {location[-1]!r}", Words("nothing")
        if location == ("bridgework",):
            formats = get_args(model.model_fields["bridgework"].annotation)
            what, right = "the format of this file is missing", f'a first line  bridgework = "{formats[0]}"'
    elif kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
        what, right = "out of range", _range_at(model, location) or _limits(context)
    elif kind == "literal_error":
        near = difflib.get_close_matches(str(value), re.findall(r"'([^']*)'", str(context["expected"])), 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        more = OTHERS if location[-1] in {"kind", "family"} else ""
        what, right = "not one of the known values", hint + f"one of: {context['expected']}{more}"
    elif kind in {"string_too_short", "string_too_long", "too_short", "too_long"}:
        counted = "characters" if kind.startswith("string") else "entries"
        what = "too short" if kind.endswith("short") else "too long"
        right = (
            f"at least {context['min_length']} {counted}"
            if "min_length" in context
            else f"at most {context['max_length']} {counted}"
        )
    return _Fault(".".join((*above, *location)), what, value, right or "see docs/scenarios.md")


def _owner(location: tuple[str, ...], value: object, above: tuple[str, ...]) -> str:
    """Say where a lever of a family belongs that stands among those of all families."""
    for family, levers in FAMILY_LEVERS.items():
        if location[-1] in getattr(levers, "_fields", ()) and ("programmes" in location[:-1] or "programmes" in above):
            if len(location) > 1 and location[-2] in FAMILY_LEVERS:
                return f'it is a lever of the family {family}: a programme with family = "{family}", or {location[-2]} without it'
            table = ".".join((*above, *location[:-1], family))
            return f"it is a lever of the family {family}: [{table}] {location[-1]} = {value}"
    return ""


def _limits(context: dict[str, Any]) -> str:
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return " and ".join(f"{words[name]} {value}" for name, value in context.items() if name in words)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def _model_at(model: type[BaseModel], location: tuple[str, ...]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in location:
        if current is None:
            return None
        field = current.model_fields.get(part)
        if field is not None:
            current = _model_in(field.annotation)
    return current


def _fields_at(model: type[BaseModel], location: tuple[str, ...]) -> list[str]:
    found = _model_at(model, location)
    known = list(found.model_fields) if found else []
    return [known[0], "extend", *known[1:]] if found is Scenario else known


def _range_at(model: type[BaseModel], location: tuple[str, ...]) -> str:
    found = _model_at(model, location[:-1])
    field = found.model_fields.get(location[-1]) if found else None
    if field is None:
        return ""
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    said = [*field.metadata, *(m for part in get_args(field.annotation) for m in getattr(part, "__metadata__", ()))]
    said += [m for one in said for m in getattr(one, "metadata", ())]
    limits = [f"{words[name]} {getattr(m, name):,.12g}" for m in said for name in words if getattr(m, name, None) is not None]
    meaning = f" ({field.description})" if field.description else ""
    return " and ".join(limits) + meaning
