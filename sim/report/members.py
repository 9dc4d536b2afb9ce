"""What a comparison over the calibrated ensemble shows: effects under every plausible parameter vector."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.outcomes import BY_NAME, PRIMARY
from sim.report.words import chosen, number

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study

MOST = 0.9
"""Share of members that a conclusion must have at least, so as to be said to hold."""


def members_document(study: Study, effects: pd.DataFrame) -> dict[str, Any]:
    """Gather everything into one document of plain values."""
    rows = [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in effects.to_dict("records")
    ]
    return {"study": str(study.folder), "effects": rows, "words": members_words(study, effects)}


def members_tables(study: Study, effects: pd.DataFrame, *, everything: bool) -> list[Any]:
    """Make a table for each arm: one row an outcome."""
    from rich.table import Table
    from rich.text import Text

    shown, tables = chosen(effects, everything, study.families), []
    for arm in (arm for arm in study.arms if arm != study.reference):
        title = f'"{study.labels[arm]}" against "{study.labels[study.reference]}"'
        table = Table(title=Text(title), title_justify="left", title_style="bold")
        for name, justify in (
            ("outcome", "left"),
            ("unit", "left"),
            ("mean (95 %)", "right"),
            ("under plausible parameters (5-95 %)", "right"),
            ("better / small / worse", "right"),
            ("by parameters", "right"),
        ):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]
        for row in shown[shown["arm"] == arm].to_dict("records"):
            table.add_row(*[Text(cell) for cell in _cells(row)])
        tables.append(table)
    return tables


def _cells(row: dict[Any, Any]) -> list[str]:
    outcome = BY_NAME[row["outcome"]]

    def shown(value: float) -> str:
        return number(value, outcome, sign=True) if math.isfinite(value) else "–"

    mean = shown(row["effect"]) + (f" ({shown(row['low'])} to {shown(row['high'])})" if math.isfinite(row["low"]) else "")
    spread = f"{shown(row['p5'])} to {shown(row['p95'])}" if math.isfinite(row["p5"]) else "–"
    told = outcome.better and math.isfinite(row["better"])
    shares = f"{row['better']:.0%} / {row['small']:.0%} / {row['worse']:.0%}" if told else "–"
    own = f"{row['by_parameters']:.0%}" if math.isfinite(row["by_parameters"]) else "–"
    return [f"{outcome.name}{' *' if outcome.primary else ''}", outcome.unit, mean, spread, shares, own]


def members_words(study: Study, effects: pd.DataFrame) -> list[str]:
    """Say of each arm and primary outcome under how many plausible parameter vectors it helps."""
    lines = []
    for row in effects[effects["outcome"].isin(PRIMARY)].to_dict("records"):
        outcome = BY_NAME[row["outcome"]]
        if not (outcome.interval and math.isfinite(row["better"])):
            continue
        shares = {"better": row["better"], "too small to matter": row["small"], "worse": row["worse"]}
        word, most = max(shares.items(), key=lambda item: item[1])
        said = f"{word} under {most:.0%} of plausible parameters"
        rest = ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if name != word and share > 0.0)
        firm = "too few members to say how firm that is"
        if math.isfinite(row["at_least"]):
            settled = row["at_least"] >= MOST
            firm = "the conclusion holds" if settled else f"not settled, it may be as few as {row['at_least']:.0%}"
        lines.append(f'"{study.labels[row["arm"]]}", {outcome.name}: {said}{f" ({rest})" if rest else ""}; {firm}.')
    return lines


def members_note(study: Study) -> str:
    """Tell how to read it."""
    points, worlds = study.manifest["points"], study.manifest["seeds"]
    lived = points["count"] - points["refused"]
    left = f" {points['refused']} more cannot be lived here, since violence would feed itself." if points["refused"] else ""
    if worlds == 1:
        taken = "With one world each, chance cannot be told from what parameters do."
    else:
        taken = "Ranges have the chance in these worlds taken off; the last column is the share of the spread between vectors that is not chance."
    return (
        f"* primary outcome. Each arm was lived under {lived} parameter vectors that the field's evidence leaves standing, in {worlds} paired "
        f"{'world' if worlds == 1 else 'worlds'} each.{left} {taken}"
    )
