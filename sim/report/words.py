"""Tables and sentences about a study, in plain English."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.lab.effects import FEW
from sim.lab.survey import residents_d
from sim.outcomes import BY_NAME, OUTCOMES, Outcome
from sim.registry import registered

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study

LEADING = (
    "force_rate",
    "community_trust",
    "community_trust_end",
    "lethal_rate",
    "incident_rate",
    "weeks_to_calm",
    "mediated_share",
    "tension",
    "worker_warmth",
    "worker_trust",
    "live_ties",
    "legitimacy",
    "deaths",
    "enrolments",
    "spend",
    "cost_per_participant",
)
"""Outcomes that a comparison shows unless all are asked for."""
OWN = {
    "vocational": ("livelihoods", "placements", "projects"),
    "social_work": (
        "weeks_to_help",
        "unmet_share",
        "queue_peak",
        "evictions",
        "repeat_crises",
        "helped_across",
        "strain_social_work",
    ),
    "public_service": (
        "services",
        "fairness_gap",
        "pilot_success",
        "works_success",
        "practice_public_service",
        "incident_rate_services",
    ),
    "organizing": (
        "active_organizers",
        "burnout",
        "nonviolent_share",
        "rumour",
        "rumour_life",
        "weeks_to_mobilise",
        "campaign_success",
        "incident_rate_protest",
    ),
    "policing": ("force_per_encounter", "misconduct_rate", "misread_share", "warned_share", "accountability", "conduct"),
    **{own.family.name: own.shown for own in registered().families},
}
"""Outcomes that it shows besides, where a programme of a family is compared."""


def number(value: float, outcome: Outcome, *, sign: bool = False) -> str:
    """Write a value of an outcome with its decimals."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:{'+' if sign else ''},.{outcome.decimals}f}"
    return text.replace("-", "−")


def interval(row: pd.Series, outcome: Outcome) -> str:
    """Write the interval of an effect, or why there is none."""
    if not outcome.interval:
        return "tail too heavy"
    if row["n"] == 1:
        return "one world, no interval"
    if row["differing"] == 0:
        return "same in every pair" if row["n"] else ""
    if not math.isfinite(row["low"]):
        return ""
    rough = ", rough" if row["differing"] < FEW else ""
    return f"{number(row['low'], outcome, sign=True)} to {number(row['high'], outcome, sign=True)}{rough}"


def verdict(row: pd.Series, outcome: Outcome) -> str:
    """Say in a word what an effect is, against the smallest effect that matters."""
    if not outcome.interval or not math.isfinite(row["low"]) or outcome.better == 0:
        return ""
    if row["low"] <= 0.0 <= row["high"]:
        return "not distinguishable"
    threshold = outcome.threshold(row["reference"])
    if max(abs(row["low"]), abs(row["high"])) < threshold:
        return "too small to matter"
    word = "better" if (row["effect"] > 0) == (outcome.better > 0) else "worse"
    return word if min(abs(row["low"]), abs(row["high"])) >= threshold else f"{word}, perhaps too little"


def finding(study: Study, effects: pd.DataFrame) -> str:
    """Say in a few sentences what each arm did to force and trust over the horizon, and how sure that is."""
    if effects.empty:
        return "One arm only: nothing to compare."
    arms = effects.set_index(["arm", "outcome"])
    names = list(dict.fromkeys(effects["arm"]))
    reference, years = study.labels[study.reference], study.years
    head = f'Compared with "{reference}", over {years:g} year{"" if years == 1 else "s"}'
    pairs = int(arms.loc[(names[0], "force_rate"), "n"])
    if pairs == 1:
        return f"{head}: lived in one world only, from which nothing can be concluded; give more --seeds."
    said = []
    for arm in _told(arms, names):
        force, trust = (arms.loc[(arm, outcome)] for outcome in ("force_rate", "community_trust"))
        parts = (
            _clause(force, BY_NAME["force_rate"], "incidents of force"),
            _clause(trust, BY_NAME["community_trust"], "residents' trust"),
        )
        said.append(f'"{study.labels[arm]}" {parts[0]}, and {parts[1]}')
    counts = sorted({int(arms.loc[(arm, "force_rate"), "n"]) for arm in names})
    worlds = str(counts[0]) if len(counts) == 1 or study.manifest["until"] is None else f"{counts[0]} to {counts[-1]}"
    left = f"; {len(names) - len(said)} more arms lie between them" if len(said) < len(names) else ""
    tail = "This holds under the default assumptions, most of which are not measured; it is not a forecast."
    return f"{head}: {'; '.join(said)}{left} ({worlds} paired worlds, {100 * study.confidence:.4g} % intervals). {tail}"


