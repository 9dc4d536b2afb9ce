"""Live through scenarios and experiments: run, compare, effects, map."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.app import (
    CsvFlag,
    JsonFlag,
    OutOption,
    Processes,
    SeedsOption,
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
from sim.errors import InputError, StorageError

if TYPE_CHECKING:
    from sim.lab.dispatch import Means, Progress
    from sim.lab.experiment import Experiment
    from sim.lab.study import Study


def _residents(experiment: Experiment) -> float:
    from sim.world.build import build_world

    return build_world(next(iter(experiment.scenarios.values())), 0).residents


def folder_of(experiment: Experiment, out: Path | None) -> Path:
    """Return where an experiment's study is kept."""
    from sim.lab.manifest import default_folder

    return out or default_folder(experiment)


def evaluated(experiment: Experiment, out: Path | None, processes: int | None) -> tuple[Study, Progress]:
    """Do the runs of an experiment without a design and keep them; stop cleanly on Ctrl-C."""
    from sim.lab.dispatch import Means
    from sim.lab.study import Study

    study = Study.create(folder_of(experiment, out), experiment)
    return study, done(study, Means(processes))


def done(study: Study, means: Means) -> Progress:
    """Do the runs of a study that it does not hold yet; stop cleanly on Ctrl-C."""
    from sim.lab.evaluate import evaluate
    from sim.report.terminal import Bar

    announce_compile()
    with Bar("worlds lived", quiet=bool(settings["quiet"])) as bar:

        def report(now: Progress) -> None:
            if now.waiting:
                bar.waits(f"Another process is adding runs to {study.folder}; waiting until it is done ...")
            else:
                bar.show(now.done, now.total, now.failed, now.rate)

        progress = evaluate(study, means, report)
    for name in progress.damaged:
        say(f"{study.folder}: {name} was damaged; it is set aside, and its runs are done again")
    if progress.interrupted:
        raise StudyInterruptedError(
            f"Interrupted: {progress.done} of {progress.total} runs are kept in {study.folder}. The same command goes on from there."
        )
    return progress


def _csv(study: Study) -> None:
    try:
        (study.folder / "csv").mkdir(exist_ok=True)
        for part in ("runs", "series", "incidents"):
            if any((study.folder / part).glob("*.parquet")):
                getattr(study, part).to_csv(study.folder / "csv" / f"{part}.csv", index=False)
    except OSError as error:
        raise StorageError(f"{study.folder / 'csv'}: cannot be written: {error.strerror}") from None


def _drawn(study: Study, experiment: Experiment) -> Path | None:
    if not study.manifest["series_every"]:
        return None
    from sim.report.figures import picture

    return write_file(study.folder / "picture.png", lambda path: picture(study, path, _residents(experiment)))


MOST_REASONS = 5
"""Different reasons of failed runs that are told."""


def tell_failures(progress: Progress, study: Study) -> None:
    """Tell how many runs failed and why, and exit so, if some did."""
    if progress.failed:
        from sim.lab.failures import reasons

        say(f"{progress.failed} of {progress.total} runs failed and are left out; see {study.folder / 'failures'}")
        for reason in reasons(study)[:MOST_REASONS]:
            say(f"  {reason}")
        raise typer.Exit(3)


