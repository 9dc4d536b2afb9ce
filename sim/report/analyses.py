"""Tables, words and pictures of what a sweep is analysed for: which factors matter, and where a programme fails."""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import fill, shorten
from typing import Any

import numpy as np

from sim.lab.answers import Answers
from sim.lab.design import BLOCKS
from sim.lab.discovery import Discovery
from sim.lab.factors import Factor
from sim.lab.sensitivity import Sensitivity
from sim.lab.study import Study
from sim.outcomes import BY_NAME
from sim.report.terminal import plain
from sim.report.words import number

MOST_BARS = 25
"""Factors that a picture shows one by one."""
MOST_BOXES = 8
FEW_BASE = 64
"""Base points below which Sobol indices are told to be rough."""
ALONE, ALL_IN, CHANCE = "#0072B2", "#9ecae1", "#d9d9d9"
RAISES, LOWERS, EITHER = "#0072B2", "#E69F00", "#7f7f7f"
ONE_WAY = 0.5
"""Share of a factor's influence that has to go one way for it to be said to raise or lower the outcome."""
LABEL_WIDTH = 64
STYLE: Any = {"text.parse_math": False, "font.family": "DejaVu Sans", "axes.spines.top": False, "axes.spines.right": False}
FAILS, WORKS = "#D55E00", "#0072B2"


def asked_in_words(study: Study, answers: Answers) -> str:
    """Tell what was analysed."""
    outcome = BY_NAME[answers.outcome]
    label = study.labels[answers.arm]
    if answers.paired:
        return f'the effect of "{label}" on {outcome.name} ({outcome.definition})'
    return f'{outcome.name} ({outcome.definition}) in "{label}"'


def chance_in_words(found: Sensitivity) -> str:
    """Tell how much of what was seen is chance."""
    return f"{worlds_in_words(found.answers)}{_chance(found)}"


def worlds_in_words(answers: Answers) -> str:
    """Tell that only some of the worlds that a study asks for are taken, if so."""
    taken = answers.values.shape[1]
    if taken >= answers.worlds:
        return ""
    first = "world" if taken == 1 else f"{taken} worlds"
    return (
        f"Only the first {first} of {answers.worlds} {'is' if taken == 1 else 'are'} taken, since few points are known in more. "
    )


def _chance(found: Sensitivity) -> str:
    chance = found.chance
    if math.isnan(chance.share):
        if found.answers.worlds > chance.worlds:
            return "Chance cannot be told apart from influence by one world: finish the sweep."
        if chance.worlds < 2:
            return "Each point was lived in one world only, so that chance cannot be told apart from influence: seeds = 2 or more would."
        return "Nothing differs between any two runs."
    told = f"Of the variance of single runs, {chance.share:.0%} is chance and {1 - chance.share:.0%} comes from what was varied."
    if found.kind != "sobol":
        return f"{told} Grey: what chance alone would give each factor, from how its changes differ between worlds."
    seen = chance.parameters + chance.left
    part = chance.left / seen if seen > 0.0 else 0.0
    few = f"Only {found.used} base points: all indices are rough; 256 or more are usual. " if found.used < FEW_BASE else ""
    left = (
        f"Of the variance between means of {chance.worlds} worlds, {part:.0%} is chance that is left; net indices are without it."
    )
    return f"{few}{told} {left}"


def sensitivity_table(study: Study, found: Sensitivity) -> Any:
    """Return the factors in the order of their influence."""
    from rich.table import Table

    what = asked_in_words(study, found.answers)
    title = f"What matters for {what}\n{found.used:,} of {found.blocks:,} {BLOCKS[found.kind]}"
    table = Table(title=plain(title), title_justify="left")
    table.add_column("factor")
    sobol = ("alone", "with interactions", "alone, net", "with interactions, net")
    for head in sobol if found.kind == "sobol" else ("influence", "chance alone", "mean", "spread"):
        table.add_column(head, justify="right")
    for row in found.table.head(MOST_BARS).to_dict("records"):
        table.add_row(plain(row["factor"]), *_cells(found, row))
    return table


