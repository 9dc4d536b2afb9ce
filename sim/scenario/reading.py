"""Read TOML files into validated models, and say what is wrong, where, and what would be right."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import InputError, Misfit, Words
from sim.scenario import library
from sim.scenario.limits import check_memory
from sim.scenario.schema import Programme, Scenario

M = TypeVar("M", bound=BaseModel)
MAX_BYTES = 20_000_000


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    InputError
        If the file is missing, too large, not UTF-8, or not TOML.
    """
    try:
        if path.is_dir():
            raise InputError("this is a folder", where=str(path), right="the path of a .toml file")
        if path.stat().st_size > MAX_BYTES:
            raise InputError("the file is too large", where=str(path), right=f"at most {MAX_BYTES // 10**6} MB")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), right="the path of a .toml file, or a built-in name") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), right="a file that you may read") from None
    except ValueError as error:
        raise InputError(f"not a path: {error}", where=str(path), right="the path of a .toml file, or a built-in name") from None
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"not UTF-8 text (line {line})",
            where=str(path),
            value=raw[error.start : error.start + 8],
            right="save the file as UTF-8",
        ) from None
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        lines = raw.decode("utf-8-sig").splitlines()
        text = lines[int(at[1]) - 1] if at and int(at[1]) <= len(lines) else Words("the end of the file")
        raise InputError(
            f"not valid TOML: {error}", where=str(path), value=text, right='lines such as  key = "text"  or  key = 3.5'
        ) from None
    except RecursionError:
        raise InputError("nested too deeply", where=str(path), right="tables within tables as in docs/scenarios.md") from None


def find(kind: library.Kind, name: str | Path, beside: Path | None = None, key: str = "extend") -> Path:
    """Find a file by path (relative to the file `beside` that names it under `key`, if any) or by built-in name."""
    path = Path(name)
    if path.suffix == ".toml" or "/" in str(name) or "\\" in str(name):
        return path if beside is None or path.is_absolute() else beside.parent / path
    builtin = library.names(kind)
    if str(name) in builtin:
        return builtin[str(name)]
    near = difflib.get_close_matches(str(name), builtin, 1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    raise InputError(
        f"no built-in {kind[:-1]} of this name",
        where=f"{beside}: {key}" if beside else "argument",
        value=str(name),
        right=f"{hint}a path ending in .toml, or one of: {', '.join(builtin)}",
    )


def overlay(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Lay one table over another: tables are merged key by key, everything else is replaced."""
    out = dict(base)
    for key, value in top.items():
        old = out.get(key)
        out[key] = overlay(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def scenario_table(
    name: str | Path, beside: Path | None = None, key: str = "extend", trail: tuple[Path, ...] = ()
) -> tuple[dict[str, Any], Path]:
    """Read a scenario file with everything it extends, as one table.

    Parameters
    ----------
    name : str or pathlib.Path
        A path, or a built-in name.
    beside : pathlib.Path, optional
        The file that names it, under `key`.
    trail : tuple of pathlib.Path
        Files that have been read on the way to it.

    Returns
    -------
    table : dict
        Without the key ``extend``.
    path : pathlib.Path
        The file itself.
    """
    path = find("scenarios", name, beside, key)
    resolved = path.resolve()
    if resolved in trail:
        chain = " → ".join(p.name for p in (*trail, resolved))
        raise InputError(
            "scenarios extend each other in a circle", where=f"{path}: extend", value=chain, right="a chain that ends"
        )
    try:
        table = read_toml(path)
    except InputError as error:
        if beside is None:
            raise
        value = str(name) if error.value is None else error.value
        raise InputError(f"{error.what} (named by {beside}: {key})", where=error.where, value=value, right=error.right) from None
    parent = table.pop("extend", None)
    if parent is None:
        return table, path
    if not isinstance(parent, str):
        raise InputError(
            "must be text", where=f"{path}: extend", value=parent, right='a built-in name or a path such as "base.toml"'
        )
    base, _ = scenario_table(parent, path, "extend", (*trail, resolved))
    return overlay(base, table), path


def load_scenario(name: str | Path) -> Scenario:
    """Read, validate and check a scenario.

    Parameters
    ----------
    name : str or pathlib.Path
        A path ending in ``.toml``, or the name of a built-in scenario.

    Raises
    ------
    InputError
        If anything is wrong with it, including parameters under which violence would feed itself without end.
    """
    table, path = scenario_table(name)
    return make_scenario(table, str(path))


def make_scenario(table: dict[str, Any], where: str) -> Scenario:
    """Validate a scenario given as a table, and check its stability."""
    scenario = validated(Scenario, table, where)
    check_memory(scenario, where)
    from sim.scenario.stability import check_stability  # heavy, and of use to sound files only: a broken one is told at once

    check_stability(scenario, where)
    return scenario


def validated(model: type[M], table: dict[str, Any], where: str) -> M:
    """Validate a table against a model; the first fault is reported in full, the next few in a line each."""
    said = table.get("bridgework", "")
    wanted = get_args(model.model_fields["bridgework"].annotation)[0] if "bridgework" in model.model_fields else ""
    if wanted and isinstance(said, str) and "/" in said and said.split("/", maxsplit=1)[0] != wanted.split("/")[0]:
        own, other = wanted.split("/")[0], said.split("/", maxsplit=1)[0]
        right = "bridgework run takes a scenario; compare and effects take an experiment that names one"
        what = f"this file is a{'n' if other[0] in 'aeiou' else ''} {other}, not a{'n' if own[0] in 'aeiou' else ''} {own}"
        raise InputError(what, where=f"{where}: bridgework", value=said, right=right)
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise _friendly(model, error, where) from None


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


def _friendly(model: type[BaseModel], error: ValidationError, where: str) -> InputError:
    faults = _faults(model, error, ())
    first, rest = faults[0], faults[1:]
    also = "; ".join(f"{fault.key}: {fault.what}" for fault in rest[:4])
    more = f" (also: {also}{' ...' if len(rest) > 4 else ''})" if rest else ""
    return InputError(
        first.what + more, where=f"{where}: {first.key}" if first.key else where, value=first.value, right=first.right
    )


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
        near = difflib.get_close_matches(location[-1], known, 1, cutoff=0.5)
        shown = ", ".join(known[:40]) + (" ..." if len(known) > 40 else "")
        what, right = "unknown key", (f'did you mean "{near[0]}"? ' if near else "") + f"known here: {shown}"
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
        what, right = "not one of the known values", hint + f"one of: {context['expected']}"
    elif kind in {"string_too_short", "string_too_long", "too_short", "too_long"}:
        counted = "characters" if kind.startswith("string") else "entries"
        what = "too short" if kind.endswith("short") else "too long"
        right = (
            f"at least {context['min_length']} {counted}"
            if "min_length" in context
            else f"at most {context['max_length']} {counted}"
        )
    return _Fault(".".join((*above, *location)), what, value, right or "see docs/scenarios.md")


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
    return list(found.model_fields) if found else []


def _range_at(model: type[BaseModel], location: tuple[str, ...]) -> str:
    found = _model_at(model, location[:-1])
    field = found.model_fields.get(location[-1]) if found else None
    if field is None:
        return ""
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    limits = [
        f"{words[name]} {getattr(m, name):,.12g}" for m in field.metadata for name in words if getattr(m, name, None) is not None
    ]
    meaning = f" ({field.description})" if field.description else ""
    return " and ".join(limits) + meaning
