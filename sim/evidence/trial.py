"""Trials with their worlds resolved.

Arms that are assigned to workers, institutions or communities live side by side in one world; arms that are given to the whole region, or
differ in more than programmes, each have a world of their own, on the same seeds.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError, Words, checked_count
from sim.evidence.trial_file import TrialFile
from sim.scenario.faults import Layer, validated
from sim.scenario.reading import anchor, find, laid_together, make_scenario, overlay, read_toml, scenario_layers
from sim.scenario.schema import Scenario

MOST_WEEKS = 40 * 52
"""Weeks that a scenario can last."""


@dataclass(frozen=True, slots=True)
class TrialWorld:
    """A world that has to be lived for a trial.

    Attributes
    ----------
    scenario : Scenario
        What it is made of.
    arms : dict of str to tuple of str
        Arms that live in it, with the names of their programmes there; empty for a twin.
    apart : int
        Number of its own seeds, where arms are on seeds of their own; 0 otherwise.
    """

    scenario: Scenario
    arms: dict[str, tuple[str, ...]]
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial with its worlds resolved.

    Attributes
    ----------
    name : str
        Stem of its file.
    file : TrialFile
        What the file says.
    worlds : list of TrialWorld
        Each with its twin next to it: the same world without the programmes under study.
    start : int
        Week in which the first programme under study begins.
    weeks : int
        Weeks of the horizon that are lived.
    """

    name: str
    file: TrialFile
    worlds: list[tuple[TrialWorld, TrialWorld]]
    start: int
    weeks: int

    @property
    def seeds(self) -> range:
        """Seeds of the worlds."""
        return range(self.file.first_seed, self.file.first_seed + self.file.seeds)

    def world_of(self, arm: str) -> int:
        """Return the number of the world in which an arm lives."""
        return next(k for k, (world, _) in enumerate(self.worlds) if arm in world.arms)


def load_trial(name: str | Path, seeds: int | None = None) -> Trial:
    """Read and check a trial, and resolve the worlds of its arms.

    Parameters
    ----------
    name : str or pathlib.Path
        A path ending in ``.toml``, or the name of a built-in trial.
    seeds : int, optional
        Number of worlds instead of the file's.

    Raises
    ------
    InputError
        If anything is wrong with it.
    """
    path = find("trials", name)
    file = validated(TrialFile, read_toml(path), str(path))
    if seeds is not None:
        file = file.model_copy(update={"seeds": checked_count(seeds, "seeds", 2, 100_000)})
    below = scenario_layers(file.scenario, path, "scenario")
    changes = file.changes.changes()
    anchor(changes, path)
    layers = [Layer(f"{path}: changes", changes), *below]
    alone = {arm: _alone(path, file, arm, layers) for arm in file.arms}
    under_study = [p for arm, said in file.arms.items() for name, p in alone[arm].programmes.items() if name in said.programmes]
    start = min((p.start_week for p in under_study), default=0)
    weeks = start + file.weeks_needed() + max((round(p.weeks) for p in under_study), default=0)
    if weeks > MOST_WEEKS:
        right = f"at most {MOST_WEEKS} weeks in all"
        raise InputError("too long", where=f"{path}: measures", value=Words(f"{weeks} weeks"), right=right)
    groups: dict[str, list[str]] = {}
    for arm, said in file.arms.items():
        own = arm if file.assignment.unit == "region" else repr({k: v for k, v in said.changes().items() if k != "programmes"})
        groups.setdefault(own, []).append(arm)
    worlds = []
    for number, arms in enumerate(groups.values()):
        made, twin, names = _shared(path, file, arms, alone)
        years = {"years": max(made.years, weeks / 52.0)}
        apart = number if file.assignment.independent_seeds else 0
        worlds.append(
            (TrialWorld(made.model_copy(update=years), names, apart), TrialWorld(twin.model_copy(update=years), {}, apart))
        )
    return Trial(path.stem, file, worlds, start, weeks)


def _shared(
    path: Path, file: TrialFile, arms: list[str], alone: dict[str, Scenario]
) -> tuple[Scenario, Scenario, dict[str, tuple[str, ...]]]:
    """Put the programmes of some arms into one scenario, each under a name of its own; return it, its twin without them, and the names."""
    one = alone[arms[0]]
    background = {name: p for name, p in one.programmes.items() if name not in file.arms[arms[0]].programmes}
    together, names = dict(background), {}
    for arm in arms:
        renamed = {name: f"{name}, {arm}" if len(arms) > 1 else name for name in file.arms[arm].programmes}
        names[arm] = tuple(renamed.values())
        for name, edit in alone[arm].edits.items():
            lost = [of for of in edit.programmes if renamed.get(of, of) != of]
            if lost:
                where = f"{path}: changes.edits.{name}.programmes"
                right = 'assignment.unit = "region"; arms that live in one world cannot have their programmes edited'
                raise InputError("a programme under study cannot be edited here", where=where, value=lost[0], right=right)
        for name, new in renamed.items():
            programme = alone[arm].programmes[name]
            held = programme.cohorts_with
            together[new] = programme if held is None else programme.model_copy(update={"cohorts_with": renamed.get(held, held)})
    return one.model_copy(update={"programmes": together}), one.model_copy(update={"programmes": background}), names


def _alone(path: Path, file: TrialFile, arm: str, layers: list[Layer]) -> Scenario:
    """Make the scenario of an arm as it would be if the whole region were given it."""
    said = file.arms[arm].changes()
    anchor(said, path)
    named = {name for other in file.arms.values() for name in other.programmes}
    base = laid_together(layers)
    theirs = base.get("programmes", {})
    kept = {name: table for name, table in theirs.items() if name not in named}
    own = said.get("programmes", {})
    templates = {name: overlay(theirs.get(name, {}), file.programmes.get(name, {})) for name in own}
    with_own = [
        Layer(f"{path}: arms.{arm}", said),
        Layer(str(path), {"programmes": templates}),
        *layers,
    ]
    table = laid_together([Layer("", said), Layer("", base | {"programmes": kept | templates})])
    for name, programme in own.items():
        if not templates[name] and "family" not in programme:
            there = sorted({*theirs, *file.programmes})
            near = difflib.get_close_matches(name, there, 1)
            right = (
                f'did you mean "{near[0]}"?'
                if near
                else f"[programmes.{name}] with its family" + "".join(f", or {n}" for n in there)
            )
            raise InputError("no such programme", where=f"{path}: arms.{arm}.programmes", value=name, right=right)
        held = programme.get("cohorts_with", templates[name].get("cohorts_with"))
        if held is not None and held not in own and held in named:
            raise InputError("held with a programme that this arm does not have", where=f"{path}: arms.{arm}.programmes.{name}.cohorts_with",
                value=held, right=f"one of: {', '.join([*own, *kept])}")  # fmt: skip
    years = table.get("years", Scenario.model_fields["years"].default)
    if isinstance(years, int | float) and not isinstance(years, bool):
        table["years"] = max(float(years), min(file.weeks_needed(), MOST_WEEKS) / 52.0)
    return make_scenario(table, with_own)
