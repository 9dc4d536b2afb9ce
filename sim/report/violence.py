"""What ``bridgework violence`` shows: lethal events against the bands of F1 and F3, as a table and a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.evidence.events import STARTS
from sim.evidence.violence import Violence, bands
from sim.report.figures import ARM_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIELD = "#d9d9d9"


def _said(value: float, interval: tuple[float, float], band: tuple[float, float]) -> str:
    if not math.isfinite(value):
        return "too few events"
    between = f"\n{interval[0]:.2f} to {interval[1]:.2f}" if math.isfinite(interval[0]) else ""
    return f"{value:.2f}  {'in' if band[0] <= value <= band[1] else 'OUT':3s}{between}".replace("-", "−")


def violence_table(found: list[Violence]) -> Any:
    """Make the table: one row a measure, one column a scenario."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Lethal events against the field (F1, F3)", title_justify="left")
    table.add_column("measure")
    table.add_column("recorded", justify="left")
    for one in found:
        table.add_column(Text(one.label), justify="right")
    measured = [(one.measures(), one.intervals()) for one in found]
    for name, band in bands().items():
        cells = (_said(values[name], intervals[name], band) for values, intervals in measured)
        table.add_row(name, f"{band[0]:.2f} to {band[1]:.2f}", *cells)
    table.add_row("per 100,000 and year", "", *(f"{one.yearly:.2f}" for one in found))
    table.add_row("events, worlds", "", *(f"{one.deaths.size:,}, {len(one.worlds)}" for one in found))
    return table


def violence_words(found: list[Violence]) -> list[str]:
    """Say in a sentence for each scenario how its lethal events compare with the recorded ones."""
    lines = []
    for one in found:
        values = one.measures()
        known = [name for name, value in values.items() if math.isfinite(value)]
        outside = [name for name in known if not bands()[name][0] <= values[name] <= bands()[name][1]]
        if values["events a week"] < bands()["events a week"][0]:
            text = "fewer lethal events than in the regions recorded, as in a quiet place; the other measures are no test of it"
        elif not outside:
            text = f"within what was recorded, by all {len(known)} measures"
        else:
            text = f"outside what was recorded by {len(outside)} of {len(known)} measures: {', '.join(outside)}"
        lines.append(f"{one.label}: {text}.")
    return lines


