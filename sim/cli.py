"""The command ``bridgework``."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.about import __version__
from sim.errors import EXIT_CODES, BridgeworkError, InputError, StorageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.evaluate import Progress
    from sim.lab.experiment import Experiment
    from sim.lab.study import Study

CODES = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."

app = typer.Typer(
    name="bridgework",
    help="Simulate what professional exchange across a border does to trust and escalation.",
    epilog=CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
library = typer.Typer(
    help="List, describe and copy the scenarios and experiments that come with bridgework.", no_args_is_help=True
)
app.add_typer(library, name="scenarios")

_settings: dict[str, int] = {"verbose": 0, "quiet": 0}

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Study directory; by default results/NAME-HASH.")]
Processes = Annotated[
    int | None,
    typer.Option("--processes", "-p", min=1, help="Worker processes; all cores by default. Results do not depend on it."),
]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Also write the tables as CSV into the study directory.")]
SeedsOption = Annotated[int | None, typer.Option("--seeds", "-n", help="Replicates, instead of the file's.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"bridgework {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; shows the trace of an unexpected fault.")
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")] = False,
) -> None:
    _settings.update(verbose=verbose, quiet=quiet)


def _say(text: str) -> None:
    """Tell the user something on standard error, unless asked to be quiet."""
    if not _settings["quiet"]:
        print(text, file=sys.stderr, flush=True)


def _announce_compile() -> None:
    from sim.compiled import is_warm

    if not is_warm():
        _say("Preparing the rules for this machine; this happens once and takes about half a minute ...")


def _residents(experiment: Experiment) -> float:
    from sim.world.build import build_world

    return build_world(next(iter(experiment.scenarios.values())), 0).residents


def _folder(experiment: Experiment, out: Path | None) -> Path:
    from sim.lab.study import manifest_of

    return out or Path("results") / f"{experiment.name}-{manifest_of(experiment)['hash'][:8]}"


def _evaluated(experiment: Experiment, out: Path | None, processes: int | None) -> tuple[Study, Progress]:
    """Do the runs of an experiment and keep them; stop cleanly on Ctrl-C."""
    from sim.lab.evaluate import evaluate
    from sim.lab.study import Study
    from sim.report.terminal import Bar

    study = Study.create(_folder(experiment, out), experiment)
    _announce_compile()
    with Bar("worlds lived", quiet=bool(_settings["quiet"])) as bar:
        progress = evaluate(experiment, study, processes, lambda p: bar.show(p.done, p.total, p.failed))
    if progress.interrupted:
        _say(
            f"Interrupted: {progress.done} of {progress.total} runs are kept in {study.folder}. The same command goes on from there."
        )
        raise typer.Exit(130)
    return study, progress


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

    try:
        return picture(study, study.folder / "picture.png", _residents(experiment))
    except OSError as error:
        raise StorageError(f"{study.folder / 'picture.png'}: cannot be written: {error.strerror}") from None


def _failures(progress: Progress, study: Study) -> None:
    if progress.failed:
        _say(f"{progress.failed} of {progress.total} runs failed and are left out; see {study.folder / 'failures'}")
        raise typer.Exit(3)


@app.command(
    epilog="Examples: [bold]bridgework run quiet-border[/]   [bold]bridgework run my-region.toml --seed 7 --csv[/]",
)
def run(
    scenario: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, max=2**63 - 1, help="Which of the possible worlds.")] = 1,
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
    study, progress = _evaluated(experiment, out, 1)
    _failures(progress, study)
    path = _drawn(study, experiment)
    if csv:
        _csv(study)
    row = study.runs.iloc[0]
    if as_json:
        _print_json({"study": str(study.folder), "picture": str(path), "seed": seed, "outcomes": _outcomes(row)})
        return
    outcome_table(loaded.title, row, everything=bool(_settings["verbose"]))
    print(f"\nPicture: {path}\nStudy:   {study.folder}")
    print(f"{len(study.incidents)} incidents with their causes, the burn-in included, are in it; --csv writes them as a table.")
    print(f"One possible world (seed {seed}), not a forecast. To compare programmes over many worlds: bridgework compare --help")


def _outcomes(row: pd.Series) -> dict[str, float | None]:
    from sim.outcomes import OUTCOMES

    return {o.name: (None if row[o.name] != row[o.name] else float(row[o.name])) for o in OUTCOMES}


def _print_json(document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))


@app.command(
    epilog="Examples: [bold]bridgework compare none-modest-generous[/]   [bold]bridgework compare mine.toml --seeds 200 --csv[/]",
)
def compare(
    experiment: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seeds: SeedsOption = None,
    out: OutOption = None,
    processes: Processes = None,
    csv: CsvFlag = False,
    everything: Annotated[bool, typer.Option("--all", help="Show every outcome in the table.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Compare programme designs: every arm lives through the same possible worlds."""
    from sim.lab.effects import paired_effects
    from sim.lab.experiment import load_experiment
    from sim.report.terminal import effect_table, outcome_table
    from sim.report.words import chosen, finding

    loaded = load_experiment(experiment, seeds)
    study, progress = _evaluated(loaded, out, processes)
    runs = study.runs
    if runs.empty:
        _failures(progress, study)
    effects = paired_effects(runs, study.reference)
    path = _drawn(study, loaded)
    if csv:
        _csv(study)
    if as_json:
        rows = [] if effects.empty else json.loads(effects.to_json(orient="records"))
        _print_json(
            {
                "study": str(study.folder),
                "picture": str(path),
                "finding": finding(study, effects),
                "effects": rows,
                "failed": progress.failed,
            }
        )
    else:
        if effects.empty:
            outcome_table(study.manifest["title"], runs.drop(columns=["arm", "seed", "key"]).mean())
        else:
            effect_table(study, chosen(effects, everything))
        print(f"\nPicture: {path or 'none (no series kept)'}\nStudy:   {study.folder}\n\nFinding: {finding(study, effects)}")
    _failures(progress, study)


