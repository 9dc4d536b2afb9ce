"""Fit a border's own events."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import JsonFlag, Processes, announce_compile, app, picture_file, print_json, ready_workers, settings, write_file
from sim.errors import InputError, StorageError


def _day(text: str | None, option: str, *, last: bool) -> date | None:
    """Read a year, a month or a day; the first or the last day of it."""
    if text is None:
        return None
    fault = InputError("no date", where=option, value=text, right="a year, a month or a day: 2013, 2013-06 or 2013-06-01")
    if re.fullmatch(r"\d{4}(-\d{1,2}){0,2}", text) is None:
        raise fault
    numbers = [int(part) for part in text.split("-")]
    try:
        if len(numbers) == 3:
            return date(*numbers)
        year, month = numbers[0], numbers[1] if len(numbers) == 2 else 12 if last else 1
        if not last:
            return date(year, month, 1)
        return date.fromordinal((date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)).toordinal() - 1)
    except ValueError:
        raise fault from None


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            "no box on the map", where="--box", value=text, right="west,south,east,north in degrees, such as 14.4,2.2,27.5,11.1"
        ) from None
    return west, south, east, north


@app.command(
    epilog="Examples: [bold]bridgework fit ged.csv --place Ouaka --from 2013[/]   "
    "[bold]bridgework fit ged.csv --from 2013 --each adm_1 --write car.toml[/]   then   [bold]bridgework run car-echoes.toml[/]"
)
def fit(
    events: Annotated[Path, typer.Argument(help="Export of UCDP GED or ACLED (CSV), as it was downloaded.")],
    place: Annotated[
        list[str] | None, typer.Option("--place", help="Country, province or district by name; may be given several times.")
    ] = None,
    box: Annotated[str | None, typer.Option("--box", help="West,south,east,north in degrees.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day: 2013, 2013-06 or 2013-06-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    each: Annotated[
        str, typer.Option("--each", help="What is one region: whole, country, adm_1 or adm_2; several are fitted together.")
    ] = "whole",
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only events of this kind, in the dataset's words; may be given several times."),
    ] = None,
    extend: Annotated[
        str, typer.Option("--extend", help="Scenario to be matched: a built-in name or a .toml file.")
    ] = "violent-region",
    write: Annotated[
        Path, typer.Option("--write", help="Scenarios are written beside each other: NAME-echoes.toml and NAME-drift.toml.")
    ] = Path("results/fitted.toml"),
    scenarios: Annotated[
        bool, typer.Option("--scenarios/--no-scenarios", help="Also match scenarios, which takes some minutes.")
    ] = True,
    picture: Annotated[Path, typer.Option("--picture", callback=picture_file, help="Where the picture is written.")] = Path(
        "results/fit.png"
    ),
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Fit recorded lethal events: their rate, echoes, drift, spread and deadliness; write scenarios whose events look alike."""
    from sim.fit.choosing import EACH, EventChoice, choose
    from sim.fit.reading import read_events

    if each not in EACH:
        raise InputError("no such region", where="--each", value=each, right=f"one of: {', '.join(EACH)}")
    choice = EventChoice(
        tuple(place or ()), _box(box), _day(start, "--from", last=False), _day(end, "--to", last=True), each, tuple(kind or ())
    )
    recorded = choose(read_events(events), choice)
    ready_workers(processes)
    from sim.fit.border import fit_recorded, scenario_paths, scenario_text, steps
    from sim.report.fit import fit_document, match_table, match_words, process_table, read_words, verdict_words
    from sim.report.fit_picture import fit_picture
    from sim.report.terminal import Bar, console
    from sim.scenario.reading import load_scenario

    try:
        scenario = load_scenario(extend)
    except InputError as fault:
        where = "--extend" if fault.where == "argument" else fault.where
        raise InputError(fault.what, where=where, value=fault.value, right=fault.right) from None
    files = scenario_paths(write) if scenarios else {}
    for path in (picture, *files.values()):
        _writable(path)
    if scenarios:
        announce_compile()
    with Bar("fits and worlds", quiet=bool(settings["quiet"])) as bar:
        tick = bar.counting(steps(scenarios))
        found = fit_recorded(recorded, choice, scenario, extend, scenarios=scenarios, processes=processes, tick=tick)
    if not as_json:
        print("\n".join(read_words(found)))
        console().print(process_table(found))
        print("\n".join(verdict_words(found)))
        if found.matched:
            console().print(match_table(found))
            print("\n".join(match_words(found)))
    for matched in found.matched:
        text = scenario_text(found, matched, files[matched.way])
        write_file(files[matched.way], partial(Path.write_text, data=text, encoding="utf-8"))
    write_file(picture, lambda path: fit_picture(found, path))
    written = {way: str(path) for way, path in files.items()}
    if as_json:
        print_json({**fit_document(found), "files": written, "picture": str(picture)})
        return
    print("".join(f"Scenario: {path}\n" for path in written.values()) + f"Picture: {picture}")


def _writable(path: Path) -> None:
    """Check before any work that a file can be written where it is to be."""
    there = next(folder for folder in path.absolute().parents if folder.exists())
    try:
        with path.open("ab") if path.exists() else tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise StorageError(f"{path}: cannot be written there: {error.strerror}") from None