def _cells(found: Sensitivity, row: dict[Any, Any]) -> list[str]:
    if found.kind == "sobol":
        pairs = [(row[n], row[f"{n}_low"], row[f"{n}_high"]) for n in ("first", "total", "net_first", "net_total")]
        return ["–" if math.isnan(m) else f"{m:.2f}  ({low:.2f} to {high:.2f})".replace("-", "−") for m, low, high in pairs]
    told = [
        f"{row[n]:{'+' if n == 'mean' else ''}.2g}".replace("-", "−")
        for n in ("influence", "low", "high", "chance", "mean", "spread")
    ]
    told[3] = "–" if math.isnan(row["chance"]) else told[3]
    return [f"{told[0]}  ({told[1]} to {told[2]})", *told[3:]]


def sensitivity_picture(study: Study, found: Sensitivity, path: Path) -> None:
    """Draw the factors as bars, the most influential on top, with intervals and what chance alone would do."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    moved = found.table[found.table["total" if found.kind == "sobol" else "influence"] != 0.0]
    table = (moved if len(moved) else found.table).head(MOST_BARS).iloc[::-1]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11.0, 2.6 + 0.36 * len(table)), layout="constrained", dpi=110)
        ax: Any = figure.subplots()
        at = np.arange(len(table))
        if found.kind == "sobol":
            _sobol_bars(ax, table, at)
            ax.set_xlabel("share of the variance that it explains")
        else:
            _morris_bars(ax, table, at)
            unit = BY_NAME[found.answers.outcome].unit
            ax.set_xlabel(f"how far it moves, on average, as a factor goes from one end of its range to the other\n({unit})")
        by_name = {factor.name: factor for factor in study.laid.factors}
        ax.set_yticks(at, [_label(name, by_name) for name in table["factor"]], fontsize=8)
        ax.set_ylim(-0.7, len(table) - 0.3)
        ax.grid(axis="x", color="#e6e6e6", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.legend(frameon=False, loc="lower right", fontsize=9)
        words = asked_in_words(study, found.answers)
        figure.suptitle(f"What matters most for {words}", x=0.01, ha="left", fontsize=13, fontweight="bold", wrap=True)
        more, still = max(len(moved) - len(table), 0), len(found.table) - max(len(moved), 1)
        rest = (f"  {_factors(more)} below these." if more else "") + (
            f"  {_factors(still)} moved nothing at all." if still else ""
        )
        note = f"{chance_in_words(found)}{rest}\nWhiskers: 95 % bootstrap intervals. {study.left_out()}".strip()
        figure.supxlabel(note, x=0.01, ha="left", fontsize=8.5, color="#444444", wrap=True)
        figure.savefig(path)


def _factors(count: int) -> str:
    return f"{count} more factor{'' if count == 1 else 's'}"


def _label(name: str, factors: dict[str, Factor]) -> str:
    """Name a factor, and tell below what it is."""
    meaning = factors[name].meaning[1] if name in factors else ""
    return f"{name}\n{shorten(meaning, LABEL_WIDTH, placeholder=' …')}" if meaning else name


def _sobol_bars(ax: Any, table: Any, at: Any) -> None:
    for name, colour, height, lift, label in (
        ("total", ALL_IN, 0.78, 0.29, "with all its interactions"),
        ("first", ALONE, 0.4, 0.0, "alone"),
    ):
        whiskers = [table[name] - table[f"{name}_low"], table[f"{name}_high"] - table[name]]
        ax.barh(at, table[name].clip(lower=0.0), height, color=colour, label=label)
        ax.errorbar(
            table[name].clip(lower=0.0), at + lift, xerr=whiskers, fmt="none", ecolor="#333333", elinewidth=1.0, capsize=2
        )
    ax.set_xlim(left=min(0.0, float(table["first"].min()), 0.0))
    if table["net_total"].notna().all():
        ax.plot(table["net_total"], at, "d", color="#222222", markersize=4, label="with interactions, chance taken off")


def _morris_bars(ax: Any, table: Any, at: Any) -> None:
    if table["chance"].notna().all():
        ax.barh(at, table["chance"], 0.9, color=CHANCE, zorder=0, label="what chance alone would give")
    share = table["mean"] / table["influence"].where(table["influence"] > 0.0, 1.0)
    for which, colour, label in (
        (share >= ONE_WAY, RAISES, "a higher value raises it"),
        (share <= -ONE_WAY, LOWERS, "a higher value lowers it"),
        (share.abs() < ONE_WAY, EITHER, "now one, now the other"),
    ):
        if which.any():
            ax.barh(at[which], table["influence"][which], 0.5, color=colour, label=label)
    whiskers = [table["influence"] - table["low"], table["high"] - table["influence"]]
    ax.errorbar(table["influence"], at, xerr=whiskers, fmt="none", ecolor="#333333", elinewidth=1.0, capsize=2)
    ax.set_xlim(left=0.0)


def sensitivity_document(study: Study, found: Sensitivity) -> dict[str, Any]:
    """Return it as plain data."""
    rows = [
        {k: v if isinstance(v, str) or math.isfinite(v) else None for k, v in row.items()}
        for row in found.table.to_dict("records")
    ]
    chance = {name: getattr(found.chance, name) for name in ("parameters", "world", "rest", "worlds", "share", "left")}
    return {
        "outcome": found.answers.outcome,
        "arm": found.answers.arm,
        "paired": found.answers.paired,
        "kind": found.kind,
        "used": found.used,
        "blocks": found.blocks,
        "factors": rows,
        "chance": {name: v if math.isfinite(v) else None for name, v in chance.items()},
        "left_out": study.left_out(),
    }


def discovery_words(study: Study, found: Discovery) -> list[str]:
    """Tell in which futures an arm fails."""
    middle, low, high = found.base
    fail = failing_in_words(found)
    held = f"of {found.held_back:,} futures held back to test the rules"
    lines = [f"{asked_in_words(study, found.answers)[0].upper()}{asked_in_words(study, found.answers)[1:]}:"]
    lines.append(
        f"{fail} in {int(found.fails.sum()):,} of {len(found.fails):,} futures; in {middle:.0%} (95 %: {low:.0%} to {high:.0%}) {held}."
    )
    if not found.boxes:
        alike = found.fails.all() or not found.fails.any()
        lines.append("There is nothing to tell apart." if alike else "No rule tells them apart.")
    lines += [f"  {box_in_words(found, box)}" for box in found.boxes[:MOST_BOXES]]
    if found.boxes and not any(found.tells(box) for box in found.boxes):
        few = (
            f" Only {found.held_back} futures were held back to test them; more points would tell more."
            if found.held_back < 100
            else ""
        )
        lines.append(f"No box differs from the other futures beyond chance: these rules tell nothing.{few}")
    if worlds_in_words(found.answers):
        lines.append(worlds_in_words(found.answers).strip())
    if found.left_out:
        lines.append(f"{found.left_out:,} points are left out, since not all their worlds are known.")
    return lines


def failing_in_words(found: Discovery) -> str:
    """Tell what counts as failing."""
    outcome = BY_NAME[found.answers.outcome]
    least, less = number(abs(found.least), outcome), outcome.better < 0
    if not found.answers.paired:
        line = number(found.least, outcome)
        return f"it fails (is at or {'above' if less else 'below'} {line})"
    if found.least < 0.0:
        return f"it fails ({'raises' if less else 'lowers'} it by {least} or more)"
    verb = "lower" if less else "raise"
    return f"it fails (does not {verb} it{f' by more than {least}' if found.least else ''})"


def box_in_words(found: Discovery, box: Any) -> str:
    """Tell a box in a line."""
    by_name = {factor.name: factor for factor in found.factors}
    parts = []
    for name, (low, high) in box.limits.items():
        factor = by_name[name]
        if factor.values:
            inside = [f"{v:,.12g}" for v in sorted(factor.values) if low <= v <= high]
            parts.append(f"{name} {' or '.join(inside)}")
        elif low <= factor.low:
            parts.append(f"{name} up to {high:.3g}")
        elif high >= factor.high:
            parts.append(f"{name} above {low:.3g}")
        else:
            parts.append(f"{name} {low:.3g} to {high:.3g}")
    middle, low, high = box.density
    where = ", ".join(parts) or "everywhere"
    if not box.futures:
        return f"{where}: none of the futures held back"
    return f"{where}: fails in {middle:.0%} ({low:.0%} to {high:.0%}) of {box.futures:,} futures; {box.coverage:.0%} of all that fail"


def discovery_picture(study: Study, found: Discovery, path: Path) -> None:
    """Draw the futures by the two factors that tell most, those that fail in red, and the box that fails most."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    counted: dict[str, float] = {}
    for box in found.boxes:
        for name in box.limits:
            counted[name] = counted.get(name, 0.0) + box.futures * abs(
                (box.density[0] if box.futures else found.base[0]) - found.base[0]
            )
    names = [factor.name for factor in found.factors]
    axes = sorted(counted, key=lambda name: -counted[name])[:2]
    axes += [name for name in names if name not in axes][: 2 - len(axes)]
    columns = [names.index(name) for name in axes]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.5, 7.2), layout="constrained", dpi=110)
        ax: Any = figure.subplots()
        x = _apart(found, columns[0], 0)
        y = _apart(found, columns[1], 1) if len(columns) > 1 else np.zeros(len(x))
        for which, colour, mark, label in ((~found.fails, WORKS, "o", "works"), (found.fails, FAILS, "X", "fails")):
            seen, unseen = which & ~found.held, which & found.held
            ax.scatter(x[seen], y[seen], s=18, c=colour, marker=mark, alpha=0.25, linewidths=0)
            ax.scatter(
                x[unseen], y[unseen], s=40, c=colour, marker=mark, alpha=0.9, linewidths=0, label=f"{label} ({unseen.sum():,})"
            )
        worst = next((box for box in found.boxes if found.tells(box) and box.density[0] > found.base[0]), None)
        if worst is not None and len(columns) > 1:
            (x0, x1), (y0, y1) = (
                worst.limits.get(n, (found.factors[c].low, found.factors[c].high)) for n, c in zip(axes, columns, strict=True)
            )
            ax.add_patch(
                Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=FAILS, linewidth=2.0, label="fails most often here")
            )
        told = [_axis(found.factors[column]) for column in columns]
        ax.set_xlabel(told[0])
        ax.set_ylabel(told[1] if len(told) > 1 else "")
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False)
        text = asked_in_words(study, found.answers)
        figure.suptitle(f"In which futures it fails: {text}", x=0.01, ha="left", fontsize=12, fontweight="bold", wrap=True)
        note = (
            f"Worst: {box_in_words(found, worst)}" if worst is not None else "No rule told failing futures apart beyond chance."
        )
        here = failing_in_words(found)
        figure.text(0.01, 0.93, fill(f"{here[0].upper()}{here[1:]}. {note}", 130), fontsize=9, va="top")
        faint = "Solid: futures held back to test the rules, which are counted. Faint: those that the rules were found on."
        figure.supxlabel(faint, x=0.01, ha="left", fontsize=8.5, color="#444444")
        figure.savefig(path)


