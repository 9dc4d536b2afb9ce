"""Calibrate: find the parameter vectors that the field's evidence leaves standing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import (
    JsonFlag,
    Processes,
    StudyInterruptedError,
    announce_compile,
    app,
    picture_file,
    print_json,
    ready_workers,
    say,
    settings,
    write_file,
)


@app.command(
    epilog="Examples: [bold]bridgework calibrate[/]   [bold]bridgework calibrate b2-procedural-justice mine.toml --vary policing --points 120[/]",
)
def calibrate(
    trials: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of built-in trials for calibration, or paths of .toml files; all for calibration if none is given."
        ),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", help="Only this parameter (room.name) or room; may be repeated. All of behaviour by default."),
    ] = None,
    points: Annotated[
        int, typer.Option("--points", min=30, max=5_000, help="Vectors of the first wave; half as many in each later one.")
    ] = 360,
    waves: Annotated[int, typer.Option("--waves", min=1, max=20, help="Waves.")] = 3,
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=2, max=900, help="Worlds of each vector in each trial.")] = 4,
    members: Annotated[
        int, typer.Option("--members", min=2, max=1_000, help="Vectors tried at last, of which the ensemble is made.")
    ] = 60,
    last_seeds: Annotated[int, typer.Option("--last-seeds", min=2, max=200, help="Worlds of each of those in each trial.")] = 8,
    left_out: Annotated[
        int,
        typer.Option("--left-out", min=0, max=1_000, help="Vectors lived in each study they were found without; 0 for none."),
    ] = 16,
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, max=2**31, help="Of the calibration itself.")] = 1,
    out: Annotated[Path, typer.Option("--out", help="Folder where it is kept; the same command goes on from there.")] = Path(
        "results/calibration"
    ),
    picture: Annotated[
        Path | None,
        typer.Option("--picture", callback=picture_file, help="Where the picture is written; calibration.png there by default."),
    ] = None,
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Find the parameters that the field's evidence leaves standing: live them in trials, rule out what disagrees, keep the rest as an ensemble."""
    ready_workers(processes)
    from sim.calibration.results import Calibrated
    from sim.calibration.space import space_of
    from sim.calibration.targets import calibration_trials
    from sim.calibration.waves import Calibration, CalibrationSize
    from sim.report.calibration import calibration_document, calibration_picture, calibration_tables, calibration_words
    from sim.report.terminal import Bar, console

    size = CalibrationSize(points, waves, seeds, members, last_seeds, left_out, seed)
    trials_used, space = calibration_trials(trials), space_of(vary)
    calibration = Calibration(trials_used, space, size, out, processes, say=lambda text: say(f"{text} ..."))
    announce_compile()
    bars: dict[str, Bar] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            for bar in bars.values():
                bar.__exit__()
            bars[stage] = Bar(
                f"{_STAGES.get(stage, f'wave {stage}' if stage.isdigit() else stage)}, lived in trials",
                quiet=bool(settings["quiet"]),
            )
            bars[stage].__enter__()
        bars[stage].show(done, total)

    calibration.show = show
    try:
        calibration.run()
    except KeyboardInterrupt:
        raise StudyInterruptedError(
            f"Interrupted: what was lived ({len(calibration.book.found):,} vectors in trials) is kept in {out}. The same command goes on from there."
        ) from None
    finally:
        for bar in bars.values():
            bar.__exit__()
    found, ensemble, drawn = Calibrated.of(calibration), out / "ensemble.csv", picture or out / "calibration.png"
    if len(found.members):
        write_file(ensemble, lambda path: path.write_text(found.text, encoding="utf-8"))
    write_file(drawn, lambda path: calibration_picture(found, path))
    if as_json:
        print_json(
            {**calibration_document(found), "ensemble": str(ensemble) if len(found.members) else None, "picture": str(drawn)}
        )
        return
    for table in calibration_tables(found):
        console().print(table)
    print("\n".join(calibration_words(found)))
    print(f"\nPicture:  {drawn}")
    if len(found.members):
        print(f"Ensemble: {ensemble}\nTo compare programmes over it: bridgework compare EXPERIMENT --ensemble {ensemble}")


_STAGES = {"default": "the defaults", "last": "the last vectors", "scored": "the ensemble"}
