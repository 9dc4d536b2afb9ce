"""What ``bridgework fit`` shows: what was read, what can be told and what cannot, as tables and words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.fit.border import BorderFit
from sim.fit.choosing import WHOLE
from sim.fit.deadliness import RANGES as DEADLY
from sim.fit.matching import PATTERN, Matched, pattern
from sim.fit.nearby import Nearby
from sim.fit.process import RANGES, Fitted

VERDICTS = {
    "independent": "They do not cluster over the weeks more than chance would have it: neither echoes nor drift can be told.",
    "not identified": "They cluster, but whether earlier events set off later ones or the background drifts cannot be told: work with both.",
    "echoes": "They cluster, and a background that drifts as fitted does not explain it: earlier events seem to set off later ones.",
    "drift": "They cluster as a drifting background would have it; that earlier events set off later ones cannot be told from chance.",
    "both": "They cluster; echoes and a drifting background together explain it better than either alone, and share it as the last column has it.",
}
"""What can be told of how events cluster, by verdict."""
CAVEAT = "Fighting that goes on for weeks, or a background that changes otherwise than fitted (a truce, seasons), would look like echoes, too."
WORDS = {"echoes": "with echoes", "drift": "with drift"}


def ends(low: float, high: float, bounds: tuple[float, float], digits: int, scale: float = 1.0, more: float = 0.0) -> str:
    """Write an interval; an end at the end of the range is open."""
    least, most = bounds
    first = (
        f"{(low + more) * scale:.{digits}f}"
        if low > least
        else "0"
        if not least + more
        else f"{(least + more) * scale:g} or less"
    )
    last = f"{(high + more) * scale:.{digits}f}" if high < most else f"{(most + more) * scale:g} or more"
    return f"{first} to {last}"


def _interval(fitted: Fitted, name: str, scale: float = 1.0, digits: int = 1) -> str:
    """Write an estimate and its interval."""
    value = f"{getattr(fitted.process, name) * scale:.{digits}f}"
    return f"{value}\n{ends(*fitted.intervals[name], RANGES[name], digits, scale)}" if name in fitted.intervals else value


def process_table(fit: BorderFit) -> Any:
    """Make the table of how events come about: one row a number, one column a way."""
    from rich.table import Table

    fits = fit.fits
    table = Table(title="How events come about: estimates with 95 % intervals", title_justify="left")
    for name, justify in (
        ("", "left"),
        ("echoes,\nsteady background", "right"),
        ("drift,\nno echoes", "right"),
        ("both", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    per = "a week" if fit.recorded.areas == [WHOLE] else "a week, mean region"
    table.add_row(
        f"lethal events {per}",
        _interval(fits.echoes, "rate", digits=2),
        _interval(fits.drift, "rate", digits=2),
        _interval(fits.both, "rate", digits=2),
    )
    table.add_row(
        "set off by earlier ones, %", _interval(fits.echoes, "share", 100, 0), "none", _interval(fits.both, "share", 100, 0)
    )
    table.add_row("after how many weeks, on average", _interval(fits.echoes, "delay"), "", _interval(fits.both, "delay"))
    table.add_row(
        "drift of the background (SD of its logarithm)",
        "none",
        _interval(fits.drift, "spread", digits=2),
        _interval(fits.both, "spread", digits=2),
    )
    table.add_row(
        "half-life of that drift, weeks",
        "",
        _interval(fits.drift, "half_life", digits=0),
        _interval(fits.both, "half_life", digits=0),
    )
    table.add_row(
        "followed by another in the same week, %",
        *(_interval(one, "at_once", 100, 0) for one in (fits.echoes, fits.drift, fits.both)),
    )
    table.add_row(
        "log likelihood above independent events",
        *(f"{fits.neither.surprise - one.surprise:.1f}" for one in (fits.echoes, fits.drift, fits.both)),
    )
    return table


def match_table(fit: BorderFit) -> Any:
    """Make the table of recorded against simulated events."""
    from rich.table import Table

    table = Table(title=f"Worlds of the fitted scenarios ({fit.base}, matched) against what was recorded", title_justify="left")
    table.add_column("mean over worlds; nine worlds in ten")
    table.add_column("recorded", justify="right")
    for matched in fit.matched:
        table.add_column(WORDS[matched.way], justify="right")
    for k, name in enumerate(PATTERN):
        cells = []
        for matched in fit.matched:
            values = matched.simulated[:, k]
            low, high = np.nanquantile(values, [0.05, 0.95])
            cells.append(f"{np.nanmean(values):.2f}\n{low:.2f} to {high:.2f}".replace("-", "−"))
        own = [pattern(counts)[k] for counts in fit.recorded.counts]
        between = f"\n{min(own):.2f} to {max(own):.2f} by region" if len(own) > 1 else ""
        table.add_row(name, f"{np.nanmean(own):.2f}{between}".replace("-", "−"), *cells)
    return table


def read_words(fit: BorderFit) -> list[str]:
    """Say what was read, what was left out and why."""
    recorded, file = fit.recorded, fit.recorded.file
    lines = [
        f"{file.path.name} ({file.dataset}): {len(file.events):,} events read, {file.left_out.count:,} rows of the whole file left out."
    ]
    lines += [f"  {words}" for words in file.left_out.words()]
    lines += [f"  the file is {remark}" for remark in file.remarks]
    if recorded.passed_over:
        lines.append("Passed over: " + "; ".join(f"{count:,} {why}" for why, count in recorded.passed_over.items()) + ".")
    regions = (
        ""
        if recorded.areas == [WHOLE]
        else f" in {len(recorded.areas)} regions ({', '.join(recorded.areas[:4])}{', ...' if len(recorded.areas) > 4 else ''})"
    )
    lines.append(
        f"Fitted: {recorded.deaths.size:,} lethal events{regions} from {recorded.start} to {recorded.end}, {recorded.weeks} weeks."
    )
    return lines


def verdict_words(fit: BorderFit) -> list[str]:
    """Say what can be told of how events cluster, where echoes fall, and how deadly events are."""
    lines = [VERDICTS[fit.fits.verdict]]
    if fit.fits.verdict in {"echoes", "both"}:
        lines.append(CAVEAT)
    lines.append(_nearby_words(fit))
    if fit.deadliness is None:
        lines.append("How deadly events are: too few of them (30 are needed); the scenario's own deadliness stays.")
    else:
        deadly = fit.deadliness
        tail = ends(*deadly.intervals["tail"], DEADLY["tail"], 2, more=1.0)
        scale = ends(*deadly.intervals["scale"], DEADLY["scale"], 1)
        exponents = ", ".join(
            f"{x:.1f} and {y:.1f} from {start}" for start, (x, y) in deadly.exponents.items() if math.isfinite(x)
        )
        lines.append(
            f"Deaths in an event: the tail falls with exponent {1 + deadly.tail:.2f} ({tail}) from some {deadly.scale:.1f} ({scale}) deaths on. "
            f"Exponents as recorded and as fitted: {exponents} death(s) on."
        )
    return lines


def _nearby_words(fit: BorderFit) -> str:
    """Say where echoes fall, if there are any."""
    nearby, rival = fit.nearby, fit.rival
    if fit.fits.echoes.process.share <= 0.0:
        return "Where echoes fall: no echoes were fitted, so there is nothing to fall anywhere."
    if nearby is None:
        return "Where echoes fall: too few events whose place is known to within some 25 km; the scenario's own share stays."
    said = f"Where echoes fall: {_percent(nearby)} in neighbouring squares of half a degree"
    if rival is None:
        return f"{said}, if there are echoes."
    if rival.low > nearby.high or nearby.low > rival.high:
        return f"{said} if the background is steady, {_percent(rival)} if it drifts: not identified."
    return f"{said} if the background is steady, {_percent(rival)} if it drifts."


def _percent(one: Nearby) -> str:
    return f"{100 * one.share:.0f} % ({100 * one.low:.0f} to {100 * one.high:.0f})"


def match_words(fit: BorderFit) -> list[str]:
    """Say at which ends of their ranges matched numbers lie."""
    return [
        f"The scenario {WORDS[matched.way]} would have to go further than {path} may: look at how far its worlds are from what was recorded."
        for matched in fit.matched
        for path in matched.at_end
    ]


def fit_document(fit: BorderFit) -> dict[str, Any]:
    """Gather everything into one document of plain numbers."""
    recorded = fit.recorded

    def plain(value: float) -> float | None:
        return float(value) if math.isfinite(value) else None

    def nearby(one: Nearby | None) -> dict[str, Any] | None:
        return None if one is None else {"share": one.share, "interval": [one.low, one.high], "events": one.events}

    def matched(one: Matched) -> dict[str, Any]:
        worlds = one.simulated
        return {
            "values": one.values,
            "at_end_of_range": one.at_end,
            "recorded": {name: plain(v) for name, v in zip(PATTERN, one.recorded, strict=True)},
            "simulated": {name: plain(v) for name, v in zip(PATTERN, np.nanmean(worlds, axis=0), strict=True)},
            "worlds": len(one.counts),
        }

    return {
        "file": str(recorded.file.path),
        "dataset": recorded.file.dataset,
        "events_read": len(recorded.file.events),
        "left_out": {why: len(rows) for why, rows in recorded.file.left_out.reasons.items()},
        "passed_over": recorded.passed_over,
        "remarks": recorded.file.remarks,
        "regions": {name: int(count) for name, count in zip(recorded.areas, recorded.counts.sum(axis=1), strict=True)},
        "from": str(recorded.start),
        "to": str(recorded.end),
        "lethal_events": int(recorded.deaths.size),
        "ranges": {name: list(ends) for name, ends in (RANGES | DEADLY).items()},
        "verdict": fit.fits.verdict,
        "twice_log_likelihood_brought": fit.fits.brought,
        "fits": {
            variant: {
                "log_likelihood": -fitted.surprise,
                "estimates": {name: getattr(fitted.process, name) for name in RANGES},
                "intervals": {name: list(ends) for name, ends in fitted.intervals.items()},
            }
            for variant, fitted in (
                ("neither", fit.fits.neither),
                ("echoes", fit.fits.echoes),
                ("drift", fit.fits.drift),
                ("both", fit.fits.both),
            )
        },
        "nearby": nearby(fit.nearby),
        "nearby_if_drifting": nearby(fit.rival),
        "deadliness": None
        if fit.deadliness is None
        else {
            "tail": fit.deadliness.tail,
            "scale": fit.deadliness.scale,
            "most": fit.deadliness.most,
            "intervals": {name: list(ends) for name, ends in fit.deadliness.intervals.items()},
            "exponents": {
                str(start): {"recorded": plain(a), "fitted": plain(b)} for start, (a, b) in fit.deadliness.exponents.items()
            },
        },
        "extends": fit.base,
        "scenarios": {one.way: matched(one) for one in fit.matched},
    }
