"""Measure how fast the simulation is on this machine."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import JsonFlag, announce_compile, app, print_json, settings, write_file
from sim.errors import InputError


@app.command(epilog="Examples: [bold]bridgework bench[/]   [bold]bridgework bench weeks mesa --repeats 7[/]")
def bench(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            help="weeks (by number of workers, against the least that must be done), long (ten years of a region whose workers have many "
            "ties), mesa (against plain Mesa), processes, start, memory, flat (whether memory grows over many runs), pairing; all if none is named."
        ),
    ] = None,
    repeats: Annotated[int, typer.Option("--repeats", min=1, max=1000, help="Turns of which medians are taken.")] = 5,
    largest: Annotated[
        int, typer.Option("--largest", min=2_000, max=1_000_000, help="Most workers of a region that is timed.")
    ] = 200_000,
    runs: Annotated[int, typer.Option("--runs", min=10, max=100_000, help="Runs of part flat.")] = 200,
    plain_mesa: Annotated[Path, typer.Option("--plain-mesa", help="Folder of the second implementation.")] = Path(
        "benchmarks/plain_mesa"
    ),
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Also write the table into this file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Time this machine: weeks by number of workers, plain Mesa, processes, start, memory, and what pairing saves."""
    from sim.lab.bench import PARTS, steps
    from sim.lab.bench import bench as measure
    from sim.report.bench import bench_lines, bench_table, machine
    from sim.report.terminal import Bar, console

    for part in parts or ():
        if part not in PARTS:
            raise InputError("no such part", where="bench", value=part, right=f"some of: {', '.join(PARTS)}")
    announce_compile()
    chosen = tuple(parts or PARTS)
    with Bar("steps done", quiet=bool(settings["quiet"])) as bar:
        tick = bar.counting(steps(chosen, repeats, largest, runs))
        lines = measure(chosen, repeats, largest, runs, plain_mesa, tick)
    if markdown is not None:
        write_file(markdown, lambda path: path.write_text(f"{machine()}\n\n{bench_lines(lines)}\n", "utf-8"))
    if as_json:
        rows = [{**line.plain(), "value": line.value if math.isfinite(line.value) else None} for line in lines]
        print_json({"machine": machine(), "lines": rows})
        return
    console().print(bench_table(lines))
    print("ns: billionths of a second. Ratios are medians within a turn; a shared machine is best read by them.")