def _apart(found: Discovery, column: int, which: int) -> Any:
    """Return a factor's values; those of which there are few are moved a little, so that marks do not lie on each other."""
    values, factor = found.values[:, column], found.factors[column]
    if not factor.values and not factor.whole and len(np.unique(values)) > len(values) / 4:
        return values
    least = np.diff(np.unique(values)).min(initial=factor.high - factor.low)
    lot = np.random.default_rng(which).uniform(-0.5, 0.5, len(values))
    return values + lot * min(0.4 * least, 0.06 * (factor.high - factor.low))


def _axis(factor: Factor) -> str:
    unit, meaning = factor.meaning
    return fill(f"{factor.name}: {meaning}{f' ({unit})' if unit else ''}", 70) if meaning else factor.name


def discovery_document(study: Study, found: Discovery) -> dict[str, Any]:
    """Return it as plain data."""

    def known(values: tuple[float, ...]) -> list[float | None]:
        return [v if math.isfinite(v) else None for v in values]

    return {
        "outcome": found.answers.outcome,
        "arm": found.answers.arm,
        "paired": found.answers.paired,
        "least": found.least,
        "futures": len(found.fails),
        "failing": int(found.fails.sum()),
        "held_back": found.held_back,
        "base": known(found.base),
        "boxes": [
            {"limits": {n: list(v) for n, v in box.limits.items()}, "futures": box.futures, "failed": box.failed}
            | {"density": known(box.density), "coverage": box.coverage}
            for box in found.boxes
        ],
        "left_out": study.left_out(),
    }
