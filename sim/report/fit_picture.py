"""The picture of ``bridgework fit``: recorded events beside simulated ones, and what can be told of echoes and what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.fit.border import BorderFit
from sim.fit.matching import Matched, autocorrelation
from sim.fit.process import RANGES
from sim.report.figures import ARM_COLOURS
from sim.report.fit import WORDS, ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RECORDED, COLOURS = "#555555", {"echoes": ARM_COLOURS[1], "drift": ARM_COLOURS[0], "both": ARM_COLOURS[2]}
_LONGEST_LAG = 26


def fit_picture(fit: BorderFit, path: Path) -> Path:
    """Draw recorded events beside simulated ones, and what can be told of echoes and what cannot.

    Parameters
    ----------
    fit : BorderFit
        The fit.
    path : pathlib.Path
        Picture file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 9.5), layout="constrained", dpi=110)
    grid = figure.add_gridspec(2, 6)
    weeks, share = figure.add_subplot(grid[0, :4]), figure.add_subplot(grid[0, 4:])
    lags, often, deadly = (figure.add_subplot(grid[1, 2 * k : 2 * k + 2]) for k in range(3))
    _weeks(weeks, fit)
    _share(share, fit)
    _lags(lags, fit)
    _often(often, fit)
    _deadly(deadly, fit)
    for axes in (weeks, share, lags, often, deadly):
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        f"{fit.place}, {fit.recorded.start.year} to {fit.recorded.end.year}: {_headline(fit)}",
        x=0.01,
        ha="left",
        fontsize=15,
        fontweight="bold",
    )
    about = f"{fit.recorded.deaths.size:,} lethal events of {fit.recorded.file.dataset}."
    if fit.matched:
        about += f" Simulated: {len(fit.matched[0].counts)} worlds of {fit.base} matched with echoes, and as many with drift. Bands: nine in ten."
    figure.supxlabel(about, x=0.01, ha="left", fontsize=9, color="#555555")
    figure.savefig(path)
    return path


def _headline(fit: BorderFit) -> str:
    return {
        "independent": "no clustering beyond chance",
        "not identified": "events cluster; echo or drift cannot be told",
        "echoes": "events seem to set off events",
        "drift": "events cluster as their background drifts",
        "both": "events cluster; mostly drift" if fit.fits.both.process.share < 0.5 else "events cluster; mostly echo",
    }[fit.fits.verdict]


