"""What ``bridgework rivals`` shows: the same comparison under the model's assumptions and under each rival, and which conclusions survive."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.outcomes import BY_NAME, PRIMARY
from sim.report.figures import ARM_COLOURS
from sim.report.words import interval, number, verdict
from sim.rivals import RIVALS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.lab.study import Study

OWN = "the model's own"
"""How the model's own assumptions are called beside rivals."""
SHOWN = tuple(BY_NAME[name] for name in PRIMARY if BY_NAME[name].interval)


@dataclass(frozen=True, slots=True)
class Lived:
    """A comparison under one set of assumptions.

    Attributes
    ----------
    name : str
        Name of the rival; `OWN` for the model's own assumptions.
    study : Study
        Its study.
    effects : pandas.DataFrame
        Its paired effects.
    """

    name: str
    study: Study
    effects: pd.DataFrame

    def row(self, arm: str, outcome: str) -> pd.Series:
        """Return one effect."""
        found = self.effects[(self.effects["arm"] == arm) & (self.effects["outcome"] == outcome)]
        return found.iloc[0]


def _conclusion(lived: Lived, arm: str, outcome: str) -> str:
    """Return what is concluded of an effect: an interval within the zone that is too small to matter says so, even where it holds zero."""
    row = lived.row(arm, outcome)
    if max(abs(row["low"]), abs(row["high"])) < BY_NAME[outcome].threshold(row["reference"]):
        return "too small to matter"
    return verdict(row, BY_NAME[outcome]).partition(",")[0] or "nothing"


def _arms(found: list[Lived]) -> list[str]:
    study = found[0].study
    return [arm for arm in study.arms if arm != study.reference]


def rivals_table(found: list[Lived]) -> list[Any]:
    """Make a table for each arm: one row a set of assumptions, one column a primary outcome."""
    from rich.table import Table
    from rich.text import Text

    tables = []
    for arm in _arms(found):
        labels = found[0].study.labels
        table = Table(title=Text(f'"{labels[arm]}" against "{labels[found[0].study.reference]}"'), title_justify="left")
        table.add_column("assumptions")
        for outcome in SHOWN:
            table.add_column(f"{outcome.name}\n{outcome.unit}", justify="right")
        for lived in found:
            cells = []
            for outcome in SHOWN:
                row = lived.row(arm, outcome.name)
                cells.append(f"{number(row['effect'], outcome, sign=True)} ({interval(row, outcome)})\n{verdict(row, outcome)}")
            table.add_row(lived.name, *cells, end_section=True)
        tables.append(table)
    return tables


def rivals_words(found: list[Lived]) -> list[str]:
    """Say of each conclusion whether it survives every rival, and under which it does not."""
    own, rivals = found[0], found[1:]
    lines = []
    for arm in _arms(found):
        for outcome in SHOWN:
            said = _conclusion(own, arm, outcome.name)
            others = {one.name: _conclusion(one, arm, outcome.name) for one in rivals}
            changed = ", ".join(f"{name}: {what}" for name, what in others.items() if what != said)
            survives = f"not under {changed}" if changed else f"under all {len(rivals)} rivals too"
            lines.append(f'"{own.study.labels[arm]}", {outcome.name}: {said}; {survives}.')
    return lines


def rivals_document(found: list[Lived]) -> dict[str, Any]:
    """Gather everything into one document of plain numbers."""

    def plain(value: float) -> float | None:
        return float(value) if math.isfinite(value) else None

    rows = [
        {
            "assumptions": lived.name,
            "arm": arm,
            "outcome": outcome.name,
            **{key: plain(lived.row(arm, outcome.name)[key]) for key in ("reference", "effect", "low", "high")},
            "conclusion": _conclusion(lived, arm, outcome.name),
            "survives": _conclusion(lived, arm, outcome.name) == _conclusion(found[0], arm, outcome.name),
        }
        for lived in found
        for arm in _arms(found)
        for outcome in SHOWN
    ]
    assumptions = {name: {"instead_of": rival.instead_of, "words": rival.words} for name, rival in RIVALS.items()}
    return {"assumptions": assumptions, "effects": rows, "studies": {lived.name: str(lived.study.folder) for lived in found}}


def rivals_picture(found: list[Lived], path: Path) -> Path:
    """Draw every primary effect under every set of assumptions, with the zone of effects too small to matter.

    Parameters
    ----------
    found : list of Lived
        The model's own assumptions first.
    path : pathlib.Path
        Picture file to write.
    """
    from matplotlib.figure import Figure

    arms, labels = _arms(found), found[0].study.labels
    height = 2.4 + 0.28 * len(found) * (len(arms) + 1)
    figure = Figure(figsize=(5.2 + 4.2 * len(SHOWN), height), layout="constrained", dpi=110)
    panels = figure.subplots(1, len(SHOWN), sharey=True, squeeze=False)[0]
    for axes, outcome in zip(panels, SHOWN, strict=True):
        _effects(axes, found, arms, outcome.name)
    first = panels[0]
    steps = len(arms) + 1
    first.set_yticks([-(k * steps + (len(arms) - 1) / 2) for k in range(len(found))], [_row_name(lived.name) for lived in found])
    handles = [
        figure.axes[0].plot([], [], "o-", color=ARM_COLOURS[k % len(ARM_COLOURS)], label=labels[arm])[0]
        for k, arm in enumerate(arms)
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=min(len(arms), 4), frameon=False, fontsize=10)
    figure.suptitle("Does the answer hold if others are right?", x=0.01, ha="left", fontsize=15, fontweight="bold")
    worlds = int(found[0].effects["n"].max())
    reference = labels[found[0].study.reference]
    about = f'Differences from "{reference}", {worlds} paired worlds under each, with 95 % intervals. Grey: too small to matter.'
    figure.supxlabel(about, x=0.01, ha="left", fontsize=9, color="#555555")
    figure.savefig(path)
    return path


def _row_name(name: str) -> str:
    short = {
        OWN: "the model's own\nassumptions",
        "idle-trust": "trust stops\nno violence",
        "exposing-contact": "contact mainly\nexposes",
        "thresholds": "thresholds instead of\ngradual change",
        "drift": "drift instead\nof echoes",
    }
    return short.get(name, name)


def _effects(axes: Axes, found: list[Lived], arms: list[str], name: str) -> None:
    outcome, steps = BY_NAME[name], len(arms) + 1
    for k, lived in enumerate(found):
        for a, arm in enumerate(arms):
            row = lived.row(arm, name)
            y, colour = -(k * steps + a), ARM_COLOURS[a % len(ARM_COLOURS)]
            matters = outcome.threshold(row["reference"])
            axes.fill_betweenx([y - 0.5, y + 0.5], -matters, matters, color="#e3e3e3", lw=0, zorder=0)
            if math.isfinite(row["low"]):
                axes.plot([row["low"], row["high"]], [y, y], color=colour, lw=2.2, zorder=2)
            axes.plot([row["effect"]], [y], "o", color=colour, ms=7, mec="white", mew=0.7, zorder=3)
        if k:
            axes.axhline(-(k * steps) + 1.0, color="#cccccc", lw=0.6)
    axes.axvline(0.0, color="#777777", lw=0.9, zorder=1)
    better = {1: "more is better", -1: "less is better", 0: ""}[outcome.better]
    axes.set_title(f"{outcome.definition}\n", loc="left", fontsize=11, fontweight="bold", wrap=True)
    axes.set_xlabel(f"{outcome.unit}{f'; {better}' if better else ''}", fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
