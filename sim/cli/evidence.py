"""Hold simulated worlds against the field: violence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import JsonFlag, Processes, announce_compile, app, print_json, settings
from sim.errors import StorageError


@app.command(epilog="Example: [bold]bridgework violence violent-region quiet-border --seeds 26[/]")
def violence(
    scenarios: Annotated[list[str], typer.Argument(help="Built-in names, or paths of .toml files.")],
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=1, max=10_000, help="Worlds of each scenario.")] = 26,
    picture: Annotated[Path, typer.Option("--picture", help="Where the picture is written.")] = Path("results/violence.png"),
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Hold lethal events against the field: how heavy their tail is, and how they cluster (evidence F1, F3)."""
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

        def tick() -> None:
            bar.count += 1
            bar.show(bar.count, len(loaded) * seeds)

        found = measure(loaded, seeds, processes, tick)
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        violence_picture(found, picture)
    except OSError as error:
        raise StorageError(f"{picture}: cannot be written: {error.strerror}") from None
    if as_json:
        print_json({**violence_document(found), "picture": str(picture)})
        return
    console().print(violence_table(found))
    print("\n".join(violence_words(found)))
    print("Recorded: deaths per lethal event worldwide (F1), weekly counts of lethal events in 13 regions, 2013-22 (F3).")
    print(f"Each world is one region, observed over its whole horizon. Picture: {picture}")
