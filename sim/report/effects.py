"""What ``bridgework effects`` prints: reach, participants' gains, and primary effects under defaults and across ranges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.families import FAMILIES
from sim.lab.effects import mean_interval
from sim.lab.experiment import Experiment
from sim.lab.participants import MEASURES
from sim.lab.ranges import Effects, Futures
from sim.outcomes import BY_NAME, PRIMARY
from sim.report.figures import ARM_COLOURS

if TYPE_CHECKING:
    import pandas as pd


GAINS = (
    "Gains: participants one year after enrolment, by intention to treat (those who gave up or left included), against "
    "themselves in the same world without the programme; d is a standardised difference at a scale reliability of 0.8. "
)


def effects_document(experiment: Experiment, found: dict[str, Effects], drawn: Futures) -> dict[str, Any]:
    """Gather everything into one document of plain numbers.

    Returns
    -------
    dict
        ``arms``: arm to reach, gains and primary effects; ``note``: how they were computed.
    """
    arms: dict[str, Any] = {}
    for arm, effect in found.items():
        arms[arm] = {
            "label": experiment.labels[arm],
            **(_followed(effect) if effect.gains else {}),
            "primary": {name: _summary(effect.default[name], effect.across[name]) for name in effect.default if name in PRIMARY},
            "own": {name: _summary(effect.default[name], effect.across[name]) for name in effect.default if name not in PRIMARY},
        }
    seeds, draws = drawn.seeds, len(drawn.draws)
    each = "one world each" if drawn.worlds == 1 else f"the mean of {drawn.worlds} worlds each"
    reference = experiment.labels[experiment.file.reference]
    note = (
        f'Primary outcomes: compared with "{reference}". '
        f"{GAINS if any(effect.gains for effect in found.values()) else ''}"
        f"Defaults: mean and 95 % interval over {seeds} worlds. Across ranges: median and middle 90 % over {draws} parameter "
        f"vectors drawn from all declared ranges at once, costs included, {each}, so chance is in it. "
        f"These are the {draws} of {draws + drawn.refused} draws that passed the stability rule: "
        f"{drawn.refused / (draws + drawn.refused):.0%} were refused because violence would have fed itself."
    )
    return {"arms": arms, "note": note, "seeds": seeds, "draws": draws, "worlds": drawn.worlds, "refused": drawn.refused}


def effects_frame(found: dict[str, Effects], drawn: Futures) -> pd.DataFrame:
    """Gather every single difference into one table.

    Returns
    -------
    pandas.DataFrame
        One row per arm and world under the defaults (``under`` is "defaults", ``which`` its seed), then per arm and draw over the ranges
        ("ranges", its number from 1): paired differences of outcomes, ``participants: MEASURE, d`` where participants were followed, and
        for draws every parameter as ``room.name``.
    """
    import pandas as pd

    vectors = [{f"{room}.{name}": v for room, values in table.items() for name, v in values.items()} for table in drawn.draws]
    rows: list[dict[str, Any]] = []
    for arm, effect in found.items():
        for under, gains, values, inputs in (
            ("defaults", effect.gains, effect.default, [{}] * drawn.seeds),
            ("ranges", effect.spread, effect.across, vectors),
        ):
            for k, vector in enumerate(inputs):
                d = {f"participants: {name}, d": value for name, value in gains[k].d.items()} if gains else {}
                compared = {name: each[k] for name, each in values.items()}
                rows.append({"arm": arm, "under": under, "which": k + 1, **compared, **d, **vector})
    return pd.DataFrame(rows)


def _followed(effect: Effects) -> dict[str, Any]:
    """Tell whom a programme reached and what participants gained."""
    gains, first = effect.gains, effect.gains[0]
    enrolled = float(np.mean([g.enrolled for g in gains]))
    return {
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
    }


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


def role(outcome: str) -> str:
    """Say whether an outcome shows a family's flow, trigger or damper."""
    return next(r for f in FAMILIES for r in ("flow", "trigger", "damper") if getattr(f, r) == outcome)


