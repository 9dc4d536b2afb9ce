"""Lethal events of simulated regions, held against what was recorded (EVIDENCE F1, F3) with the same estimators.

Each run is one region observed over the horizon. Where both self-excitation and a drifting baseline are at work, the region is also
lived with either alone, since counts cannot tell them apart (F2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.evidence.events import STARTS, Clustering, clustering, tail_exponent
from sim.lab.parallel import mapped
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.scenario.schema import MechanismSwitches, Scenario

BANDS: dict[str, tuple[float, float]] = {
    **{
        f"tail exponent from {start}": (middle - 0.3, middle + 0.3)
        for start, middle in zip(STARTS, (1.5, 1.9, 2.3, 2.6), strict=True)
    },
    "median deaths": (2.0, 3.0),
    "mean deaths": (7.0, 11.0),
    "variance / mean": (2.0, 2.9),
    "lag-1 correlation": (0.20, 0.40),
    "events a week": (0.07, 0.57),
}
"""Bands of EVIDENCE F1 (deaths per lethal event) and F3 (weekly counts, means over regions)."""
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
    deaths : list of array of int, shape (events,)
        Deaths of every lethal event, world by world.
    regions : list of Clustering
        One per world.
    weekly : array of float, shape (weeks,)
        Lethal events by week in the first world.
    residents : float
        Population.
    """

    label: str
    deaths: list[NDArray[np.int64]]
    regions: list[Clustering]
    weekly: NDArray[np.float64]
    residents: float

    def measures(self) -> dict[str, float]:
        """Return each measure of `BANDS`; NaN where there are too few events for one."""
        return _measures(self.deaths, self.regions)

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return a 95 % interval of each measure: what other worlds of the same scenario might have given.

        By the jackknife over worlds (each left out in turn), which does not serve for a median; NaN there, and where there are too few
        worlds or events.
        """
        from scipy import stats

        n, whole = len(self.regions), self.measures()
        out = dict.fromkeys(BANDS, (float("nan"), float("nan")))
        if n < FEWEST_WORLDS:
            return out
        without = [_measures(self.deaths[:k] + self.deaths[k + 1 :], self.regions[:k] + self.regions[k + 1 :]) for k in range(n)]
        for name, value in whole.items():
            if name == "median deaths":
                continue
            left = np.array([one[name] for one in without])
            half = float(stats.t.ppf(0.975, n - 1) * np.sqrt((n - 1) * left.var()))
            out[name] = (value - half, value + half)
        return out

    @property
    def yearly(self) -> float:
        """Lethal events per 100,000 residents and year."""
        return float(np.mean([region.rate for region in self.regions]) * 52.0 / self.residents * 1e5)


def _measures(worlds: list[NDArray[np.int64]], regions: list[Clustering]) -> dict[str, float]:
    deaths = np.concatenate(worlds)
    few = deaths.size == 0
    out = {f"tail exponent from {start}": tail_exponent(deaths, start) for start in STARTS}
    out["median deaths"] = float("nan") if few else float(np.median(deaths))
    out["mean deaths"] = float("nan") if few else float(deaths.mean())
    out["variance / mean"] = _mean([region.dispersion for region in regions])
    out["lag-1 correlation"] = _mean([region.lag_one for region in regions])
    out["events a week"] = _mean([region.rate for region in regions])
    return out


def _mean(values: list[float]) -> float:
    known = [v for v in values if np.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")


def variants(scenario: Scenario) -> dict[str, Scenario]:
    """Return a scenario as it is and, where both ways of clustering are on, with either of them alone."""
    given: dict[str, bool] = {} if scenario.mechanisms is None else scenario.mechanisms.model_dump(exclude_none=True)
    if not (given.get("drifting_baseline", False) and given.get("self_excitation", True)):
        return {"": scenario}
    return {
        name: scenario.model_copy(update={"mechanisms": MechanismSwitches(**(given | switched))})
        for name, switched in ALONE.items()
    }


def _live(task: tuple[str, int]) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    result = run(Scenario.model_validate_json(task[0]), task[1])
    counts = np.bincount(result.lethal.week, minlength=result.weeks.size).astype(float)
    return result.lethal.deaths.astype(np.int64), counts, result.world.residents


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
    out = []
    for k, label in enumerate(scenarios):
        own = lived[k * seeds : (k + 1) * seeds]
        out.append(
            Violence(label, [deaths for deaths, _, _ in own], [clustering(counts) for _, counts, _ in own], own[0][1], own[0][2])
        )
    return out
