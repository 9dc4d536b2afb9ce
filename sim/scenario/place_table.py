"""Read a region place by place from tables: places (CSV), and crossings between them (CSV, or by distance).

A table of places has a line for each place and these columns, in any order:

``name``, ``side``, ``population``; ``longitude`` and ``latitude`` in degrees, or ``x_km`` and ``y_km``; and any resting level of a community
that differs from its side's (``trust``, ``grievance`` …), an empty cell meaning that it does not. A table of crossings has the columns
``one`` and ``other``, with names of places on different sides, and may have ``traffic``, 0 to 1.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from pathlib import Path
from typing import Any

from sim.errors import InputError, Words
from sim.scenario.faults import validated
from sim.scenario.region import CLIMATE, Community
from sim.scenario.tables import Name, Strict
from sim.scenario.text import read_text

MAX_BYTES = 50_000_000
MOST_PLACES = 100_000
EARTH_KM = 6371.0
_DEGREES, _KM = ("longitude", "latitude"), ("x_km", "y_km")
_LIMITS = {"longitude": 180.0, "latitude": 90.0}
COLUMNS = ("name", "side", "population", *_DEGREES, *_KM, *CLIMATE)
_WIDEST = 60.0
"""Degrees that a region may span: beyond, a flat map would bend its distances by more than a tenth."""


class _Named(Strict):
    """What of a line is text."""

    name: Name
    side: Name


def read_csv(path: Path, columns: tuple[str, ...], needed: tuple[str, ...], what: str) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file with a header.

    Parameters
    ----------
    path : pathlib.Path
        UTF-8, separated by commas, semicolons or tabs.
    columns, needed : tuple of str
        Columns that it may have, and those that it must have.
    what : str
        What a line is, for messages.

    Returns
    -------
    list of (int, dict)
        Line number in the file, and its cells by column; lines without any text are left out.

    Raises
    ------
    InputError
        If anything is wrong, with file, line and column.
    """
    a_path = "the path of a .csv file, counted from the file that names it"
    text = read_text(path, most=MAX_BYTES, a_path=a_path, save="save the table as CSV UTF-8")
    head = text.split("\n", maxsplit=1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    out: list[tuple[int, dict[str, str]]] = []
    names: list[str] = []
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = _header(path, line, cells, columns, needed)
                continue
            if len(cells) != len(names):
                raise InputError(
                    f"{len(cells)} cells, but the header has {len(names)} columns",
                    where=f"{path}: line {line}",
                    value=separator.join(cells),
                    right=f'one cell for each of {", ".join(names)}; text that holds "{separator}" in quotes',
                )
            out.append((line, {name: cell.strip() for name, cell in zip(names, cells, strict=True)}))
    except csv.Error as error:
        raise InputError(
            f"not a table: {error}",
            where=f"{path}: line {reader.line_num}",
            value=Words("this line"),
            right="cells separated by commas, quotes closed",
        ) from None
    if not out:
        raise InputError(
            "no lines", where=str(path), value=Words("nothing below a header"), right=f"a header, and a line for each {what}"
        )
    return out


def _header(path: Path, line: int, cells: list[str], columns: tuple[str, ...], needed: tuple[str, ...]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    where = f"{path}: line {line}"
    for name in names:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, 1)
            hint = f'did you mean "{near[0]}"? ' if near else ""
            raise InputError("no such column", where=where, value=name, right=f"{hint}known: {', '.join(columns)}")
        if names.count(name) > 1:
            raise InputError("a column stands there twice", where=where, value=name, right="each column once")
    for name in needed:
        if name not in names:
            raise InputError("a column is missing", where=where, value=", ".join(names), right=f'a column "{name}"')
    return names


def _number(path: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text.replace("_", "?"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        point = ", with a point before decimals" if "," in text else ""
        raise InputError("not a number", where=f"{path}: line {line}: {column}", value=text, right=f"a number such as 3.5{point}")
    return value


def read_places(path: Path, known: list[str] | None = None) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Read a table of places.

    Parameters
    ----------
    path : pathlib.Path
        The table.
    known : list of str, optional
        Sides that there are; any, if not given.

    Returns
    -------
    sides : list of str
        In the order in which they occur.
    communities : dict
        Name to what a scenario may say of a community.

    Raises
    ------
    InputError
        If anything is wrong with it.
    """
    rows = read_csv(path, COLUMNS, ("name", "side", "population"), "place")
    given = set(rows[0][1])
    at = _DEGREES if given & set(_DEGREES) else _KM
    if (given & set(_DEGREES) and given & set(_KM)) or not set(at) <= given:
        shown = ", ".join(name for name in (*_DEGREES, *_KM) if name in given)
        raise InputError(
            "places need one pair of coordinates",
            where=f"{path}: header",
            value=Words(shown or "none"),
            right="the columns longitude and latitude (degrees), or x_km and y_km",
        )
    if len(rows) > MOST_PLACES:
        raise InputError("too many places", where=str(path), value=len(rows), right=f"at most {MOST_PLACES:,}")
    out: dict[str, dict[str, Any]] = {}
    first: dict[str, int] = {}
    for line, cells in rows:
        validated(_Named, {"name": cells["name"], "side": cells["side"]}, f"{path}: line {line}")
        if cells["name"] in out:
            raise InputError(
                "a place stands there twice",
                where=f"{path}: line {line}: name",
                value=cells["name"],
                right=f"a name of its own for each place (it is in line {first[cells['name']]} too)",
            )
        if known is not None and cells["side"] not in known:
            right = f"one of region.sides: {', '.join(map(str, known))}"
            raise InputError("no such side", where=f"{path}: line {line}: side", value=cells["side"], right=right)
        first[cells["name"]] = line
        row: dict[str, Any] = {"side": cells["side"]}
        for column, text in cells.items():
            if column in {"name", "side"} or (not text and column in CLIMATE):
                continue
            value = _number(path, line, column, text)
            limit = _LIMITS.get(column)
            if limit is not None and abs(value) > limit:
                raise InputError(
                    "out of range",
                    where=f"{path}: line {line}: {column}",
                    value=value,
                    right=f"degrees from -{limit:g} to {limit:g}",
                )
            row[column] = int(value) if column == "population" and value == int(value) else value
        out[cells["name"]] = row
    if at is _DEGREES:
        _project(path, list(out.values()))
    for name, row in out.items():
        validated(Community, row, f"{path}: line {first[name]}")
    return list(dict.fromkeys(row["side"] for row in out.values())), out


def _project(path: Path, rows: list[dict[str, Any]]) -> None:
    """Replace degrees by kilometres on a flat map around the middle of the places."""
    start = rows[0]["longitude"]
    east = [(row["longitude"] - start + 180.0) % 360.0 - 180.0 for row in rows]
    north = [row["latitude"] for row in rows]
    if max(max(axis) - min(axis) for axis in (east, north)) > _WIDEST:
        raise InputError(
            "the places lie too far apart for one region",
            where=str(path),
            value=Words(f"{max(east) - min(east):.0f} degrees of longitude, {max(north) - min(north):.0f} of latitude"),
            right=f"at most {_WIDEST:g} degrees; are longitude and latitude exchanged somewhere?",
        )
    x0, y0 = (max(east) + min(east)) / 2.0, (max(north) + min(north)) / 2.0
    degree = math.pi / 180.0 * EARTH_KM
    for row, x, y in zip(rows, east, north, strict=True):
        del row["longitude"], row["latitude"]
        row["x_km"] = round((x - x0) * degree * math.cos(math.radians(y0)), 3)
        row["y_km"] = round((y - y0) * degree, 3)


def read_crossings(path: Path, communities: dict[str, dict[str, Any]]) -> None:
    """Read a table of crossings into the communities that they join.

    Raises
    ------
    InputError
        If anything is wrong with it, such as a place that is not there or a crossing within one side.
    """
    for line, cells in read_csv(path, ("one", "other", "traffic"), ("one", "other"), "crossing"):
        for column, name in cells.items():
            if column != "traffic" and name not in communities:
                near = difflib.get_close_matches(name, communities, 1)
                hint = f'did you mean "{near[0]}"? ' if near else ""
                raise InputError(
                    "no such place",
                    where=f"{path}: line {line}: {column}",
                    value=name,
                    right=f"{hint}a name from the table of places",
                )
        one, other = cells["one"], cells["other"]
        if communities[one]["side"] == communities[other]["side"]:
            raise InputError(
                "a crossing within one side",
                where=f"{path}: line {line}",
                value=f"{one}, {other}: {communities[one]['side']}",
                right="two places on different sides",
            )
        communities[one].setdefault("crossings", []).append(other)
        if cells.get("traffic"):
            traffic = _number(path, line, "traffic", cells["traffic"])
            if not 0.0 <= traffic <= 1.0:
                raise InputError("out of range", where=f"{path}: line {line}: traffic", value=traffic, right="0 to 1")
            communities[one].setdefault("traffic", {})[other] = traffic


def with_places(table: dict[str, Any], where: str) -> dict[str, Any]:
    """Return a scenario's table with the places of its region read in, if it names a table of them."""
    region = table.get("region")
    if not isinstance(region, dict) or "table" not in region:
        return table
    region = dict(region)
    files = {key: region.pop(key) for key in ("table", "crossings_table") if key in region}
    for key, value in files.items():
        if not isinstance(value, str):
            raise InputError(
                "not text", where=f"{where}: region.{key}", value=value, right='the path of a .csv file, such as "places.csv"'
            )
    known = region.get("sides")
    sides, communities = read_places(Path(files["table"]), known if isinstance(known, list) else None)
    if len(sides) < 2:
        right = "places on two sides or more"
        raise InputError("all places are on one side", where=f"{files['table']}: side", value=", ".join(sides), right=right)
    if "crossings_table" in files:
        read_crossings(Path(files["crossings_table"]), communities)
    own = region.get("communities")
    if isinstance(own, dict):
        for name, changes in own.items():
            communities[name] = {**communities.get(name, {}), **changes} if isinstance(changes, dict) else changes
    return table | {"region": {"sides": sides, **region, "communities": communities}}