def violence_document(found: list[Violence]) -> dict[str, Any]:
    """Gather everything into one document of plain numbers."""

    def plain(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return {
        "bands": {name: list(band) for name, band in bands().items()},
        "scenarios": {
            one.label: {
                "measures": {name: plain(value) for name, value in one.measures().items()},
                "intervals": {name: [plain(low), plain(high)] for name, (low, high) in one.intervals().items()},
                "per_100000_and_year": one.yearly,
                "events": one.deaths.size,
                "worlds": len(one.worlds),
            }
            for one in found
        },
    }


def violence_picture(found: list[Violence], path: Path) -> Path:
    """Draw how deadly lethal events are, how they cluster, and what ten years look like, against what was recorded.

    Parameters
    ----------
    found : list of Violence
        What was measured.
    path : pathlib.Path
        PNG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 9), layout="constrained", dpi=110)
    (tail, exponents), (cluster, weeks) = figure.subplots(2, 2)
    colour = {one.label: ARM_COLOURS[k % len(ARM_COLOURS)] for k, one in enumerate(found)}
    _tails(tail, found, colour)
    _exponents(exponents, found, colour)
    _clusters(cluster, found, colour)
    _weeks(weeks, found, colour)
    for axes in (tail, exponents, cluster, weeks):
        axes.spines[["top", "right"]].set_visible(False)
    weeks.spines["left"].set_visible(False)
    bars = "Grey: recorded in the field (F1, F3). Bars: 95 % interval over worlds. Small dots: one world each."
    figure.supxlabel(bars, x=0.01, ha="left", fontsize=9, color="#555555")
    figure.savefig(path)
    return path


def _tails(axes: Axes, found: list[Violence], colour: dict[str, str]) -> None:
    for one in found:
        deaths = np.sort(one.deaths)
        if deaths.size:
            values, first = np.unique(deaths, return_index=True)
            axes.loglog(values, 1.0 - first / deaths.size, color=colour[one.label], lw=1.8, label=one.label)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axes.set_title("A few events hold most of the dead", loc="left", fontsize=12, fontweight="bold")
    axes.set_xlabel("deaths in a lethal event, at least")
    axes.set_ylabel("share of lethal events")
    axes.legend(frameon=False, fontsize=9, loc="lower left")


def _exponents(axes: Axes, found: list[Violence], colour: dict[str, str]) -> None:
    for k, start in enumerate(STARTS):
        name = f"tail exponent from {start}"
        low, high = bands()[name]
        axes.fill_between([k - 0.4, k + 0.4], low, high, color=_FIELD, lw=0, zorder=0)
        for i, one in enumerate(found):
            value, (below, above) = one.measures()[name], one.intervals()[name]
            x = k + 0.6 * ((i + 0.5) / len(found) - 0.5)
            if math.isfinite(value):
                reach = [[value - below], [above - value]] if math.isfinite(below) else None
                axes.errorbar([x], [value], reach, fmt="o", ms=6, color=colour[one.label], lw=1.4, mec="white", mew=0.6)
    axes.set_xticks(range(len(STARTS)), [f"{start} death{'s' if start > 1 else ''} or more" for start in STARTS])
    axes.set_title("How fast large events become rare: the steeper, the rarer", loc="left", fontsize=12, fontweight="bold")
    axes.set_ylabel("tail exponent")


def _clusters(axes: Axes, found: list[Violence], colour: dict[str, str]) -> None:
    low, high = bands()["lag-1 correlation"]
    below, above = bands()["variance / mean"]
    axes.fill_between([below, above], low, high, color=_FIELD, lw=0, zorder=0)
    for one in found:
        measured, intervals = one.measures(), one.intervals()
        x, y = measured["variance / mean"], measured["lag-1 correlation"]
        if math.isfinite(x):
            worlds = [(r.dispersion, r.lag_one) for r in one.clusterings if math.isfinite(r.dispersion)]
            dots = np.array(worlds)
            axes.scatter(dots[:, 0], dots[:, 1], s=9, color=colour[one.label], alpha=0.3, lw=0)
            reach = [[v - intervals[name][0]] for v, name in ((x, "variance / mean"), (y, "lag-1 correlation"))]
            across, up = reach if np.isfinite(reach).all() else (None, None)
            axes.errorbar([x], [y], up, across, fmt="o", ms=9, color=colour[one.label], lw=1.4, mec="white", zorder=3)
    axes.set_xlim(0.8, 5)
    axes.set_ylim(-0.15, 0.8)
    axes.axvline(1.0, color="#999999", lw=0.8, ls=":")
    axes.text(1.03, 0.76, "events independent of each other", fontsize=9, color="#777777")
    axes.set_title("They come in clusters", loc="left", fontsize=12, fontweight="bold")
    axes.set_xlabel("variance / mean of weekly counts")
    axes.set_ylabel("correlation with the next week")


def _weeks(axes: Axes, found: list[Violence], colour: dict[str, str]) -> None:
    rows = [(one, one.worlds[0].counts()) for one in found]
    top = max((float(weekly.max()) for _, weekly in rows), default=1.0) + 1.0
    for k, (one, weekly) in enumerate(rows):
        base = (len(rows) - 1 - k) * top
        years = np.arange(weekly.size) / 52.0
        axes.vlines(years, base, base + weekly, color=colour[one.label], lw=0.9)
        axes.text(0.0, base + 0.72 * top, one.label, fontsize=9, color=colour[one.label])
    axes.set_yticks([])
    axes.set_xlabel("year")
    axes.set_title("Lethal events by week, one world each", loc="left", fontsize=12, fontweight="bold")
