"""An invented border's events, as exports of both datasets would have them; nothing in them is real."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import numpy as np

UCDP = (
    "id", "year", "type_of_violence", "conflict_name", "source_article", "where_prec", "where_description", "adm_1", "adm_2", "latitude", "longitude",
    "country", "date_prec", "date_start", "date_end", "best", "high", "low",
)  # fmt: skip
ACLED = (
    "event_id_cnty", "event_date", "year", "time_precision", "event_type", "country", "admin1", "admin2", "location", "latitude", "longitude",
    "geo_precision", "notes", "fatalities",
)  # fmt: skip
FIRST = date(2018, 1, 1)
Row = dict[str, str]


def events(count: int = 120, years: int = 4, seed: int = 3) -> list[Row]:
    """Invent events in UCDP GED's columns, in bouts, in two provinces; every tenth without deaths, some with a line break in a field."""
    rng = np.random.default_rng(seed)
    bouts = rng.integers(0, 364 * years - 60, count // 8)
    days = np.sort([int(rng.choice(bouts) + rng.exponential(15.0)) % (364 * years) for _ in range(count)])
    rows = []
    for k, day in enumerate(days):
        when, north = FIRST + timedelta(days=int(day)), rng.random() < 0.6
        rows.append(
            {
                "id": str(1000 + k),
                "year": str(when.year),
                "type_of_violence": str(rng.integers(1, 4)),
                "conflict_name": "Nordmark: Borderlands",
                "source_article": 'The Border Post, "Clash at the ford"\nsecond page' if k % 7 == 0 else "The Border Post",
                "where_prec": "1" if k % 5 else "4",
                "where_description": "at the ford, west bank",
                "adm_1": "Éastern Märk province" if north else "Lower Vale province",
                "adm_2": "Ford" if north else "Mill",
                "latitude": f"{(50.2 if north else 48.1) + 0.3 * rng.random():.4f}",
                "longitude": f"{20.0 + 0.9 * rng.random():.4f}",
                "country": "Nordmark",
                "date_prec": "1",
                "date_start": f"{when} 00:00:00.000",
                "date_end": f"{when} 00:00:00.000",
                "best": "0" if k % 10 == 9 else str(int(rng.geometric(0.25))),
                "high": "30",
                "low": "0",
            }
        )
    return rows


def acled(rows: list[Row]) -> list[Row]:
    """Return the same events in ACLED's columns."""
    return [
        {
            "event_id_cnty": f"NDM{row['id']}",
            "event_date": date.fromisoformat(row["date_start"][:10]).strftime("%d %B %Y"),
            "year": row["year"],
            "time_precision": "1",
            "event_type": {"1": "Battles", "2": "Battles", "3": "Violence against civilians"}[row["type_of_violence"]],
            "country": row["country"],
            "admin1": row["adm_1"],
            "admin2": row["adm_2"],
            "location": "Ford",
            "latitude": row["latitude"],
            "longitude": row["longitude"],
            "geo_precision": {"1": "1", "4": "3"}[row["where_prec"]],
            "notes": "On this day, armed men met\nat the ford.",
            "fatalities": row["best"],
        }
        for row in rows
    ]


def table(rows: list[Row], columns: tuple[str, ...] | None = None, delimiter: str = ",") -> str:
    """Write rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns or list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
