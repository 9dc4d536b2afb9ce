"""Effects under the default parameters and across their declared ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.declare import Declaration
from sim.errors import InputError
from sim.families import FAMILIES
from sim.lab.experiment import Experiment
from sim.lab.parallel import mapped
from sim.lab.participants import Gain, follow
from sim.lab.run import run
from sim.lab.trial import try_out
from sim.lab.warmup import warm_up
from sim.outcomes import PRIMARY
from sim.parameters import all_parameters
from sim.registry import own_paths, registered
from sim.scenario.reading import overlay
from sim.scenario.schema import ParameterOverrides, Scenario
from sim.scenario.stability import check_stability

FIRST_SEED = 1


LATER = frozenset(f"incidents.{name}" for name in ("stand_down", "quiet_deaths", "take_up", "peace_presence"))
"""Parameters of a mechanism that is off unless asked for: drawn apart, so that all others are drawn as before there was one."""


@dataclass(frozen=True, slots=True)
class Futures:
    """Parameter vectors drawn from the declared ranges.

    Attributes
    ----------
    draws : list of dict
        Overrides by room and name.
    refused : int
        Draws that were left out because violence would have fed itself.
    seeds : int
        Worlds under the defaults that stand beside them.
    worlds : int
        Pairs of worlds for each vector.
    """

    draws: list[dict[str, dict[str, float]]]
    refused: int
    seeds: int = 0
    worlds: int = 1


def futures(scenarios: list[Scenario], count: int, seed: int = 0) -> Futures:
    """Draw parameter vectors by a Latin hypercube over all declared ranges.

    A vector under which any of the scenarios fails the stability rule is replaced and counted. The first scenario is the reference:
    what another sets otherwise than it stays as that one sets it. Parameters of registered rules have a hypercube of their own, so that
    the others are drawn alike with and without them; so do those of `LATER`. Those of rival assumptions are not drawn.
    """
    named = {name for scenario in scenarios for name in scenario.named}
    own = own_paths()
    groups = [
        [row for row in all_parameters() if row.path not in own and row.path not in LATER and not row.declared.rival],
        [row for row in all_parameters() if own.get(row.path) in named],
        [row for row in all_parameters() if row.path in LATER],
    ]
    samplers = [_sampler(rows, [seed, k] if k else seed) for k, rows in enumerate(groups)]
    kept: list[dict[str, dict[str, float]]] = []
    refused = 0
    while len(kept) < count:
        for points in zip(*(sample(count) for sample in samplers), strict=True):
            table: dict[str, dict[str, float]] = {}
            for row, value in zip([row for rows in groups for row in rows], np.concatenate(points), strict=True):
                table.setdefault(row.room, {})[row.name] = float(value)
            try:
                for scenario in scenarios:
                    check_stability(with_parameters(scenario, overlay(table, own_parameters(scenario, scenarios[0]))), "draw")
            except InputError:
                refused += 1
                continue
            if len(kept) < count:
                kept.append(table)
    return Futures(kept, refused)


def _sampler(rows: list[Declaration], seed: int | list[int]) -> Callable[[int], np.ndarray]:
    """Return what draws vectors over the ranges of some parameters, as many at a time as it is asked for."""
    from scipy.stats import qmc

    if not rows:
        return lambda count: np.empty((count, 0))
    hypercube = qmc.LatinHypercube(len(rows), rng=np.random.default_rng(seed))
    low, high = [row.declared.low for row in rows], [row.declared.high for row in rows]
    return lambda count: np.asarray(qmc.scale(hypercube.random(count), low, high))


def own_parameters(scenario: Scenario, reference: Scenario) -> dict[str, dict[str, float]]:
    """Return the parameters that an arm sets otherwise than the reference arm."""
    theirs = reference.parameters_with([])
    out: dict[str, dict[str, float]] = {}
    given: Any = scenario.parameters
    if given is not None:
        for room, values in given.model_dump(exclude_none=True).items():
            differing = {name: v for name, v in values.items() if v != getattr(getattr(theirs, room), name)}
            if differing:
                out[room] = differing
    return out


def with_parameters(scenario: Scenario, table: dict[str, dict[str, float]]) -> Scenario:
    """Return a scenario with other parameters; those of registered rules that take no part in it are left out."""
    absent = registered().rooms.keys() - set(scenario.named)
    table = {room: values for room, values in table.items() if room not in absent}
    values = scenario.model_dump(mode="json", exclude_none=True) | {
        "parameters": ParameterOverrides.model_validate(table).model_dump(exclude_none=True)
    }
    return Scenario.model_validate(values, strict=False)


def _done(task: tuple[str, int, tuple[str, ...]]) -> Gain | dict[str, float]:
    """Live one world and return the outcomes that are named; or, if none is, follow its participants."""
    scenario, names = Scenario.model_validate_json(task[0]), task[2]
    if not names:
        return follow(scenario, task[1])
    outcomes = run(scenario, task[1]).outcomes
    return {name: outcomes[name] for name in names}


def own_outcomes(scenario: Scenario) -> tuple[str, ...]:
    """Return the outcomes that show flow, trigger and damper of each family that has a programme in a scenario."""
    at_work = {programme.family for programme in scenario.programmes.values()}
    return tuple(name for family in FAMILIES if family.name in at_work for name in (family.flow, family.trigger, family.damper))


@dataclass(frozen=True, slots=True)
class Effects:
    """What `effects_of` finds, for one arm.

    Attributes
    ----------
    gains : list of Gain
        One per seed, under the defaults.
    spread : list of Gain
        One per future.
    default : dict
        Primary outcomes, and those of its families' flow, trigger and damper, to paired differences from the reference arm, one per seed;
        empty for that arm itself.
    across : dict
        The same, one per future: the mean of its pairs of worlds.
    """

    gains: list[Gain]
    spread: list[Gain]
    default: dict[str, np.ndarray]
    across: dict[str, np.ndarray]


def effects_of(
    experiment: Experiment,
    seeds: int,
    draws: int,
    processes: int | None,
    tick: Callable[[], None],
    *,
    gains: bool = True,
    worlds: int = 1,
) -> tuple[dict[str, Effects], Futures]:
    """Measure reach, participants' gains and primary effects of every arm with a programme, under the defaults and across all ranges.

    Parameters
    ----------
    experiment : Experiment
        Its reference arm is what the others are compared with.
    seeds : int
        Seeds under the defaults.
    draws : int
        Parameter vectors across the ranges, each with seeds of its own.
    processes : int, optional
        Worker processes; all cores if not given.
    tick : callable
        Called after each piece of work, see `steps`.
    gains : bool
        Whether to follow participants too, which takes two thirds of the time.
    worlds : int
        Pairs of worlds for each vector, over which primary and own outcomes are averaged.
    """
    warm_up(next(iter(experiment.scenarios.values())))
    for scenario in experiment.scenarios.values():
        try_out(scenario)
    reference = experiment.scenarios[experiment.file.reference]
    arms = _compared(experiment, gains=gains)
    found = futures([reference, *(s for s in arms.values() if s is not reference)], draws)
    own = {arm: own_parameters(scenario, reference) for arm, scenario in arms.items()}
    lived = [(t, 1000 + k * worlds + w) for k, t in enumerate(found.draws) for w in range(worlds)]

    def worlds_of(scenario: Scenario, own: dict[str, dict[str, float]], each: int = 1) -> list[tuple[str, int]]:
        """List the worlds of an arm: under the defaults, then across the ranges."""
        text = scenario.model_dump_json(exclude_none=True)
        varied = [(with_parameters(scenario, overlay(t, own)), seed) for t, seed in lived[::each]]
        return [
            *((text, seed) for seed in range(FIRST_SEED, FIRST_SEED + seeds)),
            *((s.model_dump_json(exclude_none=True), seed) for s, seed in varied),
        ]

    shown = {arm: (*PRIMARY, *own_outcomes(scenario)) for arm, scenario in arms.items()}
    every = tuple(dict.fromkeys([*PRIMARY, *(name for names in shown.values() for name in names)]))
    jobs: dict[tuple[str, str], list[tuple[str, int, tuple[str, ...]]]] = {}
    jobs["", "compared"] = [(*world, every) for world in worlds_of(reference, {})]
    for arm, scenario in arms.items():
        jobs[arm, "followed"] = [(*world, ()) for world in worlds_of(scenario, own[arm], worlds)] if gains else []
        if arm != experiment.file.reference:
            jobs[arm, "compared"] = [(*world, shown[arm]) for world in worlds_of(scenario, own[arm])]
    answers = iter(mapped(_done, [task for tasks in jobs.values() for task in tasks], processes, tick))
    done = {job: [next(answers) for _ in tasks] for job, tasks in jobs.items()}
    base, out = done["", "compared"], {}
    for arm in arms:
        followed = done[arm, "followed"]
        differences = _differences(done[arm, "compared"], base) if (arm, "compared") in done else {}
        default = {name: values[:seeds] for name, values in differences.items()}
        across = {name: values[seeds:].reshape(draws, worlds).mean(axis=1) for name, values in differences.items()}
        out[arm] = Effects(followed[:seeds], followed[seeds:], default, across)
    return out, replace(found, seeds=seeds, worlds=worlds)


def _differences(own: list[dict[str, float]], base: list[dict[str, float]]) -> dict[str, np.ndarray]:
    return {name: np.array([a[name] - b[name] for a, b in zip(own, base, strict=True)]) for name in own[0]}


def steps(experiment: Experiment, seeds: int, draws: int, *, gains: bool = True, worlds: int = 1) -> int:
    """Pieces of work of `effects_of`."""
    arms = _compared(experiment, gains=gains)
    compared = 1 + len(arms) - (experiment.file.reference in arms)
    return (seeds + draws * worlds) * compared + (seeds + draws) * gains * len(arms)


def _compared(experiment: Experiment, *, gains: bool) -> dict[str, Scenario]:
    """Arms whose effects are measured: those with a programme; all, where nobody is followed."""
    return {arm: s for arm, s in experiment.scenarios.items() if s.programmes or (not gains and arm != experiment.file.reference)}
