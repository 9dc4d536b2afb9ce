"""Broken scenario, experiment and trial files of every kind, made from the schema and a sound file that uses all of it.

``python tests/broken.py FOLDER [COUNT]`` writes them out, to be looked at.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).parent))

import conftest
from pydantic import BaseModel

from sim.evidence.trial_file import TrialFile
from sim.lab.experiment import ExperimentFile
from sim.scenario.schema import Scenario


@dataclass
class Broken:
    """One broken file: what was done to it, its text, what its message must name, and files that lie beside it."""

    kind: str
    what: str
    text: bytes
    names: tuple[str, ...] = ()
    value: bool = True
    beside: dict[str, bytes] = field(default_factory=dict)


def toml(value: Any) -> str:
    """Write a value as TOML; tables within tables are written inline."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{'-' if value < 0 else ''}inf" if math.isinf(value) else repr(value)
    if isinstance(value, dt.date | int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"


def document(table: dict[str, Any]) -> bytes:
    """Write a table as a TOML file."""
    return "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in table.items()).encode()


def sound_scenario() -> dict[str, Any]:
    """Return a sound scenario with something in every table."""
    table = conftest.table(**copy.deepcopy({"programmes": conftest.PROGRAMMES, "shocks": conftest.SHOCKS}))
    table |= {
        "description": "sound",
        "start": dt.date(2026, 1, 5),
        "budget": {"annual": 1e6},
        "parameters": {"contact": {"bad_weight": 2.5}, "incidents": {"calm": 0.5}, "policing": {"repeat": 0.2}},
        "mechanisms": {"mediation": True, "norms": False},
        "edits": {"new rules": {"week": 30, "programmes": {"exchange": {"joint_work": 0.9}}, "mechanisms": {"rumours": False}}},
    }
    table["region"] |= {"climate": {"trust": 0.4}, "climate_of": {"North": {"grievance": 0.5}}, "neighbours": 2, "tension": 0.3}
    table["shocks"]["late"] = {"kind": "rhetoric", "date": dt.date(2027, 3, 1), "size": 0.2, "sides": ["North"]}
    table["programmes"]["exchange"] |= {"lead_side": "North", "sides": ["North", "South"], "after": "ends", "label": "exchange"}
    return copy.deepcopy(table)


def listed_scenario() -> dict[str, Any]:
    """Return a sound scenario that lists its communities."""
    table = conftest.table()
    del table["region"]["layout"]
    places = {}
    for k, side in enumerate(["North", "South"] * 2):
        places[f"Town {k}"] = {
            "side": side,
            "x_km": 10.0 * k,
            "y_km": 1.0,
            "population": 2000,
            "trust": 0.4,
            "crossings": [f"Town {(k + 1) % 4}"],
        }
    table["region"]["communities"] = places
    return copy.deepcopy(table)


def sound_experiment() -> dict[str, Any]:
    """Return a sound experiment upon the file ``base.toml``."""
    return {
        "bridgework": "experiment/1",
        "title": "sound",
        "question": "why?",
        "scenario": "base.toml",
        "seeds": 2,
        "first_seed": 1,
        "reference": "none",
        "series_every": 1,
        "incidents": False,
        "until": {"outcome": "force_rate", "half_width": 0.5, "most": 8},
        "design": {"kind": "latin_hypercube", "points": 4, "seed": 0, "common_seeds": True},
        "uncertainties": {"contact": {"tie_gain": "declared", "tie_loss": {"low": 0.1, "high": 0.3}}},
        "levers": {"p": {"weeks": {"low": 4, "high": 8}}},
        "constants": {"contact": {"bad_weight": 2.0}, "p": {"joint_work": 0.5}},
        "arms": {
            "none": {"label": "none"},
            "more": {
                "label": "more",
                "programmes": {"p": {"family": "policing", "policing": {"restraint": 0.5}}},
                "mechanisms": {"norms": False},
            },
        },
    }


def sound_trial() -> dict[str, Any]:
    """Return a sound trial upon the file ``base.toml``."""
    base = {"among": "participants", "of": "warmth", "arm": "taught", "week": 4}
    return {
        "bridgework": "trial/1",
        "title": "sound",
        "source": "nobody",
        "evidence": "X1",
        "use": "own",
        "note": "why?",
        "scenario": "base.toml",
        "seeds": 2,
        "first_seed": 1,
        "sample": 40,
        "enrol_weeks": 4,
        "reference": "none",
        "changes": {"parameters": {"contact": {"bad_weight": 2.5}}},
        "programmes": {"course": {"family": "vocational", "annual_budget": 2e5, "weeks": 2.0}},
        "assignment": {"unit": "communities", "shares": {"none": 0.5, "taught": 0.25, "drilled": 0.25}},
        "arms": {
            "none": {"label": "none"},
            "taught": {"label": "taught", "programmes": {"course": {"joint": 1.0}}},
            "drilled": {"programmes": {"course": {"joint": 0.0}}, "mechanisms": {"norms": False}},
        },
        "measures": {
            "early": {**base, "label": "early", "statistic": "d", "measured": "0.1", "low": 0.05, "high": 0.2, "emergent": True},
            "late": {**base, "against": "twins", "week": 9},
            "kept": {"statistic": "ratio", "measures": ["late", "early"], "low": 0.0},
            "slope": {"statistic": "regression", "among": "workers", "of": "warmth", "arm": "taught", "on": ["friends"], "week": 4},
            "ties": {"statistic": "mean", "among": "ties made", "of": "kept", "arm": "taught", "strength": [0.1, 0.9], "week": 4},
            "force": {
                "statistic": "mean", "among": "region", "of": "force_rate", "arm": "taught", "since": 1, "week": 9
            },
            "adopted": {
                "statistic": "hazard", "among": "institutions", "of": "adopted", "arm": "none", "linked": True, "profession": "vocational", "week": 5
            },
        },
    }  # fmt: skip


def at(table: dict[str, Any], path: tuple[str, ...]) -> Any:
    """Return what stands at a path."""
    for key in path:
        table = table[key]
    return table


def changed(table: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a copy with another value at a path."""
    out = copy.deepcopy(table)
    at(out, path[:-1])[path[-1]] = value
    return out


def without(table: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return a copy without what stands at a path."""
    out = copy.deepcopy(table)
    del at(out, path[:-1])[path[-1]]
    return out


def walk(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Go through all keys of a table and of the tables in it."""
    for key, value in table.items():
        yield (*path, key), value
        if isinstance(value, dict):
            yield from walk(value, (*path, key))


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model within an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part)) is not None), None)


def field_at(model: type[BaseModel], path: tuple[str, ...]) -> Any:
    """Return the schema's field at a path, None where names are free."""
    found = None
    for key in path:
        found = model.model_fields.get(key)
        if found is not None:
            model = model_in(found.annotation) or model
    return found


def limits_of(found: Any) -> dict[str, float]:
    """Return the limits that the schema sets to a number."""
    out: dict[str, float] = {}

    def look(metadata: Any) -> None:
        for item in metadata:
            for name in ("ge", "gt", "le", "lt"):
                if getattr(item, name, None) is not None:
                    out[name] = float(getattr(item, name))

    look(found.metadata)
    for part in (found.annotation, *get_args(found.annotation)):
        for item in getattr(part, "__metadata__", ()):
            look(getattr(item, "metadata", ()))
    return out


NAMES = (
    *("<b>bold</b>", "[red]x[/]", "../../etc/passwd", "a/b", "a\\b", "..", "", " x", "x ", "-x", "x..y", "x" * 61),
    *("\x1b[31mred", "line\nbreak", "\u202egnp", "a\x00b"),
)


def slips(word: str, rng: random.Random) -> str:
    """Misspell a word a little."""
    k = rng.randrange(1, len(word) - 1)
    return word[:k] + word[k + 1] + word[k] + word[k + 2 :] if word[k] != word[k + 1] else word[:k] + word[k + 1 :]


def _of_the_scenario(kind: str, path: tuple[str, ...]) -> bool:
    """Whether a key belongs to what is laid over a scenario."""
    deep = {"arms": 3, "changes": 2, "programmes": 1}
    return kind != "scenario" and len(path) > deep.get(path[0], 99) and not (kind == "experiment" and path[0] != "arms")


def _of_values(kind: str, table: dict[str, Any], model: type[BaseModel], beside: dict[str, bytes]) -> Iterator[Broken]:
    """Wrong types, NaN, out of range, and missing keys, for every key of a sound table."""
    for path, value in walk(table):
        if _of_the_scenario(kind, path):
            continue  # what an arm lays over the scenario is broken as part of the scenario
        key = ".".join(path)
        if isinstance(value, bool):
            wrong: list[Any] = [1, "true", 0.5, [True], {}]
        elif isinstance(value, float):
            wrong = ["0.5", True, [0.5], {"x": 1}, math.nan, math.inf, -math.inf]
        elif isinstance(value, int):
            wrong = ["3", 3.5, True, [3], {}, math.nan, -(10**30)]
        elif isinstance(value, str):
            wrong = [3, True, [value], {"x": value}, 2.5]
        elif isinstance(value, dt.date):
            wrong = ["2026-01-05", 2026, dt.datetime(2026, 1, 5, 12), True]  # noqa: DTZ001
        elif isinstance(value, list):
            wrong = ["one", 3, {}, [1, 2], [[]]]
        else:
            wrong = ["a table", 3, [1], True]
        for item in wrong:
            yield Broken(kind, f"{key} = {item!r}", document(changed(table, path, item)), (path[-1],), beside=beside)
        found = field_at(model, path)
        if found is None or isinstance(value, dict):
            continue
        if isinstance(value, float | int) and not isinstance(value, bool):
            for name, limit in limits_of(found).items():
                beyond = limit - 1 if name in {"ge", "gt"} else limit * 2 + 1
                item = type(value)(beyond)
                yield Broken(
                    kind, f"{key} = {item!r}", document(changed(table, path, item)), (path[-1], "out of range"), beside=beside
                )
        if found.is_required():
            yield Broken(kind, f"{key} missing", document(without(table, path)), (path[-1],), beside=beside)


def _of_keys(
    kind: str, table: dict[str, Any], model: type[BaseModel], beside: dict[str, bytes], rng: random.Random
) -> Iterator[Broken]:
    """Unknown keys: each known one misspelt, where the right one must be suggested."""
    for path, value in walk(table):
        if field_at(model, path) is None or path[-1] not in (field_owner(model, path) or ()) or len(path[-1]) < 5:
            continue
        if _of_the_scenario(kind, path):
            continue
        wrong = slips(path[-1], rng)
        out = changed(without(table, path), (*path[:-1], wrong), value)
        yield Broken(kind, f"{'.'.join(path)} written {wrong}", document(out), (wrong, path[-1]), beside=beside)


def field_owner(model: type[BaseModel], path: tuple[str, ...]) -> list[str] | None:
    """Return the keys known where the last part of a path stands."""
    for key in path[:-1]:
        found = model.model_fields.get(key)
        if found is not None:
            inner = model_in(found.annotation)
            if inner is None:
                return None
            model = inner
    return list(model.model_fields)


def _of_names(rng: random.Random) -> Iterator[Broken]:
    """Names that are none: markup, paths, control characters."""
    table, listed = sound_scenario(), listed_scenario()
    for name in NAMES:
        shown = name.encode("unicode_escape").decode() if not name.isprintable() else name
        part = "" if "\\" in name else shown[:20]
        yield Broken(
            "scenario", f"side {name!r}", document(changed(table, ("region", "sides"), ["North", name])), ("sides", part)
        )
        for where in ("programmes", "shocks", "edits"):
            inner = next(iter(table[where].values()))
            out = changed(table, (where,), {name: inner})
            yield Broken("scenario", f"{where} named {name!r}", document(out), (where, part))
        out = changed(
            listed,
            ("region", "communities"),
            {**listed["region"]["communities"], name: listed["region"]["communities"]["Town 0"]},
        )
        yield Broken("scenario", f"community {name!r}", document(out), ("communities", part))
        experiment = sound_experiment()
        out = changed(experiment, ("arms",), {**experiment["arms"], name: {}})
        yield Broken("experiment", f"arm {name!r}", document(out), ("arms", part), beside={"base.toml": document(table)})
        yield Broken("scenario", f"extend {name!r}", document({"extend": name} | table), ("file",))


def _of_fit() -> Iterator[Broken]:
    """Things that do not fit together."""
    t, listed = sound_scenario(), listed_scenario()

    def one(what: str, table: dict[str, Any], *names: str) -> Broken:
        return Broken("scenario", what, document(table), names)

    for week in (156, 157, 9999, 10**9):
        yield one(f"shock in week {week}", changed(t, ("shocks", "words", "week"), week), "shocks.words.week", str(week))
        yield one(f"edit in week {week}", changed(t, ("edits", "new rules", "week"), week), "edits.new rules.week", str(week))
        yield one(
            f"start in week {week}",
            changed(t, ("programmes", "exchange", "start_week"), week),
            "programmes.exchange.start_week",
            str(week),
        )
    yield one(
        "shock before the start", changed(t, ("shocks", "late", "date"), dt.date(2020, 1, 1)), "shocks.late.date", "2020-01-01"
    )
    yield one("week and date", changed(t, ("shocks", "late", "week"), 3), "shocks.late", "week = 3")
    yield one("neither week nor date", without(t, ("shocks", "late", "date")), "shocks.late", "neither")
    yield one("one side", changed(t, ("region", "sides"), ["North"]), "region.sides", "at least 2")
    yield one("no side", changed(t, ("region", "sides"), []), "region.sides", "at least 2")
    yield one("thirteen sides", changed(t, ("region", "sides"), [f"S{k}" for k in range(13)]), "region.sides", "at most 12")
    yield one("two like sides", changed(t, ("region", "sides"), ["North", "North"]), "region.sides", "same name")
    for where in (("shocks", "late", "sides"), ("programmes", "exchange", "sides")):
        yield one(f"unknown side in {where}", changed(t, where, ["Nort"]), ".".join(where), "'Nort'", '"North"')
    yield one("lead side", changed(t, ("programmes", "exchange", "lead_side"), "Suth"), "lead_side", "'Suth'", '"South"')
    yield one(
        "unknown community",
        changed(t, ("programmes", "exchange", "communities"), ["North 9"]),
        "communities",
        "'North 9'",
        "North 1",
    )
    yield one(
        "one side alone", changed(t, ("programmes", "exchange", "sides"), ["North"]), "programmes.exchange", "North", "joint = 0"
    )
    yield one(
        "lever of organizing misspelt",
        changed(t, ("programmes", "movement", "organizing"), {"local_led": 1.0}),
        "programmes.movement.organizing.local_led",
        "local_lead",
    )
    for name, value, said, right in (
        ("no such programme", "exchnge", "'exchnge'", '"exchange"'),
        ("itself", "movement", "same profession", "another profession"),
    ):
        where = ("programmes", "movement", "cohorts_with")
        yield one(f"cohorts held with {name}", changed(t, where, value), "programmes.movement.cohorts_with", said, right)
    chain = changed(t, ("programmes", "exchange", "cohorts_with"), "movement")
    yield one(
        "cohorts held in a ring",
        changed(chain, ("programmes", "movement", "cohorts_with"), "exchange"),
        "cohorts_with",
        "its own cohorts",
    )
    yield one(
        "cohorts held with one that meets nobody",
        changed(changed(t, ("programmes", "movement", "cohorts_with"), "exchange"), ("programmes", "exchange", "joint"), 0.0),
        "programmes.movement.cohorts_with",
        "joint = 1",
    )
    yield one(
        "cohorts held with one that is over",
        changed(
            changed(t, ("programmes", "movement", "cohorts_with"), "exchange"), ("programmes", "movement", "start_week"), 110
        ),
        "programmes.movement.cohorts_with",
        "years overlap",
    )
    apart = {"week": 20, "programmes": {"exchange": {"joint": 0.0}}}
    yield one(
        "an edit after which one meets nobody",
        changed(changed(t, ("programmes", "movement", "cohorts_with"), "exchange"), ("edits", "apart"), apart),
        "edits.apart.programmes.exchange",
        "joint = 1",
    )
    yield one("mixing beyond one", changed(t, ("programmes", "movement", "mixing"), 1.5), "programmes.movement.mixing", "1.5")
    yield one("a budget that swings too far", changed(t, ("budget", "stop_go"), 2), "budget.stop_go", "2")
    yield one(
        "swinging money out of one budget",
        changed(t, ("programmes", "exchange", "stop_go"), 0.5),
        "programmes.exchange.stop_go",
        "0.5",
        "budget",
    )
    yield one(
        "family misspelt", changed(t, ("programmes", "patrols"), {"family": "polising"}), "family", "'polising'", '"policing"'
    )
    yield one(
        "levers of another family",
        changed(t, ("programmes", "patrols", "vocational"), {"standards": 0.5}),
        "programmes.patrols.vocational",
        "policing",
    )
    for lever, said in (("weeks", 3.5), ("cohort_size", 12.25), ("summit", 0.5), ("joint", 0.1)):
        what, out = f"{lever} = {said}", changed(t, ("programmes", "exchange", lever), said)
        yield one(what, out, f"programmes.exchange.{lever}", str(said), "whole")
    yield one(
        "time beyond one",
        changed(t, ("programmes", "patrols", "policing", "restraint"), 0.9),
        "programmes.patrols.policing",
        "restraint = 0.9",
    )
    yield one(
        "unknown programme in an edit",
        changed(t, ("edits", "new rules", "programmes"), {"exchnge": {}}),
        "'exchnge'",
        '"exchange"',
    )
    yield one(
        "unknown lever in an edit",
        changed(t, ("edits", "new rules", "programmes", "exchange"), {"joint_wrk": 1.0}),
        "joint_wrk",
        '"joint_work"',
    )
    yield one(
        "lever out of range in an edit",
        changed(t, ("edits", "new rules", "programmes", "exchange"), {"joint_work": 3.0}),
        "joint_work",
        "3.0",
        "at most 1",
    )
    yield one(
        "family changed by an edit",
        changed(t, ("edits", "new rules", "programmes", "exchange"), {"family": "policing"}),
        "family",
        "no lever",
    )
    yield one(
        "own lever out of range in an edit",
        changed(t, ("edits", "new rules", "programmes", "exchange"), {"vocational": {"standards": 9.0}}),
        "standards",
        "9.0",
    )
    yield one(
        "unknown institution",
        changed(t, ("region", "institutions", "enterprize"), {"per_community": 1, "staff": 2}),
        "enterprize",
        '"enterprise"',
    )
    yield one("no movement to organize in", without(t, ("region", "institutions", "movement")), "institutions", "movement")
    yield one("no institutions", changed(t, ("region", "institutions"), {}), "institutions", "none")
    yield one(
        "more staff than residents",
        changed(t, ("region", "institutions", "enterprise", "staff"), 5000),
        "population",
        "residents",
    )
    yield one("climate of nobody", changed(t, ("region", "climate_of", "Nrth"), {"trust": 0.2}), "climate_of.Nrth", "North")
    yield one("layout and list", changed(listed, ("region", "layout"), {}), "region", "both")
    yield one("neither layout nor list", without(t, ("region", "layout")), "region", "neither")
    yield one(
        "crossing at home",
        changed(listed, ("region", "communities", "Town 0", "crossings"), ["Town 2"]),
        "Town 0.crossings",
        "'Town 2'",
    )
    yield one(
        "crossing to nowhere",
        changed(listed, ("region", "communities", "Town 0", "crossings"), ["Twon"]),
        "Town 0.crossings",
        "'Twon'",
    )
    yield one(
        "community on no side",
        changed(listed, ("region", "communities", "Town 0", "side"), "East"),
        "Town 0.side",
        "'East'",
        "North, South",
    )
    yield one(
        "side without a community", changed(listed, ("region", "sides"), ["North", "South", "East"]), "region.sides", "'East'"
    )
    huge = {
        "layout": {"communities_per_side": 100_000, "population": 50_000_000},
        "institutions": {"enterprise": {"per_community": 100, "staff": 100_000}},
    }
    yield one("10¹² workers", conftest.overlay(t, {"region": huge}), "workers", "GB", "region")
    hot = {
        "incidents": {"branching": 0.6, "armed_rate": 0.06, "tension_climb": 2.0},
        "communities": {"violence_tension": 0.05, "violence_trust": 0.016},
    }
    yield one("violence that feeds itself", changed(t, ("parameters",), hot), "parameters", "loop gain", "→")
    yield one("the same, later", changed(t, ("edits", "new rules", "parameters"), hot), "parameters", "loop gain", "after 1 edit")
    yield one("control characters in a label", changed(t, ("programmes", "exchange", "label"), "\x1b[2Jgone"), "label", "\\x1b")


def _of_experiments() -> Iterator[Broken]:
    """Experiments that do not fit together."""
    base = {"base.toml": document(sound_scenario())}
    e = sound_experiment()

    def one(what: str, table: dict[str, Any], *names: str, beside: dict[str, bytes] = base) -> Broken:
        return Broken("experiment", what, document(table), names, beside=beside)

    yield one("no such reference", changed(e, ("reference",), "non"), "reference", "'non'", "none, more")
    yield one("two like labels", changed(e, ("arms", "more", "label"), "none"), "arms", "'none'", "label")
    yield one("no arms", changed(e, ("arms",), {}), "arms", "at least 1")
    yield one("different horizons", changed(e, ("arms", "more", "years"), 7.0), "arms", "years")
    yield one(
        "arm with an unknown lever",
        changed(e, ("arms", "more", "programmes", "p"), {"family": "policing", "wekks": 3.0}),
        "arms.more",
        "wekks",
        '"weeks"',
    )
    yield one(
        "arm with a bad value",
        changed(e, ("arms", "more", "programmes", "p"), {"family": "policing", "weeks": 99.0}),
        "arms.more",
        "99.0",
        "at most 40",
    )
    yield one(
        "arm with an unknown mechanism",
        changed(e, ("arms", "more", "mechanisms"), {"mediatoin": False}),
        "mediatoin",
        '"mediation"',
    )
    yield one("arm with one side", changed(e, ("arms", "more", "region"), {"sides": ["North"]}), "arms.more", "sides")
    yield one("escape codes in a label", changed(e, ("arms", "more", "label"), "\x1b[31mred"), "label", "\\x1b")
    yield one("scenario nowhere", changed(e, ("scenario",), "nowhere.toml"), "nowhere.toml", "no such file")
    yield one("scenario not built in", changed(e, ("scenario",), "quiet-boarder"), "quiet-boarder", '"quiet-border"')
    yield one("scenario is an experiment", changed(e, ("scenario",), "e2.toml"), "experiment", beside={"e2.toml": document(e)})
    yield one("scenario is broken", e, "base.toml", "not valid TOML", beside={"base.toml": b"a = ["})
    yield one("an older format", changed(e, ("bridgework",), "experiment/0"), "bridgework", "experiment/1")


def _of_trials() -> Iterator[Broken]:
    """Trials that do not fit together."""
    base = {"base.toml": document(sound_scenario())}
    t = sound_trial()

    def one(what: str, table: dict[str, Any], *names: str, value: bool = True) -> Broken:
        return Broken("trial", what, document(table), names, value, base)

    def measure(name: str, **values: Any) -> dict[str, Any]:
        return changed(t, ("measures", name), {**t["measures"][name], **values})

    yield one("no such reference", changed(t, ("reference",), "non"), "reference", "'non'", "none, taught, drilled")
    yield one("an arm called twins", changed(t, ("arms", "twins"), {}), "arms", "twins")
    yield one("no arms", changed(t, ("arms",), {}), "arms", "at least 1")
    yield one("no measures", changed(t, ("measures",), {}), "measures", "at least 1")
    yield one(
        "a programme of no arm",
        changed(t, ("programmes", "idle"), {"family": "policing"}),
        "programmes",
        "'idle'",
        "[arms.NAME.programmes.idle]",
    )
    yield one(
        "a programme among changes",
        changed(t, ("changes", "programmes"), {"x": {"family": "policing"}}),
        "changes.programmes",
        "[programmes]",
    )
    yield one("years of one arm", changed(t, ("arms", "taught", "years"), 3.0), "arms.taught.years", "3.0", "[changes]")
    yield one(
        "a region of one arm", changed(t, ("arms", "taught", "region"), {"tension": 0.3}), "arms.taught.region", "[changes]"
    )
    yield one(
        "a programme under study edited",
        changed(t, ("changes", "edits"), {"later": {"week": 3, "programmes": {"course": {"joint_work": 0.9}}}}),
        "edits.later.programmes",
        "'course'",
    )
    yield one("shares beyond one", changed(t, ("assignment", "shares", "none"), 0.9), "assignment.shares", "none = 0.9")
    yield one("shares of nobody", changed(t, ("assignment", "shares", "some"), 0.1), "assignment.shares", "'some'")
    yield one("a share left out", without(t, ("assignment", "shares", "none")), "assignment.shares", "none")
    yield one("shares of the region", changed(t, ("assignment", "unit"), "region"), "assignment.shares")
    yield one("unit misspelt", changed(t, ("assignment", "unit"), "comunities"), "assignment.unit", '"communities"')
    yield one("an unknown lever", changed(t, ("programmes", "course", "wekks"), 3.0), "programmes.course.wekks", '"weeks"')
    yield one(
        "an unknown lever in an arm",
        changed(t, ("arms", "taught", "programmes", "course", "wekks"), 3.0),
        "arms.taught",
        "wekks",
        '"weeks"',
    )
    yield one(
        "a lever out of range",
        changed(t, ("programmes", "course", "weeks"), 99.0),
        "programmes.course.weeks",
        "99.0",
        "at most 40",
    )
    yield one(
        "an unknown parameter",
        changed(t, ("changes", "parameters", "contact"), {"bad_wieght": 2.0}),
        "changes",
        "bad_wieght",
        '"bad_weight"',
    )
    yield one("a family missing", without(t, ("programmes", "course", "family")), "programmes.course.family", "missing")
    yield one("a quantity misspelt", measure("early", of="wramth"), "measures.early.of", "'wramth'", '"warmth"')
    yield one("a quantity of others", measure("early", of="legitimacy"), "measures.early.of", "'legitimacy'", "warmth")
    yield one("an outcome misspelt", measure("force", of="force_rat"), "measures.force.of", "'force_rat'", '"force_rate"')
    yield one("d of a count", measure("early", of="friends"), "measures.early.statistic", "difference")
    yield one("hazard of a level", measure("adopted", of="practice"), "measures.adopted.of", "'practice'", "adopted")
    yield one("no quantity", without(t, ("measures", "early", "of")), "measures.early.of", "warmth")
    yield one("nobody", without(t, ("measures", "early", "among")), "measures.early.among", "participants")
    yield one("no such arm", measure("early", arm="tuaght"), "measures.early.arm", "'tuaght'", '"taught"')
    yield one("no such other arm", measure("early", against="nobody"), "measures.early.against", "'nobody'")
    yield one("which of three arms", without(t, ("measures", "early", "arm")), "measures.early.arm", "none, taught, drilled")
    yield one("compared with itself", measure("early", against="taught"), "measures.early.against", "'taught'", "twins")
    yield one("an empty band", measure("early", low=0.3), "measures.early.high", "0.2", "above low")
    yield one("a regression on nothing", measure("slope", on=[]), "measures.slope.on", "friends")
    yield one("a regression on itself", measure("slope", on=["warmth"]), "measures.slope.on.0", "'warmth'")
    yield one("a regression on what is not", measure("slope", on=["freinds"]), "measures.slope.on.0", '"friends"')
    yield one("a regression across towns", measure("slope", among="residents", of="trust"), "measures.slope.among", "'residents'")
    yield one("on without a regression", measure("early", on=["friends"]), "measures.early.on")
    yield one("a ratio of one", changed(t, ("measures", "kept", "measures"), ["late"]), "measures.kept.measures", "two measures")
    yield one(
        "a ratio of what is not",
        changed(t, ("measures", "kept", "measures"), ["late", "erly"]),
        "measures.kept.measures.1",
        '"early"',
    )
    yield one("a ratio among some", measure("kept", among="participants"), "measures.kept.among")
    yield one(
        "a ratio of itself", changed(t, ("measures", "kept", "measures"), ["late", "kept"]), "measures.kept.measures.1", "'kept'"
    )
    yield one("a half-life backwards", measure("kept", statistic="half-life"), "measures.kept.measures", "earlier first")
    yield one("a window that is none", measure("force", since=9), "measures.force.since", "9")
    yield one("a window of persons", measure("early", since=2), "measures.early.since")
    yield one("a window of no weeks", measure("force", since=0, week=0), "measures.force.week")
    yield one("a profession of participants", measure("early", profession="policing"), "measures.early.profession")
    yield one("links of persons", measure("early", linked=True), "measures.early.linked")
    yield one("a strength beyond one", measure("ties", strength=[0.5, 1.5]), "measures.ties.strength", "1.5")
    yield one("a strength of one end", measure("ties", strength=[0.5]), "measures.ties.strength", "at least 2")
    yield one("ties made by nobody", measure("ties", arm="none"), "measures.ties.among", "none")
    yield one("a region shared", measure("force", statistic="relative"), "measures.force.among", "region")
    yield one("longer than can be", measure("force", week=2080), "measures")
    yield one("workers share residents", changed(changed(t, ("assignment",), {"unit": "workers"}), ("measures",),
        {"r": {"among": "residents", "of": "trust", "arm": "taught"}}), "measures.r.against", "twins")  # fmt: skip
    yield one("workers share neighbours", changed(changed(t, ("assignment",), {"unit": "workers"}), ("measures",),
        {"n": {"among": "neighbours", "of": "warmth", "arm": "taught"}}), "measures.n.against", "twins")  # fmt: skip
    yield one(
        "workers share institutions", changed(t, ("assignment",), {"unit": "workers"}), "measures.adopted.among", "institutions"
    )
    yield one(
        "nobody enrolled on seeds of its own",
        changed(t, ("assignment",), {"unit": "region", "independent_seeds": True}),
        "measures.early.among",
        "none",
    )
    yield one("scenario nowhere", changed(t, ("scenario",), "nowhere.toml"), "nowhere.toml", "no such file")
    yield one("scenario is a trial", changed(t, ("scenario",), "file.toml"), "trial")
    yield one("seeds of one", changed(t, ("seeds",), 1), "seeds", "at least 2")
    yield one("an experiment", sound_experiment(), "bridgework", "experiment/1")
    for what, raw in (("cut off", document(t)[:200]), ("not UTF-8", b"\xff" + document(t)), ("no TOML", b"what\n" + document(t))):
        yield Broken("trial", what, raw, ("file",), beside=base)
    for said in ("", "trial", "trial/2", "trail/1"):
        yield one(f"format {said!r}", document_of(t, said), "bridgework")
    for name in NAMES:
        shown = name.encode("unicode_escape").decode() if not name.isprintable() else name
        part = "" if "\\" in name else shown[:20]
        for where in ("arms", "measures"):
            yield one(f"{where} named {name!r}", changed(t, (where, name), dict(next(iter(t[where].values())))), where, part)


def document_of(table: dict[str, Any], said: str) -> dict[str, Any]:
    """Return a table of another format."""
    return table | {"bridgework": said}


def broken_trials(count: int, seed: int = 0) -> list[Broken]:
    """Make `count` broken trials: all that are made by hand, and as many as are wanted of those that the schema yields."""
    rng, base = random.Random(seed), {"base.toml": document(sound_scenario())}
    table = sound_trial()
    rest = [*_of_keys("trial", table, TrialFile, base, rng), *_of_values("trial", table, TrialFile, base)]
    rng.shuffle(rest)
    return [*_of_trials(), *rest][:count]


def _of_files() -> Iterator[Broken]:
    """Files that are no files of ours."""
    t = sound_scenario()
    text = document(t)
    for kind, good in (("scenario", text), ("experiment", document(sound_experiment()))):
        for what, raw in (
            ("not UTF-8", b"\xff\xfe" + good),
            ("latin-1 within", good.replace(b"sound", b"s\xf6und")),
            ("cut off", good[: len(good) // 2]),
            ("binary", bytes(range(256)) * 4),
            ("a key twice", b'title = "again"\n' + good),
            ("no TOML", b"this is not toml\n" + good),
            ("a bracket missing", good.replace(b"}", b"", 1)),
            ("nested too deeply", b"x = " + b"[" * 3000 + b"]" * 3000),
        ):
            yield Broken(kind, what, raw, ("file",), value=what != "nested too deeply", beside={"base.toml": text})
        yield Broken(kind, "empty", b"", ("bridgework",))
        yield Broken(kind, "a comment only", b"# nothing\n", ("bridgework",))
        for said in ("", "scenario", "scenario/2", "bridge/1", "scenario/1 "):
            table = t if kind == "scenario" else sound_experiment()
            yield Broken(
                kind, f"format {said!r}", document(table | {"bridgework": said}), ("bridgework",), beside={"base.toml": text}
            )
    yield Broken("scenario", "an experiment", document(sound_experiment()), ("bridgework", "experiment/1"))
    yield Broken("experiment", "a scenario", text, ("bridgework", "scenario/1"))
    for target, beside, names in (
        ("nowhere.toml", {}, ("nowhere.toml", "no such file")),
        ("file.toml", {}, ("circle", "extend")),
        ("other.toml", {"other.toml": b'extend = "file.toml"\n'}, ("circle", "extend")),
        (
            "other.toml",
            {"other.toml": b'extend = "third.toml"\n', "third.toml": b'extend = "other.toml"\n'},
            ("circle", "extend"),
        ),
        ("other.toml", {"other.toml": b"\xff"}, ("other.toml", "UTF-8")),
        ("quite-border", {}, ("quite-border", '"quiet-border"')),
        ("/", {}, ("folder",)),
        ("https://example.org/x.toml", {}, ("no such file",)),
        ("~/secret.toml", {}, ("no such file",)),
    ):
        yield Broken("scenario", f"extend {target!r}", document({"extend": target} | t), names, beside=beside)
    for wrong in (3, True, ["quiet-border"], {"name": "quiet-border"}):
        yield Broken("scenario", f"extend = {wrong!r}", document({"extend": wrong} | t), ("extend", "must be text"))


def all_broken(seed: int = 0) -> list[Broken]:
    """Make every broken file there is."""
    rng = random.Random(seed)
    base = {"base.toml": document(sound_scenario())}
    out = [*_of_fit(), *_of_experiments(), *_of_files(), *_of_names(rng)]
    for kind, table, model, beside in (
        ("scenario", sound_scenario(), Scenario, {}),
        ("scenario", listed_scenario(), Scenario, {}),
        ("experiment", sound_experiment(), ExperimentFile, base),
    ):
        out += [*_of_keys(kind, table, model, beside, rng), *_of_values(kind, table, model, beside)]
    return out


def some_broken(count: int, seed: int = 0) -> list[Broken]:
    """Make `count` broken files: all that are made by hand, and as many as are wanted of those that the schema yields."""
    every = all_broken(seed)
    first = len([*_of_fit(), *_of_experiments(), *_of_files(), *_of_names(random.Random(seed))])
    rest = every[first:]
    random.Random(seed).shuffle(rest)
    return (every[:first] + rest)[:count]


if __name__ == "__main__":
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    for number, broken in enumerate(some_broken(count)):
        place = folder / f"{number:04d}"
        place.mkdir(parents=True, exist_ok=True)
        for name, raw in broken.beside.items():
            (place / name).write_bytes(raw)
        (place / "file.toml").write_bytes(broken.text)
        (place / "what.txt").write_text(f"{broken.kind}: {broken.what}\n", "utf-8")
