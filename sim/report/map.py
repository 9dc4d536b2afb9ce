"""The map: communities, crossings, ties, tension and incidents of one world, or of several on average."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.families import FORCE
from sim.report.figures import ARM_COLOURS
from sim.scenario.schema import Scenario
from sim.week.schedule import live_week
from sim.world.build import build_world

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


CALM, TENSE = 0.1, 0.8
"""Tension at the two ends of the colour scale."""
MOST_NAMED = 10
CROWDED = 120
"""Crossings from which on their lines are drawn finer."""
MARGIN = (0.06, 0.12)
"""Room around the places for names, by their extent."""
FLATTEST = 0.4
"""Height of the map by its width, at least, where places were laid out and not located: across the border it is stretched."""
TIE_COLOUR, FORCE_COLOUR = "#17807E", "#B22222"


Written = tuple[int, float, float]
"""A place's name as it stands on the map: the place, how far above it, and how wide, in inches."""


@dataclass(frozen=True, slots=True)
class MapData:
    """What the map shows; places and crossings are the same in all worlds of a scenario.

    Attributes
    ----------
    tension : array of float, shape (crossings,)
        Tension at the end, 0-1.
    force : array of float, shape (crossings,)
        Incidents of force or worse per year of the horizon.
    ties : array of float, shape (crossings,)
        Live ties between the two communities at the end.
    """

    tension: NDArray[np.float64]
    force: NDArray[np.float64]
    ties: NDArray[np.float64]


def map_of(task: tuple[str, int, int]) -> MapData:
    """Live through a scenario, given as JSON, with a seed up to a week, and gather what the map shows."""
    text, seed, until = task
    world = build_world(Scenario.model_validate_json(text), seed)
    while world.week < until:
        live_week(world)
    crossings = world.crossings
    count = np.zeros(crossings.key.size)
    for table, rows in ((world.ended, world.ended_incidents), (world.incidents, world.live_incidents)):
        here = (table.rung[:rows] >= FORCE) & (table.began[:rows] >= 0)
        np.add.at(count, table.crossing[:rows][here], 1.0)
    return MapData(crossings.tension.astype(np.float64), count / (until / 52.0), crossings.bridged.astype(np.float64))


def mean_of_maps(maps: list[MapData]) -> MapData:
    """Average what several worlds of one scenario show."""
    return MapData(*(np.mean([getattr(one, field.name) for one in maps], axis=0) for field in fields(MapData)))


