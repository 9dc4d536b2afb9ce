"""What a sweep found, in tables and words."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.lab.design import BLOCKS
from sim.lab.effects import FEW, paired_effects
from sim.lab.factors import leaves
from sim.lab.reproduce import TOLERANCE
from sim.outcomes import BY_NAME
from sim.report.terminal import duration, plain
from sim.report.words import chosen, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.lab.experiment import Experiment
    from sim.lab.forecast import Forecast
    from sim.lab.looks import Resolution
    from sim.lab.reproduce import Reproduction
    from sim.lab.study import Study

MOST_SHOWN = 12
"""Comparisons of a kind that are listed one by one."""
FEW_WORLDS = 4
"""Worlds shared by all points below which an interval is told to be rough: with two, 89 % of intervals hold the mean where 95 % should."""


def size_in_words(size: float) -> str:
    """Tell a number of bytes."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= least:
            return f"{size / least:.3g} {unit}"
    return f"{size:.0f} bytes"


def forecast_words(found: Forecast, experiment: Experiment, processes: int, folder: Path) -> list[str]:
    """Tell what a study will take."""
    design = experiment.file.design
    at = (
        ""
        if design is None
        else f" at {found.points:,} point{'' if found.points == 1 else 's'} ({design.kind.replace('_', ' ')})"
    )
    todo = found.runs - found.kept
    share = todo / found.runs if found.runs else 0.0
    seconds = found.worlds * share * found.seconds / processes
    lines = [
        f"{found.runs:,} runs: {found.arms} arms{at}, {found.seeds:,} worlds each"
        + (f"; up to {found.most:,}, until differences are known" if found.most > found.runs else ""),
    ]
    if found.worlds < found.runs:
        lines.append(f"{found.worlds:,} worlds are lived for them, since some runs do not differ in anything that reaches them")
    if found.kept:
        lines.append(f"{found.kept:,} of them are in {folder} already")
    times = f"{duration(seconds)} on {processes} process{'' if processes == 1 else 'es'} ({found.seconds:.2g} s a world)"
    lines.append(f"Time: some {times}, compiling and starting apart")
    lines.append(f"Disk: some {size_in_words(found.bytes)} in {folder}")
    if design is not None:
        ordered = sorted(experiment.factors, key=lambda factor: factor.kind)  # levers first
        lines += [f"  {factor.kind} {factor.name}: {factor.words}" for factor in ordered[:MOST_SHOWN]]
        rooms = Counter(factor.name.partition(".")[0] for factor in ordered[MOST_SHOWN:])
        if rooms:
            lines.append(f"  and {rooms.total()} more: {', '.join(f'{count} of {room}' for room, count in rooms.items())}")
        lines += [f"  {kept}" for kept in kept_in_words(experiment)]
        lines += [f"  constant {name}: {value:g}" for name, value in leaves(experiment.file.constants)]
    if design is not None and design.kind in BLOCKS and any(f.kind == "uncertainty" for f in experiment.factors):
        lines.append(
            f"{BLOCKS[design.kind].capitalize()} at which violence would feed itself are found when the study is begun, and replaced by others."
        )
    return lines


def kept_in_words(experiment: Experiment) -> list[str]:
    """Tell which arms set themselves what is varied in the others."""
    return [f'arm "{arm}" keeps what it sets itself: {", ".join(names)}' for arm, names in experiment.own.items()]


def sweep_rows(study: Study, *, everything: bool) -> list[dict[str, Any]]:
    """Return, for each arm and outcome, the mean effect over points with its interval, and how effects are spread over points."""
    runs, names = study.runs, list(BY_NAME)
    effects = paired_effects(runs, study.reference, names, confidence=study.confidence, sampled=study.sampled)
    if effects.empty:
        return []
    effects = chosen(effects, everything, study.families)
    each = paired_effects(
        runs, study.reference, list(dict.fromkeys(effects["outcome"])), confidence=study.confidence, by_point=True
    )
    rows = []
    for row in effects.to_dict("records"):
        values = each.loc[(each["arm"] == row["arm"]) & (each["outcome"] == row["outcome"]), "effect"].to_numpy(float)
        values = values[np.isfinite(values)]
        spread = np.quantile(values, [0.05, 0.5, 0.95]) if values.size else np.full(3, np.nan)
        shares = {"raised": float((values > 0).mean()), "lowered": float((values < 0).mean())} if values.size else {}
        told = row | {"p5": float(spread[0]), "median": float(spread[1]), "p95": float(spread[2])} | shares
        known = {str(key): None if isinstance(v, float) and not math.isfinite(v) else v for key, v in told.items()}
        rows.append(known | {"better": BY_NAME[str(row["outcome"])].better})
    return rows


