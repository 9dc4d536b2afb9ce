"""The two datasets whose exports can be read, as data: which column holds what, and how exactly place and date are known."""

from __future__ import annotations

from dataclasses import dataclass

DAY, WEEK, LONGER = "day", "week", "longer"
POINT, DISTRICT, PROVINCE, COUNTRY = 0, 1, 2, 3
"""How closely the place of an event is known: a town or within some 25 km of it, a district, a province, a country or less."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a dataset, in its own names.

    Attributes
    ----------
    title : str
        Name of the dataset.
    identifier, start, end, deaths, kind, country, adm_1, adm_2, latitude, longitude, date_precision, place_precision : str
        Columns.
    dates : dict of str to str
        What each code of the date's precision means.
    places : dict of str to int
        What each code of the place's precision means.
    kinds : dict of str to str
        Names of kinds of event that are given as codes.
    """

    title: str
    identifier: str
    start: str
    end: str
    deaths: str
    kind: str
    country: str
    adm_1: str
    adm_2: str
    latitude: str
    longitude: str
    date_precision: str
    place_precision: str
    dates: dict[str, str]
    places: dict[str, int]
    kinds: dict[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are needed."""
        found = (
            self.identifier, self.start, self.end, self.deaths, self.kind, self.country, self.adm_1, self.adm_2, self.latitude,
            self.longitude, self.date_precision, self.place_precision,
        )  # fmt: skip
        return tuple(dict.fromkeys(found))


UCDP = Layout(
    "UCDP GED",
    "id",
    "date_start",
    "date_end",
    "best",
    "type_of_violence",
    "country",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "date_prec",
    "where_prec",
    {"1": DAY, "2": WEEK, "3": WEEK, "4": LONGER, "5": LONGER},
    {"1": POINT, "2": POINT, "3": DISTRICT, "4": PROVINCE, "5": PROVINCE, "6": COUNTRY, "7": COUNTRY},
    {"1": "state-based", "2": "non-state", "3": "one-sided"},
)
"""Georeferenced Event Dataset (Sundberg & Melander 2013); codes as in its codebook, version 23.1."""
ACLED = Layout(
    "ACLED",
    "event_id_cnty",
    "event_date",
    "event_date",
    "fatalities",
    "event_type",
    "country",
    "admin1",
    "admin2",
    "latitude",
    "longitude",
    "time_precision",
    "geo_precision",
    {"1": DAY, "2": WEEK, "3": LONGER},
    {"1": POINT, "2": POINT, "3": PROVINCE},
    {},
)
"""Armed Conflict Location & Event Data (Raleigh et al. 2010); codes as in its codebook of 2023."""
LAYOUTS = (UCDP, ACLED)