@app.command(
    epilog="Examples: [bold]bridgework run quiet-border[/]   [bold]bridgework run my-region.toml --seed 7 --csv[/]",
)
def run(
    scenario: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, max=2**64 - 1, help="Which of the possible worlds.")] = 1,
    out: OutOption = None,
    csv: CsvFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Live through one scenario once: its outcomes, every incident with its causes, and a picture."""
    from sim.lab.experiment import single
    from sim.report.terminal import outcome_table
    from sim.scenario.reading import load_scenario

    loaded = load_scenario(scenario)
    experiment = single(loaded, Path(scenario).stem, seed)
    study, progress = evaluated(experiment, out, 1)
    tell_failures(progress, study)
    outcomes = study.outcomes_of(study.reference, seed)
    if not as_json:
        outcome_table(loaded.title, outcomes, everything=bool(settings["verbose"]))
        sys.stdout.flush()
    path = _drawn(study, experiment)
    if csv:
        _csv(study)
    if as_json:
        known = {name: None if value != value else value for name, value in outcomes.items()}
        print_json({"study": str(study.folder), "picture": str(path), "seed": seed, "outcomes": known})
        return
    print(f"\nPicture: {path}\nStudy:   {study.folder}")
    where = f"{study.folder / 'csv' / 'incidents.csv'}" if csv else "it; --csv writes them as a table"
    print(f"{len(study.incidents)} incidents with their causes, the burn-in (weeks below 0) included, are in {where}.")
    print(f"One possible world (seed {seed}), not a forecast. To compare programmes over many worlds: bridgework compare --help")


@app.command(
    epilog="Examples: [bold]bridgework compare none-modest-generous[/]   [bold]bridgework compare mine.toml --seeds 200 --csv[/]   "
    "[bold]bridgework compare mine.toml --ensemble plausible.csv[/]",
)
def compare(
    experiment: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seeds: SeedsOption = None,
    out: OutOption = None,
    processes: Processes = None,
    csv: CsvFlag = False,
    everything: Annotated[bool, typer.Option("--all", help="Show every outcome in the table.")] = False,
    ensemble: Annotated[
        Path | None,
        typer.Option(
            "--ensemble", help="Under every member of this ensemble of parameters, as bridgework calibrate writes it (CSV)."
        ),
    ] = None,
    members: Annotated[
        int | None, typer.Option("--members", min=2, help="Only the first so many members; with --ensemble.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare programme designs: every arm lives through the same possible worlds."""
    ready_workers(processes)
    if ensemble is not None:
        _over_ensemble(experiment, seeds, out, processes, members, ensemble, csv=csv, everything=everything, as_json=as_json)
        return
    if members is not None:
        raise InputError("of no use here", where="--members", value=members, right="--members with --ensemble FILE")
    from sim.lab.effects import paired_effects
    from sim.lab.experiment import load_experiment
    from sim.report.sweep import resolution_words
    from sim.report.terminal import effect_table, outcome_table
    from sim.report.words import chosen, finding, survey, survey_lines

    loaded = load_experiment(experiment, seeds)
    if loaded.file.design is not None:
        right = f"bridgework sweep {experiment}"
        raise InputError(
            "this experiment has a design", where=f"{experiment}: design", value=loaded.file.design.kind, right=right
        )
    study, progress = evaluated(loaded, out, processes)
    runs = study.runs
    if study.reference not in set(runs["arm"]):
        tell_failures(progress, study)
    effects = paired_effects(runs, study.reference, confidence=study.confidence)
    path = _drawn(study, loaded)
    if csv:
        _csv(study)
    if as_json:
        rows = [] if effects.empty else json.loads(effects.to_json(orient="records"))
        print_json(
            {
                "study": str(study.folder),
                "picture": str(path),
                "finding": finding(study, effects),
                "effects": rows,
                "survey": survey(effects),
                "failed": progress.failed,
            }
        )
    else:
        if effects.empty:
            outcome_table(study.manifest["title"], runs.drop(columns=["arm", "seed", "key"]).mean())
        else:
            effect_table(study, chosen(effects, everything, study.families))
        print(f"\nPicture: {path or 'none (no series kept)'}\nStudy:   {study.folder}\n\nFinding: {finding(study, effects)}")
        print("".join(f"\n{line}" for line in survey_lines(study, effects)))
        print("".join(f"{line}\n" for line in resolution_words(study, progress.resolutions)), end="")
    tell_failures(progress, study)


MEMBER_SEEDS = 4
"""Worlds under each member of an ensemble, unless it is said otherwise."""


