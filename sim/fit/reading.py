"""Read an export of UCDP GED or ACLED as it was downloaded: what can be used, and what was left out and why.

A file that cannot be read as a whole is refused. A row that cannot be used is left out, with its line and the reason; nothing is
guessed or mended.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sim.errors import InputError, Words
from sim.fit.layouts import LAYOUTS, LONGER, WEEK, Layout

T = TypeVar("T")
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_DEATHS = 1_000_000
LONGEST_SHOWN = 40
_NOT_TEXT = {
    b"PK\x03\x04": ("a workbook or a packed (zip) file", "the CSV file in it: unpack it, or save the sheet as CSV (UTF-8)"),
    b"\x1f\x8b": ("a packed (gzip) file", "the CSV file in it: unpack it first"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "the sheet saved as CSV (UTF-8)"),
    b"%PDF": ("a PDF document", "the dataset's CSV export"),
    b"PAR1": ("a Parquet file", "the dataset's CSV export"),
}
_DATES = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d-%B-%Y", "%d-%b-%Y", "%Y/%m/%d", "%Y%m%d")
"""Ways to write a date that can be read in one way only."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the file.

    Attributes
    ----------
    line : int
        Line of the file where it begins; 1 is the header.
    name : str
        Its identifier.
    day : datetime.date
        The day, or the middle of its days.
    deaths : int
        The dataset's best estimate.
    kind, country, adm_1, adm_2 : str
        As the file has them.
    place : int
        How closely the place is known: `sim.fit.layouts.POINT` to `COUNTRY`.
    latitude, longitude : float or None
        Degrees; None where the file gives none.
    """

    line: int
    name: str
    day: date
    deaths: int
    kind: str
    country: str
    adm_1: str
    adm_2: str
    place: int
    latitude: float | None
    longitude: float | None


@dataclass(slots=True)
class LeftOut:
    """Rows that were left out, by reason.

    Attributes
    ----------
    reasons : dict of str to list of (int, str)
        Reason to the lines, each with what was found there.
    """

    reasons: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, why: str, line: int, found: str = "") -> None:
        """Note that a row was left out."""
        self.reasons.setdefault(why, []).append(
            (line, found if len(found) <= LONGEST_SHOWN else found[: LONGEST_SHOWN - 3] + "...")
        )

    @property
    def count(self) -> int:
        """Rows left out."""
        return sum(map(len, self.reasons.values()))

    def words(self) -> list[str]:
        """Say how many rows were left out for each reason, and where the first of them are."""
        out = []
        for why, rows in sorted(self.reasons.items(), key=lambda item: -len(item[1])):
            shown = ", ".join(f"{line}{f' ({found})' if found else ''}" for line, found in rows[:3])
            out.append(
                f"{len(rows):,}: {why}; line{'s' if len(rows) > 1 else ''} {shown}{', ...' if len(rows) > len(rows[:3]) else ''}"
            )
        return out


@dataclass(frozen=True, slots=True)
class EventFile:
    """What was read.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    dataset : str
        ``"UCDP GED"`` or ``"ACLED"``.
    events : list of Event
        Every event that can be used, in the order of the file; those without deaths too.
    left_out : LeftOut
        The rest.
    remarks : list of str
        What was noticed about the file as a whole.
    """

    path: Path
    dataset: str
    events: list[Event]
    left_out: LeftOut
    remarks: list[str]


class _Unusable(Exception):  # noqa: N818
    """A row that cannot be used; why, and what was found."""

    def __init__(self, why: str, found: str = "") -> None:
        super().__init__(why)
        self.why, self.found = why, found


def read_events(path: str | Path) -> EventFile:
    """Read an export of UCDP GED or ACLED in the dataset's own columns, told apart by the header.

    Parameters
    ----------
    path : str or pathlib.Path
        The CSV file, as it was downloaded; separated by commas, semicolons or tabs.

    Raises
    ------
    InputError
        If it is not such a file, or no row of it can be used.
    """
    path = Path(path)
    text, remarks = _text(path)
    header, rows = _table(path, text)
    layout, place = _layout(path, header)
    left_out, events = LeftOut(), list[Event]()
    seen: dict[str, list[str]] = {}
    for line, row in rows:
        try:
            event = _read(layout, header, place, line, row)
            _not_yet(event, row, seen)
        except _Unusable as fault:
            left_out.add(fault.why, line, fault.found)
        else:
            seen[event.name] = row
            events.append(event)
    if not events:
        found = Words("\n         ".join(left_out.words()) or "a header and no row below it")
        raise InputError(
            "no event in it can be used", where=str(path), value=found, right=f"events of {layout.title} below the header"
        )
    return EventFile(path, layout.title, events, left_out, remarks)


def _text(path: Path) -> tuple[str, list[str]]:
    """Return the text of the file, and what was noticed about how it is written."""
    right = "a CSV export of UCDP GED or ACLED"
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        near = difflib.get_close_matches(
            path.name, [other.name for other in path.parent.glob("*.csv")] if path.parent.is_dir() else [], 1
        )
        raise InputError("no such file", where=str(path), right=f"{f'{near[0]}? ' if near else ''}{right}") from None
    except IsADirectoryError:
        raise InputError("a folder", where=str(path), right=right) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), right=right) from None
    for magic, (what, instead) in _NOT_TEXT.items():
        if raw.startswith(magic):
            raise InputError(what, where=str(path), right=instead)
    if not raw.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
        raise InputError("empty", where=str(path), right=right)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, remarks = raw.decode("utf-16", errors="replace"), ["written in UTF-16"]
    else:
        try:
            text, remarks = raw.decode("utf-8-sig"), []
        except UnicodeDecodeError as fault:
            line = raw[: fault.start].count(b"\n") + 1
            text, remarks = (
                raw.decode("cp1252", errors="replace"),
                [f"not UTF-8 (line {line}): read as Windows-1252; look at the names"],
            )
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError("holds bytes that no text has", where=f"{path}: line {line}", right=f"{right}, downloaded anew")
    start = text.lstrip()[:200].casefold()
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise InputError("a web page, not a table", where=str(path), right=f"{right}; the download may have asked for a login")
    if start.startswith(("{", "[")):
        raise InputError("JSON, not a table", where=str(path), right=right)
    return text, remarks


def _table(path: Path, text: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header, and the rows below it with their lines; empty lines are passed over."""
    first = text.lstrip("\r\n").splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        while True:
            line = lines.line_num + 1
            try:
                row = next(lines)
            except StopIteration:
                return
            except csv.Error as fault:
                raise InputError(
                    f"not a sound table from here on: {fault}",
                    where=f"{path}: line {line}",
                    right="every quotation mark closed; download anew",
                ) from None
            if any(cell.strip() for cell in row):
                yield line, row

    found = rows()
    header = [cell.strip().casefold() for cell in next(found, (0, [""]))[1]]
    return header, found


