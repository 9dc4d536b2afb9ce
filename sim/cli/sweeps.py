"""Sweeps over designs, and what one does with studies: list, export, reproduce."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.app import (
    JsonFlag,
    OutOption,
    Processes,
    SeedsOption,
    app,
    print_json,
    ready_workers,
    say,
    settings,
    write_file,
)
from sim.cli.runs import done, folder_of, tell_failures
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.lab.dispatch import Means, Progress
    from sim.lab.study import Study

Limit = Annotated[
    float | None,
    typer.Option("--limit", min=0.01, help="Seconds that a run may take; one that takes longer fails, the others go on."),
]
Scheduler = Annotated[
    str, typer.Option("--scheduler", help="Address of the Dask scheduler, with --evaluator dask, such as tcp://10.0.0.1:8786.")
]
EvaluatorOption = Annotated[str, typer.Option("--evaluator", help="Where runs are lived: processes of this machine, or dask.")]


def _means(processes: int | None, evaluator: str, scheduler: str, limit: float | None) -> Means:
    from sim.lab.dispatch import Means

    if evaluator not in {"processes", "dask"}:
        raise InputError("no such evaluator", where="--evaluator", value=evaluator, right="processes or dask")
    if (evaluator == "dask") != bool(scheduler):
        right = "--evaluator dask --scheduler ADDRESS, both of them"
        raise InputError("a scheduler goes with the evaluator dask", where="--scheduler", value=scheduler or None, right=right)
    return Means(processes, scheduler, limit)


def _is_study(name: str) -> bool:
    return (Path(name) / "study.json").exists() or Path(name).name == "study.json"


@app.command(
    epilog="Examples: [bold]bridgework sweep mine.toml --dry-run[/]   [bold]bridgework sweep mine.toml --limit 60[/]   "
    "[bold]bridgework sweep results/mine-1a2b3c4d[/] (goes on with that study)",
)
def sweep(
    experiment: Annotated[str, typer.Argument(help="Built-in name, path of a .toml file, or a study directory to go on with.")],
    seeds: SeedsOption = None,
    out: OutOption = None,
    processes: Processes = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell how many runs it is, how long it takes and how much disk.")
    ] = False,
    limit: Limit = None,
    evaluator: EvaluatorOption = "processes",
    scheduler: Scheduler = "",
    everything: Annotated[bool, typer.Option("--all", help="Show every outcome in the table.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Live all arms of an experiment at every point of its design; kill it anywhere, start it again, get the same result."""
    from sim.lab.experiment import load_experiment
    from sim.lab.study import Study
    from sim.report.terminal import Bar

    means = _means(processes, evaluator, scheduler, limit)
    ready_workers(1 if dry_run or scheduler else processes)
    if _is_study(experiment):
        for name, given in (("--seeds", seeds), ("--out", out), ("--dry-run", dry_run or None)):
            if given is not None:
                raise InputError("a study says this itself", where=name, right="the experiment's file instead of the study")
        study = Study.open(Path(experiment).parent if Path(experiment).name == "study.json" else experiment)
        study.check_versions()
    else:
        loaded = load_experiment(experiment, seeds)
        if dry_run:
            _forecast(experiment, loaded, folder_of(loaded, out), processes, as_json=as_json)
            return
        with Bar("points checked", quiet=bool(settings["quiet"]) or loaded.file.design is None) as bar:
            study = Study.create(folder_of(loaded, out), loaded, bar.show, processes)
    progress = done(study, means)
    _told(study, progress, everything=everything, as_json=as_json)
    tell_failures(progress, study)


