"""Choose which events of a file a fit is about: where, when, and what is one region."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, Words
from sim.fit.layouts import COUNTRY, POINT
from sim.fit.reading import FIRST_YEAR, LAST_YEAR, Event, EventFile

FEWEST = 20
"""Lethal events below which how they come about is not fitted."""
FEWEST_WEEKS = 104
"""Weeks below which nothing is fitted."""
MOST_AREAS = 60
"""Areas that are fitted together at most: those with the most events."""
CELL = 0.5
"""Side of the squares in which places are gathered, in degrees: those of PRIO-GRID (Tollefsen, Strand & Buhaug 2012)."""
WHOLE = "whole"
EACH = (WHOLE, "country", "adm_1", "adm_2")
"""What may count as one region."""
_COARSEST = {"country": COUNTRY, "adm_1": COUNTRY - 1, "adm_2": COUNTRY - 2}
_APART = "\x1f"
EARLIEST = {"UCDP GED": 1989, "ACLED": 1997}
"""First year that each dataset covers anywhere."""
_COMMON = ("province", "region", "district", "state", "governorate", "prefecture", "department", "county", "oblast")


@dataclass(frozen=True, slots=True)
class EventChoice:
    """What a fit is about.

    Attributes
    ----------
    places : tuple of str
        Countries, provinces or districts by name, whatever their accents and case, or as ``"country/name"``; all if empty.
    box : (float, float, float, float), optional
        West, south, east and north end, degrees.
    start, end : datetime.date, optional
        First and last day; by default those of the file's first and last event.
    each : {"whole", "country", "adm_1", "adm_2"}
        What counts as one region; several are fitted together, each with a rate of its own.
    kinds : tuple of str
        Kinds of event in the dataset's words; all if empty.
    """

    places: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    start: date | None = None
    end: date | None = None
    each: str = WHOLE
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Lethal events as they are fitted.

    Attributes
    ----------
    file : EventFile
        Where they come from.
    areas : list of str
        Names of the regions.
    start : datetime.date
        First day of the first week.
    counts : array of int, shape (areas, weeks)
        Lethal events.
    deaths : array of int, shape (events,)
        Deaths of each lethal event.
    week, area, cell : array of int, shape (events,)
        When each was, in which region, and in which square of half a degree; -1 where its place is not known so closely.
    passed_over : dict of str to int
        How many events of the file are not in the fit, by reason.
    """

    file: EventFile
    areas: list[str]
    start: date
    counts: NDArray[np.int64]
    deaths: NDArray[np.int64]
    week: NDArray[np.int64]
    area: NDArray[np.int64]
    cell: NDArray[np.int64]
    passed_over: dict[str, int]

    @property
    def weeks(self) -> int:
        """Weeks observed."""
        return int(self.counts.shape[1])

    @property
    def end(self) -> date:
        """Last day of the last week."""
        return self.start + timedelta(days=7 * self.weeks - 1)