def _layout(path: Path, header: list[str]) -> tuple[Layout, dict[str, int]]:
    """Tell from the header which dataset it is, and where its columns are."""
    layout = max(LAYOUTS, key=lambda one: len(set(one.columns) & set(header)))
    missing = [column for column in layout.columns if column not in header]
    if missing:
        known = len(layout.columns) - len(missing)
        what = (
            f"{layout.title} without its column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            if known > 3
            else "no header known"
        )
        found = Words(f"columns {', '.join(header[:8])}{', ...' if len(header) > 8 else ''}")
        right = " or ".join(f"{one.title} ({', '.join(one.columns[:5])}, ...)" for one in LAYOUTS)
        raise InputError(
            what,
            where=f"{path}: line 1",
            value=found,
            right=layout.title + ", all of: " + ", ".join(layout.columns) if known > 3 else right,
        )
    twice = [column for column in layout.columns if header.count(column) > 1]
    if twice:
        raise InputError("a column twice", where=f"{path}: line 1", value=twice[0], right="each column once")
    return layout, {column: header.index(column) for column in layout.columns}


def _read(layout: Layout, header: list[str], place: dict[str, int], line: int, row: list[str]) -> Event:
    """Make an event of a row, if it is one."""
    if len(row) != len(header):
        raise _Unusable(f"not {len(header)} fields, as the header has", f"{len(row)} fields")
    if [cell.strip().casefold() for cell in row] == header:
        raise _Unusable("the header again")
    return _event(layout, line, {column: row[where].strip() for column, where in place.items()})