def _forecast(name: str, loaded: Any, folder: Path, processes: int | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from sim.cli.app import announce_compile
    from sim.lab.forecast import forecast
    from sim.report.sweep import forecast_words

    announce_compile()
    found = forecast(loaded, folder)
    if as_json:
        print_json(asdict(found) | {"study": str(folder)})
        return
    print("\n".join(forecast_words(found, loaded, processes or os.cpu_count() or 1, folder)))
    print(f"Nothing was kept. To begin: bridgework sweep {name}")


def _told(study: Study, progress: Progress, *, everything: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from sim.report.spread import spread_picture
    from sim.report.sweep import note_of, resolution_words, sweep_rows, sweep_table
    from sim.report.terminal import console, effect_table
    from sim.report.words import chosen

    lived = study.reference in set(study.runs["arm"])
    rows = sweep_rows(study, everything=everything) if study.has_design and lived else []
    effects = study.effects() if not study.has_design and lived else None
    picture = study.folder / "sweep.png" if rows else None
    if picture is not None:
        write_file(picture, lambda path: spread_picture(study, path))
    if as_json:
        found = [asdict(r) | {"half_width": r.half_width if math.isfinite(r.half_width) else None} for r in progress.resolutions]
        shown = (
            rows if effects is None or effects.empty else effects.astype(object).where(effects.notna(), None).to_dict("records")
        )
        print_json(
            {
                "study": str(study.folder),
                "picture": str(picture) if picture else None,
                "runs": progress.done,
                "lived": progress.lived,
                "failed": progress.failed,
                "left_out": study.left_out(),
                "effects": shown,
                "resolutions": found,
            }
        )
        return
    if rows:
        console().print(sweep_table(study, rows))
        print(note_of(study))
    elif effects is not None and not effects.empty:
        effect_table(study, chosen(effects, everything, study.families))
    for line in resolution_words(study, progress.resolutions):
        print(line)
    if study.left_out():
        print(f"Note: {study.left_out()}.")
    if picture is not None:
        print(f"Picture: {picture}")
    print(f"Study:   {study.folder}\nAs CSV:  bridgework export {study.folder}")


@app.command(epilog="Example: [bold]bridgework studies results[/]")
def studies(
    folder: Annotated[Path, typer.Argument(help="Folder in which studies are.")] = Path("results"),
    as_json: JsonFlag = False,
) -> None:
    """List the studies in a folder: what they ask, how far they are, and what failed."""
    from rich.table import Table

    from sim.errors import StorageError
    from sim.lab.study import Study
    from sim.report.terminal import console, plain

    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder), right="a folder with studies, such as results")
    found: list[dict[str, Any]] = []
    for path in sorted({p.parent for p in folder.rglob("study.json") if not p.parent.parent.name.startswith(".making-")}):
        try:
            study = Study.open(path)
            found.append({"study": str(path)} | study.summary())
        except StorageError as error:
            found.append({"study": str(path), "title": f"cannot be read: {error}"})
    if as_json:
        print_json({"studies": found})
        return
    if not found:
        print(f"No studies in {folder}.")
        return
    table = Table()
    for row in found:
        if row.get("most") != row.get("seeds"):
            row["seeds"] = f"{row['seeds']} to {row['most']}"
        row["runs"] = f"{row['runs']:,}" + (f" of {row['asked']:,}" if row.get("asked") else "") if "runs" in row else ""
    for name in ("study", "title", "arms", "points", "seeds", "runs", "failed", "model"):
        table.add_column(
            name, justify="right" if name in {"arms", "points", "seeds", "runs", "failed"} else "left", overflow="fold"
        )
    for row in found:
        table.add_row(
            *(plain(row.get(name, "")) for name in ("study", "title", "arms", "points", "seeds", "runs", "failed", "model"))
        )
    console().print(table)


@app.command(epilog="Example: [bold]bridgework export results/mine-1a2b3c4d --to tables[/]")
def export(
    study: Annotated[Path, typer.Argument(help="A study directory.")],
    to: Annotated[Path | None, typer.Option("--to", help="Folder for the files; csv in the study by default.")] = None,
) -> None:
    """Write a study's tables as CSV, with a dictionary that tells what every column is."""
    from sim.lab.export import export as write
    from sim.lab.study import Study

    opened = Study.open(study)
    for path in write(opened, to or study / "csv"):
        print(path)
    if opened.left_out():
        say(f"Note: {opened.left_out()}.")


@app.command(
    epilog="Examples: [bold]bridgework reproduce results/mine-1a2b3c4d[/]   "
    "[bold]bridgework reproduce study.json --out again[/]   [bold]bridgework reproduce results/mine-1a2b3c4d --arm none --seed 7[/]"
)
def reproduce(
    study: Annotated[Path, typer.Argument(help="A study directory, or its study.json.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where the new study is kept; nowhere by default.")] = None,
    arm: Annotated[str | None, typer.Option("--arm", help="Only one run: its arm.")] = None,
    point: Annotated[int, typer.Option("--point", min=0, help="Its point of the design.")] = 0,
    seed: Annotated[int | None, typer.Option("--seed", "-s", min=0, help="Its seed.")] = None,
    processes: Processes = None,
    limit: Limit = None,
    evaluator: EvaluatorOption = "processes",
    scheduler: Scheduler = "",
    as_json: JsonFlag = False,
) -> None:
    """Do a study, or one of its runs, again from what it says of itself, and hold the numbers against each other."""
    ready_workers(1 if arm or scheduler else processes)
    from sim.cli.app import announce_compile
    from sim.lab.reproduce import opened_manifest, reproduce_run
    from sim.lab.reproduce import reproduce as do_again
    from sim.report.sweep import reproduction_words
    from sim.report.terminal import Bar

    opened, means = opened_manifest(study), _means(processes, evaluator, scheduler, limit)
    if arm is None and point:
        raise InputError(
            "one run needs its arm and seed too", where="--point", value=point, right="--arm NAME --point N --seed N"
        )
    if (arm is None) != (seed is None):
        raise InputError("one run needs both", where="--arm" if arm is None else "--seed", right="--arm NAME --seed N")
    announce_compile()
    with tempfile.TemporaryDirectory(prefix="bridgework-") as away, Bar("worlds lived", quiet=bool(settings["quiet"])) as bar:
        if arm is not None and seed is not None:
            found = reproduce_run(opened, (arm, point, seed))
        else:
            folder = out or Path(away) / "again"
            found = do_again(opened, folder, means, lambda p: bar.show(p.done, p.total, p.failed, p.rate))
    if as_json:
        print_json(found.document())
    else:
        print("\n".join(reproduction_words(found)))
    if not found.held:
        raise typer.Exit(5)
