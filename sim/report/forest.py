"""What ``bridgework evidence`` shows: tables study by study, and the forest plot."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.evidence.catalogue import IN_PART, NOT_EXPRESSED, USES
from sim.evidence.estimates import Finding, verdict
from sim.evidence.quantities import RIVAL, TRIGGERED
from sim.evidence.trial import Trial
from sim.evidence.trial_file import Measure

if TYPE_CHECKING:
    import pandas as pd

Found = list[tuple[Trial, list[Finding]]]
CSV_COLUMNS = {
    "trial, evidence, use, title": "the trial: its file's name, and what it says of itself",
    "measure, label, statistic, among, of, arm, against, week": "the measure, as in its file; `of` names the two measures of which another is made",
    "measured": "what the field study found, in its own words",
    "simulated, low, high": "what the simulation gives, with its 95 % interval; empty where it cannot be told, inf where there is no end to it",
    "worlds": "worlds that were lived",
    "study_low, study_high": "where 95 of 100 studies of the field's own size would lie",
    "units": "persons, institutions or ties measured, all worlds together, in the arm that has fewer of them (of a measure made of two, of its "
    "first); 1 a world for residents, the region and lethal events",
    "study_size": "persons in that arm of the field study; 0 where the file does not say",
    "band_low, band_high, band_note": "the band, and where it comes from",
    "emergent": "False for what is imposed",
    "verdict": "in, out, in?, out? or not known; empty without a band",
}
"""What `bridgework evidence --table` writes."""
EMPTY = ("participants", "neighbours", "workers", "institutions", "ties", "ties made", "lethal events")
"""Groups that may be empty."""
SAMPLED = ("participants", "neighbours", "workers", "ties", "ties made")
"""Groups of which a study draws some."""
SHOWN = {"in": "#1b7837", "in?": "#1b7837", "out": "#b2182b", "out?": "#b2182b", "not known": "#777777", "": "#555555"}
"""Colour of a verdict; shapes say the same for those who see no colours."""
ALIKE = 0.1
"""Difference of the two fitted shares up to which they agree."""
IMPOSED = "#8a8a8a"
"""Colour of imposed measures, which say little."""
FARTHEST = 3.0
"""Half-widths of its band, from the band's middle, at which the picture ends."""
ZERO_SCALE = {"d": 0.2, "relative": 0.1, "difference": 0.1}
"""How far a step of the picture is for a band that ends at nought: a small d, a tenth of a share."""
COLUMNS = (1.02, 1.40, 1.78, 2.02)
"""Where the columns of text stand right of the picture, in its widths."""


