"""How long ten years take: the default region, ten times the region, and with a programme; all in one run, as ratios too.

``python benchmarks/speed.py`` prints medians over several runs. These machines are shared and noisy: read the ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from sim.lab.experiment import load_experiment
from sim.lab.warmup import warm_up
from sim.scenario.reading import laid_together, load_scenario, overlay, scenario_layers
from sim.scenario.schema import Scenario
from sim.week.schedule import live_week
from sim.world.build import build_world

WEEKS = 520


def scenario(scale: int) -> Scenario:
    """Return the quiet border, `scale` times as long."""
    table = laid_together(scenario_layers("quiet-border"))
    layout: dict[str, Any] = {"communities_per_side": 20 * scale, "border_km": 200.0 * scale}
    return Scenario.model_validate(overlay(table, {"burn_in_weeks": 0, "region": {"layout": layout}}))


def seconds(of: Scenario, seed: int) -> tuple[float, int, float]:
    """Live ten years; return seconds, workers, and bytes a worker."""
    world = build_world(of, seed)
    began = time.perf_counter()
    while not world.finished:
        live_week(world)
    return time.perf_counter() - began, world.workers.person.size, world.nbytes() / world.workers.person.size


def main() -> None:
    """Time and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    generous = load_experiment("none-modest-generous").scenarios["generous"].model_copy(update={"burn_in_weeks": 0})
    police = load_experiment("joint-policing").scenarios["backed"].programmes
    welfare = load_experiment("cross-border-welfare").scenarios["joined"].programmes
    municipal = load_experiment("municipal-exchange").scenarios["tailored"].programmes
    movement = load_experiment("organizer-exchange").scenarios["campaigns"].programmes
    every = generous.model_copy(update={"programmes": {**generous.programmes, **welfare, **municipal, **police, **movement}})
    largest = load_scenario("hardened-border").model_copy(
        update={"burn_in_weeks": 0, "years": 10.0, "programmes": every.programmes, "shocks": {}}
    )
    cases = {
        "default region, no programme": scenario(1),
        "default region, vocational programme": generous,
        "default region, all families": every,
        "ten times the region, no programme": scenario(10),
        "hardened-border (212 places), no programme": largest.model_copy(update={"programmes": {}}),
        "hardened-border (212 places), all families": largest,
    }
    warm_up(every)
    times: dict[str, list[tuple[float, int, float]]] = {name: [] for name in cases}
    for seed in range(1, runs + 1):
        for name, case in cases.items():
            times[name].append(seconds(case, seed))
    base = statistics.median(t for t, _, _ in times["default region, no programme"])
    print(f"{WEEKS} weeks, medians over {runs} runs")
    for name, rows in times.items():
        median = statistics.median(t for t, _, _ in rows)
        workers, size = rows[0][1], rows[0][2]
        per = median / WEEKS / workers * 1e9
        print(
            f"{name:43s} {workers:7,d} workers  {median:6.3f} s  {median / base:5.2f} x  {per:5.0f} ns a worker-week  {size:4.0f} bytes a worker"
        )
    vocational, five = (
        statistics.median(t for t, _, _ in times[f"default region, {name}"]) for name in ("vocational programme", "all families")
    )
    print(f"all families against vocational alone: {five / vocational:.2f} x")
    least, most = (
        statistics.median(t for t, _, _ in times[name]) / times[name][0][1]
        for name in ("default region, all families", "hardened-border (212 places), all families")
    )
    print(f"a worker-week of all families on the largest region against the default one: {most / least:.2f} x")


if __name__ == "__main__":
    main()
