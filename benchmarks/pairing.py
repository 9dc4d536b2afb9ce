"""How long two worlds of one seed stay alike, and what pairing saves: ``python benchmarks/pairing.py --seeds 40``.

Each world is lived twice, without a programme and with one. Told is, by horizon, how many times fewer replicates the difference needs for the
same interval because the two share all chance that the programme does not touch, with intervals from resampled seeds; and, year by year, what the
two still share: persons in their posts, ties, incidents. The same is done with one mechanism or another switched off, which tells through which
the two grow apart. Written are docs/pairing.md and docs/pairing.png.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.about import MODEL_VERSION
from sim.draws import pair_keys
from sim.families import FORCE
from sim.lab.bench import replicates_saved
from sim.lab.experiment import load_experiment
from sim.lab.parallel import mapped
from sim.lab.warmup import warm_up
from sim.outcomes import BY_NAME, PRIMARY
from sim.report.terminal import Bar
from sim.scenario.schema import Scenario
from sim.series import SERIES
from sim.week.course import LIVE
from sim.week.incidents import ended
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.tables import STOP
from sim.world.world import World

DOCS = Path(__file__).resolve().parent.parent / "docs"
DESIGNS = (("none-modest-generous", "generous"), ("joint-policing", "backed"), ("organizer-exchange", "campaigns"))
WITHOUT = ("self_excitation", "mediation", "trust_escalation")
"""Mechanisms that are switched off, one at a time, in the first design."""
YEARS = 10
HORIZONS = (1, 2, 5, 10)
SHARED = ("persons in their posts", "ties", "incidents", "incidents of force")
ASIDE = ("did not arise there", "was settled or warned of there", "ended lower there by chance")
"""Why an incident of force in one world is none in the other."""
BY_CHANCE = (LIVE, STOP.index("by itself"))
RESAMPLED = 2000
COLOURS = ("#1b6ca8", "#c8553d", "#5b8c5a", "#7a5195")


def keys_of_ties(world: World) -> NDArray[np.uint64]:
    """Keys of the pairs of persons whose ties have not ended."""
    rows = np.flatnonzero((world.ties.a >= 0) & (world.ties.ends > world.week))
    return pair_keys(world.workers.person[world.ties.a[rows]], world.workers.person[world.ties.b[rows]])


def both(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Share of what is in either world that is in both."""
    return np.intersect1d(one, other).size / max(np.union1d(one, other).size, 1)


def happened(world: World, since: int) -> dict[int, tuple[int, int]]:
    """Highest rung and why it stopped, of each incident that arose since a week, by its key."""
    over, live = ended(world), world.live_incidents
    key, began, rung, stopped = (
        np.append(getattr(over, name), getattr(world.incidents, name)[:live]) for name in ("key", "began", "rung", "stopped")
    )
    rows = np.flatnonzero(began >= since)
    return dict(zip(key[rows].tolist(), zip(rung[rows].tolist(), stopped[rows].tolist(), strict=True), strict=True))


def aside(one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]]) -> NDArray[np.float64]:
    """Count the incidents of force in one world that are none in the other, by why."""
    count = np.zeros(len(ASIDE))
    for key, (rung, _) in one.items():
        if rung >= FORCE and other.get(key, (-1, 0))[0] < FORCE:
            count[0 if key not in other else 2 if other[key][1] in BY_CHANCE else 1] += 1.0
    return count


