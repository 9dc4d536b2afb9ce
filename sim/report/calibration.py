"""What ``bridgework calibrate`` shows: measures before and after, studies left out, parameters narrowed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.calibration.plausible import CUTOFF
from sim.calibration.results import NARROWED, Calibrated
from sim.calibration.waves import CLOSE
from sim.report.forest import FARTHEST, IMPOSED, SHOWN, Score, band_text, clipped, number, on_band

if TYPE_CHECKING:
    import pandas as pd

MOST_PARAMETERS = 24
"""Parameters that tables and the picture show, those most narrowed first."""
STAGES = (("before", "before"), ("after", "after"), ("without", "without its study"))
BEFORE, AFTER, WITHOUT = "#8a8a8a", "#0072B2", "#D55E00"


def scores(rows: pd.DataFrame) -> dict[str, dict[str, Score]]:
    """Count measures in their band before, after, and without their own study: emergent and imposed ones apart."""
    out: dict[str, dict[str, Score]] = {}
    for stage, _ in STAGES:
        out[stage] = {}
        for name, emergent in (("emergent", True), ("imposed", False)):
            own = rows[(rows["emergent"] == emergent) & (rows[f"{stage}_verdict"] != "")]
            firm, unsure, unknown = (int((own[f"{stage}_verdict"] == said).sum()) for said in ("in", "in?", "not known"))
            out[stage][name] = Score(firm, unsure, len(own), unknown)
    return out


def calibration_document(found: Calibrated) -> dict[str, Any]:
    """Gather everything into one document of plain values."""
    rows = found.rows
    return {
        "waves": _plain(found.waves),
        "share_left": found.share,
        "worst": found.worst,
        "closeness": found.closeness,
        "silent": found.silent,
        "tried": found.tried,
        "members": len(found.members),
        "rows": _plain(rows),
        "score": {
            stage: {kind: {"in_band": s.firm, "in_band_unsure": s.unsure, "of": s.of} for kind, s in counts.items()}
            for stage, counts in scores(rows).items()
        },
        "parameters": _plain(found.parameters),
        "emulators": _plain(found.emulators),
    }


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]


def _figure(row: Any, stage: str) -> str:
    value = number(row[stage])
    if stage == "before":
        return value
    return f"{value} ({number(row[f'{stage}_p5'])} to {number(row[f'{stage}_p95'])})" if math.isfinite(row[stage]) else "–"


def calibration_tables(found: Calibrated) -> list[Any]:
    """Make the tables of measures and of parameters."""
    from rich.table import Table
    from rich.text import Text

    rows, measures = found.rows, found.measures
    table = Table(title="Measures, before and after", title_justify="left", title_style="bold")
    for name in ("", "measure", "band", "before", "", "after (5-95 % of members)", "", "without its own study", ""):
        table.add_column(name)
    for row in rows.to_dict("records"):
        label = row["label"] + ("" if row["emergent"] else " (imposed)")
        cells = [row["evidence"], label, band_text(measures[row["trial"], row["measure"]])]
        for stage, _ in STAGES:
            cells += [_figure(row, stage), row[f"{stage}_verdict"]]
        table.add_row(*[Text(cell) for cell in cells])
    parameters = found.parameters
    narrowed = parameters[parameters["spread"] < NARROWED]
    second = Table(title="Parameters that the evidence narrows most", title_justify="left", title_style="bold")
    for name in ("parameter", "what it is", "range", "default", "left (5-95 %)", "spread left"):
        second.add_column(name)
    for row in narrowed.head(MOST_PARAMETERS).to_dict("records"):
        cells = [row["name"], row["meaning"], f"{row['low']:g} to {row['high']:g}", f"{row['default']:g}"]
        cells += [f"{row['p5']:.3g} to {row['p95']:.3g}", f"{row['spread']:.0%}"]
        second.add_row(*[Text(cell) for cell in cells])
    return [table, second]


def calibration_words(found: Calibrated) -> list[str]:
    """Say what was ruled out, what is left, and what the evidence cannot tell."""
    rows, parameters = found.rows, found.parameters
    lines = [
        f"Wave {wave['wave']}: {wave['vectors']} vectors lived; {_share(wave['after'])} of the space is not ruled out."
        for wave in found.waves.to_dict("records")
    ]
    if found.silent:
        lines.append(
            f"Known of too few vectors, or the same under all, so that they rule nothing out: {'; '.join(found.silent)}."
        )
    if found.worst > CUTOFF:
        lines[-1 - bool(found.silent)] = (
            f"Nothing agrees with all measures: the closest that could be found misses one by {found.worst:.1f} standard deviations "
            f"({CUTOFF:g} are allowed). What follows is of those closest vectors, and says little."
        )
    if found.closeness > CLOSE and found.worst <= CUTOFF:
        lines.append(
            f"Vectors tried for the ensemble were expected up to {found.closeness:.1f} standard deviations outside a band."
        )
    then = "they are the ensemble" if len(found.members) else "there is no ensemble"
    lines.append(f"{len(found.members)} of the {found.tried} vectors lived at last agree with every trial; {then}.")
    for stage, words in STAGES:
        said = [s.words(kind) for kind, s in scores(rows)[stage].items() if s.of]
        lines += [f"{words.capitalize()}: {'; '.join(said)}."] if said else []
    count = int((parameters["spread"] < NARROWED).sum())
    if found.worst > CUTOFF:
        return lines
    lines.append(
        f"The evidence narrows {count} of {len(parameters)} parameters (to less than {NARROWED:.0%} of the spread they had); of the others it "
        "tells nothing by itself: not identified."
    )
    return lines


def _share(share: float) -> str:
    return f"{share:.2%}" if share >= 1e-4 else f"about 1 in {1.0 / share:,.0f}" if share > 0.0 else "nothing"


def calibration_picture(found: Calibrated, path: Path) -> None:
    """Draw the forest plot before and after, each row on the scale of its band, and beside it the parameters most narrowed.

    Parameters
    ----------
    path : pathlib.Path
        Where it is written; the ending says in which format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows, parameters = found.rows, found.parameters
    measures = found.measures
    narrowed = parameters[parameters["spread"] < NARROWED].head(MOST_PARAMETERS)
    tall = max(len(rows), len(narrowed))
    with mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(15.0, 2.6 + 0.30 * tall), dpi=120)
        left, right = figure.subplots(1, 2, width_ratios=(1.0, 0.8))
        for at, row in enumerate(rows.to_dict("records")):
            _draw_measure(left, at, row, measures[row["trial"], row["measure"]])
        left.set_ylim(len(rows) - 0.4, -0.8)
        left.set_xlim(-FARTHEST - 0.15, FARTHEST + 0.15)
        left.set_xticks([-1, 1], ["low end of the band", "high end"])
        left.set_title("Measures: the band in green, each row on the scale of its own", loc="left", fontsize=10)
        left.set_yticks(range(len(rows)), [_label(row) for row in rows.to_dict("records")])
        for tick, emergent in zip(left.get_yticklabels(), rows["emergent"], strict=True):
            tick.set_color("#222222" if emergent else IMPOSED)
        for at, row in enumerate(narrowed.to_dict("records")):
            wide = row["high"] - row["low"]
            low, middle, high, default = ((row[k] - row["low"]) / wide for k in ("p5", "median", "p95", "default"))
            right.barh(at, 1.0, 0.62, color="#eeeeee", linewidth=0)
            right.plot([low, high], [at, at], color=AFTER, linewidth=3.0, solid_capstyle="butt")
            right.plot(middle, at, "o", color=AFTER, markersize=5)
            right.plot(default, at, "|", color="#000000", markersize=10, markeredgewidth=1.4)
        right.set_ylim(max(len(narrowed), 1) - 0.4, -0.8)
        right.set_yticks(range(len(narrowed)), list(narrowed["name"]))
        right.set_xticks([0, 1], ["low end of the range", "high end"])
        right.set_title("Parameters that the evidence narrows most", loc="left", fontsize=10)
        for axes in (left, right):
            axes.spines[["top", "right", "left"]].set_visible(False)
            axes.tick_params(length=0)
        counted = scores(rows)
        said = [
            f"{words}: {counted[stage]['emergent'].words('emergent')}" for stage, words in STAGES if counted[stage]["emergent"].of
        ]
        figure.suptitle("Before and after calibration\n" + "\n".join(said), x=0.01, y=0.995, ha="left", fontsize=12)
        figure.text(
            0.01, 0.01,
            "hollow: before, under the defaults; blue: mean of the ensemble, line: 5-95 % of its members; orange: what is foretold of a study "
            "without using it; grey names: imposed, say little.\nRight: grey: the whole range; blue: what is not ruled out, 5-95 %, dot: its "
            "median; black: the default.",
            color="#555555", fontsize=8.5, va="bottom",
        )  # fmt: skip
        inches = figure.get_figheight()
        figure.subplots_adjust(left=0.26, right=0.985, wspace=0.48, top=1.0 - 1.45 / inches, bottom=0.85 / inches)
        figure.savefig(path)


