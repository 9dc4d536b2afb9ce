"""Pictures of a study: trust and escalation over time, arms together, with bands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes import BY_NAME

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.lab.study import Study

REFERENCE_COLOUR = "#6b6b6b"
ARM_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#7A5195",
    "#8C6D31",
    "#17807E",
    "#B22222",
    "#4B5FA6",
)
"""Colour-blind safe (Okabe & Ito 2008 first); the reference arm is always grey."""
MOST_LABELLED = 5
"""Arms up to which lines are labelled at their ends; beyond, one legend serves all panels."""
LONGEST_LABEL = 28
FEWEST_FOR_BAND = 5
FORCE_WINDOW = {False: 13, True: 26}
"""Weeks around each week over which incidents are added up, so that the eye sees a rate and not single events: for one arm, for several."""


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    unit: str
    values: dict[str, NDArray[np.float64]]
    """Arm to array of shape (seeds, weeks)."""
    span: float = 0.0
    """Least height of the axis, so that small changes look small."""
    matters: float = 0.0
    """Smallest effect that matters, drawn in differences."""


def colours(arms: list[str], reference: str) -> dict[str, str]:
    """Give each arm its colour."""
    others = [arm for arm in arms if arm != reference]
    return {reference: REFERENCE_COLOUR} | {arm: ARM_COLOURS[i % len(ARM_COLOURS)] for i, arm in enumerate(others)}


def _by_week(series: pd.DataFrame, arms: list[str], name: str) -> dict[str, NDArray[np.float64]]:
    return {
        arm: series[series["arm"] == arm].pivot_table(index="seed", columns="week", values=name, observed=True).to_numpy(float)
        for arm in arms
    }


def _yearly_rate(values: NDArray[np.float64], every: int, window: int, residents: float) -> NDArray[np.float64]:
    """Incidents per 100,000 residents and year in the weeks around each week; fewer weeks count at the ends."""
    blocks, half = values.shape[1], max(1, round(window / every)) // 2
    first = np.maximum(np.arange(blocks) - half, 0)
    last = np.minimum(np.arange(blocks) + half + 1, blocks)
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray((total[:, last] - total[:, first]) * 52.0 / ((last - first) * every) / residents * 1e5)


def _spread(ends: list[float], gap: float) -> list[float]:
    """Move labels apart so that none covers another, keeping their order."""
    order = np.argsort(ends)
    placed = [ends[i] for i in order]
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    excess = np.mean(placed) - np.mean(ends) if placed else 0.0
    out = [0.0] * len(ends)
    for k, i in enumerate(order):
        out[int(i)] = placed[k] - float(excess)
    return out


def _label_ends(ax: Axes, ends: dict[str, float], names: dict[str, str], colour: dict[str, str]) -> None:
    if len(ends) > MOST_LABELLED:
        return
    low, high = ax.get_ylim()
    places = _spread(list(ends.values()), 0.075 * (high - low))
    for (arm, end), y in zip(ends.items(), places, strict=True):
        ax.annotate(
            names[arm],
            (1.0, end),
            (1.04, y),
            xycoords=("axes fraction", "data"),
            textcoords=("axes fraction", "data"),
            va="center",
            fontsize=10,
            color=colour[arm],
            arrowprops={"arrowstyle": "-", "color": colour[arm], "linewidth": 0.7, "shrinkA": 1, "shrinkB": 0},
            annotation_clip=False,
        )


def _programme_years(study: Study) -> dict[str, tuple[float, float, float]]:
    """Return, for each arm with a programme, the years in which its programmes begin, lose their donors, and end."""
    out = {}
    for arm, scenario in study.manifest["scenarios"].items():
        spans = []
        for programme in scenario.get("programmes", {}).values():
            start = programme.get("start_week", 0) / 52.0
            donor = min(start + programme["years"], scenario["years"])
            spans.append((start, donor, donor if programme["after"] == "ends" else scenario["years"]))
        if spans:
            out[arm] = (min(s for s, _, _ in spans), max(d for _, d, _ in spans), max(e for _, _, e in spans))
    return out


def _bars(ax: Axes, years: dict[str, tuple[float, float, float]], colour: dict[str, str], label: bool) -> None:
    """Draw under the top edge when each arm's programmes run: full while donors pay, pale while institutions carry on."""
    transform = ax.get_xaxis_transform()
    for k, (arm, (start, donor, end)) in enumerate(years.items()):
        y = 0.985 - 0.022 * k
        ax.plot([start, donor], [y, y], color=colour[arm], lw=4, solid_capstyle="butt", transform=transform, zorder=4)
        if end > donor:
            ax.plot(
                [donor, end], [y, y], color=colour[arm], lw=4, alpha=0.35, solid_capstyle="butt", transform=transform, zorder=4
            )
    if label and years:
        y = 0.985 - 0.022 * len(years)
        carried = any(end > donor for _, donor, end in years.values())
        text = "programmes run" + (" (pale: carried on by institutions)" if carried else "")
        ax.annotate(text, (min(s for s, _, _ in years.values()), y), xycoords=transform, xytext=(3, 0), textcoords="offset points",
                    va="top", fontsize=8.5, color="#666666")  # fmt: skip


