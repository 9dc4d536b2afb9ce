"""Compile all rules before worker processes start."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from sim.compiled import CACHE_FOLDER, is_warm, note_warm
from sim.interrupts import interrupts
from sim.levers import OrganizingLevers, PolicingLevers, PublicServiceLevers, SocialWorkLevers
from sim.registry import registered
from sim.scenario.programme import Programme
from sim.scenario.schema import Scenario
from sim.week.observe import strongest_tie
from sim.week.schedule import WEEK
from sim.world.build import build_world
from sim.world.world import World


def warm_up(scenario: Scenario) -> None:
    """Compile every rule that is not yet, by living a few weeks in a small region, so that worker processes find them compiled.

    Where there are two cores, a second process compiles the rules from the end of the week, until both meet.

    Parameters
    ----------
    scenario : Scenario
        Any of those that will be lived; rules are compiled for its number of sides.

    Raises
    ------
    KeyboardInterrupt
        If interrupted, once the rule in hand is compiled: the compiler does not bear it in the middle of one.
    """
    if is_warm():
        return
    sides = list(scenario.region.sides)
    with interrupts() as stopped, _from_the_end(sides):
        world = _small_world(sides)
        while not world.finished:
            world.tally[:] = 0.0
            for _, rule in WEEK:
                rule(world)
                if stopped():
                    raise KeyboardInterrupt
            world.week += 1
        posts = np.zeros(1, np.int64)
        strongest_tie(world.at, posts, world.week, np.empty(1))
    note_warm()


@contextlib.contextmanager
def _from_the_end(sides: list[str]) -> Iterator[None]:
    """Let another process compile the rules of a week, the last ones first, where it would help and what it compiles can be kept."""
    if is_warm() or CACHE_FOLDER is None or registered().files or (os.cpu_count() or 1) < 2:
        yield
        return
    code = f"from sim.lab.warmup import compile_backwards; compile_backwards({sides!r})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:  # noqa: S603
        try:
            yield
        finally:
            other.kill()


def compile_backwards(sides: list[str]) -> None:
    """Compile the rules of a week, the last ones first."""
    world = _small_world(sides)
    for _, rule in reversed(WEEK):
        rule(world)


def _small_world(sides: list[str]) -> World:
    """Build a small region with programmes of all professions."""
    levers = {
        "mentoring": 0.5,
        "alumni_support": 1.0,
        "joint_centre": 1.0,
        "evaluation": 0.5,
        "refreshers": 1.0,
        "weeks": 3.0,
        "leadership_work": 0.5,
    }
    own = {"standards": 0.5, "recognition": 1.0, "placements": 0.5, "simulations": 1.0, "bridge_figures": 1.0}
    welfare = dict.fromkeys(SocialWorkLevers._fields, 0.25)
    public = dict.fromkeys(PublicServiceLevers._fields, 1.0)
    movement = dict.fromkeys(OrganizingLevers._fields, 0.25) | {"campaigns": 1.0}
    police = dict.fromkeys(PolicingLevers._fields, 0.25)
    table = {
        "bridgework": "scenario/1",
        "title": "warm-up",
        "years": 0.4,
        "burn_in_weeks": 1,
        "region": {
            "sides": sides,
            "layout": {"communities_per_side": 3, "population": 4000},
            "institutions": {
                "enterprise": {"per_community": 2, "staff": 8},
                "welfare_office": {"per_community": 1, "staff": 6},
                "municipality": {"per_community": 1, "staff": 6},
                "police_service": {"per_community": 1, "staff": 6},
                "movement": {"per_community": 1, "staff": 6},
            },
        },
        "parameters": {"vocational": {"project_founding": 0.3}, "incidents": {"everyday_rate": 0.12}},
    }
    small = Scenario.model_validate(table)
    programme = Programme.model_validate({"family": "vocational", "annual_budget": 2e6, "vocational": own, **levers})
    offices = Programme.model_validate({"family": "social_work", "annual_budget": 2e6, "social_work": welfare, **levers})
    pilots = Programme.model_validate({"family": "public_service", "annual_budget": 3e6, "public_service": public, **levers})
    patrols = Programme.model_validate({"family": "policing", "annual_budget": 2e6, "policing": police, **levers})
    campaigns = Programme.model_validate({"family": "organizing", "annual_budget": 2e6, "organizing": movement, **levers})
    return build_world(
        small.model_copy(
            update={
                "programmes": {
                    "warm-up": programme,
                    "offices": offices,
                    "pilots": pilots,
                    "patrols": patrols,
                    "campaigns": campaigns,
                }
            }
        ),
        1,
    )
