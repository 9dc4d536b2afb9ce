"""Live the simulation and its second implementation, written from the ODD alone, side by side (docking; Axtell et al. 1996).

``python benchmarks/docking.py`` lives two small regions with and without two programmes on 200 seeds in each implementation, tests named summaries
for equivalence, compares all other series, and writes docs/docking.md and its picture; with ``--seeds 16 --print`` it only prints, which is quicker.
Both are frozen at model version 0.6.0; what the ODD left open is told in `benchmarks/plain_mesa/NOTES.md`.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sim.about import MODEL_VERSION
from sim.lab.experiment import load_experiment
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.report.terminal import Bar
from sim.series import INDEX

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).with_name("plain_mesa")
CASES = {
    "two quiet sides": ("programmes.toml", "none"),
    "two quiet sides, both programmes": ("programmes.toml", "both"),
    "three tense sides": ("programmes-tense.toml", "none"),
    "three tense sides, both programmes": ("programmes-tense.toml", "both"),
}
APART = 1_000_000
"""How far apart the seeds of the two lie: they share no random numbers."""
LEVELS = {
    "community_trust": 0.005,
    "worker_warmth": 0.005,
    "worker_trust": 0.005,
    "competence": 0.005,
    "conduct": 0.01,
    "strain": 0.005,
    "tension": 0.01,
    "legitimacy": 0.01,
}
"""Named summaries that are levels from 0 to 1, and their margins: differences up to which the two count as the same."""
COUNTS = {
    "meetings": 0.02,
    "live_ties": 0.05,
    "leavers": 0.03,
    "reached_friction": 0.03,
    "reached_force": 0.10,
    "police_force": 0.03,
    "enrolments": 0.03,
    "placed": 0.10,
}
"""Named summaries that are counts, and their margins as shares of their mean."""
DRAWN = ("community_trust", "live_ties", "reached_friction", "competence")
QUARTER = 13
SELDOM = 0.01
"""Mean below which a named summary is left out in a case: there is nothing to compare."""
SURE = 0.95


def lived(task: tuple[str, int]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Live one case once in each implementation; return the series that both have."""
    sys.path.insert(0, str(FOLDER))
    import model

    file, arm = CASES[task[0]]
    scenario = load_experiment(FOLDER / file).scenarios[arm]
    theirs = {name: np.asarray(values, float) for name, values in model.run(scenario, task[1]).items() if name in INDEX}
    own = run(scenario, task[1] + APART)
    return {name: np.asarray(own[name], float) for name in theirs}, theirs


def compared(case: str, both: list[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]) -> pd.DataFrame:
    """Compare the means over time of all series in both implementations."""
    rows = []
    for name in both[0][0]:
        own, theirs = (np.array([np.nanmean(pair[k][name]) for pair in both]) for k in (0, 1))
        if own.std() + theirs.std() <= 1e-9 * abs(own.mean()) and math.isclose(own.mean(), theirs.mean(), rel_tol=1e-6):
            continue  # the same everywhere, but for rounding
        found = stats.ttest_ind(theirs, own, equal_var=False)
        wide, narrow = found.confidence_interval(SURE), found.confidence_interval(2.0 * SURE - 1.0)
        margin = LEVELS.get(name, COUNTS.get(name, np.nan) * abs(own.mean())) if abs(own.mean()) >= SELDOM else np.nan
        error = float(np.sqrt(own.var(ddof=1) / own.size + theirs.var(ddof=1) / theirs.size))
        power = 2.0 * stats.norm.cdf(margin / error - stats.norm.ppf(SURE)) - 1.0 if error > 0.0 else 1.0
        rows.append({
            "case": case, "series": name, "simulation": own.mean(), "plain_mesa": theirs.mean(), "difference": theirs.mean() - own.mean(),
            "low": wide.low, "high": wide.high, "low_90": narrow.low, "high_90": narrow.high, "p": found.pvalue, "margin": margin,
            "power": max(power, 0.0), "equivalent": bool(narrow.low > -margin and narrow.high < margin),
        })  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["differs"] = stats.false_discovery_control(frame["p"].fillna(1.0)) < 1.0 - SURE
    return frame


