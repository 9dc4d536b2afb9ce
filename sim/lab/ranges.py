"""Effects under the default parameters and across their declared ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.families import FAMILIES
from sim.lab.experiment import Experiment
from sim.lab.parallel import mapped
from sim.lab.participants import Gain, follow
from sim.lab.run import run
from sim.lab.trial import try_out
from sim.lab.warmup import warm_up
from sim.outcomes import PRIMARY
from sim.own import registered
from sim.parameters import all_parameters
from sim.scenario.reading import overlay
from sim.scenario.schema import ParameterOverrides, Scenario
from sim.scenario.stability import check_stability

FIRST_SEED = 1


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
    what another sets otherwise than it stays as that one sets it.
    """
    from scipy.stats import qmc

    rows = all_parameters()
    low, high = np.array([r.declared.low for r in rows]), np.array([r.declared.high for r in rows])
    kept: list[dict[str, dict[str, float]]] = []
    refused = 0
    sampler = qmc.LatinHypercube(len(rows), rng=np.random.default_rng(seed))
    while len(kept) < count:
        for point in qmc.scale(sampler.random(count), low, high):
            table: dict[str, dict[str, float]] = {}
            for row, value in zip(rows, point, strict=True):
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


def _gain(task: tuple[str, int]) -> Gain:
    return follow(Scenario.model_validate_json(task[0]), task[1])


def _measured(task: tuple[str, int, tuple[str, ...]]) -> dict[str, float]:
    outcomes = run(Scenario.model_validate_json(task[0]), task[1]).outcomes
    return {name: outcomes[name] for name in task[2]}


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
    default_seeds = range(FIRST_SEED, FIRST_SEED + seeds)

    def text(scenario: Scenario) -> str:
        return scenario.model_dump_json(exclude_none=True)

    names = tuple(dict.fromkeys([*PRIMARY, *(name for scenario in arms.values() for name in own_outcomes(scenario))]))
    base = mapped(_measured, [(text(reference), s, names) for s in default_seeds], processes, tick)
    lived = [(k, t, 1000 + k * worlds + w) for k, t in enumerate(found.draws) for w in range(worlds)]
    varied_base = [(text(with_parameters(reference, t)), seed, names) for _, t, seed in lived]
    base_across = mapped(_measured, varied_base, processes, tick)
    out = {}
    for arm, scenario in arms.items():
        own, shown = own_parameters(scenario, reference), (*PRIMARY, *own_outcomes(scenario))
        varied = [(text(with_parameters(scenario, overlay(t, own))), seed) for _, t, seed in lived]
        followed = mapped(_gain, [(text(scenario), s) for s in default_seeds], processes, tick) if gains else []
        spread = mapped(_gain, varied[::worlds], processes, tick) if gains else []
        if arm == experiment.file.reference:
            out[arm] = Effects(followed, spread, {}, {})
            continue
        default = mapped(_measured, [(text(scenario), s, shown) for s in default_seeds], processes, tick)
        across = mapped(_measured, [(*task, shown) for task in varied], processes, tick)
        of_draw = _differences(across, base_across)
        mean = {name: values.reshape(draws, worlds).mean(axis=1) for name, values in of_draw.items()}
        out[arm] = Effects(followed, spread, _differences(default, base), mean)
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