@app.command(epilog="Example: [bold]bridgework effects none-modest-generous --seeds 20 --draws 60[/]")
def effects(
    experiment: Annotated[str, typer.Argument(help="Built-in name, or path of a .toml file.")],
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=2, max=10_000, help="Worlds under the default parameters.")] = 20,
    draws: Annotated[
        int, typer.Option("--draws", min=2, max=100_000, help="Parameter vectors drawn across all declared ranges.")
    ] = 60,
    processes: Processes = None,
    as_json: JsonFlag = False,
) -> None:
    """Show whom a programme reaches, what participants gain, and the primary effects under defaults and across all ranges."""
    from sim.lab.experiment import load_experiment
    from sim.lab.ranges import effects_of, steps
    from sim.report.effects import effects_document, effects_tables
    from sim.report.terminal import Bar, console

    loaded = load_experiment(experiment)
    if not any(s.programmes for s in loaded.scenarios.values()):
        raise InputError("no arm has a programme", where=experiment, right="at least one arm with [arms.NAME.programmes.NAME]")
    total = steps(loaded, seeds, draws)
    _announce_compile()
    with Bar("worlds lived", quiet=bool(_settings["quiet"])) as bar:
        bar.show(0, total)

        def tick() -> None:
            bar.count += 1
            bar.show(bar.count, total)

        found, drawn = effects_of(loaded, seeds, draws, processes, tick)
    document = effects_document(loaded, found, drawn)
    if as_json:
        _print_json(document)
        return
    for table in effects_tables(document):
        console().print(table)
    print(document["note"])