def _label(row: Any) -> str:
    return f"{row['evidence']}  {row['label']}"


def _draw_measure(axes: Any, at: float, row: Any, measure: Any) -> None:
    place = on_band(measure)
    low, high = (-FARTHEST if measure.low is None else -1.0), (FARTHEST if measure.high is None else 1.0)
    axes.barh(at, high - low, 0.8, low, color="#d9e8d5", linewidth=0, zorder=0)
    if math.isfinite(row["before"]):
        x = place(row["before"])
        marker = "o" if abs(x) <= FARTHEST else ">" if x > 0 else "<"
        axes.plot(clipped(x), at - 0.22, marker, color=BEFORE, markerfacecolor="white", markersize=5.5, markeredgewidth=1.2)
    for stage, colour, off in (("after", AFTER, 0.0), ("without", WITHOUT, 0.24)):
        if not math.isfinite(row[stage]):
            continue
        x = place(row[stage])
        ends = [clipped(place(row[f"{stage}_{end}"])) for end in ("p5", "p95")]
        axes.plot(ends, [at + off, at + off], color=colour, linewidth=1.8, solid_capstyle="butt", alpha=0.8)
        marker = "o" if abs(x) <= FARTHEST else ">" if x > 0 else "<"
        axes.plot(clipped(x), at + off, marker, color=colour, markersize=5.0)
    said = row["after_verdict"]
    axes.text(
        FARTHEST + 0.25, at, said, fontsize=8, va="center", color=SHOWN.get(said, "#555555") if row["emergent"] else IMPOSED
    )