def _not_yet(event: Event, row: list[str], seen: dict[str, list[str]]) -> None:
    """Pass an event whose identifier has not been seen."""
    if event.name in seen:
        same = seen[event.name] == row
        raise _Unusable("the same event once more" if same else "an identifier that another event has already", event.name)


def _event(layout: Layout, line: int, cell: dict[str, str]) -> Event:
    """Make an event of the cells of a row."""
    name, kind = cell[layout.identifier], cell[layout.kind]
    if not name:
        raise _Unusable(f"no {layout.identifier}")
    start, end = _day(layout.start, cell[layout.start]), _day(layout.end, cell[layout.end])
    if end < start:
        raise _Unusable(f"{layout.end} before {layout.start}", f"{start} to {end}")
    known, place = _coded(layout.dates, layout.date_precision, cell), _coded(layout.places, layout.place_precision, cell)
    deaths = _deaths(layout.deaths, cell[layout.deaths])
    latitude = _degrees(layout.latitude, cell[layout.latitude], 90.0)
    longitude = _degrees(layout.longitude, cell[layout.longitude], 180.0)
    if layout.kinds:
        kind = _coded(layout.kinds, layout.kind, cell)
    if known == LONGER or (end - start) > timedelta(days=6 if known != WEEK else 7):
        raise _Unusable("not known to the week when it happened", f"{start} to {end}" if end > start else str(start))
    names = (cell[layout.country], cell[layout.adm_1], cell[layout.adm_2])
    return Event(line, name, start + (end - start) // 2, deaths, kind, *names, place, latitude, longitude)


def _coded(codes: dict[str, T], column: str, cell: dict[str, str]) -> T:
    """Return what a code means."""
    if cell[column] not in codes:
        raise _Unusable(f"no such {column}", cell[column] or "nothing")
    return codes[cell[column]]


def _day(column: str, text: str) -> date:
    """Read a date; one that could be read in two ways is not guessed at."""
    if not text:
        raise _Unusable(f"no {column}")
    day = text.split("T", maxsplit=1)[0].split(" 00:", maxsplit=1)[0].strip()
    for way in _DATES:
        try:
            found = datetime.strptime(day, way).date()  # noqa: DTZ007
        except ValueError:
            continue
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise _Unusable(f"{column} in no year that can be", text)
        return found
    if day.count("/") == 2 or day.count(".") == 2:
        raise _Unusable(
            f"{column} written so that day and month may be either (a spreadsheet does that): year-month-day would be right", text
        )
    raise _Unusable(f"{column} is no date (year-month-day)", text)


def _deaths(column: str, text: str) -> int:
    """Read a number of deaths."""
    try:
        value = float(text)
    except ValueError:
        raise _Unusable(f"{column} is no number", text or "nothing") from None
    if not (0 <= value <= MOST_DEATHS and value == int(value)):
        raise _Unusable(f"{column} is no number of persons", text)
    return int(value)


def _degrees(column: str, text: str, most: float) -> float | None:
    """Read a coordinate; None where there is none."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise _Unusable(f"{column} is no number", text) from None
    if not abs(value) <= most:
        raise _Unusable(f"{column} out of its range, −{most:g} to {most:g}", text)
    return value
