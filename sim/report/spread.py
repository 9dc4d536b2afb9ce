"""The picture of a sweep: what each arm changes at every point of a design."""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.lab.effects import paired_effects
from sim.outcomes import BY_NAME, PRIMARY
from sim.report.analyses import STYLE

if TYPE_CHECKING:
    from sim.lab.study import Study

POINT, MEAN, SMALL = "#0072B2", "#D55E00", "#ececec"


def spread_picture(study: Study, path: Path) -> None:
    """Draw, for each primary outcome and arm, the difference from the reference arm at every point, their mean, and what is too small to matter.

    Parameters
    ----------
    study : Study
        One with a design and more than one arm.
    path : pathlib.Path
        Of the picture.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    runs, arms = study.runs, [arm for arm in study.arms if arm != study.reference]
    means = paired_effects(runs, study.reference, list(PRIMARY), confidence=study.confidence, sampled=study.sampled)
    each = paired_effects(runs, study.reference, list(PRIMARY), by_point=True)
    with mpl.rc_context(STYLE):
        size = (5.2 * len(PRIMARY), 2.6 + 0.75 * len(arms))
        figure = Figure(figsize=size, layout="constrained", dpi=110)
        for ax, name in zip(np.ravel(figure.subplots(1, len(PRIMARY), sharey=True)), PRIMARY, strict=True):
            _panel(ax, name, arms, means[means["outcome"] == name], each[each["outcome"] == name])
        figure.axes[0].set_yticks(range(len(arms)), [shorten(study.labels[arm], 40, placeholder=" …") for arm in arms])
        figure.axes[0].set_ylim(len(arms) - 0.4, -0.6)
        figure.suptitle(
            f'{study.manifest["title"]}\nWhat changes against "{study.labels[study.reference]}"',
            x=0.01,
            ha="left",
            fontsize=12,
            fontweight="bold",
            wrap=True,
        )
        worlds = study.manifest["seeds"]
        note = (
            f"One dot a point of the design, the mean of {worlds} paired world{'' if worlds == 1 else 's'}. "
            f"Diamond: mean over points, with its {100 * study.confidence:.4g} % interval. Grey: too small to matter. {study.left_out()}"
        )
        figure.supxlabel(note, x=0.01, ha="left", fontsize=8.5, color="#444444", wrap=True)
        figure.savefig(path)


def _panel(ax: Any, name: str, arms: list[str], means: Any, each: Any) -> None:
    outcome = BY_NAME[name]
    threshold = outcome.threshold(float(means["reference"].mean()))
    ax.axvspan(-threshold, threshold, color=SMALL, zorder=0)
    ax.axvline(0.0, color="#555555", linewidth=1.0)
    for at, arm in enumerate(arms):
        values = each.loc[each["arm"] == arm, "effect"].to_numpy(float)
        values = np.sort(values[np.isfinite(values)])
        rise = 0.3 * (np.arange(len(values)) * 0.6180339887498949 % 1.0 - 0.5)  # spread evenly, the same every time
        ax.scatter(values, at + 0.16 + rise, s=12, c=POINT, alpha=0.45, linewidths=0)
        row = means[means["arm"] == arm].iloc[0]
        if math.isfinite(row["effect"]):
            sure = math.isfinite(row["low"])
            whiskers = [[row["effect"] - row["low"]], [row["high"] - row["effect"]]] if sure else None
            ax.errorbar([row["effect"]], [at - 0.22], xerr=whiskers, fmt="D", color=MEAN, markersize=6, elinewidth=2.0, capsize=3)
    better = {1: "  better →", -1: "← better  "}.get(outcome.better, "")
    ax.set_xlabel(f"{fill(outcome.definition, 60)}\ndifference in {outcome.name} ({outcome.unit})\n{better}", fontsize=9)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(axis="x", color="#eeeeee", linewidth=0.8)
    ax.set_axisbelow(True)