def lived(task: tuple[str, str, int]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Live a pair of worlds.

    Returns
    -------
    tuple
        What they share, shape (years, 4); why an incident of force in one is none in the other, shape (2, 3); both their weekly
        series; how many residents there are.
    """
    worlds = [build_world(Scenario.model_validate_json(text), task[2]) for text in task[:2]]
    shared, series = [], [[], []]
    while worlds[0].week < YEARS * 52:
        for world, rows in zip(worlds, series, strict=True):
            live_week(world)
            if world.week > 0:
                rows.append(world.tally.copy())
        week = worlds[0].week
        if week > 0 and week % 52 == 0:
            one, other = worlds
            persons = float((one.workers.person == other.workers.person).mean())
            seen = [happened(world, week - 52) for world in worlds]
            arose = [np.array(list(one), np.uint64) for one in seen]
            force = [np.array([key for key, (rung, _) in one.items() if rung >= FORCE], np.uint64) for one in seen]
            shared.append((persons, both(keys_of_ties(one), keys_of_ties(other)), both(*arose), both(*force)))
    whole = [happened(world, 0) for world in worlds]
    return np.array(shared), np.array([aside(*whole), aside(*whole[::-1])]), np.array(series), worlds[0].residents


@dataclass(frozen=True)
class Pairs:
    """What came of one design over all seeds."""

    name: str
    shared: NDArray[np.float64]
    apart: NDArray[np.float64]
    saved: dict[str, list[tuple[float, float, float]]]
    """How many times fewer replicates, with its interval, by outcome and horizon."""


def saved(values: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float, float]:
    """Find how many times fewer replicates a paired difference needs, and a 95 % interval of that from resampled seeds.

    `values` has shape (seeds, 2).
    """
    again = replicates_saved(values[rng.integers(0, len(values), (RESAMPLED, len(values)))])
    return float(replicates_saved(values)), *(float(x) for x in np.quantile(again, [0.025, 0.975]))


def paired(name: str, scenario: Scenario, seeds: int, tick: Any) -> Pairs:
    """Live all pairs of a design."""
    none = scenario.model_copy(update={"programmes": {}})
    texts = [one.model_dump_json(exclude_none=True) for one in (none, scenario)]
    lives = mapped(lived, [(*texts, seed) for seed in range(1, seeds + 1)], None, tick)
    told: dict[str, list[tuple[float, float, float]]] = {outcome: [] for outcome in PRIMARY}
    rng = np.random.default_rng(1)
    for outcome in PRIMARY:
        for years in HORIZONS:
            rows = slice(0, years * 52)
            values = [
                [BY_NAME[outcome].measure({s.name: one[rows, k] for k, s in enumerate(SERIES)}, residents) for one in series]
                for _, _, series, residents in lives
            ]
            told[outcome].append(saved(np.array(values), rng))
    return Pairs(name, np.mean([x[0] for x in lives], axis=0), np.mean([x[1] for x in lives], axis=0), told)


def drawn(pairs: list[Pairs], path: Path) -> None:
    """Draw how much pairing saves by horizon, and what the two worlds of a pair share by year."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.4, 4.8), layout="constrained", dpi=110)
    left, middle, right = figure.subplots(1, 3)
    for axes, outcome, what in ((left, "community_trust", "residents' trust"), (middle, "force_rate", "incidents of force")):
        for one, colour in zip(pairs, COLOURS, strict=False):
            value, low, high = np.array(one.saved[outcome]).T
            axes.plot(HORIZONS, value, "o-", color=colour, label=one.name, linewidth=2)
            axes.fill_between(HORIZONS, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.set(yscale="log", ylim=(0.7, 50_000), xlabel="years watched", xticks=HORIZONS)
        axes.set_title(f"{what}:\nhow many times fewer replicates")
        axes.yaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axes.axhline(1.0, color="#888888", linewidth=1)
        axes.text(10, 1.1, "1: pairing saves nothing", ha="right", va="bottom", color="#666666", fontsize=9)
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    middle.legend(frameon=False, loc="upper right")
    for k, (what, colour) in enumerate(zip(SHARED, COLOURS, strict=True)):
        right.plot(range(1, YEARS + 1), 100.0 * pairs[0].shared[:, k], color=colour, linewidth=2, label=what)
    right.set(xlabel="year", ylabel="% of what either world has", ylim=(50, 101), xticks=range(2, YEARS + 1, 2))
    right.set_title(f"{pairs[0].name}:\nwhat both worlds of a pair have")
    right.grid(visible=True, color="#dddddd", linewidth=0.6)
    right.legend(frameon=False, loc="lower right")
    figure.savefig(path)


def figure_of(one: tuple[float, float, float]) -> str:
    """Write a ratio with its interval."""
    return "{} ({} to {})".format(*(f"{x:,.0f}" if x >= 10 else f"{x:.1f}" for x in one))


def lines(pairs: list[Pairs], without: list[Pairs], seeds: int) -> str:
    """Write what came out as tables in Markdown."""
    years = [f"{n} year{'s' if n > 1 else ''}" for n in HORIZONS]
    rows = [
        f"Model {MODEL_VERSION}, {seeds} seeds; in brackets 95 % intervals.",
        "",
        f"| design | outcome | {' | '.join(years)} |",
    ]
    rows.append("| --- | --- |" + " ---: |" * len(HORIZONS))
    for one in (*pairs, *without):
        rows += [f"| {one.name} | {outcome} | {' | '.join(map(figure_of, told))} |" for outcome, told in one.saved.items()]
    rows += ["", "What the two worlds of a pair share, in % of what either has, in the first, fifth and tenth year:", ""]
    rows += [f"| design | {' | '.join(SHARED)} |", "| --- |" + " ---: |" * len(SHARED)]
    for one in (*pairs, *without):
        cells = [" / ".join(f"{100 * one.shared[year - 1, k]:.1f}" for year in (1, 5, 10)) for k in range(len(SHARED))]
        rows.append(f"| {one.name} | {' | '.join(cells)} |")
    rows += [
        "",
        "Incidents of force of ten years that only one world of a pair had, on average, by what became of them in the other:",
        "",
    ]
    rows += [f"| design | only in the world | {' | '.join(ASIDE)} |", "| --- | --- |" + " ---: |" * len(ASIDE)]
    for one in (*pairs, *without):
        for who, counts in zip(("without a programme", "with one"), one.apart, strict=True):
            rows.append(f"| {one.name} | {who} | {' | '.join(f'{x:.1f}' for x in counts)} |")
    return "\n".join(rows)


def main() -> None:
    """Live all pairs and write what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args()
    scenarios = {name: load_experiment(name).scenarios[arm] for name, arm in DESIGNS}
    first = DESIGNS[0][0]
    warm_up(scenarios[first])
    with Bar("pairs lived") as bar:
        tick = bar.counting(options.seeds * (len(DESIGNS) + len(WITHOUT)))
        pairs = [paired(name, scenario, options.seeds, tick) for name, scenario in scenarios.items()]
        without = []
        for mechanism in WITHOUT:
            table = scenarios[first].model_dump(exclude_none=True)
            off = Scenario.model_validate(table | {"mechanisms": table.get("mechanisms", {}) | {mechanism: False}})
            without.append(paired(f"{first}, no {mechanism}", off, options.seeds, tick))
    drawn(pairs, options.docs / "pairing.png")
    page = options.docs / "pairing.md"
    text = page.read_text("utf-8")
    told = lines(pairs, without, options.seeds)
    page.write_text(
        re.sub(r"<!-- pairing -->.*<!-- end -->", f"<!-- pairing -->\n{told}\n<!-- end -->", text, flags=re.DOTALL), "utf-8"
    )


if __name__ == "__main__":
    main()
