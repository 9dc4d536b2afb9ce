"""Does `bridgework fit` find what is true? Borders whose events were made with known numbers are fitted as a user would fit her own.

Half of the borders echo and half only drift. Events are made by a program of its own that shares nothing with the fit:
``python benchmarks/fit.py [BORDERS [PAGE]]``. ``python benchmarks/fit.py record EVENTS PAGE`` writes the fit of recorded events, and its
picture, into the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.about import MODEL_VERSION
from sim.evidence.violence import variants
from sim.fit.choosing import ROW, Recorded
from sim.fit.deadliness import fit_deadliness
from sim.fit.likelihood import Process
from sim.fit.nearby import fit_nearby
from sim.fit.process import fit_process
from sim.fit.reading import EventFile, LeftOut
from sim.lab.parallel import mapped
from sim.lab.run import run
from sim.scenario.reading import load_scenario

WEEKS, SIDE, CUT = 520, 6, 300
"""Weeks of a border, squares along each side of it, and the largest number of deaths of an event."""


@dataclass(frozen=True)
class Truth:
    """What a border's events were made with."""

    process: Process
    nearby: float
    tail: float
    scale: float


def truth(number: int, rng: np.random.Generator) -> Truth:
    """Draw what is true of a border; odd ones only drift."""

    def between(low: float, high: float, *, log: bool = False) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high)))) if log else float(rng.uniform(low, high))

    drifts = number % 2 == 1
    process = Process(
        rate=between(0.25, 1.5, log=True),
        share=0.0 if drifts else between(0.2, 0.7),
        delay=between(1.5, 8.0),
        spread=between(0.4, 1.3) if drifts else 0.0,
        half_life=between(6.0, 60.0, log=True),
        at_once=between(0.0, 0.4),
    )
    return Truth(process, between(0.1, 0.6), between(1.1, 2.2), between(2.0, 8.0))


