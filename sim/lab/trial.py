"""Live a few weeks with registered rules before a study begins, so that a fault in one is told at once and by its place."""

from __future__ import annotations

import traceback
from typing import Any

from sim.errors import InputError
from sim.own import registered
from sim.scenario.schema import Scenario
from sim.week.schedule import steps
from sim.world.build import build_world
from sim.world.world import World

WEEKS = 3
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
        If one of them fails, or leaves a state that is no number or out of its range.
    """
    if not scenario.named:
        return
    for before in (scenario.burn_in_weeks, 0):
        world = build_world(scenario.model_copy(update={"burn_in_weeks": before}), 0)
        for _ in range(WEEKS):
            world.tally[:] = 0.0
            for name, rule in steps(scenario.named):
                _lived(world, name, rule)
            world.week += 1


def _lived(world: World, step: str, rule: Any) -> None:
    """Live one step; tell what is wrong if it is one that was registered."""
    own, name = registered(), step
    for family in own.families:
        if rule is family.live:
            name = family.family.name
    if name not in own.files:
        rule(world)
        return
    where = f"{own.files[name]}: {name}, in week {world.week}"
    try:
        rule(world)
    except Exception as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == own.files[name]]
        place = f"{own.files[name]}: line {lines[-1]}: {name}, in week {world.week}" if lines else where
        said = f"{type(error).__name__}: {error}"
        raise InputError(f"the rule fails: {said}", where=place, right=_advice(error)) from error
    for table, names in STATES.items():
        for column in names:
            values = getattr(getattr(world, table), column)
            bad = values[~((values >= 0.0) & (values <= 1.0))]
            if bad.size:
                raise InputError(
                    f"leaves {table}.{column} out of its range",
                    where=where,
                    value=float(bad.flat[0]),
                    right="numbers from 0 to 1",
                )


def _advice(error: Exception) -> str:
    if isinstance(error, AttributeError) and "set attribute" in str(error):
        return "to write into a column in place: world.communities.trust[:] = …, or [rows] = …"
    if isinstance(error, IndexError) and "axis 1" in str(error):
        return "columns for each other side have one place per other side: sim.own.other_of(world, here, there) tells which"
    if "NRT required" in str(error):
        return "compiled functions that make no lists or arrays; give them arrays to write into"
    return "a rule that lives through every week, from the burn-in (weeks below 0) on"
