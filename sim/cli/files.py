"""Files: check them, and list, describe and copy those that come with bridgework."""

from __future__ import annotations

import difflib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.app import JsonFlag, app, print_json
from sim.errors import InputError, StorageError

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

FEW_FACTORS = 6
"""Of a design, that `check` lists."""
library = typer.Typer(
    help="List, describe and copy the scenarios, experiments, trials and lessons that come with bridgework.", no_args_is_help=True
)
app.add_typer(library, name="scenarios")


@app.command(
    epilog="Examples: [bold]bridgework check mine.toml[/]   [bold]bridgework check --schema scenario > scenario.schema.json[/]"
)
def check(
    file: Annotated[str | None, typer.Argument(help="A scenario, experiment, trial or lesson file, or a built-in name.")] = None,
    schema: Annotated[
        str | None,
        typer.Option("--schema", help="Print the JSON Schema of 'scenario', 'experiment', 'trial' or 'lesson' files instead."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a scenario, experiment, trial or lesson file (and walk through a lesson), or print its schema for an editor."""
    from sim.evidence.trial_file import TrialFile
    from sim.lab.experiment import ExperimentFile
    from sim.scenario.schema import Scenario, file_schema
    from sim.workshop.lessons import LessonFile

    if schema is not None:
        models: dict[str, Any] = {"scenario": Scenario, "experiment": ExperimentFile, "trial": TrialFile, "lesson": LessonFile}
        if schema not in models:
            raise InputError("unknown kind of file", where="--schema", value=schema, right=f"one of: {', '.join(models)}")
        print(json.dumps(file_schema(models[schema]), indent=1))
        return
    if file is None:
        raise InputError("nothing to check", where="check", right="bridgework check FILE, or --schema scenario")
    document = _checked(file)
    if document["kind"] == "lesson":
        _walked(file)
    if as_json:
        print_json(document)
        return
    print(f"{file}: a sound {document['kind']}")
    for key, value in document.items():
        if key != "kind":
            print(f"  {key.replace('_', ' ')}: {value}")


def _checked(file: str) -> dict[str, Any]:
    from sim.registry import registered
    from sim.scenario.places import crossing_pairs, places_of
    from sim.scenario.reading import read_toml
    from sim.scenario.stability import check_stability

    if registered():
        from sim import outcomes  # noqa: F401  (what was registered is checked as they are put together)
    path = _entries()[file][1] if file in _entries() else Path(file)
    said = str(read_toml(path).get("bridgework", ""))
    kind = next((kind for kind in _KINDS if said.startswith(f"{kind}/")), "scenario")
    title, scenarios, extra = _KINDS[kind](path)
    _tried_out(scenarios)
    scenario = scenarios[0]
    communities, institutions, workers = scenario.region.size()
    places = places_of(scenario.region)
    pairs = crossing_pairs(scenario.region, places)
    alone = [place["name"] for k, place in enumerate(places) if k not in {end for pair in pairs for end in pair}]
    without = f", none at {', '.join(alone[:12])}{' ...' if len(alone) > 12 else ''}" if alone else ""
    return {
        "kind": kind,
        "title": title,
        "sides": ", ".join(scenario.region.sides),
        "communities": communities,
        "crossings": f"{len(pairs)}{without}",
        "institutions": institutions,
        "workers": workers,
        "weeks": scenario.weeks,
        "loop_gain": round(check_stability(scenario, file), 3),
        **extra,
    }


Sound = tuple[str, "list[Scenario]", dict[str, Any]]
"""Title of a file, its scenarios, the one that is described first, and what else is said of it."""


def _scenario(path: Path) -> Sound:
    from sim.scenario.reading import load_scenario

    scenario = load_scenario(path)
    extra = {"programmes": ", ".join(scenario.programmes) or "none", "shocks": ", ".join(scenario.shocks) or "none"}
    return scenario.title, [scenario], extra


def _experiment(path: Path) -> Sound:
    from sim.lab.experiment import load_experiment

    experiment = load_experiment(path)
    extra: dict[str, Any] = {"arms": ", ".join(experiment.labels), "seeds": experiment.file.seeds}
    if experiment.file.design is not None:
        from sim.lab.design import drawn
        from sim.report.sweep import kept_in_words

        points = len(drawn(experiment.file.design, list(experiment.factors), experiment.where))
        extra["design"] = f"{experiment.file.design.kind.replace('_', ' ')}, {points:,} points"
        shown = [f"{factor.name} ({factor.words})" for factor in experiment.factors[:FEW_FACTORS]]
        more = len(experiment.factors) - len(shown)
        extra |= {"kept": "; ".join(kept_in_words(experiment))} if experiment.own else {}
        extra["varied"] = ", ".join(shown) + (f" and {more} more: sweep {path} --dry-run tells" if more else "")
    return experiment.file.title, list(experiment.scenarios.values()), extra


def _trial(path: Path) -> Sound:
    from sim.evidence.trial import load_trial

    trial = load_trial(path)
    extra = {
        "arms": ", ".join(trial.file.arms),
        "assigned": trial.file.assignment.unit,
        "measures": ", ".join(trial.file.measures),
        "seeds": trial.file.seeds,
        "weeks lived by each world": trial.weeks,
    }
    return trial.file.title, [world.scenario for world, _ in trial.worlds], extra


def _lesson(path: Path) -> Sound:
    from sim.scenario.reading import load_scenario
    from sim.workshop.lessons import load_lesson

    lesson = load_lesson(path)
    extra = {
        "language": lesson.file.language,
        "steps": len(lesson.file.steps),
        "minutes": lesson.minutes,
        "worlds": ", ".join(lesson.openings),
    }
    return lesson.file.title, [load_scenario(opening.base) for opening in lesson.openings.values()], extra


def _walked(file: str) -> None:
    """Walk through a lesson, so that its room need not find out what cannot be done."""
    from sim.cli.app import announce_compile
    from sim.workshop.lessons import load_lesson, rehearsed

    announce_compile()
    for _ in rehearsed(load_lesson(file)):
        pass


_KINDS: dict[str, Callable[[Path], Sound]] = {
    "scenario": _scenario,
    "experiment": _experiment,
    "trial": _trial,
    "lesson": _lesson,
}


def _tried_out(scenarios: list[Scenario]) -> None:
    """Live a few weeks with registered rules, if there are any."""
    from sim.registry import registered

    if registered():
        from sim.cli.app import announce_compile
        from sim.lab.trial import try_out

        announce_compile()
        for scenario in scenarios:
            try_out(scenario)


def _entries() -> dict[str, tuple[str, Path]]:
    from sim.scenario.library import names

    found = {name: ("scenario", path) for name, path in names("scenarios").items()}
    found |= {name: ("experiment", path) for name, path in names("experiments").items()}
    found |= {name: ("trial", path) for name, path in names("trials").items()}
    return found | {name: ("lesson", path) for name, path in names("lessons").items()}


@app.command(epilog="Examples: [bold]bridgework model week[/]   [bold]bridgework model parameters --import mine.py[/]")
def model(table: Annotated[str | None, typer.Argument(help="Which table; without it, their names.")] = None) -> None:
    """Print a table of the model in Markdown: week, parameters, levers, mechanisms, outcomes, states, rules of your own."""
    from sim.report.odd import generated

    tables = generated()
    if table is None:
        print("\n".join(tables))
        return
    if table not in tables:
        raise InputError("no such table", where="model", value=table, right=f"one of: {', '.join(tables)}")
    print(tables[table])


@library.command("list", epilog="Example: [bold]bridgework scenarios list[/]")
def list_library(as_json: JsonFlag = False) -> None:
    """List what comes with bridgework."""
    from sim.scenario.reading import read_toml

    rows = [{"name": name, "kind": kind, "title": read_toml(path)["title"]} for name, (kind, path) in _entries().items()]
    if as_json:
        print_json({"entries": rows})
        return
    for row in rows:
        print(f"{row['name']:28s} {row['kind']:11s} {row['title']}")


def _entry(name: str) -> tuple[str, Path]:
    entries = _entries()
    if name not in entries:
        near = difflib.get_close_matches(name, entries, 1)
        right = (f'did you mean "{near[0]}"? ' if near else "") + f"one of: {', '.join(entries)}"
        raise InputError("nothing of this name comes with bridgework", where="argument", value=name, right=right)
    return entries[name]


@library.command(epilog="Example: [bold]bridgework scenarios describe quiet-border[/]")
def describe(
    name: Annotated[str, typer.Argument(help="Name of a built-in scenario, experiment, trial or lesson.")],
    as_json: JsonFlag = False,
) -> None:
    """Describe a built-in scenario, experiment, trial or lesson."""
    from sim.scenario.reading import read_toml

    _, path = _entry(name)
    table = read_toml(path)
    text = re.sub(
        r"\s*\n\s*", " ", str(table.get("description") or table.get("question") or table.get("note") or table.get("aim") or "")
    ).strip()
    document = _checked(name)
    if as_json:
        print_json({"name": name, **document, "description": text})
        return
    print(f"{name}: {table['title']}\n\n{text}\n")
    for key, said in table.get("about", {}).items():
        print(f"{key.replace('_', ' ').capitalize()}: {said}\n")
    for key, value in document.items():
        print(f"  {key.replace('_', ' ')}: {value}")


@library.command(epilog="Example: [bold]bridgework scenarios copy quiet-border my-region.toml[/]")
def copy(
    name: Annotated[str, typer.Argument(help="Name of a built-in scenario, experiment, trial or lesson.")],
    to: Annotated[Path | None, typer.Argument(help="File or folder to copy to; the current folder by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Copy a built-in scenario, experiment, trial or lesson out, to change it, with the tables that it reads."""
    from sim.scenario.reading import read_toml

    _, path = _entry(name)
    target = to or Path.cwd()
    target = target / path.name if target.is_dir() else target
    region = read_toml(path).get("region", {})
    beside = [region[key] for key in ("table", "crossings_table") if key in region]
    copies = {path: target} | {path.parent / file: target.parent / file for file in beside}
    for copied in copies.values():
        if copied.exists() and not force:
            raise InputError("a file of this name is there already", where=str(copied), right="another folder, or --force")
    for original, copied in copies.items():
        try:
            shutil.copyfile(original, copied)
        except OSError as error:
            raise StorageError(f"{copied}: cannot be written: {error.strerror}") from None
        print(copied)
