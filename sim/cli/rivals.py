"""Live a comparison under rival assumptions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import JsonFlag, Processes, SeedsOption, app, picture_file, print_json, ready_workers, write_file
from sim.errors import InputError

RivalOption = Annotated[
    list[str] | None,
    typer.Option("--rival", help="Only this rival assumption, beside the model's own; may be repeated. All by default."),
]


@app.command(
    epilog="Examples: [bold]bridgework rivals none-modest-generous[/]   [bold]bridgework rivals mine.toml --rival thresholds --seeds 100[/]"
)
def rivals(
    experiment: Annotated[
        str | None, typer.Argument(help="Built-in name, or path of a .toml file; without one, rivals are listed.")
    ] = None,
    rival: RivalOption = None,
    seeds: SeedsOption = None,
    picture: Annotated[Path, typer.Option("--picture", callback=picture_file, help="Where the picture is written.")] = Path(
        "results/rivals.png"
    ),
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare programme designs under rival assumptions too, and say which conclusions survive them."""
    if experiment is not None:
        ready_workers(processes)
    from sim.rivals import RIVALS, experiment_under, rival_named

    for name in rival or ():
        rival_named(name, "--rival")
    if experiment is None:
        if as_json:
            print_json(
                {
                    name: {"instead_of": one.instead_of, "words": one.words, "who": one.who, **one.table}
                    for name, one in RIVALS.items()
                }
            )
            return
        for name, one in RIVALS.items():
            print(f"{name}\n  instead of: {one.instead_of}\n  assumes:    {one.words}\n  from:       {one.who}")
        return
    from sim.cli.runs import evaluated, tell_failures
    from sim.lab.effects import paired_effects
    from sim.lab.experiment import load_experiment
    from sim.report.rivals import OWN, Lived, rivals_document, rivals_picture, rivals_table, rivals_words
    from sim.report.terminal import console

    loaded = load_experiment(experiment, seeds)
    if loaded.file.design is not None:
        right = "an experiment without a design; its arms are lived under every rival"
        raise InputError(
            "this experiment has a design", where=f"{experiment}: design", value=loaded.file.design.kind, right=right
        )
    if len(loaded.scenarios) < 2:
        raise InputError("one arm only: nothing to compare", where=f"{experiment}: arms", right="two arms or more")
    names = list(dict.fromkeys(rival or RIVALS))
    experiments = {OWN: loaded} | {name: experiment_under(loaded, name) for name in names}
    found = []
    for name, own in experiments.items():
        study, progress = evaluated(own, None, processes)
        tell_failures(progress, study)
        found.append(Lived(name, study, paired_effects(study.runs, study.reference, confidence=study.confidence)))
    write_file(picture, lambda path: rivals_picture(found, path))
    if as_json:
        print_json({**rivals_document(found), "picture": str(picture)})
        return
    for table in rivals_table(found):
        console().print(table)
    print("\n".join(rivals_words(found)))
    print("Rivals are described by: bridgework rivals")
    print(f"\nPicture: {picture}\nStudies: " + ", ".join(str(one.study.folder) for one in found))