def effects_picture(experiment: Experiment, found: dict[str, Effects], path: Path, worlds: int = 1) -> None:
    """Draw the effect of each arm on the primary outcomes: one dot for each draw over all declared ranges, one mark for the defaults."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import SymmetricalLogLocator

    arms = [arm for arm in found if found[arm].default]
    names = [name for name in PRIMARY if all(name in found[arm].default for arm in arms)]
    figure, axes = plt.subplots(1, len(names), figsize=(5.6 * len(names), 1.6 + 0.62 * len(arms)), sharey=True, squeeze=False)
    rng = np.random.default_rng(0)
    for ax, name in zip(axes[0], names, strict=True):
        outcome = BY_NAME[name]
        for row, arm in enumerate(arms):
            across = found[arm].across[name]
            across = across[np.isfinite(across)]
            height = row + 0.22 * (rng.random(across.size) - 0.5)
            ax.scatter(across, height, s=14, color=ARM_COLOURS[row % len(ARM_COLOURS)], alpha=0.45, linewidths=0)
            low, high = np.percentile(across, [5, 95]) if across.size else (np.nan, np.nan)
            ax.plot([low, high], [row + 0.28, row + 0.28], color="#444444", linewidth=1.5)
            mean = mean_interval(found[arm].default[name])
            ax.plot(mean.mean, row + 0.28, marker="D", color="black", markersize=5)
        ax.axvline(0.0, color="#888888", linewidth=1)
        ax.set_title({-1: "less is better", 1: "more is better"}.get(outcome.better, ""), fontsize=9, color="#555555")
        ax.set_xlabel(f"change in {outcome.definition},\n{outcome.unit}", fontsize=9)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.tick_params(axis="y", length=0)
        everything = np.abs(np.concatenate([found[arm].across[name] for arm in arms]))
        usual = outcome.threshold(1.0) if outcome.absolute else float(np.nanpercentile(everything, 75))
        if usual > 0.0:
            usual = 10.0 ** round(np.log10(usual))
            ax.set_xscale("symlog", linthresh=usual, linscale=2.0)
            ax.xaxis.set_major_locator(SymmetricalLogLocator(base=10.0, linthresh=usual))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:+.1g}".replace("-", "−") if value else "none")
    axes[0][0].set_yticks(range(len(arms)), [experiment.labels[arm] for arm in arms])
    axes[0][0].set_ylim(len(arms) - 0.4, -0.6)
    figure.suptitle("What each programme may do, over all declared assumptions at once", fontsize=12)
    each = "one pair of worlds each" if worlds == 1 else f"mean of {worlds} pairs of worlds"
    note = f"dots: one draw of all assumptions, {each}; lines: middle 90 % of them; diamonds: mean under the defaults"
    figure.text(0.5, 0.005, note, ha="center", fontsize=8, color="#555555")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _text(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:+.{decimals}f}".replace("-", "−")


def effects_tables(document: dict[str, Any]) -> list[Any]:
    """Make one table for each arm."""
    from rich.table import Table
    from rich.text import Text

    out = []
    for arm in document["arms"].values():
        title = arm["label"]
        if "reach" in arm:
            reach = arm["reach"]
            title += f": reaches {reach['enrolled']:.0f} workers, {reach['share_of_staff']:.1%} of staff, "
            title += f"{reach['share_of_residents']:.2%} of residents, {reach['share_of_institutions']:.0%} of institutions"
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
        rows = [(f"participants: {name}, d", values, 3) for name, values in arm.get("gains", {}).items()]
        if "relying" in arm:
            rows.append(("participants who can rely on someone across, share", arm["relying"], 3))
        rows += [(f"{name}, {BY_NAME[name].unit}", values, BY_NAME[name].decimals) for name, values in arm["primary"].items()]
        rows += [
            (f"{role(name)}: {name}, {BY_NAME[name].unit}", values, BY_NAME[name].decimals) for name, values in arm["own"].items()
        ]
        if not rows:
            continue
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