def picture(frame: pd.DataFrame, weekly: dict[str, Any], path: Path) -> None:
    """Draw the named summaries on the scale of their margins, and four series in both implementations."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    names, colours = [*LEVELS, *COUNTS], ["#4477aa", "#66ccee", "#cc6677", "#ee9966"]
    figure, axes = plt.subplot_mosaic([["all", *DRAWN[:2]], ["all", *DRAWN[2:]]], figsize=(14, 7.5), width_ratios=(1.2, 1, 1))
    left = axes["all"]
    left.axvspan(-1, 1, color="#e8f0e4", zorder=0)
    for c, (case, colour) in enumerate(zip(CASES, colours, strict=True)):
        own = frame[(frame["case"] == case) & frame["margin"].notna()].set_index("series")
        at = np.array([names.index(name) for name in own.index]) + 0.18 * (c - 1.5)
        left.hlines(at, own["low_90"] / own["margin"], own["high_90"] / own["margin"], color=colour, linewidth=2)
        left.plot(own["difference"] / own["margin"], at, "o", color=colour, markersize=4, label=case)
    left.set(ylim=(len(names) - 0.5, -0.5), xlim=(-1.6, 1.6), xlabel="difference, in margins of equivalence (90 % interval)")
    told = [f"{name}  ± {LEVELS[name]:g}" if name in LEVELS else f"{name}  ± {COUNTS[name]:.0%}" for name in names]
    left.set_yticks(range(len(names)), told, fontsize=9)
    left.legend(fontsize=8, loc="upper left", bbox_to_anchor=(-0.5, -0.08), ncols=2)
    left.set_title("Plain Mesa less the simulation", loc="left", fontsize=11)
    for name in DRAWN:
        panel = axes[name]
        for case, colour in zip(CASES, colours, strict=True):
            own, theirs = weekly[case, name]
            smooth = np.ones(QUARTER) / QUARTER if name in COUNTS and name != "live_ties" else np.ones(1)
            for series, style in ((own, {"linewidth": 2.2, "alpha": 0.55}), (theirs, {"linewidth": 0.9, "linestyle": "--"})):
                panel.plot(np.convolve(series, smooth, mode="valid"), color=colour, **style)
        panel.set_title(f"{name}, mean of a quarter" if smooth.size > 1 else name, loc="left", fontsize=11)
        panel.set_xlabel("week", fontsize=9)
        panel.spines[["top", "right"]].set_visible(False)
    axes[DRAWN[0]].plot([], [], color="#555555", linewidth=2.2, alpha=0.55, label="simulation")
    axes[DRAWN[0]].plot([], [], color="#555555", linewidth=0.9, linestyle="--", label="plain Mesa")
    axes[DRAWN[0]].legend(fontsize=8)
    left.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def number(x: float) -> str:
    """Write a figure with four digits that matter."""
    return f"{x:.4g}".replace("-", "−")


def page(frame: pd.DataFrame, seeds: int) -> str:
    """Write what was found as Markdown."""
    named = frame[frame["margin"].notna()]
    others = frame[frame["differs"] & ~frame.index.isin(named.index[named["equivalent"]])]
    least = named["power"].min()
    said = f"{int(named['equivalent'].sum())} of {len(named)} named summaries are equivalent"
    lines = [
        f"{seeds} seeds in each implementation. **{said}**; the least power of these tests, were the two the same, is {least:.0%}.\n",
        "| case | summary | simulation | plain Mesa | difference (90 %) | margin | power | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in named.itertuples():
        ends = f"{number(r.difference)} ({number(r.low_90)} to {number(r.high_90)})"
        said = "equivalent" if r.equivalent else "not shown"
        lines.append(
            f"| {r.case} | `{r.series}` | {number(r.simulation)} | {number(r.plain_mesa)} | {ends} | {number(r.margin)} | {r.power:.0%} | {said} |"
        )
    lines.append(
        f"\nOf all {len(frame)} series compared, {int(frame['differs'].sum())} differ at a false-discovery rate of 5 % within a case"
        + (", of which these are not within a named margin:\n" if len(others) else ".")
    )
    if len(others):
        lines += ["| case | series | simulation | plain Mesa | difference (95 %) |", "| --- | --- | --- | --- | --- |"]
        for r in others.itertuples():
            ends = f"{number(r.difference)} ({number(r.low)} to {number(r.high)})"
            lines.append(f"| {r.case} | `{r.series}` | {number(r.simulation)} | {number(r.plain_mesa)} | {ends} |")
    return "\n".join(lines)


def main() -> None:
    """Live, compare, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--print", action="store_true", dest="only", help="print, and write nothing")
    chosen = parser.parse_args()
    for file in ("programmes.toml", "programmes-tense.toml"):
        warm_up(load_experiment(FOLDER / file).scenarios["both"])
    frames, weekly = [], {}
    with ProcessPoolExecutor() as pool, Bar("lives lived") as bar:
        tick = bar.counting(len(CASES) * chosen.seeds)
        for case in CASES:
            both = []
            for pair in pool.map(lived, [(case, seed) for seed in range(1, chosen.seeds + 1)]):
                both.append(pair)
                tick()
            frames.append(compared(case, both))
            for name in DRAWN:
                weekly[case, name] = tuple(np.mean([pair[k][name] for pair in both], axis=0) for k in (0, 1))
    frame = pd.concat(frames, ignore_index=True)
    body = page(frame, chosen.seeds)
    print(body)
    if chosen.only:
        return
    picture(frame, weekly, ROOT / "docs" / "docking.png")
    frame.to_csv(ROOT / "results" / "published" / "docking.csv", index=False, float_format="%.6g")
    text = (ROOT / "docs" / "docking.md").read_text("utf-8")
    made = f"<!-- docking -->\n{body}\n\n*Model version {MODEL_VERSION}.*\n<!-- end -->"
    text = re.sub(r"<!-- docking -->\n.*?<!-- end -->", lambda _: made, text, flags=re.DOTALL)
    (ROOT / "docs" / "docking.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