def made(of: Truth, rng: np.random.Generator) -> Recorded:
    """Make the events of a border, one by one: each sets off others later, in its square or one around it, and in the same week."""
    p, before = of.process, 400
    weeks = WEEKS + before
    often = rng.dirichlet(np.full(SIDE * SIDE, 0.5))
    week: list[int] = []
    cell: list[int] = []
    due: list[list[int]] = [[] for _ in range(weeks)]
    back, z = 0.5 ** (1.0 / p.half_life), float(rng.normal())
    for t in range(weeks):
        z = back * z + float(np.sqrt(1.0 - back * back) * rng.normal())
        background = p.rate * (1.0 - p.share) * float(np.exp(p.spread * z - 0.5 * p.spread**2))
        new = [*due[t]]
        for _ in range(rng.poisson(background * (1.0 - p.at_once))):
            square = int(rng.choice(often.size, p=often))
            new.append((100 + square // SIDE) * ROW + 100 + square % SIDE)
        for place in new:
            for _ in range(int(rng.geometric(1.0 - p.at_once))):
                week.append(t - before)
                cell.append(place)
                for _ in range(rng.poisson(p.share * (1.0 - p.at_once))):
                    later = t + int(rng.geometric(1.0 / p.delay))
                    if later < weeks:
                        due[later].append(place if rng.random() >= of.nearby else _beside(place, rng))
    kept = np.array(week) >= 0
    when, where = np.array(week)[kept], np.array(cell)[kept]
    deaths = np.minimum(1 + (of.scale * (_power(of, rng.random(when.size)) - 1.0)).astype(np.int64), CUT)
    counts = np.bincount(when, minlength=WEEKS)[None, :]
    file = EventFile(Path("made.csv"), "UCDP GED", [], LeftOut(), [])
    return Recorded(file, ["whole"], date(2013, 1, 1), counts, deaths, when, np.zeros(when.size, np.int64), where, {})


def _power(of: Truth, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the tail of a Lomax variable, cut off at CUT."""
    return np.asarray((1.0 - u * (1.0 - (1.0 + CUT / of.scale) ** -of.tail)) ** (-1.0 / of.tail))


def _beside(place: int, rng: np.random.Generator) -> int:
    """Choose one of the squares around a place, within the region."""
    row, column = place // ROW - 100, place % ROW - 100
    around = [
        (100 + r) * ROW + 100 + c
        for r in range(max(row - 1, 0), min(row + 2, SIDE))
        for c in range(max(column - 1, 0), min(column + 2, SIDE))
        if (r, c) != (row, column)
    ]
    return int(rng.choice(around))


def fitted(number: int) -> dict[str, Any] | None:
    """Fit one border; None if it has too few events."""
    rng = np.random.default_rng([7, number])
    of = truth(number, rng)
    recorded = made(of, rng)
    if recorded.deaths.size < 20:
        return None
    fits = fit_process(recorded.counts, processes=1)
    own = "drift" if number % 2 else "echoes"
    held: dict[str, tuple[float, float, float]] = {}
    for variant in ("both", own):
        for name, (low, high) in getattr(fits, variant).intervals.items():
            held[f"{variant}: {name}"] = (low, high, getattr(of.process, name))
    if own == "echoes" and (nearby := fit_nearby(recorded, fits.echoes.process)):
        held["nearby"] = (nearby.low, nearby.high, of.nearby)
    if deadly := fit_deadliness(recorded.deaths, CUT):
        held |= {name: (*deadly.intervals[name], getattr(of, name)) for name in ("tail", "scale")}
    return {"own": own, "verdict": fits.verdict, "held": held, "brought": fits.brought, "events": recorded.deaths.size}


def lived(task: tuple[str, int]) -> tuple[str, str]:
    """Fit the lethal events of one simulated world, of which it is known whether its incidents echo or their background drifts."""
    variant, seed = task
    scenario = variants(load_scenario("violent-region"))[variant]
    result = run(scenario, seed)
    counts = np.bincount(result.lethal.week, minlength=result.weeks.size)[None, :]
    return variant, fit_process(counts, processes=1, intervals=False).verdict


def _row(name: str, rows: NDArray[np.float64]) -> str:
    inside = (rows[:, 0] - 1e-9 <= rows[:, 2]) & (rows[:, 2] <= rows[:, 1] + 1e-9)
    sure = 1.96 * float(np.sqrt(inside.mean() * (1.0 - inside.mean()) / inside.size))
    low, high = 100 * (inside.mean() - sure), min(100 * (inside.mean() + sure), 100.0)
    return f"| {name} | {len(rows)} | {100 * inside.mean():.0f} % ({low:.0f} to {high:.0f}) | {np.median(rows[:, 1] - rows[:, 0]) / 2:.2f} |"


def _told(verdicts: list[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in Counter(verdicts).most_common())


def main() -> None:
    """Fit many borders and say how often what is true lies in the intervals, and what was told of each kind."""
    borders = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    began = time.time()

    def tick() -> None:
        print(".", end="", flush=True, file=sys.stderr)

    found = [one for one in mapped(fitted, range(borders), None, tick) if one]
    events = np.median([one["events"] for one in found])
    lines = [
        f"{borders} borders of ten years, {len(found)} of them with events enough ({events:.0f} lethal ones each, median).",
        "",
    ]
    for own, words in (("echoes", "that echo"), ("drift", "that only drift")):
        mine = [one for one in found if one["own"] == own]
        lines += [f"**Borders {words}** ({len(mine)}), told: {_told([one['verdict'] for one in mine])}", ""]
        lines += [
            "| fit: number | borders | truth within its 95 % interval | half-width (median) |",
            "| --- | ---: | ---: | ---: |",
        ]
        names = dict.fromkeys(name for one in mine for name in one["held"])
        lines += [_row(name, np.array([one["held"][name] for one in mine if name in one["held"]])) for name in names]
        lines.append("")
    tasks = [
        (variant, seed) for variant in ("echoes alone", "drift alone", "both at work") for seed in range(1, borders // 5 + 1)
    ]
    worlds = mapped(lived, tasks, None, tick)
    lines.append("**Simulated worlds** of the violent region, ten years each:")
    lines += [
        f"- {name}: {_told([verdict for variant, verdict in worlds if variant == name])}"
        for name in dict.fromkeys(v for v, _ in tasks)
    ]
    print("\n".join(lines))
    print(f"\n{time.time() - began:.0f} s", file=sys.stderr)
    if len(sys.argv) > 2:
        written(Path(sys.argv[2]), "borders", "\n".join(lines))


def recorded(events: str, page: Path) -> None:
    """Fit the Central African Republic as the page says, and write what came out, with its picture, into the page."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "sim.cli",
            "--quiet",
            "fit",
            events,
            "--from",
            "2013",
            "--each",
            "adm_1",
            "--picture",
            str(page.with_name("fitting.png")),
        ]
        done = subprocess.run(  # noqa: S603
            [*command, "--write", f"{folder}/car.toml"],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"COLUMNS": "110"},
        )
    kept = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith(("Scenario:", "Picture:"))]
    written(page, "recorded", "```text\n" + "\n".join(kept) + "\n```")


def written(page: Path, mark: str, body: str) -> None:
    """Put a text between the marks of a page."""
    made = f"<!-- {mark} -->\n{body}\n\n*Model version {MODEL_VERSION}.*\n<!-- end -->"
    text = re.sub(rf"<!-- {mark} -->\n.*?<!-- end -->", lambda _: made, page.read_text("utf-8"), flags=re.DOTALL)
    page.write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        recorded(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