def draw_map(scenario: Scenario, data: MapData, until: int, path: Path, worlds: int = 1) -> Path:
    """Draw the map.

    Parameters
    ----------
    scenario : Scenario
        Whose places they are.
    data : MapData
        What to show.
    until : int
        Week at whose end it is drawn.
    path : pathlib.Path
        Where to write the picture.
    worlds : int
        How many worlds it is the mean of.
    """
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    world = build_world(scenario, 0)
    region, c, x = scenario.region, world.communities, world.crossings
    at = np.column_stack([c.x, c.y]).astype(np.float64)
    span = np.maximum(np.ptp(at, axis=0), 1.0)
    ratio = span[1] / span[0]
    stretched = region.layout is not None and ratio < FLATTEST
    height = float(np.clip(10.5 * (FLATTEST if stretched else ratio), 3.6, 10.5))
    figure = plt.figure(figsize=(11.0, height + 2.0))
    ax = figure.add_axes((0.03, 1.0 / (height + 2.0), 0.94, height / (height + 2.0)))
    ax.set_axis_off()
    ax.set_aspect("auto" if stretched else "equal")
    shades = mpl.colormaps["YlOrRd"]
    norm = mpl.colors.Normalize(CALM, TENSE)
    ends = np.stack([at[x.a], at[x.b]], axis=1)
    calmest = np.argsort(data.tension, kind="stable")  # tense crossings are drawn over calm ones
    crowded = min(1.0, math.sqrt(CROWDED / x.key.size))
    lines = mpl.collections.LineCollection(
        list(ends[calmest]), colors=shades(norm(data.tension[calmest])), capstyle="round", zorder=1, alpha=0.4 + 0.6 * crowded,
        linewidths=(1.0 + 4.0 * x.exposure[calmest].astype(float)) * crowded,
    )  # fmt: skip
    ax.add_collection(lines)
    _ties(ax, ends, data.ties, span)
    size = 30.0 + 420.0 * c.population / max(float(c.population.max()), 1.0) * min(1.0, 60.0 / c.population.size)
    for side in range(len(region.sides)):
        own = c.side == side
        colour = ARM_COLOURS[side % len(ARM_COLOURS)]
        ax.scatter(at[own, 0], at[own, 1], s=size[own], color=colour, edgecolors="white", linewidths=0.8, zorder=3)
    middle = ends.mean(axis=1)
    worst = data.force > 0.0
    scale = 600.0 / max(float(data.force.max()), 1e-9) * min(1.0, 40.0 / x.key.size)
    ax.scatter(
        middle[worst, 0],
        middle[worst, 1],
        s=12.0 + scale * data.force[worst],
        facecolors="none",
        edgecolors=FORCE_COLOUR,
        linewidths=1.6 * crowded,
        zorder=4,
    )
    partner = np.zeros(c.key.size)
    for one, other in ((x.a, x.b), (x.b, x.a)):
        np.add.at(partner, one, at[other, 1] - at[one, 1])
    written = _name_largest(ax, world.community_names, at, size, above=partner <= 0.0)
    _name_sides(ax, at, c.side, region.sides, ends, written)
    _key(figure, ax, mpl.cm.ScalarMappable(norm, shades), data, stretched)
    when = f"after {until / 52.0:.3g} years"
    of = "one possible world" if worlds == 1 else f"mean of {worlds} possible worlds"
    figure.text(0.03, 1.0 - 0.42 / (height + 2.0), scenario.title, fontsize=15, parse_math=False)
    figure.text(0.03, 1.0 - 0.7 / (height + 2.0), f"{when}, {of}", fontsize=10, color="#555555")
    figure.savefig(path, dpi=140)
    plt.close(figure)
    return path


def _ties(ax: Axes, ends: NDArray[np.float64], ties: NDArray[np.float64], span: NDArray[np.float64]) -> None:
    """Draw live ties as arcs beside their crossing, the wider the more there are."""
    most = max(float(ties.max(initial=0.0)), 1.0)
    u = np.linspace(0.0, 1.0, 17)[:, None]
    for (a, b), count in zip(ends, ties, strict=True):
        if count >= 0.5:
            across = (b - a) / span
            bow = np.array([-across[1], across[0]]) * span * 0.18
            arc = a + (b - a) * u + bow * np.sin(np.pi * u)
            ax.plot(*arc.T, color=TIE_COLOUR, linewidth=0.8 + 3.2 * math.sqrt(count / most), solid_capstyle="round", zorder=2)


def _name_sides(
    ax: Axes,
    at: NDArray[np.float64],
    side: NDArray[np.int32],
    names: list[str],
    ends: NDArray[np.float64],
    written: list[Written],
) -> None:
    """Write the name of each side where there is room: near its own places, far from those of others, on no line and no other name."""
    low, span = at.min(axis=0), np.maximum(np.ptp(at, axis=0), 1.0)
    ax.set_xlim(low[0] - MARGIN[0] * span[0], low[0] + (1.0 + MARGIN[0]) * span[0])
    ax.set_ylim(low[1] - MARGIN[1] * span[1], low[1] + (1.0 + MARGIN[1]) * span[1])
    ax.apply_aspect()
    inches = np.array(ax.get_window_extent().size) / ax.figure.dpi
    shown = inches / (1.0 + 2.0 * np.array(MARGIN))  # inches that the places take up

    def drawn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((points - low) / span * shown)

    u = np.linspace(0.0, 1.0, 41)[:, None, None]
    taken = np.concatenate([drawn(at), drawn((ends[:, 0] * (1.0 - u) + ends[:, 1] * u).reshape(-1, 2))])
    for place, up, width in written:
        taken = np.concatenate([taken, drawn(at[place]) + np.array([[x, up] for x in np.linspace(-width / 2, width / 2, 9)])])
    edge = shown * np.array(MARGIN)
    grid = np.stack(np.meshgrid(*(np.linspace(-e, s + e, 61) for e, s in zip(edge, shown, strict=True))), axis=-1).reshape(-1, 2)
    for s, name in enumerate(names):
        half = np.array([0.065 * len(name) + 0.1, 0.2])
        inside = ((grid - half >= -edge) & (grid + half <= shown + edge)).all(axis=1)
        places = grid[inside] if inside.any() else shown[None, :] / 2.0
        own, others = drawn(at[side == s]), drawn(at[side != s])
        near = np.linalg.norm(places[:, None] - own, axis=2).min(axis=1)
        far = np.linalg.norm(places[:, None] - others, axis=2).min(axis=1)
        covered = (np.abs(places[:, None] - taken) < half).all(axis=2).sum(axis=1)
        cost = near + 0.3 * np.linalg.norm(places - own.mean(axis=0), axis=1) - 0.5 * np.minimum(far, 3.0) + 0.5 * covered
        best = places[int(np.argmin(cost))]
        taken = np.concatenate([taken, best + half * np.array([[x, y] for x in np.linspace(-1, 1, 9) for y in (-1, 0, 1)])])
        colour = ARM_COLOURS[s % len(ARM_COLOURS)]
        ax.annotate(
            name, low + best / shown * span, color=colour, fontsize=14, fontweight="bold", ha="center", va="center", zorder=5, parse_math=False,
        )  # fmt: skip