def _weeks(axes: Axes, fit: BorderFit) -> None:
    counts = fit.recorded.counts
    totals = counts.sum(axis=1)
    near = int(np.argsort(totals, kind="stable")[len(totals) // 2])
    name = "" if len(counts) == 1 else f": {fit.recorded.areas[near]}, the middle one of {len(counts)} regions"
    rows = [(f"recorded{name}", counts[near], RECORDED)]
    rows += [(f"simulated {WORDS[one.way]}", _typical(one), COLOURS[one.way]) for one in fit.matched]
    top = max(float(row.max()) for _, row, _ in rows) * 1.3 + 0.5
    start = fit.recorded.start.year + (fit.recorded.start.timetuple().tm_yday - 1) / 365.25
    for k, (label, row, colour) in enumerate(rows):
        base = (len(rows) - 1 - k) * top
        years = start + np.arange(row.size) * 7 / 365.25
        axes.vlines(years, base, base + row, color=colour, lw=1.1)
        axes.axhline(base, color="#dddddd", lw=0.6, zorder=0)
        axes.text(years[0], base + 0.84 * top, label, fontsize=10, color=colour, fontweight="bold")
        axes.text(years[-1], base + 0.84 * top, f"most in a week: {int(row.max())}", fontsize=9, color=colour, ha="right")
    axes.set_yticks([])
    axes.set_ylim(-0.02 * top, len(rows) * top * 1.02)
    axes.xaxis.set_major_locator(_whole())
    axes.spines["left"].set_visible(False)
    title = "Lethal events, week by week" + (": one region, one world each" if fit.matched else "")
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold")


def _whole() -> Any:
    """Tick whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)


def _percent_axis(axes: Axes) -> None:
    """Write a logarithmic axis in percent, at powers of ten only."""
    from matplotlib.ticker import NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _typical(matched: Matched) -> NDArray[np.int64]:
    """Return the world whose pattern is nearest to the middle of all."""
    patterns = matched.simulated
    middle = np.nanmedian(patterns, axis=0)
    off = np.nansum(np.abs(patterns - middle) / (np.nanstd(patterns, axis=0) + 1e-9), axis=1)
    return matched.counts[int(np.where(np.isnan(patterns).any(axis=1), np.inf, off).argmin())]


def _share(axes: Axes, fit: BorderFit) -> None:
    rows = [
        ("if the\nbackground\nis steady", fit.fits.echoes, COLOURS["echoes"]),
        ("if it may\ndrift, too", fit.fits.both, COLOURS["both"]),
    ]
    for k, (_, fitted, colour) in enumerate(rows):
        low, high = (100 * end for end in fitted.intervals["share"])
        value = 100 * fitted.process.share
        axes.plot([low, high], [-k, -k], color=colour, lw=5, alpha=0.4, solid_capstyle="round")
        axes.plot([value], [-k], "o", color=colour, ms=11, mec="white")
        said = f"{value:.0f} % ({ends(*fitted.intervals['share'], RANGES['share'], 0, 100)})"
        axes.text(min(max(value, 22), 78), -k + 0.16, said, ha="center", fontsize=10, color=colour)
    axes.set_yticks([0, -1], [label for label, _, _ in rows])
    axes.set_ylim(-1.5, 0.6)
    axes.set_xlim(-4, 100)
    axes.set_xlabel("% of events set off by earlier ones, with 95 % interval")
    axes.set_title("How much is echo?", loc="left", fontsize=12, fontweight="bold")


def _lags(axes: Axes, fit: BorderFit) -> None:
    most = min(_LONGEST_LAG, fit.recorded.weeks // 4)
    weeks = np.arange(1, most + 1)
    for one in fit.matched:
        values = np.array([autocorrelation(counts, most) for counts in one.counts])
        axes.fill_between(weeks, *np.nanquantile(values, [0.05, 0.95], axis=0), color=COLOURS[one.way], alpha=0.13, lw=0)
        axes.plot(weeks, np.nanmean(values, axis=0), color=COLOURS[one.way], lw=2, label=f"simulated {WORDS[one.way]}")
    own = np.nanmean([autocorrelation(counts, most) for counts in fit.recorded.counts], axis=0)
    axes.plot(
        weeks,
        own,
        "o-",
        color=RECORDED,
        ms=4,
        lw=1.2,
        label="recorded" + (", mean of regions" if len(fit.recorded.areas) > 1 else ""),
    )
    axes.axhline(0.0, color="#999999", lw=0.8)
    axes.set_xlabel("weeks later")
    axes.xaxis.set_major_locator(_whole())
    axes.set_ylabel("correlation of weekly counts")
    axes.legend(frameon=False, fontsize=9)
    axes.set_title("Is a bad week followed by others?", loc="left", fontsize=12, fontweight="bold")


def _often(axes: Axes, fit: BorderFit) -> None:
    most = int(min(max(np.quantile(fit.recorded.counts, 0.999), 4), 12))
    numbers = np.arange(most + 1)

    def shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.array([(counts.ravel() >= n).mean() for n in numbers])

    for one in fit.matched:
        axes.plot(
            numbers[1:],
            100 * shares(np.concatenate(one.counts))[1:],
            color=COLOURS[one.way],
            lw=2,
            label=f"simulated {WORDS[one.way]}",
        )
    axes.plot(numbers[1:], 100 * shares(fit.recorded.counts)[1:], "o", color=RECORDED, ms=6, label="recorded")
    _percent_axis(axes)
    axes.xaxis.set_major_locator(_whole())
    axes.set_xlabel("lethal events in a week, at least")
    axes.set_ylabel("share of weeks")
    axes.legend(frameon=False, fontsize=9)
    axes.set_title("How often a week is how bad", loc="left", fontsize=12, fontweight="bold")


def _deadly(axes: Axes, fit: BorderFit) -> None:
    deaths = np.sort(fit.recorded.deaths)
    values, first = np.unique(deaths, return_index=True)
    axes.loglog(values, 100 * (1.0 - first / deaths.size), "o", color=RECORDED, ms=4, label="recorded")
    if fit.deadliness is not None:
        grid = np.unique(np.geomspace(1, fit.deadliness.most, 200).round())
        axes.loglog(grid, 100 * np.maximum(fit.deadliness.at_least(grid), 1e-6), color=ARM_COLOURS[3], lw=2, label="fitted")
    axes.set_ylim(60 / deaths.size, 130)
    axes.xaxis.set_major_formatter("{x:g}")
    _percent_axis(axes)
    axes.set_xlabel("deaths in an event, at least")
    axes.set_ylabel("share of lethal events")
    axes.legend(frameon=False, fontsize=9)
    axes.set_title("How deadly is an event?", loc="left", fontsize=12, fontweight="bold")
