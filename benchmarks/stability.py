"""Whether regions come back to themselves: 20 years without a programme.

``python benchmarks/stability.py`` tells, for each built-in scenario, the largest drift of any mean per decade and the outermost
percentiles of agents, and writes it into docs/regions.md. ``python benchmarks/stability.py --ranges 120`` draws parameters over all declared
ranges, lives through those that the stability rule refuses as well, and writes into docs/ODD.md where worlds begin to drift.
"""

from __future__ import annotations

import argparse
import itertools
import re
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from sim.about import MODEL_VERSION
from sim.lab.parallel import mapped
from sim.lab.ranges import with_parameters
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.parameters import Parameters, all_parameters, with_overrides
from sim.scenario import library
from sim.scenario.reading import laid_together, make_scenario, scenario_layers
from sim.scenario.schema import Scenario
from sim.scenario.stability import MAX_GAIN, check_stability, loop_gain, surroundings
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


DOCS = Path(__file__).resolve().parent.parent / "docs"
REGION = "quiet-border"
DRIFTING = ("tension", "community_trust", "grievance", "legitimacy")
BINS = (0.0, 0.7, MAX_GAIN, 1.1, 1.4, np.inf)
DECADES = 1.65
"""From the middle of the first two years to the middle of the last five, of twenty."""


def drifted(text: str) -> float:
    """Largest drift per decade of a mean, in one world."""
    found = run(Scenario.model_validate_json(text), 1)
    return max(abs(found[name][-260:].mean() - found[name][:104].mean()) / DECADES for name in DRIFTING)


def bound(draws: int) -> str:
    """Live through draws over all ranges and tell how many drift, by their loop gain."""
    scenario = make_scenario(laid_together(scenario_layers(REGION)) | {"years": 20.0}, REGION)
    warm_up(scenario)
    rows, region = all_parameters(), surroundings(scenario.region)
    points = qmc.LatinHypercube(len(rows), rng=np.random.default_rng(1)).random(draws)
    values = qmc.scale(points, [r.declared.low for r in rows], [r.declared.high for r in rows])
    gains, texts = [], []
    for vector in values:
        table: dict[str, dict[str, float]] = {}
        for row, value in zip(rows, vector, strict=True):
            table.setdefault(row.room, {})[row.name] = float(value)
        gains.append(loop_gain(with_overrides(Parameters(), table), region).radius)
        texts.append(with_parameters(scenario, table).model_dump_json(exclude_none=True))
    drift, gain = np.array(mapped(drifted, texts, None, lambda: None)), np.array(gains)
    lines = ["| loop gain | draws | of these drift | largest drift per decade |", "| --- | --- | --- | --- |"]
    for low, high in itertools.pairwise(BINS):
        here = (gain > low) & (gain <= high)
        name = f"up to {high:g}" if low == 0.0 else f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}"
        if high > MAX_GAIN:
            name += ", refused"
        worst = f"{drift[here].max():.3f}" if here.any() else "–"
        lines.append(f"| {name} | {here.sum()} | {(drift[here] > 0.05).sum()} | {worst} |")
    return "\n".join(lines)


def main() -> None:
    """Live and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--ranges", type=int, default=0, metavar="DRAWS")
    asked = parser.parse_args()
    if asked.ranges:
        table = bound(asked.ranges)
        print(table)
        written(DOCS / "ODD.md", "bound", table)
        return
    lines = [regions_line(name, asked.seeds) for name in library.names("scenarios")]
    table = "\n".join([*HEAD, *lines])
    print(table)
    note = f"{asked.seeds} seeds, 20 years, no programme, no shock. *Model version {MODEL_VERSION}.*"
    written(DOCS / "regions.md", "stability", f"{table}\n\n{note}")


def written(page: Path, mark: str, body: str) -> None:
    """Write what was found into a page, between its marks."""
    text = page.read_text("utf-8")
    new = re.sub(rf"<!-- {mark} -->\n.*?<!-- end -->", lambda _: f"<!-- {mark} -->\n{body}\n<!-- end -->", text, flags=re.DOTALL)
    page.write_text(new, "utf-8")


HEAD = (
    "| region | loop gain, at most 0.9 | largest drift per decade, at most ±0.05 | least 5th percentile, at least 0.02 | most 95th, at most 0.98 |",
    "| --- | --- | --- | --- | --- |",
)


def regions_line(name: str, seeds: int) -> str:
    """Live a built-in scenario without programmes and shocks for 20 years under many seeds, and tell how far it strays."""
    table = laid_together(scenario_layers(name))
    scenario = make_scenario(table | {"years": 20.0, "programmes": {}, "shocks": {}, "edits": {}}, name)
    warm_up(scenario)
    text = scenario.model_dump_json(exclude_none=True)
    found = mapped(strayed, [(text, seed) for seed in range(1, seeds + 1)], None, lambda: None)
    drift = np.mean([one[0] for one in found], axis=0)
    worst = int(np.argmax(np.abs(drift)))
    edges = np.array([one[1] for one in found])
    low, high = edges[..., 0].min(axis=0), edges[..., 1].max(axis=0)
    names = [f"{t}.{c}" for t, cs in AGENTS.items() for c in cs]
    cells = (
        f"`{name}`",
        f"{check_stability(scenario, name):.3f}",
        f"{MEANS[worst]} {drift[worst]:+.4f}",
        f"{names[int(low.argmin())]} {low.min():.3f}",
        f"{names[int(high.argmax())]} {high.max():.3f}",
    )
    return f"| {' | '.join(cells)} |"


def strayed(task: tuple[str, int]) -> tuple[list[float], list[list[float]]]:
    """Drift per decade of each mean, and the 5th and 95th percentile of each state of agents at the end, in one world."""
    world = build_world(Scenario.model_validate_json(task[0]), task[1])
    first = world.tally.copy()
    while not world.finished:
        live_week(world)
        if world.week == 1:
            first = world.tally.copy()
    at = [INDEX[name] for name in MEANS]
    edges = [np.percentile(getattr(getattr(world, t), c), [5, 95]).tolist() for t, cs in AGENTS.items() for c in cs]
    return ((world.tally - first)[at] / 2.0).tolist(), edges


if __name__ == "__main__":
    main()