def sweep_table(study: Study, rows: list[dict[str, Any]]) -> Any:
    """Return a table of the effects of each arm over the points of a design."""
    from rich.table import Table

    count = study.manifest["points"]["count"] - study.manifest["points"]["refused"]
    points = f"{count:,} point{'' if count == 1 else 's'}"
    title = f'{study.manifest["title"]}\nDifferences from "{study.labels[study.reference]}", over {points}'
    table = Table(title=plain(title), title_justify="left")
    for name in ("arm", "outcome", "mean difference (interval)", "5 to 95 % of points", "points where it is higher / lower"):
        table.add_column(name)
    last = ""
    for row in rows:
        outcome = BY_NAME[row["outcome"]]

        def shown(value: float | None, outcome: Any = outcome) -> str:
            if value is None:
                return "–"
            text = number(value, outcome, sign=True)
            return text if value == 0.0 or any(c in "123456789" for c in text) else f"{value:+.1g}".replace("-", "−")

        interval = _interval(row, outcome, shown)
        spread = f"{shown(row['p5'])} to {shown(row['p95'])}" if row["p5"] is not None else "–"
        signs = f"{row['raised']:.0%} / {row['lowered']:.0%}" if "raised" in row else "–"
        arm = "" if row["arm"] == last else study.labels[row["arm"]]
        head = f"{outcome.name}{' *' if outcome.primary else ''}  [dim]{outcome.unit}[/]"
        table.add_row(plain(arm), head, f"{shown(row['effect'])}{interval}", spread, signs)
        last = row["arm"]
    return table


def _interval(row: dict[str, Any], outcome: Any, shown: Callable[[float | None], str]) -> str:
    """Write the interval of a mean over points, or why there is none."""
    if row["effect"] is None:
        return ""
    if not outcome.interval:
        return "  (tail too heavy)"
    if row["differing"] == 0:
        return "  (same in every pair)"
    if row["low"] is None:
        return "  (too little to tell)"
    return f"  ({shown(row['low'])} to {shown(row['high'])}{', rough' if row['differing'] < FEW else ''})"


def note_of(study: Study) -> str:
    """Tell how to read a sweep's means and intervals."""
    design, worlds = study.manifest["design"], study.manifest["seeds"]
    level = f"{100 * study.confidence:.4g} % intervals"
    if study.sampled and design["shared"]:
        text = f"{level} of the mean over all that is varied; the chance in points and in the worlds that they share both count"
        text += ", though so few worlds tell it but roughly." if worlds < FEW_WORLDS else "."
    elif study.sampled:
        text = f"{level} of the mean over all that is varied, points drawn independently of each other."
    else:
        text = f"{level} of the mean over just these points, whose worlds are drawn by lot; a {design['kind']} design is no sample of what is likely."
    if worlds < 2 and (design["shared"] or not study.sampled):
        text = "No intervals: with one world, chance cannot be told (seeds = 2 or more would)."
    levers = any(factor["kind"] == "lever" for factor in design["factors"])
    over = " Means are over the ranges of levers too; export gives every point by itself." if levers else ""
    each = f" At each point a difference is the mean of {worlds} paired worlds." if worlds > 1 else ""
    return f"* primary outcome. {text}{over}{each}"


def resolution_words(study: Study, found: list[Resolution]) -> list[str]:
    """Tell which comparisons are known as well as was asked."""
    until = study.manifest["until"]
    if until is None:
        return []
    done = [r for r in found if r.resolved]
    head = (
        f"{len(done)} of {len(found)} comparisons of {until['outcome']} are known to ±{until['half_width']:g} or better "
        f"({100 * study.confidence:.4g} % intervals, so that looking several times does not make them too narrow)."
    )
    lines = [head]
    for r in [r for r in found if not r.resolved][:MOST_SHOWN]:
        at = f" at point {r.point}" if study.has_design else ""
        known = f"±{r.half_width:.3g}" if math.isfinite(r.half_width) else "equal in every pair, which tells no interval,"
        lines.append(f'Not resolved: "{study.labels[r.arm]}"{at}: {known} after {r.pairs} pairs, the most that were asked for')
    more = len(found) - len(done) - MOST_SHOWN
    return [*lines, f"and {more} more that are not resolved"] if more > 0 else lines


def reproduction_words(found: Reproduction) -> list[str]:
    """Tell how a reproduction came out."""
    lines = [f"{name}: {there} then, {here} now" for name, (there, here) in found.differs.items()]
    head = "Made with other versions:" if lines else "Made with the same versions, on the same kind of processor."
    out = [head, *(f"  {line}" + ("" if line.split(":")[0] in found.numeric else " (changes no number)") for line in lines)]
    if found.missing:
        out.append(f"{found.missing:,} runs are held by only one of the two studies.")
    if not found.runs:
        return [*out, "The study holds no such run, since it failed then or was not done; now it was lived without a fault."]
    out.append(f"{found.identical:,} of {found.runs:,} runs are identical to the last bit.")
    if found.numeric and found.identical < found.runs:
        out.append(f"{found.close:,} of {found.runs:,} differ by no more than {TOLERANCE:g}, relatively, in any outcome.")
    if found.worst:
        out.append(f"Furthest apart: {found.worst}")
    verdict = "Reproduced." if found.held else "NOT reproduced."
    return [*out, verdict]
