"""Read TOML files into validated models, and say what is wrong, where, and what would be right."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import InputError
from sim.scenario import library
from sim.scenario.limits import check_memory
from sim.scenario.schema import Scenario
from sim.scenario.stability import check_stability

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
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise InputError(f"not a path: {error}", where=repr(path)) from None
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
        raise InputError(
            f"not valid TOML: {error}", where=str(path), right='lines such as  key = "text"  or  key = 3.5'
        ) from None
    except RecursionError:
        raise InputError("nested too deeply", where=str(path)) from None


def find(kind: library.Kind, name: str | Path, beside: Path | None = None) -> Path:
    """Find a file by path (relative to the file that names it, if any) or by built-in name."""
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
        where=str(beside) if beside else "argument",
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


def scenario_table(name: str | Path, beside: Path | None = None, trail: tuple[Path, ...] = ()) -> tuple[dict[str, Any], Path]:
    """Read a scenario file with everything it extends, as one table.

    Returns
    -------
    table : dict
        Without the key ``extend``.
    path : pathlib.Path
        The file itself.
    """
    path = find("scenarios", name, beside)
    resolved = path.resolve()
    if resolved in trail:
        chain = " → ".join(p.name for p in (*trail, resolved))
        raise InputError(
            "scenarios extend each other in a circle", where=f"{path}: extend", value=chain, right="a chain that ends"
        )
    table = read_toml(path)
    parent = table.pop("extend", None)
    if parent is None:
        return table, path
    if not isinstance(parent, str):
        raise InputError(
            "must be text", where=f"{path}: extend", value=parent, right='a built-in name or a path such as "base.toml"'
        )
    base, _ = scenario_table(parent, path, (*trail, resolved))
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
    check_stability(scenario, where)
    return scenario


def validated(model: type[M], table: dict[str, Any], where: str) -> M:
    """Validate a table against a model; the first fault is reported in full, the next few in a line each."""
    said = str(table.get("bridgework", ""))
    wanted = get_args(model.model_fields["bridgework"].annotation)[0] if "bridgework" in model.model_fields else ""
    if wanted and "/" in said and said.split("/", maxsplit=1)[0] != wanted.split("/")[0]:
        own, other = wanted.split("/")[0], said.split("/", maxsplit=1)[0]
        right = "bridgework run takes a scenario; compare and effects take an experiment that names one"
        raise InputError(
            f"this file is a {other}, not a{'n' if own[0] in 'aeiou' else ''} {own}", where=where, value=said, right=right
        )
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise _friendly(model, error, where) from None


_RIGHT = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "date_type": "a date such as 2027-03-01, without quotes",
    "list_type": "a list in [ ]",
    "dict_type": "a table",
    "model_type": "a table",
    "finite_number": "a finite number",
}


def _friendly(model: type[BaseModel], error: ValidationError, where: str) -> InputError:
    faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    fault = faults[0]
    location = [str(part) for part in fault["loc"] if part != "[key]"]
    key = ".".join(location)
    context = fault.get("ctx", {})
    kind = fault["type"]
    what, right = fault["msg"], _RIGHT.get(kind, "")
    if kind == "extra_forbidden":
        known = _fields_at(model, location[:-1])
        near = difflib.get_close_matches(location[-1], known, 1, cutoff=0.5)
        what = "unknown key"
        right = (f'did you mean "{near[0]}"? ' if near else "") + f"known here: {', '.join(known)}"
    elif kind == "missing":
        what, right = "missing", f"give {location[-1]!r}"
        if location == ["bridgework"]:
            formats = get_args(model.model_fields["bridgework"].annotation)
            what, right = "the format of this file is missing", f'a first line  bridgework = "{formats[0]}"'
    elif kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
        what = "out of range"
        right = _range_at(model, location) or what
    elif kind == "literal_error":
        what, right = "not one of the known values", str(context.get("expected", ""))
    elif kind == "value_error":
        what = str(context.get("error", what))
    rest = [f"{'.'.join(str(p) for p in f['loc'] if p != '[key]')}: {f['msg']}" for f in faults[1:6]]
    more = f" (also: {'; '.join(rest)}{' ...' if len(faults) > 6 else ''})" if rest else ""
    value = fault["input"] if kind != "missing" and not isinstance(fault["input"], dict) else None
    return InputError(what + more, where=f"{where}: {key}" if key else where, value=value, right=right)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def _model_at(model: type[BaseModel], location: list[str]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in location:
        if current is None:
            return None
        field = current.model_fields.get(part)
        if field is not None:
            current = _model_in(field.annotation)
    return current


def _fields_at(model: type[BaseModel], location: list[str]) -> list[str]:
    found = _model_at(model, location)
    return list(found.model_fields) if found else []


def _range_at(model: type[BaseModel], location: list[str]) -> str:
    found = _model_at(model, location[:-1])
    field = found.model_fields.get(location[-1]) if found else None
    if field is None:
        return ""
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    limits = [
        f"{words[name]} {getattr(m, name):g}" for m in field.metadata for name in words if getattr(m, name, None) is not None
    ]
    meaning = f" ({field.description})" if field.description else ""
    return " and ".join(limits) + meaning