def _over_ensemble(
    name: str,
    seeds: int | None,
    out: Path | None,
    processes: int | None,
    members: int | None,
    file: Path,
    *,
    csv: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """Compare the arms of an experiment under every member of an ensemble."""
    from sim.lab.design import DesignTable
    from sim.lab.experiment import load_experiment
    from sim.lab.members import effects_over_members
    from sim.report.members import members_document, members_note, members_tables, members_words
    from sim.report.spread import spread_picture
    from sim.report.terminal import console

    design = DesignTable(kind="ensemble", members=members, file=str(file.resolve()))
    loaded = load_experiment(name, seeds or MEMBER_SEEDS, design)
    if len(loaded.scenarios) < 2:
        raise InputError("one arm only: nothing to compare", where=f"{name}: arms", right="two arms or more")
    study, progress = evaluated(loaded, out, processes)
    if study.reference not in set(study.runs["arm"]):
        tell_failures(progress, study)
    effects = effects_over_members(study)
    picture = study.folder / "picture.png"
    write_file(picture, lambda path: spread_picture(study, path))
    if csv:
        _csv(study)
    if as_json:
        print_json({**members_document(study, effects), "picture": str(picture), "failed": progress.failed})
    else:
        for table in members_tables(study, effects, everything=everything):
            console().print(table)
        print(members_note(study))
        print(f"\nPicture: {picture}\nStudy:   {study.folder}\n")
        print("\n".join(members_words(study, effects)))
    tell_failures(progress, study)


@app.command(
    name="map",
    epilog="Examples: [bold]bridgework map quiet-border[/]   [bold]bridgework map my-region.toml --worlds 20 --after 5[/]",
)
def map_(
    scenario: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, max=2**63, help="Which world, or the first of them.")] = 1,
    worlds: Annotated[int, typer.Option("--worlds", "-n", min=1, max=10_000, help="Worlds to average, from that seed on.")] = 1,
    after: Annotated[
        float | None, typer.Option("--after", help="Years after which it is drawn; the whole horizon by default.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")] = Path("map.png"),
    processes: Processes = None,
) -> None:
    """Draw the map: communities, crossings with their tension, incidents of force, live ties."""
    ready_workers(processes if worlds > 1 else 1)
    from sim.lab.parallel import mapped
    from sim.lab.warmup import warm_up
    from sim.report.map import draw_map, map_of, mean_of_maps
    from sim.report.terminal import Bar
    from sim.scenario.reading import load_scenario

    loaded = load_scenario(scenario)
    until = loaded.weeks if after is None else round(after * 52)
    if not 1 <= until <= loaded.weeks:
        raise InputError("outside the horizon", where="--after", value=after, right=f"above 0, at most {loaded.years:g} years")
    announce_compile()
    text = loaded.model_dump_json(exclude_none=True)
    with Bar("worlds lived", quiet=bool(settings["quiet"])) as bar:
        tick = bar.counting(worlds)
        warm_up(loaded)
        found = mapped(map_of, [(text, s, until) for s in range(seed, seed + worlds)], processes, tick)
    write_file(out, lambda path: draw_map(loaded, mean_of_maps(found), until, path, worlds))
    print(out)


@app.command(epilog="Example: [bold]bridgework effects none-modest-generous --seeds 20 --draws 60[/]")
def effects(
    experiment: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=2, max=10_000, help="Worlds under the default parameters.")] = 20,
    draws: Annotated[
        int, typer.Option("--draws", min=2, max=100_000, help="Parameter vectors drawn across all declared ranges.")
    ] = 60,
    arm: Annotated[list[str] | None, typer.Option("--arm", help="Only this arm, beside the reference; may be repeated.")] = None,
    gains: Annotated[
        bool, typer.Option("--gains/--no-gains", help="Follow participants too; takes two thirds of the time.")
    ] = True,
    worlds: Annotated[
        int, typer.Option("--worlds", min=1, max=1000, help="Pairs of worlds for each draw, over which its effect is averaged.")
    ] = 1,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", callback=picture_file, help="Draw the primary effects across ranges into this file."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--table", help="Write every single difference, with the assumptions drawn for it, into this CSV file."),
    ] = None,
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Show whom a programme reaches, what participants gain, and effects under defaults and across all ranges."""
    ready_workers(processes)
    from sim.lab.experiment import load_experiment, only
    from sim.lab.ranges import effects_of, steps
    from sim.report.effects import effects_document, effects_frame, effects_picture, effects_tables
    from sim.report.terminal import Bar, console

    loaded = load_experiment(experiment)
    if loaded.file.design is not None:
        right = f"bridgework sweep {experiment}; effects varies all parameters itself"
        raise InputError(
            "this experiment has a design", where=f"{experiment}: design", value=loaded.file.design.kind, right=right
        )
    loaded = only(loaded, arm) if arm else loaded
    if gains and not any(s.programmes for s in loaded.scenarios.values()):
        right = "at least one arm with [arms.NAME.programmes.NAME]; or --no-gains, where arms differ in other ways"
        raise InputError("no arm has a programme, so there is nobody to follow", where=experiment, right=right)
    total = steps(loaded, seeds, draws, gains=gains, worlds=worlds)
    announce_compile()
    with Bar("worlds lived", quiet=bool(settings["quiet"])) as bar:
        found, drawn = effects_of(loaded, seeds, draws, processes, bar.counting(total), gains=gains, worlds=worlds)
    document = effects_document(loaded, found, drawn)
    if picture is not None:
        write_file(picture, lambda path: effects_picture(loaded, found, path, worlds))
    if table is not None:
        write_file(table, lambda path: effects_frame(found, drawn).to_csv(path, index=False))
    if as_json:
        print_json(document)
        return
    for shown in effects_tables(document):
        console().print(shown)
    print(document["note"])