@app.command(
    epilog="Examples: [bold]bridgework check mine.toml[/]   [bold]bridgework check --schema scenario > scenario.schema.json[/]"
)
def check(
    file: Annotated[str | None, typer.Argument(help="A scenario or experiment file, or a built-in name.")] = None,
    schema: Annotated[
        str | None, typer.Option("--schema", help="Print the JSON Schema of 'scenario' or 'experiment' files instead.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a scenario or experiment file, or print its schema for an editor."""
    from sim.lab.experiment import ExperimentFile
    from sim.scenario.schema import Scenario

    if schema is not None:
        models: dict[str, Any] = {"scenario": Scenario, "experiment": ExperimentFile}
        if schema not in models:
            raise InputError("unknown kind of file", where="--schema", value=schema, right="scenario or experiment")
        print(json.dumps(models[schema].model_json_schema(), indent=1))
        return
    if file is None:
        raise InputError("nothing to check", where="check", right="bridgework check FILE, or --schema scenario")
    document = _checked(file)
    if as_json:
        _print_json(document)
        return
    print(f"{file}: a sound {document['kind']}")
    for key, value in document.items():
        if key != "kind":
            print(f"  {key.replace('_', ' ')}: {value}")


def _checked(file: str) -> dict[str, Any]:
    from sim.lab.experiment import load_experiment
    from sim.scenario.library import names
    from sim.scenario.reading import load_scenario, read_toml
    from sim.scenario.stability import check_stability

    builtin = {**names("experiments"), **names("scenarios")}
    path = builtin.get(file, Path(file))
    kind = str(read_toml(path).get("bridgework", ""))
    if kind.startswith("experiment/"):
        experiment = load_experiment(path)
        title = experiment.file.title
        scenario = experiment.scenarios[experiment.file.reference]
        extra: dict[str, Any] = {"arms": ", ".join(experiment.labels), "seeds": experiment.file.seeds}
    else:
        scenario = load_scenario(path)
        title = scenario.title
        extra = {"programmes": ", ".join(scenario.programmes) or "none", "shocks": ", ".join(scenario.shocks) or "none"}
    communities, institutions, workers = scenario.region.size()
    return {
        "kind": "experiment" if kind.startswith("experiment/") else "scenario",
        "title": title,
        "sides": ", ".join(scenario.region.sides),
        "communities": communities,
        "institutions": institutions,
        "workers": workers,
        "weeks": scenario.weeks,
        "loop_gain": round(check_stability(scenario, file), 3),
        **extra,
    }


def _entries() -> dict[str, tuple[str, Path]]:
    from sim.scenario.library import names

    found = {name: ("scenario", path) for name, path in names("scenarios").items()}
    return found | {name: ("experiment", path) for name, path in names("experiments").items()}


@library.command("list", epilog="Example: [bold]bridgework scenarios list[/]")
def list_library(as_json: JsonFlag = False) -> None:
    """List what comes with bridgework."""
    from sim.scenario.reading import read_toml

    rows = [{"name": name, "kind": kind, "title": read_toml(path)["title"]} for name, (kind, path) in _entries().items()]
    if as_json:
        _print_json({"entries": rows})
        return
    for row in rows:
        print(f"{row['name']:28s} {row['kind']:11s} {row['title']}")


def _entry(name: str) -> tuple[str, Path]:
    entries = _entries()
    if name not in entries:
        raise InputError(
            "nothing of this name comes with bridgework", where="argument", value=name, right=f"one of: {', '.join(entries)}"
        )
    return entries[name]


@library.command(epilog="Example: [bold]bridgework scenarios describe quiet-border[/]")
def describe(
    name: Annotated[str, typer.Argument(help="Name of a built-in scenario or experiment.")], as_json: JsonFlag = False
) -> None:
    """Describe a built-in scenario or experiment."""
    from sim.scenario.reading import read_toml

    _, path = _entry(name)
    table = read_toml(path)
    text = re.sub(r"\s*\n\s*", " ", str(table.get("description") or table.get("question") or "")).strip()
    document = _checked(name)
    if as_json:
        _print_json({"name": name, **document, "description": text})
        return
    print(f"{name}: {table['title']}\n\n{text}\n")
    for key, value in document.items():
        print(f"  {key.replace('_', ' ')}: {value}")


@library.command(epilog="Example: [bold]bridgework scenarios copy quiet-border my-region.toml[/]")
def copy(
    name: Annotated[str, typer.Argument(help="Name of a built-in scenario or experiment.")],
    to: Annotated[Path | None, typer.Argument(help="File or folder to copy to; the current folder by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Copy a built-in scenario or experiment out, to change it."""
    _, path = _entry(name)
    target = to or Path.cwd()
    target = target / path.name if target.is_dir() else target
    if target.exists() and not force:
        raise InputError("a file of this name is there already", where=str(target), right="another name, or --force")
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        raise StorageError(f"{target}: cannot be written: {error.strerror}") from None
    print(target)


def _guarded(call: Callable[..., Any]) -> int:
    """Call the command and turn whatever happens into an exit code."""
    try:
        code = call(standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.Exit as stop:
        return stop.exit_code
    except BridgeworkError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as stop:
        # the command line's own answer to a reader who has seen enough, as in `| head`
        left = type(sys.stdout).__name__ == "PacifyFlushWrapper"
        return 0 if left else stop.code if isinstance(stop.code, int) else 1
    except OSError as error:
        print(f"error: cannot read or write: {error}; what was done before is kept", file=sys.stderr)
        return 4
    except Exception as error:
        show = getattr(error, "show", None)
        if show is not None:  # an argument that the command line does not know
            show()
            return int(getattr(error, "exit_code", 2))
        if _settings["verbose"]:
            raise
        text = f"error: unexpected fault in bridgework: {type(error).__name__}: {error}"
        print(f"{text}\n  Run again with -v before the command for the trace.", file=sys.stderr)
        return 1


def main() -> None:
    """Run the command and exit with a code from `sim.errors.EXIT_CODES`."""
    sys.exit(_guarded(app))


if __name__ == "__main__":
    main()
