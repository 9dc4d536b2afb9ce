"""Fitting a border's own events: reading exports, choosing, what is found where the truth is known, and the command itself."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path

import door
import numpy as np
import pytest
from bordered import ACLED, UCDP, Row, acled, events, table

from sim.draws import Draws
from sim.errors import InputError
from sim.fit.border import MARK, fit_events, scenario_paths, scenario_text
from sim.fit.choosing import ROW, EventChoice, Recorded, choose, neighbours
from sim.fit.deadliness import fit_deadliness
from sim.fit.likelihood import Process, drift_grid, expected_drift, surprise
from sim.fit.matching import match, pattern
from sim.fit.nearby import fit_nearby
from sim.fit.process import fit_process
from sim.fit.profile import Problem
from sim.fit.reading import EventFile, LeftOut, read_events
from sim.scenario.reading import load_scenario
from sim.week.course import deaths_from

GOOD = events()


def written(folder: Path, text: str | bytes, name: str = "events.csv") -> Path:
    """Write a file of events."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- reading ---------------------------------------------------------------------------------------------------------


def test_both_datasets_say_the_same(tmp_path: Path) -> None:
    ged = read_events(written(tmp_path, table(GOOD)))
    other = read_events(written(tmp_path, table(acled(GOOD)), "acled.csv"))
    assert (ged.dataset, other.dataset) == ("UCDP GED", "ACLED")
    assert ged.left_out.count == other.left_out.count == 0
    assert [(e.day, e.deaths, e.adm_1, e.place, e.latitude) for e in ged.events] == [
        (e.day, e.deaths, e.adm_1, e.place, e.latitude) for e in other.events
    ]
    assert ged.events[0].line == 2
    assert ged.events[1].line == 4, "a line break within a field is no new row, but a new line"
    assert ged.events[3].day == date.fromisoformat(GOOD[3]["date_start"][:10])


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (lambda text: "\ufeff" + text, None),
        (lambda text: text.replace("\n", "\r\n"), None),
        (lambda _: table(GOOD, tuple(reversed(UCDP))), None),
        (lambda _: table(GOOD, delimiter=";"), None),
        (lambda _: table(GOOD, delimiter="\t"), None),
        (lambda text: text.replace("type_of_violence", " Type_Of_Violence ", 1), None),
        (lambda text: text + "\n\n,,,,,,,,,,,,,,,,,\n", None),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.encode("cp1252"), "Windows-1252"),
    ],
    ids=["mark", "crlf", "reversed", "semicolons", "tabs", "capitals", "empty lines", "utf-16", "cp1252"],
)
def test_harmless_ways_to_write_the_same_file(tmp_path: Path, change: Callable[[str], str | bytes], remark: str | None) -> None:
    plain = read_events(written(tmp_path, table(GOOD))).events
    read = read_events(written(tmp_path, change(table(GOOD))))
    assert [(e.name, e.day, e.deaths, e.adm_1) for e in read.events] == [(e.name, e.day, e.deaths, e.adm_1) for e in plain]
    assert [remark in said for said in read.remarks] == ([True] if remark else [])


def _changed(column: str, value: str) -> Callable[[Row], Row]:
    return lambda row: row | {column: value}