def _mark_shocks(ax: Axes, study: Study, label: bool) -> None:
    """Draw a dashed line where a shock of any arm begins, and shade how long it lasts."""
    found: dict[str, tuple[float, float]] = {}
    for scenario in study.manifest["scenarios"].values():
        start = date.fromisoformat(scenario["start"])
        for name, shock in scenario.get("shocks", {}).items():
            week = shock["week"] if "week" in shock else (date.fromisoformat(shock["date"]) - start).days // 7
            found[f"{name} ({shock['kind'].replace('_', ' ')})"] = (week / 52.0, (week + shock["weeks"]) / 52.0)
    for k, (name, (year, end)) in enumerate(sorted(found.items(), key=lambda item: item[1])):
        ax.axvspan(year, end, color="#8b1a1a", alpha=0.07, linewidth=0)
        ax.axvline(year, color="#8b1a1a", linewidth=1, linestyle=(0, (4, 3)))
        if label:
            place = (year, 0.02 + 0.06 * (k % 4))
            ax.annotate(
                name,
                place,
                xycoords=("data", "axes fraction"),
                xytext=(3, 0),
                textcoords="offset points",
                fontsize=8,
                color="#8b1a1a",
            )


def _levels(
    ax: Axes, panel: _Panel, years: NDArray[np.float64], arms: list[str], names: dict[str, str], colour: dict[str, str]
) -> None:
    ends = {}
    front: dict[str, Any] = {"linestyle": (0, (2, 1.5)), "zorder": 5}
    for arm in arms:
        values = panel.values[arm]
        filled = ~np.isnan(values).all(axis=0)
        mean = np.full(values.shape[1], np.nan)
        mean[filled] = np.nanmean(values[:, filled], axis=0)
        if values.shape[0] >= FEWEST_FOR_BAND and arm == arms[0]:
            low, high = np.nanpercentile(values[:, filled], [5, 95], axis=0)
            ax.fill_between(years[filled], low, high, color=colour[arm], alpha=0.16, linewidth=0)
        ax.plot(years, mean, color=colour[arm], linewidth=2.2, **(front if arm == arms[0] and len(arms) > 1 else {}))
        ends[arm] = float(mean[filled][-1]) if filled.any() else 0.0
    ax.set_title(panel.title, loc="left", fontsize=12, fontweight="bold", pad=14)
    ax.set_ylabel(panel.unit, fontsize=9)
    low, high = ax.get_ylim()
    if panel.span and high - low < panel.span:
        middle = (low + high) / 2
        low = min(max(0.0, middle - panel.span / 2), 1.0 - panel.span)
        ax.set_ylim(low, low + panel.span)
    elif not panel.span:
        # the same height for like worlds, so that a room can compare them; and room for the bars above
        ax.set_ylim(0.0, 10.0 * np.ceil(1.15 * max(high, 1.0) / 10.0))
    _label_ends(ax, ends, names, colour)


def _differences(
    ax: Axes,
    panel: _Panel,
    years: NDArray[np.float64],
    arms: list[str],
    reference: str,
    names: dict[str, str],
    colour: dict[str, str],
) -> None:
    from scipy.special import stdtrit

    ends = {}
    ax.axhline(0.0, color=colour[reference], linewidth=1.5)
    for arm in arms:
        if arm == reference:
            continue
        n = min(len(panel.values[arm]), len(panel.values[reference]))
        difference = panel.values[arm][:n] - panel.values[reference][:n]
        filled = ~np.isnan(difference).any(axis=0)
        mean = difference.mean(axis=0)
        if n >= 3:
            half = stdtrit(n - 1, 0.975) * difference.std(axis=0, ddof=1) / np.sqrt(n)
            ax.fill_between(
                years[filled], (mean - half)[filled], (mean + half)[filled], color=colour[arm], alpha=0.22, linewidth=0
            )
        ax.plot(years, mean, color=colour[arm], linewidth=2.2)
        ends[arm] = float(mean[filled][-1]) if filled.any() else 0.0
    ax.set_title(panel.title, loc="left", fontsize=12, fontweight="bold", pad=14)
    ax.set_ylabel(panel.unit, fontsize=9)
    low, high = ax.get_ylim()
    edge = 1.15 * max(abs(low), abs(high), 1.2 * panel.matters)
    ax.set_ylim(-edge, edge)
    if panel.matters:
        ax.axhspan(-panel.matters, panel.matters, color="#000000", alpha=0.05, linewidth=0)
        side = 1 if sum(ends.values()) < 0 else -1  # where fewer lines run
        ax.annotate(
            "grey: too small to matter",
            (1.0, side * panel.matters),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 3 * side),
            textcoords="offset points",
            ha="right",
            va="bottom" if side > 0 else "top",
            fontsize=9,
            color="#777777",
        )
    _label_ends(ax, ends | {reference: 0.0}, names, colour)


