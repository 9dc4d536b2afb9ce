"""What ``bridgework violence`` shows: lethal events against the bands of F1 and F3, as a table and a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from sim.evidence.violence import BANDS, Violence
from sim.report.figures import ARM_COLOURS

_FIELD = "#d9d9d9"


def _said(value: float, band: tuple[float, float]) -> str:
    if not math.isfinite(value):
        return "too few events"
    text = f"{value:.2f}".replace("-", "−")
    return f"{text}  in" if band[0] <= value <= band[1] else f"{text}  OUT"


def violence_table(found: list[Violence]) -> Any:
    """Make the table: one row a measure, one column a scenario."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Lethal events against the field (F1, F3)", title_justify="left")
    table.add_column("measure")
    table.add_column("recorded", justify="left")
    for one in found:
        table.add_column(Text(one.label), justify="right")
    measured = [one.measures() for one in found]
    for name, band in BANDS.items():
        table.add_row(name, f"{band[0]:.2f} to {band[1]:.2f}", *(_said(values[name], band) for values in measured))
    table.add_row("per 100,000 and year", "", *(f"{one.yearly:.2f}" for one in found))
    table.add_row("events, worlds", "", *(f"{one.deaths.size:,}, {len(one.regions)}" for one in found))
    return table


def violence_document(found: list[Violence]) -> dict[str, Any]:
    """Gather everything into one document of plain numbers."""
    return {
        "bands": {name: list(band) for name, band in BANDS.items()},
        "scenarios": {
            one.label: {
                "measures": {name: (value if math.isfinite(value) else None) for name, value in one.measures().items()},
                "per_100000_and_year": one.yearly,
                "events": int(one.deaths.size),
                "worlds": len(one.regions),
            }
            for one in found
        },
    }


def violence_picture(found: list[Violence], path: Path) -> Path:
    """Draw how deadly lethal events are, how they cluster, and what ten years look like.

    Parameters
    ----------
    found : list of Violence
        What was measured.
    path : pathlib.Path
        PNG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.6), layout="constrained", dpi=120)
    tail, cluster, weeks = figure.subplots(1, 3, width_ratios=(1, 1, 1.2))
    colour = {one.label: ARM_COLOURS[k % len(ARM_COLOURS)] for k, one in enumerate(found)}
    for one in found:
        deaths = np.sort(one.deaths)
        if deaths.size:
            values, first = np.unique(deaths, return_index=True)
            tail.loglog(values, 1.0 - first / deaths.size, color=colour[one.label], lw=1.8, label=one.label)
    tail.set_title("A few events hold most of the dead", loc="left", fontsize=11)
    tail.set_xlabel("deaths in a lethal event, at least")
    tail.set_ylabel("share of lethal events")
    tail.legend(frameon=False, fontsize=8, loc="lower left")

    low, high = BANDS["lag-1 correlation"]
    below, above = BANDS["variance / mean"]
    cluster.fill_between([below, above], low, high, color=_FIELD, zorder=0)
    cluster.text(above, high, "recorded,\nmean over regions ", ha="right", va="top", fontsize=8, color="#555555")
    for one in found:
        measured = one.measures()
        x, y = measured["variance / mean"], measured["lag-1 correlation"]
        if math.isfinite(x):
            worlds = [(r.dispersion, r.lag_one) for r in one.regions if math.isfinite(r.dispersion)]
            cluster.scatter(*zip(*worlds, strict=True), s=9, color=colour[one.label], alpha=0.3, lw=0)
            cluster.scatter([x], [y], s=90, color=colour[one.label], edgecolor="white", zorder=3)
    cluster.set_xlim(0.8, 5)
    cluster.set_ylim(-0.15, 0.8)
    cluster.axvline(1.0, color="#999999", lw=0.8, ls=":")
    cluster.text(1.02, -0.13, "independent events", fontsize=8, color="#777777")
    cluster.set_title("They come in clusters", loc="left", fontsize=11)
    cluster.set_xlabel("variance / mean of weekly counts")
    cluster.set_ylabel("correlation with the next week")

    rows = [one for one in found if one.weekly.size]
    top = max((float(one.weekly.max()) for one in rows), default=1.0) + 1.0
    for k, one in enumerate(rows):
        base = (len(rows) - 1 - k) * top
        years = np.arange(one.weekly.size) / 52.0
        weeks.vlines(years, base, base + one.weekly, color=colour[one.label], lw=0.9)
        weeks.text(0.0, base + 0.72 * top, one.label, fontsize=8, color=colour[one.label])
    weeks.set_yticks([])
    weeks.set_xlabel("year")
    weeks.set_title("Lethal events by week, one world each", loc="left", fontsize=11)
    for axes in (tail, cluster, weeks):
        axes.spines[["top", "right"]].set_visible(False)
    weeks.spines["left"].set_visible(False)
    figure.savefig(path)
    return path
