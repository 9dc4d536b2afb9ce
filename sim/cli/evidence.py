"""Hold simulated worlds against the field: trials of field studies, and violence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import JsonFlag, Processes, announce_compile, app, picture_file, print_json, ready_workers, settings, write_file
from sim.errors import InputError


@app.command(epilog="Example: [bold]bridgework violence violent-region quiet-border --seeds 26[/]")
def violence(
    scenarios: Annotated[list[str], typer.Argument(help="Built-in names, or paths of .toml files.")],
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=1, max=10_000, help="Worlds of each scenario.")] = 26,
    picture: Annotated[Path, typer.Option("--picture", callback=picture_file, help="Where the picture is written.")] = Path(
        "results/violence.png"
    ),
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Hold lethal events against the field: how heavy their tail is, and how they cluster (evidence F1, F3)."""
    ready_workers(processes)
    from sim.evidence.violence import measure, variants
    from sim.report.terminal import Bar, console
    from sim.report.violence import violence_document, violence_picture, violence_table, violence_words
    from sim.scenario.reading import load_scenario

    loaded = {
        f"{Path(name).stem}{', ' if variant else ''}{variant}": scenario
        for name in scenarios
        for variant, scenario in variants(load_scenario(name)).items()
    }
    announce_compile()
    with Bar("worlds lived", quiet=bool(settings["quiet"])) as bar:
        found = measure(loaded, seeds, processes, bar.counting(len(loaded) * seeds))
    write_file(picture, lambda path: violence_picture(found, path))
    if as_json:
        print_json({**violence_document(found), "picture": str(picture)})
        return
    console().print(violence_table(found))
    print("\n".join(violence_words(found)))
    print("Recorded: deaths per lethal event worldwide (F1), weekly counts of lethal events in 13 regions, 2013-22 (F3).")
    print(f"Each world is one region, observed over its whole horizon. Picture: {picture}")


@app.command(
    epilog="Examples: [bold]bridgework evidence[/]   [bold]bridgework evidence a4-mixed-teams --seeds 20[/]   "
    "[bold]bridgework evidence my-trial.toml[/]",
)
def evidence(
    trials: Annotated[
        list[str] | None,
        typer.Argument(help="Names of built-in trials, or paths of .toml files; all built-in ones if none is given."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", "-n", min=2, max=100_000, help="Worlds of each, instead of the files'.")
    ] = None,
    use: Annotated[
        str | None,
        typer.Option("--use", help="Only those used so: cal (for calibration), prior, check (scored once, after it), own."),
    ] = None,
    rival: Annotated[str | None, typer.Option("--rival", help="Under this rival assumption; see bridgework rivals.")] = None,
    picture: Annotated[Path, typer.Option("--picture", callback=picture_file, help="Where the forest plot is written.")] = Path(
        "results/evidence.png"
    ),
    table: Annotated[Path | None, typer.Option("--table", help="Write every finding into this CSV file.")] = None,
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Put the simulation on trial: live field studies as they were designed, and tell whether their findings come out."""
    ready_workers(processes)
    from sim.evidence.catalogue import IN_PART, NOT_EXPRESSED, USES
    from sim.evidence.estimates import hold_trials
    from sim.evidence.trial import load_trial
    from sim.report.forest import evidence_document, evidence_frame, evidence_picture, evidence_tables, evidence_words
    from sim.report.terminal import Bar, console
    from sim.rivals import rival_named, trial_under
    from sim.scenario import library

    if use is not None and use not in USES:
        raise InputError("no such use", where="--use", value=use, right=f"one of: {', '.join(USES)}")
    names = trials or list(library.names("trials"))
    loaded = [trial for trial in (load_trial(name, seeds) for name in names) if use is None or trial.file.use == use]
    if not loaded:
        raise InputError("none of these trials is used so", where="--use", value=use, right="another use, or none")
    if rival is not None:
        rival_named(rival, "--rival")
        loaded = [trial_under(trial, rival) for trial in loaded]
    announce_compile()
    with Bar("worlds lived", quiet=bool(settings["quiet"])) as bar:
        found = hold_trials(loaded, processes, bar.counting(sum(len(trial.seeds) for trial in loaded)))
    write_file(picture, lambda path: evidence_picture(found, path))
    if table is not None:
        write_file(table, lambda path: evidence_frame(found).to_csv(path, index=False))
    if as_json:
        print_json({**evidence_document(found), "picture": str(picture)})
        return
    for shown in evidence_tables(found):
        console().print(shown)
    print("\n".join(evidence_words(found)))
    if not trials:
        print("\nRows of the evidence table that no trial holds against the simulation:")
        print("\n".join(f"  {row}: {why}" for row, why in NOT_EXPRESSED.items()))
        print("In part only:")
        print("\n".join(f"  {row}: {why}" for row, why in IN_PART.items()))
    print(f"\nPicture: {picture}")