def picture(study: Study, path: Path, residents: float) -> Path | None:
    """Draw trust and escalation over time for all arms of a study that were lived; nothing, and None, where no world was lived in all of them.

    Parameters
    ----------
    study : Study
        With its series kept.
    path : pathlib.Path
        Where to write the PNG.
    residents : float
        Population of the region.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    series, every = study.series_of("community_trust", "reached_force"), int(study.manifest["series_every"])
    lived = set(series["arm"].unique())
    arms = [arm for arm in study.arms if arm in lived]
    runs = series.groupby("seed", observed=True)["arm"].nunique()
    whole = runs[runs == len(arms)].index
    series = series[series["seed"].isin(whole)]
    if study.reference not in arms or not len(whole):
        return None
    names = {
        arm: label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…" for arm, label in study.labels.items()
    }
    colour = colours(arms, study.reference)
    years = np.sort(series["week"].unique()) / 52.0
    trust = _by_week(series, arms, "community_trust")
    several = len(arms) > 1
    window = FORCE_WINDOW[several]
    force = {arm: _yearly_rate(v, every, window, residents) for arm, v in _by_week(series, arms, "reached_force").items()}
    with mpl.rc_context(
        {"text.parse_math": False, "font.family": "DejaVu Sans", "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure = Figure(figsize=(13.5, 8.6 if several else 4.8), layout="constrained", dpi=110)
        axes: Any = figure.subplots(2 if several else 1, 2, squeeze=False)
        running = _programme_years(study)
        force_level = float(np.nanmean(force[study.reference])) if np.isfinite(force[study.reference]).any() else 0.0
        panels = (
            _Panel(
                "Residents' trust in the other side",
                "0 none, 1 full",
                trust,
                1.0 if several else 0.4,
                BY_NAME["community_trust"].threshold(0.0),
            ),
            _Panel(
                "Incidents that reach force or worse",
                f"per 100,000 residents and year, {window}-week mean",
                force,
                0.0,
                BY_NAME["force_rate"].threshold(force_level),
            ),
        )
        for i, panel in enumerate(panels):
            _levels(axes[0, i], panel, years, arms, names, colour)
            if several:
                head = f'difference from "{names[study.reference]}"'
                changed = replace(
                    panel, title=("What changed: trust (up is better)", "What changed: force (down is better)")[i], unit=head
                )
                _differences(axes[1, i], changed, years, arms, study.reference, names, colour)
        for i, ax in enumerate(axes.flat):
            if i < 2:
                _bars(ax, running, colour, i == 0)
            _mark_shocks(ax, study, i < 2)
            ax.set_xlim(0.0, float(np.ceil(years[-1] - 0.01)))
            ax.tick_params(labelsize=9)
            ax.grid(axis="y", color="#e6e6e6", linewidth=0.8)
            ax.set_axisbelow(True)
        for ax in axes[-1]:
            ax.set_xlabel("years since week 0", fontsize=9)
        if len(arms) > MOST_LABELLED:
            handles = [Line2D([], [], color=colour[arm], linewidth=2.5, label=names[arm]) for arm in arms]
            figure.legend(handles=handles, loc="outside right upper", frameon=False, fontsize=10)
        count = len(whole)
        figure.suptitle(study.manifest["title"], x=0.01, ha="left", fontsize=15, fontweight="bold")
        first = names[study.reference]
        bands = f'Grey band: the middle 90 % of worlds of "{first}". Lower bands: 95 % interval of the mean paired difference.'
        note = f"{count} worlds, each lived once in every arm. {bands}"
        if not several:
            note = (
                f"seed {int(series['seed'].iloc[0])}: one possible world, not a forecast"
                if count == 1
                else f"{count} worlds; bands: the middle 90 %"
            )
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color="#555555")
        figure.savefig(path)
    return path
