"""Live a few weeks with registered rules before a study begins, so that a fault in one is told at once and by its place.

They are lived twice, side by side: a rule that does not do the same in the same world draws numbers without a key, or remembers another run.
"""

from __future__ import annotations

import contextlib
import difflib
import random
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.registry import registered
from sim.scenario.schema import Scenario
from sim.week.schedule import steps
from sim.world.build import build_world
from sim.world.world import World

WEEKS = 3
KEYED = (
    'numbers drawn by key, such as world.draws.fill("mine", world.week, world.crossings.key)[:, 0], instead of those of Python or NumPy; '
    "and nothing kept outside the world"
)
STATES = {
    "communities": ("trust", "grievance", "legitimacy", "livelihoods", "services", "memory"),
    "institutions": ("capability", "openness", "buy_in", "partnership", "practice", "accountability", "rapport"),
    "workers": ("warmth", "trust", "competence", "skill", "conduct", "identity", "strain"),
    "crossings": ("tension",),
}
"""Columns that have to stay from 0 to 1."""


def try_out(scenario: Scenario) -> None:
    """Live the first weeks of a scenario's burn-in and of its horizon with the registered rules that it names.

    Raises
    ------
    InputError
        If one of them fails, leaves a state that is no number or out of its range, or does otherwise the second time.
    """
    _strike_once(scenario)
    if not scenario.named:
        return
    for before in (scenario.burn_in_weeks, 0):
        one, other = (build_world(scenario.model_copy(update={"burn_in_weeks": before}), 0) for _ in range(2))
        for _ in range(WEEKS):
            for world in (one, other):
                world.tally[:] = 0.0
            for _, rule in steps(scenario.named):
                name = _name_of(rule)
                for world in (one, other):
                    _lived(world, name, rule)
                if name:
                    _check_same(one, other, name)
            for world in (one, other):
                world.week += 1


def _strike_once(scenario: Scenario) -> None:
    """Let each registered shock of a scenario strike once."""
    own = registered()
    for shock in scenario.shocks.values():
        if shock.kind in own.shocks:
            sides = [scenario.region.sides.index(side) for side in shock.sides or scenario.region.sides]
            world = build_world(scenario, 0)
            for first in (True, False):
                _lived(world, shock.kind, lambda w, s=shock, f=first: own.shocks[s.kind].strike(w, s, sides, f))  # noqa: B023


def _name_of(rule: Any) -> str:
    """Name by which what a step does was registered; empty for those of the package."""
    own = registered()
    theirs = {family.live: family.family.name for family in own.families} | {one.live: one.name for one in own.rules.values()}
    return theirs.get(rule, "")


def _check_same(one: World, other: World, name: str) -> None:
    """Check that a rule has done the same to two worlds that were the same before."""
    pairs = {
        f"{table}.{column}": [getattr(getattr(w, table), column) for w in (one, other)]
        for table in STATES
        for column in STATES[table]
    }
    pairs["the week's series"] = [one.tally, other.tally]
    for column, (a, b) in pairs.items():
        if not np.array_equal(a, b, equal_nan=True):
            raise InputError(
                f"the rule does otherwise in the same world: {column}",
                where=f"{registered().files[name]}: {name}, in week {one.week}",
                right=KEYED,
            )


def _lived(world: World, name: str, rule: Any) -> None:
    """Live one step; tell what is wrong if it is one that was registered."""
    own = registered()
    if name not in own.files:
        rule(world)
        return
    where = f"{own.files[name]}: {name}, in week {world.week}"
    try:
        with _no_other_chance():
            rule(world)
    except Exception as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == own.files[name]]
        place = f"{own.files[name]}: line {lines[-1]}: {name}, in week {world.week}" if lines else where
        said = f"{type(error).__name__}: {error}"
        raise InputError(f"it fails: {said}", where=place, right=_advice(error)) from error
    check_levels(world, where)


def check_levels(world: World, where: str) -> None:
    """Check that all levels are from 0 to 1.

    Raises
    ------
    InputError
        If one is not.
    """
    for table, names in STATES.items():
        for column in names:
            values = getattr(getattr(world, table), column)
            bad = values[~((values >= 0.0) & (values <= 1.0))]
            if bad.size:
                what, right = f"leaves {table}.{column} out of its range", "numbers from 0 to 1, such as np.clip(…, 0.0, 1.0)"
                raise InputError(what, where=where, value=float(bad.flat[0]), right=right)


class OtherChanceError(Exception):
    """Random numbers that are not drawn by key."""


@contextlib.contextmanager
def _no_other_chance() -> Iterator[None]:
    """Refuse the random numbers of Python and NumPy: those of a fixed seed would be the same in all worlds."""

    def refused(*_: Any, **__: Any) -> None:
        raise OtherChanceError("random numbers of Python or NumPy")

    before = [(module, name, getattr(module, name)) for module, names in _CHANCE.items() for name in names]
    for module, name, _ in before:
        setattr(module, name, refused)
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


_CHANCE = {
    np.random: (
        "default_rng",
        "random",
        "rand",
        "randn",
        "normal",
        "uniform",
        "choice",
        "randint",
        "poisson",
        "binomial",
        "seed",
    ),
    random: ("random", "uniform", "choice", "choices", "sample", "shuffle", "randint", "gauss", "seed", "Random"),
}


def _advice(error: Exception) -> str:
    if isinstance(error, OtherChanceError):
        return KEYED
    if isinstance(error, AttributeError) and "set attribute" in str(error):
        return "to write into a column in place: world.communities.trust[:] = …, or [rows] = …"
    if isinstance(error, IndexError) and "axis 1" in str(error):
        return "columns for each other side have one place per other side: sim.own.other_of(world, here, there) tells which"
    if "NRT required" in str(error):
        return "compiled functions that make no lists or arrays; give them arrays to write into"
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        there = [name for name in dir(error.obj) if not name.startswith("_")]
        near = difflib.get_close_matches(error.name, there, 1)
        return (
            f'did you mean "{near[0]}"? ' if near else ""
        ) + f"there are: {', '.join(there[:40])}{' ...' if len(there) > 40 else ''}"
    return "what lives through every week, from the burn-in (weeks below 0) on"