def number(value: float) -> str:
    """Write a figure with two or three digits that matter."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0.0 else "−∞"
    if value == 0.0:
        return "0"
    digits = 3 if abs(value) < 0.1 else 2 if abs(value) < 10 else 1
    text = f"{value:.{digits}f}"
    return (text if float(text) else text.lstrip("-")).replace("-", "−")


def band_text(measure: Measure) -> str:
    """Write the band of a measure."""
    low, high = (f"{end:g}".replace("-", "−") if end is not None else "" for end in (measure.low, measure.high))
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"{high} or less" if high else ""


def interval_text(finding: Finding) -> str:
    """Write a figure with its interval."""
    s = finding.simulated
    if math.isnan(s.low):
        return number(s.mean)
    if math.isinf(s.low) and math.isinf(s.high):
        return f"{number(s.mean)} (may be anything)"
    return f"{number(s.mean)} ({number(s.low)} to {number(s.high)})"


def evidence_frame(found: Found) -> pd.DataFrame:
    """Gather all findings into a table.

    Returns
    -------
    pandas.DataFrame
        One row a measure, see `CSV_COLUMNS`.
    """
    import pandas as pd

    rows = []
    for trial, findings in found:
        for finding in findings:
            m, s = trial.file.measures[finding.name], finding.simulated
            rows.append(
                {
                    "trial": trial.name,
                    "evidence": trial.file.evidence,
                    "use": trial.file.use,
                    "title": trial.file.title,
                    "measure": finding.name,
                    "label": m.label or finding.name,
                    "statistic": m.statistic,
                    "among": m.among or "",
                    "of": m.of or ", ".join(m.measures),
                    "arm": "" if m.derived else trial.file.arms_of(m)[0],
                    "against": "" if m.derived else trial.file.arms_of(m)[1] or "",
                    "week": None if m.derived else m.week,
                    "measured": m.measured,
                    "simulated": s.mean,
                    "low": s.low,
                    "high": s.high,
                    "worlds": s.n,
                    "study_low": finding.study[0] if finding.study else math.nan,
                    "study_high": finding.study[1] if finding.study else math.nan,
                    "units": finding.persons,
                    "study_size": finding.size,
                    "band_low": math.nan if m.low is None else m.low,
                    "band_high": math.nan if m.high is None else m.high,
                    "band_note": m.band_note,
                    "emergent": m.emergent,
                    "verdict": verdict(m, s),
                }
            )
    return pd.DataFrame(rows)


class Score(NamedTuple):
    """How many measures with a band lie in it.

    Attributes
    ----------
    firm, unsure : int
        Those that do with their whole interval, and those whose interval crosses an end of the band.
    of : int
        All that have a band.
    unknown : int
        Those of them of which nothing can be told, as nobody was there to be measured.
    """

    firm: int
    unsure: int
    of: int
    unknown: int = 0

    def words(self, kind: str) -> str:
        """Say it."""
        more = f", {self.unsure} more but not for certain" if self.unsure else ""
        told = self.of - self.unknown
        missing = f"{self.unknown} {kind} measure{'s' if self.unknown > 1 else ''} could not be told" if self.unknown else ""
        return "; ".join(
            part for part in (f"{self.firm} of {told} {kind} measures lie in their band{more}" if told else "", missing) if part
        )


def score(frame: pd.DataFrame) -> dict[str, Score]:
    """Count the measures with a band that lie in it, and all of them: emergent ones and imposed ones apart."""
    banded = frame[frame["verdict"] != ""]
    out = {}
    for name, emergent in (("emergent", True), ("imposed", False)):
        own = banded[banded["emergent"] == emergent]
        firm, unsure, unknown = (int((own["verdict"] == said).sum()) for said in ("in", "in?", "not known"))
        out[name] = Score(firm, unsure, len(own), unknown)
    return out


def shown(trial: Trial, finding: Finding) -> bool:
    """Whether a finding stands for itself: it has a band, or no other measure is made of it."""
    measures = trial.file.measures
    return measures[finding.name].banded or not any(finding.name in m.measures for m in measures.values())


def identified(found: Found) -> list[str]:
    """Say of trials that fit the triggered share twice whether counts can tell it (F2)."""
    lines = []
    for trial, findings in found:
        by_kind = {trial.file.measures[f.name].of: f for f in findings if trial.file.measures[f.name].statistic == "mean"}
        if TRIGGERED in by_kind and RIVAL in by_kind:
            steady, drifting = (by_kind[kind].simulated.mean for kind in (TRIGGERED, RIVAL))
            told = abs(steady - drifting) <= ALIKE
            lines.append(
                f"{trial.name}: {number(steady)} of events look triggered by earlier ones if the baseline is taken to be steady, "
                f"{number(drifting)} if it may drift: {'both fits agree' if told else 'not identified'}."
            )
    return lines


def evidence_document(found: Found) -> dict[str, Any]:
    """Gather everything into one document of plain values."""
    frame = evidence_frame(found)
    rows = [
        {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
    counts = {
        name: {"in_band": s.firm, "in_band_unsure": s.unsure, "not_known": s.unknown, "of": s.of}
        for name, s in score(frame).items()
    }
    return {"rows": rows, "score": counts, "identified": identified(found), "not_expressed": NOT_EXPRESSED, "in_part": IN_PART}


def evidence_tables(found: Found) -> list[Any]:
    """Make one table for each study."""
    from rich.table import Table
    from rich.text import Text

    out = []
    for trial, findings in found:
        file = trial.file
        title = f"{file.evidence + '  ' if file.evidence else ''}{file.title}"
        said = [part for part in (file.source, USES[file.use], f"{file.seeds} worlds") if part]
        table = Table(title=Text(f"{title}\n{'; '.join(said)}"), title_justify="left", title_style="bold")
        for name, justify in (("", "left"), ("measured", "left"), ("simulated (95 %)", "right"), ("band", "left"), ("", "left")):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]
        sized = any(f.study for f in findings)
        if sized:
            table.add_column("a study of its size", justify="right")
        for finding in findings:
            m = file.measures[finding.name]
            cells = [m.label or finding.name, m.measured, interval_text(finding), band_text(m), verdict(m, finding.simulated)]
            if sized:
                cells.append(f"{number(finding.study[0])} to {number(finding.study[1])}" if finding.study else "")
            table.add_row(*[Text(cell) for cell in cells])
        out.append(table)
    return out


def evidence_words(found: Found) -> list[str]:
    """Say how many measures lie in their bands, and how to read the tables."""
    frame = evidence_frame(found)
    counts = score(frame)
    lines = [f"{s.words(name)}." for name, s in counts.items() if s.of]
    lines += identified(found)
    unsure = int(frame["verdict"].str.endswith("?").sum())
    if unsure:
        lines.append(
            f"{unsure} of all verdicts are marked ?: in? or out? goes by the figure itself, but its interval crosses an end of the band, so more "
            "worlds might change it."
        )
    for trial, findings in found:
        lines += _doubts(trial, findings)
    if counts["imposed"].of:
        lines.append(
            "Imposed measures are close to being parameters, or bound to come out, and say little for the simulation; emergent ones come "
            "out of many rules."
        )
    if any(f.study for _, findings in found for f in findings):
        lines.append(
            "A study of its size: where 95 of 100 studies of the field's own size would lie, if the simulation were the world."
        )
    return lines


def _doubts(trial: Trial, findings: list[Finding]) -> list[str]:
    """Say of a trial what could not be measured, was asked too early, or comes of fewer persons than the field study had."""
    lines, measures = [], trial.file.measures

    def group(name: str) -> str | None:
        own = measures[name]
        return group(own.measures[0]) if own.derived else own.among

    empty = [f.name for f in findings if f.persons == 0 and group(f.name) in EMPTY]
    if empty:
        why = "is the programme's money enough for a cohort (annual_budget), and is there such an institution, tie or event?"
        lines.append(f"{trial.name}: nothing could be measured for {', '.join(empty)}: {why}")
    under_study = {name for world, _ in trial.worlds for names in world.arms.values() for name in names}
    longest = max(
        (p.weeks for world, _ in trial.worlds for n, p in world.scenario.programmes.items() if n in under_study), default=0.0
    )
    early = [n for n, m in measures.items() if m.among == "participants" and 0 < m.week < longest]
    if early:
        lines.append(
            f"{trial.name}: asked while cohorts, which last {longest:g} weeks, may still be under way: {', '.join(early)}."
        )
    few = [f for f in findings if f.study and 0 < f.persons < f.size and group(f.name) in SAMPLED]
    if few:
        said = ", ".join(f"{f.name} ({f.persons} for {f.size})" for f in few)
        lines.append(
            f"{trial.name}: fewer were measured in all worlds together than in the field study, so its range is too narrow: {said}."
        )
    return lines


def evidence_picture(found: Found, path: Path) -> None:
    """Draw the forest plot: one row a measure with a band, on the scale of its band.

    Parameters
    ----------
    path : pathlib.Path
        Where it is written; the ending says in which format.
    """
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    rows = [(t, f, t.file.measures[f.name]) for t, fs in found for f in fs if verdict(t.file.measures[f.name], f.simulated)]
    heights, height, heads = [], 0.0, []
    for k, (trial, _, _) in enumerate(rows):
        if k == 0 or trial is not rows[k - 1][0]:
            height += 1.25
            heads.append((height, trial))
            height += 0.35
        height += 0.72
        heights.append(height)
    figure, axes = plt.subplots(figsize=(14.4, max(2.2 + 0.235 * height, 3.0)))
    for at, (_, finding, measure) in zip(heights, rows, strict=True):
        _draw_row(axes, at, finding, measure)
    left, right = axes.get_yaxis_transform(), axes.get_yaxis_transform()
    for at, trial in heads:
        file = trial.file
        name = f"{file.evidence}  {file.title}" if file.evidence else file.title
        axes.text(-0.80, at, name, transform=left, fontsize=9, fontweight="bold", va="center")
    for at, (_, finding, measure) in zip(heights, rows, strict=True):
        said = verdict(measure, finding.simulated)
        label = (measure.label or finding.name) + ("" if measure.emergent else "  (imposed)")
        axes.text(-0.78, at, label, transform=left, fontsize=8.5, va="center", color="#222222" if measure.emergent else IMPOSED)
        cells = (measure.measured, interval_text(finding), band_text(measure))
        for x, cell, shade in zip(COLUMNS, cells, ("#555555", "#000000", "#555555"), strict=False):
            axes.text(x, at, cell, transform=right, fontsize=8.5, va="center", color=shade)
        shade = SHOWN[said] if measure.emergent else IMPOSED
        axes.text(COLUMNS[3], at, said, transform=right, fontsize=8.5, va="center", color=shade, fontweight="bold")
    for x, text in zip(COLUMNS, ("the field", "simulated (95 %)", "band"), strict=False):
        axes.text(x, 0.3, text, transform=right, fontsize=8.5, va="center", color="#555555", style="italic")
    axes.set_ylim(height + 0.8, -0.2)
    axes.set_xlim(-FARTHEST - 0.15, FARTHEST + 0.15)
    axes.set_yticks([])
    axes.set_xticks([-1, 1], ["low end of the band", "high end"], fontsize=8.5)
    axes.set_xlabel("green: the band in which the field's finding lies, each row on the scale of its own", fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    counts = score(evidence_frame(found))
    bare = sum(len(fs) for _, fs in found) - len(rows)
    told = "\n".join(s.words(name) for name, s in counts.items() if s.of)
    told += f"\n{bare} without a band are not drawn" if bare else ""
    figure.suptitle(f"The simulation against the field\n{told}", fontsize=12, x=0.02, ha="left")
    figure.text(
        0.02, 0.005,
        "grey: imposed, says little; dot and line: simulated, with its 95 % interval; thin line: 95 of 100 studies of the field's own size; "
        "arrow: beyond the picture; dotted: nought; ? the interval crosses an end of the band",
        fontsize=8, color="#555555",
    )  # fmt: skip
    figure.subplots_adjust(
        left=0.32, right=0.63, top=1.0 - (1.05 if bare else 0.85) / figure.get_figheight(), bottom=0.75 / figure.get_figheight()
    )
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _draw_row(axes: Any, at: float, finding: Finding, measure: Measure) -> None:
    """Draw one measure."""
    place, s = on_band(measure), finding.simulated
    said = verdict(measure, s)
    colour = SHOWN[said] if measure.emergent else IMPOSED
    low, high = (-FARTHEST if measure.low is None else -1.0), (FARTHEST if measure.high is None else 1.0)
    axes.barh(at, high - low, 0.74, low, color="#d9e8d5", linewidth=0, zorder=0)
    if not math.isfinite(s.mean):
        axes.text(0.0, at, "cannot be told", fontsize=8, color=colour, ha="center", va="center")
        return
    if finding.study is not None:
        ends = [clipped(place(end)) for end in finding.study]
        axes.plot(ends, [at, at], color=colour, linewidth=0.8, alpha=0.6, solid_capstyle="butt")
    nought = place(0.0)
    if abs(nought) <= FARTHEST:
        axes.plot([nought, nought], [at - 0.3, at + 0.3], color="#888888", linewidth=0.8, linestyle=(0, (1, 1)), zorder=0.5)
    reach = [s.low, s.high, *(finding.study or ())]
    for side, mark in ((-1.0, "<"), (1.0, ">")):
        if any(side * place(end) > FARTHEST for end in reach if not math.isnan(end)):
            axes.plot(side * (FARTHEST + 0.1), at, marker=mark, color=colour, markersize=3.5, markeredgewidth=0)
    if not math.isnan(s.low):
        axes.plot([clipped(place(s.low)), clipped(place(s.high))], [at, at], color=colour, linewidth=2.6, solid_capstyle="butt")
    x = place(s.mean)
    marker = "o" if abs(x) <= FARTHEST else ">" if x > 0 else "<"
    filled = colour if said.startswith("in") else "white"
    axes.plot(clipped(x), at, marker=marker, color=colour, markerfacecolor=filled, markersize=6, markeredgewidth=1.4)


def clipped(x: float) -> float:
    """Return a place on the scale of a band, one beyond the picture at its edge."""
    return min(max(x, -FARTHEST - 0.1), FARTHEST + 0.1)


def on_band(measure: Measure) -> Any:
    """Return what places a value on the scale of the band, whose ends lie at −1 and 1.

    A band that is open is as wide as its one end is large, or as `ZERO_SCALE` says if that is nought.
    """
    low, high = measure.low, measure.high
    if low is not None and high is not None:
        return lambda value: 2.0 * (value - low) / (high - low) - 1.0
    end = low if low is not None else high
    assert end is not None
    scale = abs(end) or ZERO_SCALE.get(measure.statistic, 1.0)
    return (lambda value: (value - end) / scale - 1.0) if low is not None else (lambda value: (value - end) / scale + 1.0)
