"""Read TOML files into scenarios: a file, what it extends, and built-in ones by name."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

from sim.errors import InputError, Misfit, Words, checked_path
from sim.scenario import library
from sim.scenario.faults import Layer, as_layers, validated
from sim.scenario.limits import check_memory
from sim.scenario.place_table import with_places
from sim.scenario.schema import Scenario
from sim.scenario.text import read_text

MAX_BYTES = 20_000_000


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    InputError
        If the file is missing, too large, not UTF-8, or not TOML.
    """
    text = read_text(path, most=MAX_BYTES, a_path="the path of a .toml file, or a built-in name", save="save the file as UTF-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        lines = text.splitlines()
        found = lines[int(at[1]) - 1] if at and int(at[1]) <= len(lines) else Words("the end of the file")
        raise InputError(
            f"not valid TOML: {error}", where=str(path), value=found, right='lines such as  key = "text"  or  key = 3.5'
        ) from None
    except RecursionError:
        raise InputError("nested too deeply", where=str(path), right="tables within tables as in docs/scenarios.md") from None


def find(kind: library.Kind, name: str | Path, beside: Path | None = None, key: str = "extend") -> Path:
    """Find a file by path (relative to the file `beside` that names it under `key`, if any) or by built-in name."""
    path = checked_path(name, f"{beside}: {key}" if beside else kind[:-1])
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


def scenario_layers(
    name: str | Path, beside: Path | None = None, key: str = "extend", trail: tuple[Path, ...] = ()
) -> list[Layer]:
    """Read a scenario file and everything it extends.

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
    list of Layer
        The file itself first, then what it extends, and so on.
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
    anchor(table, path)
    parent = table.pop("extend", None)
    if parent is None:
        return [Layer(str(path), table)]
    if not isinstance(parent, str):
        raise InputError(
            "must be text", where=f"{path}: extend", value=parent, right='a built-in name or a path such as "base.toml"'
        )
    return [Layer(str(path), table), *scenario_layers(parent, path, "extend", (*trail, resolved))]


def anchor(table: dict[str, Any], path: Path) -> None:
    """Count the paths of tables that a file names from where it lies."""
    region = table.get("region")
    for key in ("table", "crossings_table"):
        if isinstance(region, dict) and isinstance(region.get(key), str):
            region[key] = str(path.parent / region[key])


_PLACES = ("layout", "communities", "table", "crossings_table")


def _replaced(below: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Take out of a table the places of a region, and what hangs on its sides, if another table that is laid over it has its own."""
    region, own = below.get("region"), top.get("region")
    if not (isinstance(region, dict) and isinstance(own, dict)):
        return below
    was, now = (next((key for key in ("table", "layout", "communities") if key in r), None) for r in (region, own))
    gone: tuple[str, ...] = ()
    if now is not None and (was != now or now == "table"):
        gone = _PLACES
    if now == "table":
        gone = (*gone, "sides", "climate_of")
    elif own.get("sides", region.get("sides")) != region.get("sides"):
        gone = (*gone, "climate_of")
    return below | {"region": {key: value for key, value in region.items() if key not in gone}}


def laid_together(layers: list[Layer]) -> dict[str, Any]:
    """Lay the tables of some layers over each other, the first on top."""
    table: dict[str, Any] = {}
    for layer in reversed(layers):
        table = overlay(_replaced(table, layer.table), layer.table)
    return table


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
    layers = scenario_layers(name)
    return make_scenario(laid_together(layers), layers)


def make_scenario(table: dict[str, Any], where: str | list[Layer]) -> Scenario:
    """Validate a scenario given as a table, and check its stability; `where` names it, or the files that it was laid together from."""
    layers = as_layers(table, where)
    scenario = validated(Scenario, with_places(table, layers[0].name), layers)
    check_memory(scenario, layers[0].name)
    from sim.scenario.stability import check_stability  # heavy, and of use to sound files only: a broken one is told at once

    try:
        check_stability(scenario, layers[0].name)
    except Misfit as error:
        raise InputError(error.what, where=f"{layers[0].name}: {error.key}", value=error.value, right=error.right) from None
    return scenario