def _name_largest(ax: Axes, names: list[str], at: NDArray[np.float64], size: Any, above: NDArray[np.bool_]) -> list[Written]:
    """Name the largest places, on the side away from their crossings; return what is written where."""
    written = []
    for i in np.argsort(-size, kind="stable")[:MOST_NAMED]:
        away = math.sqrt(size[i]) / 2.0 + 2.5
        ax.annotate(
            names[i], at[i], xytext=(0, away if above[i] else -away), textcoords="offset points", fontsize=7.5, ha="center",
            va="bottom" if above[i] else "top", zorder=5, parse_math=False,
        )  # fmt: skip
        written.append((int(i), (away + 4.0) / 72.0 * (1.0 if above[i] else -1.0), 0.06 * len(names[i])))
    return written


def _key(figure: Figure, ax: Axes, shades: Any, data: MapData, stretched: bool) -> None:
    """Explain circles, lines and colours below the map, and draw a scale."""
    from matplotlib.lines import Line2D

    height = figure.get_size_inches()[1]
    bar_ax = figure.add_axes((0.05, 0.5 / height, 0.2, 0.1 / height))
    bar = figure.colorbar(shades, cax=bar_ax, orientation="horizontal")
    bar.set_ticks([CALM, TENSE], labels=["calm", "tense"])
    bar_ax.set_title("crossings: tension; wider with more traffic", fontsize=9, loc="left")
    bar.outline.set_visible(False)
    most = f"largest: {data.force.max():.2g} a year" if data.force.max() > 0.0 else "none"
    items = [
        Line2D([], [], linestyle="none", marker="o", color="#777777", markersize=9),
        Line2D(
            [],
            [],
            linestyle="none",
            marker="o",
            markerfacecolor="none",
            markeredgecolor=FORCE_COLOUR,
            markeredgewidth=1.6,
            markersize=12,
        ),
        Line2D([], [], color=TIE_COLOUR, linewidth=2.5),
    ]
    labels = ["community, by residents", f"incidents of force ({most})", "live ties between workers"]
    shown = 3 if data.ties.max() >= 0.5 else 2
    figure.legend(
        items[:shown],
        labels[:shown],
        loc="center right",
        bbox_to_anchor=(0.98, 0.55 / height),
        ncols=3,
        frameon=False,
        fontsize=9,
        columnspacing=1.4,
    )
    low, high = ax.get_xlim()
    length = 10.0 ** math.floor(math.log10((high - low) / 4.0))
    length *= next(f for f in (5.0, 2.0, 1.0) if f * length <= (high - low) / 4.0)
    y = ax.get_ylim()[0]
    ax.plot([low, low + length], [y, y], color="black", linewidth=2)
    note = f"{length:g} km" + (" along the border; stretched across it" if stretched else "")
    ax.annotate(note, (low, y), xytext=(0, 4), textcoords="offset points", fontsize=8)