ROWS: dict[str, tuple[Callable[[Row], Row], str, str]] = {
    "no identifier": (_changed("id", ""), "no id", ""),
    "identifier of another": (_changed("id", "1000"), "an identifier that another event has already", "1000"),
    "no date": (_changed("date_start", ""), "no date_start", ""),
    "no end": (_changed("date_end", ""), "no date_end", ""),
    "impossible date": (_changed("date_start", "2019-02-30"), "date_start is no date", "2019-02-30"),
    "date in words": (_changed("date_start", "last spring"), "date_start is no date", "last spring"),
    "day and month either": (_changed("date_start", "03/04/2019"), "day and month may be either", "03/04/2019"),
    "day and month by dots": (_changed("date_end", "3.4.2019"), "day and month may be either", "3.4.2019"),
    "year that cannot be": (_changed("date_start", "0219-03-04"), "in no year that can be", "0219-03-04"),
    "ends before it begins": (_changed("date_end", "2017-01-01"), "date_end before date_start", "2017-01-01"),
    "lasts a month": (
        lambda row: row | {"date_start": "2019-03-01", "date_end": "2019-03-31"},
        "not known to the week",
        "2019-03-01 to 2019-03-31",
    ),
    "known to the year": (_changed("date_prec", "5"), "not known to the week", ""),
    "no precision of date": (_changed("date_prec", ""), "no such date_prec", "nothing"),
    "precision of date unknown": (_changed("date_prec", "9"), "no such date_prec", "9"),
    "precision of place unknown": (_changed("where_prec", "0"), "no such where_prec", "0"),
    "kind unknown": (_changed("type_of_violence", "7"), "no such type_of_violence", "7"),
    "no deaths given": (_changed("best", ""), "best is no number", "nothing"),
    "deaths in words": (_changed("best", "several"), "best is no number", "several"),
    "deaths below none": (_changed("best", "-3"), "best is no number of persons", "-3"),
    "half a death": (_changed("best", "2.5"), "best is no number of persons", "2.5"),
    "deaths without end": (_changed("best", "inf"), "best is no number of persons", "inf"),
    "deaths not a number": (_changed("best", "nan"), "best is no number of persons", "nan"),
    "more dead than can be": (_changed("best", "99999999"), "best is no number of persons", "99999999"),
    "decimal comma": (_changed("latitude", "50,3"), "latitude is no number", "50,3"),
    "beyond the pole": (_changed("latitude", "503.1"), "latitude out of its range", "503.1"),
    "beyond the date line": (_changed("longitude", "-200"), "longitude out of its range", "-200"),
    "no coordinate": (_changed("longitude", "nan"), "longitude out of its range", "nan"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_damaged_row_is_left_out_and_told(tmp_path: Path, kind: str) -> None:
    change, why, found = ROWS[kind]
    rows = [*GOOD[:6], change(GOOD[6]), *GOOD[7:]]
    read = read_events(written(tmp_path, table(rows)))
    assert [e.name for e in read.events] == [row["id"] for k, row in enumerate(GOOD) if k != 6]
    ((said, [(line, shown)]),) = read.left_out.reasons.items()
    assert why in said
    assert found in shown
    assert line == table(rows[:6]).count("\n") + 1
    assert f"line {line}" in read.left_out.words()[0]


WHOLE_ROWS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "cut short": (lambda lines: [*lines[:3], lines[3][:20], *lines[4:]], "not 18 fields"),
    "a field too many": (lambda lines: [*lines[:3], lines[3] + ",more", *lines[4:]], "not 18 fields"),
    "the same twice": (lambda lines: [*lines[:4], lines[3], *lines[4:]], "the same event once more"),
    "the header again": (lambda lines: [*lines[:4], lines[0], *lines[4:]], "the header again"),
}


@pytest.mark.parametrize("kind", WHOLE_ROWS)
def test_a_row_that_does_not_fit_is_left_out(tmp_path: Path, kind: str) -> None:
    rows = [row | {"source_article": "The Border Post"} for row in GOOD]
    change, why = WHOLE_ROWS[kind]
    read = read_events(written(tmp_path, "\n".join(change(table(rows).splitlines()))))
    assert [why in said for said in read.left_out.reasons] == [True]
    assert read.left_out.count == 1
    assert len(read.events) == len(GOOD) - (kind == "cut short") - (kind == "a field too many")


FILES: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "empty": (lambda _: "", "empty"),
    "blank": (lambda _: " \n\n", "empty"),
    "a mark alone": (lambda _: "\ufeff", "empty"),
    "separators alone": (lambda _: ",,,,\n,,,,\n", "no header known"),
    "header alone": (lambda text: text.splitlines()[0], "no event in it can be used"),
    "no header": (lambda text: "\n".join(text.splitlines()[1:]), "no header known"),
    "another table": (lambda _: "name,age\nAnna,3\n", "no header known"),
    "a column missing": (lambda text: text.replace("where_prec", "precision", 1), "without its column where_prec"),
    "three columns missing": (lambda _: table(GOOD, None).replace("best,", "b,", 1).replace("adm_1", "a", 1), "best"),
    "a column twice": (lambda text: text.replace("where_description", "best", 1), "a column twice"),
    "ACLED cut": (lambda _: table(acled(GOOD)).replace("geo_precision", "geo", 1), "ACLED without its column geo_precision"),
    "open quotation": (lambda text: text.replace('second page"', "second page", 1), "not a sound table"),
    "NUL": (lambda text: text.replace("1001", "10\x0001", 1), "holds bytes that no text has"),
    "workbook": (lambda _: b"PK\x03\x04" + b"x" * 50, "a workbook or a packed (zip) file"),
    "gzip": (lambda _: b"\x1f\x8b" + b"x" * 50, "gzip"),
    "old workbook": (lambda _: b"\xd0\xcf\x11\xe0" + b"x" * 50, "old Excel workbook"),
    "PDF": (lambda _: b"%PDF-1.7 ...", "PDF"),
    "web page": (lambda _: "<!DOCTYPE html><html><body>Please log in", "a web page"),
    "JSON": (lambda text: json.dumps({"data": text}), "JSON"),
    "every date either way": (lambda _: table([row | {"date_start": "3/4/2019"} for row in GOOD]), "no event in it can be used"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, kind: str) -> None:
    change, what = FILES[kind]
    path = written(tmp_path, change(table(GOOD)))
    with pytest.raises(InputError) as fault:
        read_events(path)
    assert what in str(fault.value)
    assert str(path) in str(fault.value)
    assert "right:" in str(fault.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    written(tmp_path, table(GOOD), "events-2022.csv")
    with pytest.raises(InputError, match=r"events-2022\.csv"):
        read_events(tmp_path / "events-2021.csv")
    with pytest.raises(InputError, match="a folder"):
        read_events(tmp_path)


# --- choosing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def export(tmp_path: Path) -> EventFile:
    return read_events(written(tmp_path, table(GOOD)))


def test_events_are_counted_by_region_and_week(export: EventFile) -> None:
    recorded = choose(export, EventChoice(each="adm_1"))
    days = [date.fromisoformat(row["date_start"][:10]) for row in GOOD]
    assert recorded.start == days[0]
    assert recorded.weeks == ((days[-1] - days[0]).days + 1) // 7, "days that the file does not cover are no quiet weeks"
    assert recorded.areas == ["Éastern Märk province", "Lower Vale province"]
    lethal = [(day, row) for day, row in zip(days, GOOD, strict=True) if row["best"] != "0" and day <= recorded.end]
    for area, counts in zip(recorded.areas, recorded.counts, strict=True):
        by_hand = np.zeros(recorded.weeks, int)
        for day, row in lethal:
            by_hand[(day - days[0]).days // 7] += row["adm_1"] == area
        assert (counts == by_hand).all()
    assert sum(recorded.passed_over.values()) + recorded.deaths.size == len(GOOD)
    assert (recorded.cell == -1).sum() == sum(row["where_prec"] == "4" for _, row in lethal)
    whole = choose(export, EventChoice(start=date(2018, 1, 1), end=date(2021, 12, 31)))
    assert (whole.start, whole.weeks) == (date(2018, 1, 1), 1461 // 7)


def test_places_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    other = [row | {"id": f"9{row['id']}", "country": "Sudmark", "latitude": "10.5"} for row in events(100, seed=8)]
    both = read_events(written(tmp_path, table([*GOOD, *other])))
    recorded = choose(both, EventChoice(each="adm_1"))
    assert min(recorded.areas) == "Lower Vale province (Nordmark)"
    assert len(recorded.areas) == 4
    with pytest.raises(InputError, match="Nordmark/Éastern Märk province or Sudmark/Éastern Märk province"):
        choose(both, EventChoice(places=("Eastern Mark",)))
    one = choose(both, EventChoice(places=("Sudmark/Eastern Mark",), start=date(2018, 1, 1)))
    assert one.deaths.size == sum(row["best"] != "0" and row["adm_1"].startswith("É") for row in other)


def test_places_are_known_by_any_spelling(export: EventFile) -> None:
    whole = choose(export, EventChoice(places=("Éastern Märk province",))).counts
    for spelling in ("eastern mark", "EASTERN MÄRK", "Eastern-Mark Province"):
        assert (choose(export, EventChoice(places=(spelling,))).counts == whole).all()
    assert (choose(export, EventChoice(places=("Ford",))).counts == whole).all()
    both = choose(export, EventChoice(places=("Ford", "Mill"))).counts
    assert (both == choose(export, EventChoice()).counts).all()
    assert (choose(export, EventChoice(box=(19.0, 49.0, 22.0, 51.0))).counts <= whole).all()


@pytest.mark.parametrize(
    ("choice", "what"),
    [
        (EventChoice(places=("Estern Mark",)), "Éastern Märk"),
        (EventChoice(kinds=("battle",)), "one-sided"),
        (EventChoice(box=(22.0, 49.0, 19.0, 51.0)), "no box on the map"),
        (EventChoice(start=date(2020, 6, 1)), "too short a period"),
        (EventChoice(start=date(2030, 1, 1), end=date(2034, 1, 1)), "beyond what the file can cover"),
        (EventChoice(end=date(2040, 1, 1)), "beyond what the file can cover"),
        (EventChoice(start=date(1980, 1, 1)), "beyond what the file can cover"),
        (EventChoice(start=date(13, 1, 1)), "in no year that can be"),
        (EventChoice(start=date(2021, 1, 1), end=date(2019, 1, 1)), "ends before it begins"),
        (EventChoice(box=(0.0, 0.0, 1.0, 1.0)), "too few events"),
    ],
)
def test_what_cannot_be_chosen_is_told(export: EventFile, choice: EventChoice, what: str) -> None:
    with pytest.raises(InputError, match=what):
        choose(export, choice)


# --- fitting ---------------------------------------------------------------------------------------------------------


def test_the_likelihood_of_events_that_come_by_themselves() -> None:
    counts = np.array([[0, 2, 1, 0, 3]])
    by_hand = sum(0.7 - n * math.log(0.7) + math.lgamma(n + 1) for n in counts[0])
    assert surprise(counts, Process(rate=0.7)) == pytest.approx(by_hand, rel=1e-12)
    # Two events at once: one cluster of two, or two clusters of one; clusters come at 0.7 (1 - 0.4)
    clusters = 0.7 * 0.6
    two = math.exp(-clusters) * (clusters * 0.6 * 0.4 + clusters**2 / 2 * 0.6**2)
    assert surprise(np.array([[2]]), Process(rate=0.7, at_once=0.4)) == pytest.approx(-math.log(two), rel=1e-12)


def test_the_likelihood_of_echoes_by_hand() -> None:
    # rate 1, half of the events set off by others, after 2 weeks on average: what is left of earlier events fades by half a week
    counts, echo, by_hand = np.array([[2, 0, 1]]), 1.0, 0.0
    for n in counts[0]:
        mean = 0.5 + 0.5 * echo
        by_hand += mean - n * math.log(mean) + math.lgamma(n + 1)
        echo = 0.5 * echo + 0.5 * n
    assert surprise(counts, Process(rate=1.0, share=0.5, delay=2.0)) == pytest.approx(by_hand, rel=1e-12)


def test_the_likelihood_of_a_drift_is_its_mean_over_courses() -> None:
    """The filter must come to what plain simulation of many courses of the drift comes to."""
    process, counts = Process(rate=1.0, spread=0.7, half_life=5.0), np.array([[0, 3, 2, 0]])
    rng, back = np.random.default_rng(1), 0.5 ** (1 / 5.0)
    z, chance = rng.normal(size=400_000), np.ones(400_000)
    for n in counts[0]:
        mean = np.exp(0.7 * z - 0.5 * 0.49)
        chance *= np.exp(-mean) * mean**n / math.factorial(n)
        z = back * z + math.sqrt(1 - back**2) * rng.normal(size=z.size)
    assert surprise(counts, process) == pytest.approx(-math.log(chance.mean()), abs=0.02)


def test_the_grid_keeps_what_the_drift_is() -> None:
    values, moves, resting = drift_grid(0.8, 10.0)
    logs = np.log(values)
    assert values @ resting == pytest.approx(1.0)
    assert moves.sum(axis=1) == pytest.approx(1.0)
    centred = logs - logs @ resting
    assert math.sqrt(centred**2 @ resting) == pytest.approx(0.8)
    assert (resting * centred) @ moves @ centred / 0.64 == pytest.approx(0.5 ** (1 / 10.0))


def test_rates_of_areas_are_integrated_over() -> None:
    """Quadrature about what each area says must come to what a fine grid over the rate comes to."""
    counts = np.random.default_rng(3).poisson(np.array([[0.2], [0.5], [1.1]]), (3, 200))
    process = Process(rate=0.5, between=0.7)
    grid, by_hand = np.linspace(-4.0, 3.0, 4001), 0.0
    for row in counts:
        logs = [row.sum() * x - row.size * math.exp(x) for x in grid + math.log(0.5)]
        prior = -0.5 * ((grid + 0.5 * 0.49) / 0.7) ** 2 - math.log(0.7 * math.sqrt(2.0 * math.pi))
        known = np.array(logs) - sum(math.lgamma(n + 1) for n in row) + prior
        by_hand -= np.logaddexp.reduce(known) + math.log(grid[1] - grid[0])
    assert surprise(counts, process) == pytest.approx(by_hand, abs=0.05)


def test_an_interval_finds_the_other_way_to_explain_the_data() -> None:
    """Two ways to be likely: where the nearer one is ruled out, the other must be found from the start that is given."""

    def surprise(at: dict[str, float]) -> float:
        near, far = (
            20.0 * (at["x"] - 0.8) ** 2 + 40.0 * at["y"] ** 2,
            1.0 + 20.0 * (at["x"] - 0.2) ** 2 + 40.0 * (at["y"] - 1.0) ** 2,
        )
        return -math.log(math.exp(-near) + math.exp(-far))

    problem = Problem(surprise, {"x": (0.0, 1.0), "y": (-2.0, 2.0)}, ())
    best = problem.best(("x", "y"), {"x": 0.7, "y": 0.1})
    assert best.values["x"] == pytest.approx(0.8, abs=0.01)
    alone, low = problem.interval(best, ("x", "y"), "x")[0], 0.8 - math.sqrt(1.92 / 20.0)
    assert alone == pytest.approx(low, abs=0.03)
    assert problem.interval(best, ("x", "y"), "x", [{"x": 0.2, "y": 1.0}])[0] == 0.0


def test_a_drift_is_seen_where_it_was() -> None:
    counts = np.array([0] * 60 + [3, 2, 4, 3, 2, 5] * 5 + [0] * 60)
    drift = expected_drift(counts, 1.0, Process(rate=0.6, spread=1.5, half_life=20.0))
    assert drift[60:90].mean() > 5 * drift[:40].mean()
    assert (expected_drift(counts, 1.0, Process(rate=0.6)) == 1.0).all()


def _echoing(rng: np.random.Generator, weeks: int, rate: float, share: float, delay: float) -> np.ndarray:
    """Make events one by one, each of which sets off others later."""
    counts = rng.poisson(rate * (1 - share), weeks + 200)
    for week in range(counts.size):
        for later in week + rng.geometric(1 / delay, rng.poisson(share * counts[week])):
            if later < counts.size:
                counts[later] += 1
    return counts[200:]


def test_verdicts_where_the_truth_is_known() -> None:
    rng = np.random.default_rng(5)
    assert fit_process(rng.poisson(0.6, (1, 200)), processes=1, intervals=False).verdict == "independent"
    echoing = np.stack([_echoing(rng, 400, 0.8, 0.6, 2.0) for _ in range(3)])
    fits = fit_process(echoing, processes=1, intervals=False)
    assert fits.verdict == "echoes"
    assert abs(fits.echoes.process.share - 0.6) < 0.15
    assert abs(fits.echoes.process.delay - 2.0) < 0.7
    z, level = rng.normal(size=5), np.empty((5, 400))
    for week in range(400):
        z = 0.5 ** (1 / 20) * z + math.sqrt(1 - 0.5 ** (2 / 20)) * rng.normal(size=5)
        level[:, week] = 0.7 * np.exp(1.2 * z - 0.72)
    fits = fit_process(rng.poisson(level), processes=1, intervals=False)
    assert fits.verdict == "drift"
    assert abs(fits.drift.process.spread - 1.2) < 0.4
    assert 8 < fits.drift.process.half_life < 50


def test_intervals_do_not_depend_on_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"neither": ("rate",), "echoes": ("share",), "drift": ("spread",), "both": ()}
    monkeypatch.setattr("sim.fit.process._INTERVALS", few)
    counts = np.random.default_rng(2).poisson(0.5, (1, 60))
    assert fit_process(counts, processes=1) == fit_process(counts, processes=2)


def test_deadliness_is_found_in_deaths_of_simulated_events() -> None:
    """Deaths drawn by the rule that simulated events have: the fit knows the same distribution by its formula."""
    u = Draws(1).fill("deaths", 0, np.arange(4000, dtype=np.uint64))[:, 0]
    deaths = np.array([deaths_from.py_func(one, 1.5, 4.0, 300.0) for one in u])
    deadly = fit_deadliness(deaths, 300.0)
    assert deadly is not None
    for name, true in (("tail", 1.5), ("scale", 4.0)):
        low, high = deadly.intervals[name]
        assert low <= true <= high
        assert high - low < 2.0
    for number in (2, 10, 50):
        share = float((deaths >= number).mean())
        assert float(deadly.at_least(np.array([float(number)]))[0]) == pytest.approx(share, abs=0.02)
    assert fit_deadliness(deaths[:29], 300.0) is None


def test_where_echoes_fall() -> None:
    rng = np.random.default_rng(4)
    week, cell = [], []
    for parent in range(300):
        place = 100 * ROW + 10 * int(rng.integers(0, 12))
        week.append(3 * parent)
        cell.append(place)
        if rng.random() < 0.6:
            week.append(3 * parent + 1)
            cell.append(int(rng.choice(neighbours(place))) if rng.random() < 0.3 else place)
    weeks = np.array(week)
    counts = np.bincount(weeks, minlength=901)[None, :]
    zeros = np.zeros(weeks.size, np.int64)
    recorded = Recorded(
        EventFile(Path("x"), "UCDP GED", [], LeftOut(), []),
        ["whole"],
        date(2018, 1, 1),
        counts,
        zeros + 1,
        weeks,
        zeros,
        np.array(cell),
        {},
    )
    found = fit_nearby(recorded, Process(rate=float(counts.mean()), share=0.38, delay=1.0))
    assert found is not None
    assert found.low <= 0.3 <= found.high
    assert found.high - found.low < 0.25
    assert fit_nearby(recorded, Process(rate=0.5)) is None, "without echoes there is nothing to fall anywhere"


# --- matching and the command ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [[0, 2, 0, 2] * 30])
def test_the_pattern_by_hand(counts: list[int]) -> None:
    rate, dispersion, lag_one, later = pattern(np.array(counts))
    assert (rate, dispersion) == (1.0, 1.0)
    assert lag_one == pytest.approx(-119 / 120)
    assert later == pytest.approx(np.mean([(1 if lag % 2 == 0 else -1) * (120 - lag) / 120 for lag in range(2, 9)]))


def test_scenarios_whose_events_look_as_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sim.fit.matching

    for name, value in (("ROUNDS", 3), ("EACH_ROUND", 8), ("LAST", 12), ("SCOUTS", 3)):
        monkeypatch.setattr(sim.fit.matching, name, value)
    small = tmp_path / "small.toml"
    staff = "\n".join(
        f"[region.institutions.{kind}]\nstaff = 3\n"
        for kind in ("enterprise", "welfare_office", "municipality", "police_service")
    )
    small.write_text(f'bridgework = "scenario/1"\nextend = "violent-region"\nburn_in_weeks = 26\nyears = 4\n{staff}')
    path = written(tmp_path, table(events(160)))
    fit = fit_events(path, EventChoice(), small, processes=2)
    assert [one.way for one in fit.matched] == ["echoes", "drift"]
    for one in fit.matched:
        worlds = one.simulated
        sure = 3.0 * np.nanstd(worlds, axis=0) / math.sqrt(len(worlds))
        assert abs(np.nanmean(worlds[:, 0]) - one.recorded[0]) < sure[0] + 0.25 * one.recorded[0]
        text = scenario_text(fit, one, tmp_path / "out" / "x.toml")
        (tmp_path / "out").mkdir(exist_ok=True)
        file = tmp_path / "out" / f"{one.way}.toml"
        file.write_text(text)
        scenario = load_scenario(file)
        assert text.startswith(MARK)
        assert 'extend = "../small.toml"' in text
        assert scenario.region.armed_actors == one.values["region.armed_actors"]
        own = scenario.effective_parameters.incidents
        assert own.branching == one.values.get("parameters.incidents.branching", 0.0)
        assert own.armed_at_once == one.values["parameters.incidents.armed_at_once"]
    monkeypatch.setattr(sim.fit.matching, "WAYS", {"drift": sim.fit.matching.WAYS["drift"]})
    (again,) = match(load_scenario(small), fit.recorded.counts, fit.fits, {}, processes=1)
    (other,) = match(load_scenario(small), fit.recorded.counts, fit.fits, {}, processes=2)
    assert again.values == other.values, "results do not depend on processes"
    assert all((a == b).all() for a, b in zip(again.counts, other.counts, strict=True))


def test_nobodys_own_scenario_is_written_over(tmp_path: Path) -> None:
    own = tmp_path / "mine-drift.toml"
    own.write_text("# by hand\n")
    with pytest.raises(InputError, match="not written by a fit"):
        scenario_paths(tmp_path / "mine.toml")
    own.write_text(f"{MARK}\n")
    assert scenario_paths(tmp_path / "mine.toml")["drift"] == own


def test_the_command(tmp_path: Path) -> None:
    written(tmp_path, table([*events(120, 3), events(120, 3)[0]]))
    words = ("fit", "events.csv", "--place", "eastern mark", "--no-scenarios", "--processes", "1", "--picture", "fit.png")
    done = door.libraries.command(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    for said in (
        "1: the same event once more; line",
        "nobody died, by the best estimate",
        "elsewhere",
        "set off by earlier ones",
        "Deaths in an event",
    ):
        assert said in done.stdout
    assert (tmp_path / "fit.png").stat().st_size > 20_000
    done = door.libraries.command(tmp_path, *words, "--json")
    document = json.loads(done.stdout)
    assert document["left_out"] == {"the same event once more": 1}
    assert document["verdict"] in {"independent", "not identified", "echoes", "drift", "both"}
    low, high = document["fits"]["both"]["intervals"]["rate"]
    weeks = (date.fromisoformat(document["to"]) - date.fromisoformat(document["from"])).days / 7
    assert low < document["lethal_events"] / weeks < high
    assert document["scenarios"] == {}


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (("--from", "spring"), "--from: no date"),
        (("--box", "1,2,3"), "--box: no box on the map"),
        (("--each", "village"), "--each: no such region"),
        (("--place", "Nowhere"), "--place: no country, province or district of this name"),
        (("--write", "mine.txt"), "--write: not a scenario file"),
        (("--extend", "violent-regions"), "violent-region"),
        (("--picture", "fit.docx"), "--picture: no kind of picture"),
        (("--from", "2018-02", "--to", "2018-11"), "too short a period"),
        (("--from", "2018-02-01-05"), "--from: no date"),
        (("--from", "18"), "--from: no date"),
        (("--picture", "/proc/fit.png"), "cannot be written there"),
    ],
)
def test_a_wrong_option_is_told_before_any_work(tmp_path: Path, more: tuple[str, ...], what: str) -> None:
    written(tmp_path, table(GOOD))
    done = door.libraries.command(tmp_path, "fit", "events.csv", *more)
    assert done.returncode == (4 if "cannot be written" in what else 2)
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert "\\n" not in done.stderr
    assert not (tmp_path / "results").exists()


def test_columns_of_the_invented_files() -> None:
    assert set(GOOD[0]) == set(UCDP)
    assert set(acled(GOOD)[0]) == set(ACLED)
