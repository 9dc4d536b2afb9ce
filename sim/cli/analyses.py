"""Analyse a sweep: which factors matter, and in which futures a programme fails."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import JsonFlag, app, picture_file, print_json, write_file

StudyArgument = Annotated[Path, typer.Argument(help="A study directory.")]
Arm = Annotated[str | None, typer.Option("--arm", help="Which arm; needed where there are several beside the reference.")]
Level = Annotated[
    bool | None, typer.Option("--level/--effect", help="The arm's own level, instead of its difference from the reference arm.")
]
Picture = Annotated[
    Path | None, typer.Option("--picture", callback=picture_file, help="Where the picture is drawn; in the study by default.")
]
Table = Annotated[Path | None, typer.Option("--table", help="Also write the table into this CSV file.")]


@app.command(
    epilog="Examples: [bold]bridgework sensitivity results/mine-1a2b3c4d[/]   "
    "[bold]bridgework sensitivity results/mine-1a2b3c4d --outcome tension --arm none --level[/]"
)
def sensitivity(
    study: StudyArgument,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="Which outcome; may be repeated; the primary ones by default.")
    ] = None,
    arm: Arm = None,
    level: Level = None,
    picture: Picture = None,
    table: Table = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell which of the things that a Sobol or Morris design varies matter, with chance told apart from influence."""
    from sim.lab.sensitivity import sensitivity_of
    from sim.lab.study import Study
    from sim.outcomes import PRIMARY
    from sim.report.analyses import chance_in_words, sensitivity_document, sensitivity_picture, sensitivity_table
    from sim.report.terminal import console

    opened = Study.open(study)
    paired = None if level is None else not level
    several = [sensitivity_of(opened, name, arm, paired=paired) for name in outcome or PRIMARY]
    pictures: list[Path | None] = []
    for found in several:
        name = f"sensitivity-{found.answers.outcome}-{found.answers.arm}{'' if found.answers.paired else '-level'}.png"
        path = (
            study / name
            if picture is None
            else picture
            if len(several) == 1
            else picture.with_stem(f"{picture.stem}-{found.answers.outcome}")
        )
        moved = float(found.table["total" if found.kind == "sobol" else "influence"].abs().max()) > 0.0
        if moved:
            write_file(path, partial(sensitivity_picture, opened, found))
        pictures.append(path if moved else None)
    if table is not None:
        import pandas as pd

        frame = pd.concat([found.table.assign(outcome=found.answers.outcome, arm=found.answers.arm) for found in several])
        write_file(table, lambda path: frame.to_csv(path, index=False))
    if as_json:
        documents = [
            sensitivity_document(opened, f) | {"picture": None if p is None else str(p)}
            for f, p in zip(several, pictures, strict=True)
        ]
        print_json({"study": str(study), "sensitivity": documents})
        return
    for found, drawn in zip(several, pictures, strict=True):
        console().print(sensitivity_table(opened, found))
        print(f"{chance_in_words(found)} Intervals: 95 %, bootstrap.")
        print(f"Picture: {drawn}" if drawn else "No picture: nothing that was varied moved it in any world.")
    if opened.left_out():
        print(f"Note: {opened.left_out()}.")


@app.command(
    epilog="Examples: [bold]bridgework discover results/mine-1a2b3c4d[/]   "
    "[bold]bridgework discover results/mine-1a2b3c4d --outcome community_trust --least 0.001[/]"
)
def discover(
    study: StudyArgument,
    outcome: Annotated[str, typer.Option("--outcome", help="By which outcome it is judged.")] = "force_rate",
    arm: Arm = None,
    level: Level = None,
    least: Annotated[
        float | None,
        typer.Option(
            "--least", help="The effect, in the better direction, beyond which it does not fail; 0 by default. Or the level."
        ),
    ] = None,
    picture: Picture = None,
    as_json: JsonFlag = False,
) -> None:
    """Find in which futures a programme fails: a few plain rules, tested on futures that they were not made from."""
    from sim.lab.discovery import discover as find
    from sim.lab.study import Study
    from sim.report.analyses import discovery_document, discovery_picture, discovery_words

    opened = Study.open(study)
    found = find(opened, outcome, arm, least=least, paired=None if level is None else not level)
    name = f"discovery-{found.answers.outcome}-{found.answers.arm}{'' if found.answers.paired else '-level'}.png"
    path = picture or study / name
    if found.boxes:
        write_file(path, lambda p: discovery_picture(opened, found, p))
    if as_json:
        print_json({"study": str(study), "picture": str(path) if found.boxes else None} | discovery_document(opened, found))
        return
    print("\n".join(discovery_words(opened, found)))
    if found.boxes:
        print(f"Picture: {path}")
    if opened.left_out():
        print(f"Note: {opened.left_out()}.")
