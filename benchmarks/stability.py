"""Whether the built-in regions come back to themselves: 20 years without a programme, on many seeds.

``python benchmarks/stability.py`` prints the largest drift of any mean per decade and the outermost percentiles of agents.
"""

from __future__ import annotations

import argparse

import numpy as np

from sim.scenario import library
from sim.scenario.reading import laid_together, make_scenario, scenario_layers
from sim.scenario.stability import check_stability
from sim.series import INDEX
from sim.week.schedule import live_week
from sim.world.build import build_world

MEANS = (
    "community_trust", "worker_warmth", "worker_trust", "legitimacy", "grievance", "livelihoods", "services", "memory", "tension",
    "capability", "competence", "intercultural_skill", "strain", "partnership", "openness", "buy_in",
)  # fmt: skip
AGENTS = {
    "communities": ("trust", "grievance", "legitimacy", "livelihoods", "services"),
    "workers": ("warmth", "trust", "competence", "skill", "strain", "identity"),
    "institutions": ("capability", "openness", "buy_in", "partnership"),
    "crossings": ("tension",),
}


def main() -> None:
    """Live and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    seeds = parser.parse_args().seeds
    for name in library.names("scenarios"):
        table = laid_together(scenario_layers(name))
        scenario = make_scenario(table | {"years": 20.0, "programmes": {}, "shocks": {}, "edits": {}}, name)
        years, edges = [], []
        for seed in range(1, seeds + 1):
            world = build_world(scenario, seed)
            first = last = np.zeros(0)
            while not world.finished:
                live_week(world)
                if world.week == 1:
                    first = world.tally.copy()
            last = world.tally.copy()
            years.append(
                np.abs(last - first)[[INDEX[m] for m in MEANS]] / 2.0 * np.sign((last - first)[[INDEX[m] for m in MEANS]])
            )
            edges.append([np.percentile(getattr(getattr(world, t), c), [5, 95]) for t, cs in AGENTS.items() for c in cs])
        drift = np.mean(years, axis=0)
        worst = int(np.argmax(np.abs(drift)))
        low, high = np.min(edges, axis=(0, 2)), np.max(edges, axis=(0, 2))
        names = [f"{t}.{c}" for t, cs in AGENTS.items() for c in cs]
        print(f"{name}: {seeds} seeds, 20 years, loop gain {check_stability(scenario, name):.3f} (at most 0.9)")
        print(f"  largest drift of a mean per decade: {MEANS[worst]} {drift[worst]:+.4f} (at most 0.05 either way)")
        print(f"  lowest 5th percentile of agents: {names[int(low.argmin())]} {low.min():.3f} (at least 0.02)")
        print(f"  highest 95th percentile of agents: {names[int(high.argmax())]} {high.max():.3f} (at most 0.98)")


if __name__ == "__main__":
    main()