MOST_TOLD = 4
"""Arms up to which the finding speaks of each; beyond, of the two with the least and the most force."""


def _told(arms: Any, names: list[str]) -> list[str]:
    if len(names) <= MOST_TOLD:
        return names
    ordered = sorted(names, key=lambda arm: float(arms.loc[(arm, "force_rate"), "effect"]))
    return [ordered[0], ordered[-1]]


SURVEYED = {
    "community_trust_end": "residents' trust in the other sides in the last year",
    "legitimacy": "residents' confidence in their own institutions over the horizon",
}
"""Outcomes of which `survey` tells what a survey of residents would find."""


def survey(effects: pd.DataFrame) -> dict[str, dict[str, dict[str, float | None]]]:
    """Turn effects on residents' mean states into the standardised differences d that a survey would find.

    Returns
    -------
    dict
        Arm to outcome to d, low and high (95 % interval; None where there is none).
    """
    out: dict[str, dict[str, dict[str, float | None]]] = {}
    if effects.empty:
        return out
    for _, row in effects[effects["outcome"].isin(list(SURVEYED))].iterrows():
        values = {key: float(row[column]) for key, column in (("d", "effect"), ("low", "low"), ("high", "high"))}
        known = {key: (residents_d(value) if math.isfinite(value) else None) for key, value in values.items()}
        out.setdefault(str(row["arm"]), {})[str(row["outcome"])] = known
    return out


def survey_lines(study: Study, effects: pd.DataFrame) -> list[str]:
    """Say it in a line for each arm."""
    lines = []
    for arm, outcomes in survey(effects).items():
        parts = []
        for name, v in outcomes.items():
            text = "no difference" if v["d"] is None else f"d = {v['d']:+.3f}"
            if v["low"] is not None:
                text += f" ({v['low']:+.3f} to {v['high']:+.3f})"
            parts.append(f"{SURVEYED[name]}: {text}")
        lines.append(
            f'What a survey of residents would find in "{study.labels[arm]}": {"; ".join(parts)}.'.replace("d = -", "d = −")
            .replace("(-", "(−")
            .replace("to -", "to −")
        )
    return lines


def _clause(row: Any, outcome: Outcome, what: str) -> str:
    if row["differing"] == 0:
        return f"left {what} exactly as they were in every world"
    per = " per 100,000 residents and year" if outcome.name == "force_rate" else " on a scale from 0 to 1"
    size = f"{number(abs(row['effect']), outcome)}{per} ({interval(row, outcome)})"
    if row["low"] <= 0.0 <= row["high"]:
        return f"had no distinguishable effect on {what}: {number(row['effect'], outcome, sign=True)}{per} ({interval(row, outcome)})"
    said = verdict(row, outcome)
    small = (
        ", too small to matter"
        if said == "too small to matter"
        else ", perhaps too little to matter"
        if said.endswith("little")
        else ""
    )
    if outcome.name == "force_rate":
        share = abs(row["effect"]) / row["reference"] if row["reference"] else float("nan")
        relative = f", {share:.0%} of {number(row['reference'], outcome)}" if math.isfinite(share) else ""
        return f"{'lowered' if row['effect'] < 0 else 'raised'} {what} by {size}{relative}{small}"
    return f"{'raised' if row['effect'] > 0 else 'lowered'} {what} by {size}{small}"


def chosen(effects: pd.DataFrame, everything: bool, families: set[str]) -> pd.DataFrame:
    """Keep the outcomes that a table shows, in the catalogue's order."""
    own = [name for family, names in OWN.items() if family in families for name in names]
    names = [o.name for o in OUTCOMES] if everything else [*LEADING[:-4], *own, *LEADING[-4:]]
    rank = {name: i for i, name in enumerate(names)}
    kept = effects[effects["outcome"].isin(rank)]
    return kept.sort_values("outcome", key=lambda column: column.map(rank), kind="stable")
