"""Live the simulation and its second implementation, written from the ODD alone, side by side (docking; Axtell et al. 1996).

``python benchmarks/docking.py --seeds 16`` prints, for two small regions with and without two programmes, the mean of each weekly series in both, and
their difference with a 95 % interval. Both are frozen at model version 0.6.0; what the ODD left open is told in `benchmarks/plain_mesa/NOTES.md`.
"""

from __future__ import annotations

import argparse
import math
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from scipy import stats

from sim.lab.experiment import load_experiment
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.series import INDEX

FOLDER = Path(__file__).with_name("plain_mesa")
CASES = {
    "two quiet sides": ("programmes.toml", "none"),
    "two quiet sides, both programmes": ("programmes.toml", "both"),
    "three tense sides": ("programmes-tense.toml", "none"),
    "three tense sides, both programmes": ("programmes-tense.toml", "both"),
}
APART = 1_000_000
"""How far apart the seeds of the two lie: they share no random numbers."""


def lived(task: tuple[str, int]) -> tuple[dict[str, float], dict[str, float]]:
    """Live one case once in each implementation; return the means of the series that both have."""
    sys.path.insert(0, str(FOLDER))
    import model

    file, arm = CASES[task[0]]
    scenario = load_experiment(FOLDER / file).scenarios[arm]
    theirs = {name: float(np.mean(values)) for name, values in model.run(scenario, task[1]).items() if name in INDEX}
    own = run(scenario, task[1] + APART)
    return {name: float(np.nanmean(own[name])) for name in theirs}, theirs


def main() -> None:
    """Live and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=16)
    seeds = parser.parse_args().seeds
    warm_up(load_experiment(FOLDER / "programmes.toml").scenarios["both"])
    warm_up(load_experiment(FOLDER / "programmes-tense.toml").scenarios["both"])
    with ProcessPoolExecutor() as pool:
        for case in CASES:
            print(
                f"\n{case}, {seeds} seeds\n{'series':24s}{'simulation':>12s}{'plain Mesa':>12s}{'difference':>12s}   95 % interval"
            )
            both = list(pool.map(lived, [(case, seed) for seed in range(1, seeds + 1)]))
            for name in both[0][0]:
                own, theirs = (np.array([pair[k][name] for pair in both]) for k in (0, 1))
                found = stats.ttest_ind(theirs, own, equal_var=False)
                low, high = found.confidence_interval() if math.isfinite(found.df) else (0.0, 0.0)
                told = f"{own.mean():12.4f}{theirs.mean():12.4f}{theirs.mean() - own.mean():+12.4f}   {low:+.4f} to {high:+.4f}"
                print(f"{name:24s}{told}{'' if low <= 0.0 <= high else '  *'}")


if __name__ == "__main__":
    main()
