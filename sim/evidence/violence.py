"""Lethal events of simulated regions, held against what was recorded (EVIDENCE F1, F3) with the same estimators.

Each run is one region observed over the horizon. Where both self-excitation and a drifting baseline are at work, the region is also
lived with either alone, since counts cannot tell them apart (F2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.evidence.estimates import jackknife
from sim.evidence.events import Clustering, clustering
from sim.evidence.quantities import EVENTS, Events
from sim.evidence.trial import load_trial
from sim.lab.parallel import mapped
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.scenario.schema import MechanismSwitches, Scenario


@cache
def bands() -> dict[str, tuple[float, float]]:
    """Return the bands of EVIDENCE F1 (deaths per lethal event) and F3 (weekly counts, means over regions), as the trials have them."""
    measures = [m for name in ("f1-deaths", "f3-weekly-counts") for m in load_trial(name).file.measures.values()]
    return {m.of: (m.low, m.high) for m in measures if m.low is not None and m.high is not None}


ALONE = {
    "both at work": {},
    "echoes alone": {"drifting_baseline": False},
    "drift alone": {"self_excitation": False},
}

FEWEST_WORLDS = 5
"""Worlds below which no interval is given."""


@dataclass(frozen=True, slots=True)
class Violence:
    """Lethal events of many worlds of one scenario.

    Attributes
    ----------
    label : str
        Which scenario, and which variant.
    worlds : list of Events
        Events of each world.
    residents : float
        Population.
    """

    label: str
    worlds: list[Events]
    residents: float

    @property
    def deaths(self) -> NDArray[np.int64]:
        """Deaths of every lethal event of all worlds."""
        return np.concatenate([world.deaths for world in self.worlds])

    @property
    def clusterings(self) -> list[Clustering]:
        """How the weekly counts of each world cluster."""
        return [clustering(world.counts()) for world in self.worlds]

    def measures(self) -> dict[str, float]:
        """Return each measure of `bands`; NaN where there are too few events for one."""
        return {of: EVENTS[of].of([EVENTS[of].measure(world) for world in self.worlds]) for of in bands()}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return a 95 % interval of each measure: what other worlds of the same scenario might have given.

        By the jackknife over worlds (each left out in turn), which does not serve for a median; NaN there, and where there are too few
        worlds or events.
        """
        out = dict.fromkeys(bands(), (math.nan, math.nan))
        if len(self.worlds) < FEWEST_WORLDS:
            return out
        for of, whole in self.measures().items():
            if of != "median deaths":
                parts = [EVENTS[of].measure(world) for world in self.worlds]
                left = [EVENTS[of].of(parts[:k] + parts[k + 1 :]) for k in range(len(parts))]
                interval = jackknife(whole, np.array(left))
                out[of] = (interval.low, interval.high)
        return out

    @property
    def yearly(self) -> float:
        """Lethal events per 100,000 residents and year."""
        return float(np.mean([region.rate for region in self.clusterings]) * 52.0 / self.residents * 1e5)


def variants(scenario: Scenario) -> dict[str, Scenario]:
    """Return a scenario as it is and, where both ways of clustering are on, with either of them alone."""
    given: dict[str, bool] = {} if scenario.mechanisms is None else scenario.mechanisms.model_dump(exclude_none=True)
    if not (given.get("drifting_baseline", False) and given.get("self_excitation", True)):
        return {"": scenario}
    return {
        name: scenario.model_copy(update={"mechanisms": MechanismSwitches(**(given | switched))})
        for name, switched in ALONE.items()
    }


def _live(task: tuple[str, int]) -> tuple[Events, float]:
    result = run(Scenario.model_validate_json(task[0]), task[1])
    return Events(
        result.lethal.deaths.astype(np.int64), result.lethal.week.astype(np.int64), result.weeks.size
    ), result.world.residents


def measure(
    scenarios: dict[str, Scenario], seeds: int, processes: int | None = None, tick: Callable[[], None] = lambda: None
) -> list[Violence]:
    """Live through scenarios, and gather their lethal events.

    Parameters
    ----------
    scenarios : dict of str to Scenario
        Label to scenario.
    seeds : int
        Worlds of each: seeds 1 to `seeds`.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    tick : callable
        Called after every world.
    """
    tasks = [
        (scenario.model_dump_json(exclude_none=True), seed) for scenario in scenarios.values() for seed in range(1, seeds + 1)
    ]
    warm_up(next(iter(scenarios.values())))
    lived = mapped(_live, tasks, processes, tick)
    own = {label: lived[k * seeds : (k + 1) * seeds] for k, label in enumerate(scenarios)}
    return [Violence(label, [events for events, _ in worlds], worlds[0][1]) for label, worlds in own.items()]