def plain(name: str) -> str:
    """Return a name without accents, case, and words like "province"."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = letters.casefold().replace("-", " ").replace("\u2019", "'").split()
    return " ".join(word for word in words if word not in _COMMON)


def choose(file: EventFile, choice: EventChoice) -> Recorded:
    """Choose the events, and count them by region and week.

    Parameters
    ----------
    file : EventFile
        What was read.
    choice : EventChoice
        What the fit is about.

    Raises
    ------
    InputError
        If a name is not in the file, or what is left is too little to fit.
    """
    start, end = _period(file, choice)
    weeks = ((end - start).days + 1) // 7
    passed: Counter[str] = Counter()
    passes = (_in_places(file, choice), _in_kinds(file, choice), _in_box(choice))
    kept: list[tuple[Event, str]] = []
    for event in file.events:
        why = next((why for test in passes if (why := test(event))), "")
        if not why and not 0 <= (event.day - start).days < 7 * weeks:
            why = f"not in the weeks from {start} to {start + timedelta(days=7 * weeks - 1)}"
        if not why and event.deaths == 0:
            why = "nobody died, by the best estimate"
        area = "" if why else _area(event, choice.each)
        if not why and not area:
            why = f"no {choice.each} is given, or the place is not known so closely"
        if why:
            passed[why] += 1
        else:
            kept.append((event, area))
    return _counted(file, kept, start, weeks, passed)


def _counted(file: EventFile, kept: list[tuple[Event, str]], start: date, weeks: int, passed: Counter[str]) -> Recorded:
    """Count events by region and week; regions with too few are passed over."""
    by_area = Counter(area for _, area in kept)
    areas = [area for area, count in by_area.most_common(MOST_AREAS) if count >= FEWEST]
    if not areas:
        left = "\n         ".join(
            f"{count:,} event{'s' if count > 1 else ''} passed over: {why}" for why, count in passed.most_common()
        )
        most = max(by_area.values(), default=0)
        found = Words(
            f"{most} lethal events{' in the largest region' if len(by_area) > 1 else ''} in {weeks} weeks"
            + (f"\n         {left}" if left else "")
        )
        right = f"at least {FEWEST} in one region: a longer period, a wider place, or a larger region (--each)"
        raise InputError("too few events to tell how they come about", where=str(file.path), value=found, right=right)
    few = sum(count for area, count in by_area.items() if area not in areas)
    if few:
        passed[f"in a region with fewer than {FEWEST} lethal events, or beyond the {MOST_AREAS} with most"] += few
    called = [_called(area, areas) for area in areas]
    chosen = [(event, areas.index(area)) for event, area in kept if area in areas]
    week = np.array([(event.day - start).days // 7 for event, _ in chosen])
    area_of = np.array([area for _, area in chosen])
    counts = np.zeros((len(areas), weeks), np.int64)
    np.add.at(counts, (area_of, week), 1)
    return Recorded(
        file, called, start, counts, np.array([event.deaths for event, _ in chosen]), week, area_of,
        np.array([_cell(event) for event, _ in chosen]), dict(passed),
    )  # fmt: skip


def _period(file: EventFile, choice: EventChoice) -> tuple[date, date]:
    """Return the first and the last day; days that the file does not cover would count as days without violence."""
    first, last = min(event.day for event in file.events), max(event.day for event in file.events)
    start, end = choice.start or first, choice.end or last
    if start > end:
        raise InputError(
            "ends before it begins", where="--from and --to", value=Words(f"{start} to {end}"), right="--from before --to"
        )
    for day, option in ((choice.start, "--from"), (choice.end, "--to")):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise InputError("in no year that can be", where=option, value=day.isoformat(), right=f"such as {first.year}")
    if end > date(last.year, 12, 31) or start.year < EARLIEST[file.dataset]:
        found = Words(f"{start} to {end}; events in it from {first} to {last}")
        right = f"at most {date(last.year, 12, 31)}, and not before {EARLIEST[file.dataset]}"
        raise InputError("beyond what the file can cover", where="--from and --to", value=found, right=right)
    if (end - start).days + 1 < 7 * FEWEST_WEEKS:
        found, right = Words(f"{start} to {end}"), f"at least {FEWEST_WEEKS // 52} years: how events come about shows over time"
        raise InputError("too short a period", where="--from and --to", value=found, right=right)
    return start, end


def _in_places(file: EventFile, choice: EventChoice) -> Callable[[Event], str]:
    """Return the test whether an event lies in one of the places; a name that stands for places of two countries is not guessed at."""
    levels: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    for event in file.events:
        for name in (event.country, event.adm_1, event.adm_2):
            if name:
                levels.setdefault(plain(name), set()).add(event.country)
                shown[plain(name)] = name
    wanted: set[tuple[str, str]] = set()
    for place in choice.places:
        country, _, name = place.rpartition("/") if "/" in place and plain(place) not in levels else ("", "", place)
        found = levels.get(plain(name), set())
        if country:
            found = {one for one in found if plain(one) == plain(country)}
        if not found:
            near = difflib.get_close_matches(plain(name), levels, 3, 0.5) or sorted(levels)[:5]
            right = f"such as {', '.join(shown[one] for one in near)}"
            raise InputError(
                "no country, province or district of this name in the file", where="--place", value=place, right=right
            )
        if len(found) > 1:
            right = " or ".join(f"{one}/{shown[plain(name)]}" for one in sorted(found))
            raise InputError("a place in more than one country", where="--place", value=place, right=right)
        wanted.add((plain(next(iter(found))), plain(name)))

    def test(event: Event) -> str:
        country, names = plain(event.country), (plain(event.country), plain(event.adm_1), plain(event.adm_2))
        return "" if not wanted or any(one == country and name in names for one, name in wanted) else "elsewhere"

    return test


def _in_kinds(file: EventFile, choice: EventChoice) -> Callable[[Event], str]:
    known = {event.kind.casefold(): event.kind for event in file.events}
    for kind in choice.kinds:
        if kind.casefold() not in known:
            raise InputError(
                "no such kind of event in the file", where="--kind", value=kind, right=", ".join(sorted(known.values()))
            )
    wanted = {kind.casefold() for kind in choice.kinds}
    return lambda event: "" if not wanted or event.kind.casefold() in wanted else "of another kind"


def _in_box(choice: EventChoice) -> Callable[[Event], str]:
    if choice.box is None:
        return lambda _: ""
    west, south, east, north = choice.box
    if not (-180.0 <= west < east <= 180.0 and -90.0 <= south < north <= 90.0):
        right = "west,south,east,north in degrees, west below east and south below north"
        raise InputError("no box on the map", where="--box", value=choice.box, right=right)

    def test(event: Event) -> str:
        if event.latitude is None or event.longitude is None or event.place > POINT + 1:
            return "the place is not known closely enough for a box"
        return "" if west <= event.longitude <= east and south <= event.latitude <= north else "elsewhere"

    return test


def _area(event: Event, each: str) -> str:
    """Return the region of an event by name, told apart from others of the same name; nothing where it is not known so closely."""
    names = {
        WHOLE: (WHOLE,),
        "country": (event.country,),
        "adm_1": (event.adm_1, event.country),
        "adm_2": (event.adm_2, event.adm_1, event.country),
    }[each]
    return "" if event.place > _COARSEST.get(each, COUNTRY) or not names[0] else _APART.join(names)


def _called(area: str, areas: list[str]) -> str:
    """Return how a region is called: by its own name, and by what it lies in where another is called alike."""
    name, *within = area.split(_APART)
    alike = sum(other.split(_APART)[0] == name for other in areas) > 1
    return f"{name} ({', '.join(one for one in within if one)})" if alike else name


def _cell(event: Event) -> int:
    """Return the number of the square in which an event is, row by row from the south pole; -1 where its place is not known so closely."""
    if event.latitude is None or event.longitude is None or event.place > POINT:
        return -1
    row, column = int((event.latitude + 90.0) / CELL), int((event.longitude + 180.0) / CELL)
    return row * ROW + column


ROW = int(360 / CELL) + 1
"""Squares in a row."""


def neighbours(cell: int) -> list[int]:
    """Return the eight squares around one."""
    return [cell + row * ROW + column for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column]
