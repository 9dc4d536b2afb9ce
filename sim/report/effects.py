"""What ``bridgework effects`` prints: reach, participants' gains, and primary effects under defaults and across ranges."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.lab.effects import mean_interval
from sim.lab.experiment import Experiment
from sim.lab.participants import MEASURES
from sim.lab.ranges import Effects, Futures
from sim.outcomes import BY_NAME


def effects_document(experiment: Experiment, found: dict[str, Effects], drawn: Futures) -> dict[str, Any]:
    """Gather everything into one document of plain numbers.

    Returns
    -------
    dict
        ``arms``: arm to reach, gains and primary effects; ``note``: how they were computed.
    """
    arms: dict[str, Any] = {}
    for arm, effect in found.items():
        gains = effect.gains
        first = gains[0]
        enrolled = float(np.mean([g.enrolled for g in gains]))
        arms[arm] = {
            "label": experiment.labels[arm],
            "reach": {
                "enrolled": enrolled,
                "share_of_staff": enrolled / first.workers,
                "share_of_residents": enrolled / first.residents,
                "share_of_institutions": float(np.mean([g.institutions for g in gains])),
            },
            "gains": {
                name: _summary(np.array([g.d[name] for g in gains]), np.array([g.d[name] for g in effect.spread]))
                for name in MEASURES
            },
            "relying": _summary(np.array([g.relying for g in gains]), np.array([g.relying for g in effect.spread])),
            "primary": {name: _summary(effect.default[name], effect.across[name]) for name in effect.default},
        }
    seeds, draws = _counts(found)
    reference = experiment.labels[experiment.file.reference]
    note = (
        f'Primary outcomes: compared with "{reference}". '
        "Gains: participants one year after enrolment, by intention to treat (those who gave up or left included), against "
        "themselves in the same world without the programme; d is a standardised difference at a scale reliability of 0.8. "
        f"Defaults: mean and 95 % interval over {seeds} worlds. Across ranges: median and middle 90 % over {draws} parameter "
        "vectors drawn from all declared ranges at once, costs included, one world each, so chance is in it. "
        f"These are the {draws} of {draws + drawn.refused} draws that passed the stability rule: "
        f"{drawn.refused / (draws + drawn.refused):.0%} were refused because violence would have fed itself."
    )
    return {"arms": arms, "note": note, "seeds": seeds, "draws": draws, "refused": drawn.refused}


def _counts(found: dict[str, Effects]) -> tuple[int, int]:
    first = next(iter(found.values()))
    return len(first.gains), len(first.spread)


def _summary(default: np.ndarray, across: np.ndarray) -> dict[str, float | None]:
    mean = mean_interval(default)
    across = across[np.isfinite(across)]
    low, median, high = np.percentile(across, [5, 50, 95]) if across.size else (np.nan,) * 3
    out = {
        "mean": mean.mean,
        "low": mean.low,
        "high": mean.high,
        "median_across": float(median),
        "low_across": float(low),
        "high_across": float(high),
        "share_below_zero": float((across < 0).mean()) if across.size else float("nan"),
        "share_zero": float((across == 0).mean()) if across.size else float("nan"),
    }
    return {key: (value if np.isfinite(value) else None) for key, value in out.items()}


def _text(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:+.{decimals}f}".replace("-", "−")


def effects_tables(document: dict[str, Any]) -> list[Any]:
    """Make one table for each arm."""
    from rich.table import Table
    from rich.text import Text

    out = []
    for arm in document["arms"].values():
        reach = arm["reach"]
        title = (
            f"{arm['label']}: reaches {reach['enrolled']:.0f} workers, {reach['share_of_staff']:.1%} of staff, "
            f"{reach['share_of_residents']:.2%} of residents, {reach['share_of_institutions']:.0%} of institutions"
        )
        table = Table(title=Text(title), title_justify="left")
        for name, justify in (
            ("", "left"),
            ("under defaults", "right"),
            ("95 % interval", "left"),
            ("across ranges: median", "right"),
            ("middle 90 %", "left"),
            ("below 0 / exactly 0", "left"),
        ):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]
        rows = [(f"participants: {name}, d", values, 3) for name, values in arm["gains"].items()]
        rows.append(("participants who can rely on someone across, share", arm["relying"], 3))
        rows += [(f"{name}, {BY_NAME[name].unit}", values, BY_NAME[name].decimals) for name, values in arm["primary"].items()]
        for label, v, decimals in rows:
            table.add_row(
                label,
                _text(v["mean"], decimals),
                f"{_text(v['low'], decimals)} to {_text(v['high'], decimals)}",
                _text(v["median_across"], decimals),
                f"{_text(v['low_across'], decimals)} to {_text(v['high_across'], decimals)}",
                "–" if v["share_below_zero"] is None else f"{v['share_below_zero']:.0%} / {v['share_zero']:.0%}",
            )
        out.append(table)
    return out
