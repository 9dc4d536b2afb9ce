"""First stage: how far each lever moves the outcome that it should move first, all else equal and with money enough.

``python benchmarks/levers.py`` lives through 16 paired worlds for every lever (some twenty minutes on two cores) and writes
``docs/levers.md``. Each pair differs in one lever: low against high, in a small quiet border over five years. What the lever
needs beside it (a tailored pilot needs a pilot) is the same in both.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np

from sim.about import MODEL_VERSION
from sim.declare import Declaration
from sim.lab.effects import mean_interval
from sim.lab.parallel import mapped
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.levers import FIRST, all_levers
from sim.outcomes import BY_NAME
from sim.report.words import number
from sim.scenario.reading import laid_together, overlay, scenario_layers
from sim.scenario.schema import Scenario

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "levers.md"
BASE: dict[str, Any] = {
    "years": 5.0, "annual_budget": 5e6, "cohort_size": 24, "cohorts_per_year": 3, "weeks": 6, "joint_work": 0.8, "debrief": 1.0,
    "preparation": 0.5,
}  # fmt: skip
REGION = {"years": 5.0, "region": {"layout": {"communities_per_side": 6, "border_km": 60.0}}}
REPRESSED = {"shocks": {"crackdown": {"kind": "repression", "week": 104, "size": 0.8, "weeks": 104}}}
CLOSED = {"shocks": {"closure": {"kind": "border_closure", "week": 30, "size": 1.0, "weeks": 150}}}
DISASTER = {"shocks": {"flood": {"kind": "disaster", "week": 150, "size": 0.8, "weeks": 20}}}
WORKS = {"works": 1.0}
CAMPAIGNS = {"campaigns": 1.0}
FAMILY_OF_COMMON = {"debrief": "public_service"}
"""Family whose programme shows a common lever; vocational for the others."""
BESIDE: dict[str, dict[str, Any]] = {
    "programme.virtual_fallback": CLOSED,
    "programme.evaluation": {"programme": {"recognition": 1.0, "placements": 0.5}},
    "programme.mentoring": {"programme": {}},
    "programme.annual_budget": {"low": 100_000.0, "high": 600_000.0},
    "programme.cohort_size": {"low": 8.0, "high": 24.0},
    "programme.cohorts_per_year": {"low": 1.0, "high": 4.0},
    "programme.weeks": {"low": 2.0, "high": 12.0},
    "programme.catchment": {"low": 1.0, "high": 6.0, "levers": {"cohort_size": 12}},
    "programme.seniority": {"low": -1.0, "high": 1.0},
    "programme.stop_go": {"levers": {"annual_budget": 600_000.0}},
    "vocational.bridge_figures": {"parameters": {"incidents": {"everyday_rate": 0.1}}},
    "social_work.privacy": {"programme": {"protocols": 1.0}},
    "public_service.adaptation": {"programme": {"pilots": 1.0}},
    "public_service.data": {"programme": WORKS},
    "public_service.roles": {"programme": WORKS},
    "public_service.flexibility": {"programme": WORKS},
    "public_service.contingency": DISASTER,
    "policing.scenarios": {"programme": {"restraint": 0.0}},
    "policing.restraint": {"programme": {"scenarios": 0.0}},
    "policing.immersion": {
        "programme": {"restraint": 0.0, "scenarios": 0.0},
        "parameters": {"incidents": {"everyday_rate": 0.1}},
    },
    "policing.identity": {"programme": {"restraint": 0.0, "scenarios": 0.0}},
    "policing.safeguards": {"programme": {"information_sharing": 1.0}},
    "policing.information_sharing": {"parameters": {"incidents": {"everyday_rate": 0.1}}},
    "organizing.mixed_roles": {"programme": CAMPAIGNS},
    "organizing.local_lead": {"programme": CAMPAIGNS},
    "organizing.flexible_timelines": {**CLOSED, "levers": {"virtual_fallback": 0.0}},
    "organizing.protocols": REPRESSED,
    "organizing.mutual_aid": REPRESSED,
    "organizing.rapid_response": {"shocks": {"lies": {"kind": "disinformation", "week": 52, "size": 0.8, "weeks": 200}}},
}
"""What a lever needs beside it: other levers of the family (programme) or common (levers), parameters, shocks; and its contrast if not 0 to 1."""


def pair(row: Declaration) -> tuple[Scenario, Scenario, float, float]:
    """Return the two scenarios that differ in a lever, and its two levels."""
    beside = dict(BESIDE.get(row.path, {}))
    low, high = beside.pop("low", max(row.declared.low, 0.0)), beside.pop("high", min(row.declared.high, 1.0))
    family = FAMILY_OF_COMMON.get(row.name, "vocational") if row.room == "programme" else row.room
    own, common = beside.pop("programme", {}), beside.pop("levers", {})
    table = laid_together(scenario_layers("quiet-border"))
    scenarios = []
    for level in (low, high):
        programme: dict[str, Any] = {"family": family, **BASE, **common, family: dict(own)}
        target = programme if row.room == "programme" else programme[family]
        target[row.name] = level
        scenarios.append(Scenario.model_validate(overlay(overlay(table, REGION), {**beside, "programmes": {"p": programme}})))
    return scenarios[0], scenarios[1], low, high


def measured(task: tuple[str, int, str]) -> float:
    """Live one world and return one outcome."""
    return run(Scenario.model_validate_json(task[0]), task[1]).outcomes[task[2]]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=16)
    seeds = parser.parse_args().seeds
    rows = all_levers()
    pairs = [pair(row) for row in rows]
    warm_up(pairs[0][0])
    tasks = [
        (scenario.model_dump_json(exclude_none=True), seed, FIRST[row.path])
        for row, (low, high, *_) in zip(rows, pairs, strict=True)
        for scenario in (low, high)
        for seed in range(1, seeds + 1)
    ]
    values = np.array(mapped(measured, tasks, None, lambda: None)).reshape(len(rows), 2, seeds)
    lines, null = [], 0
    for row, (_, _, low, high), (before, after) in zip(rows, pairs, values, strict=True):
        outcome, effect = BY_NAME[FIRST[row.path]], mean_interval(after - before)
        off = math.isfinite(effect.low) and (effect.low > 0.0 or effect.high < 0.0)
        null += not off
        cells = [
            number(float(np.nanmean(before)), outcome),
            *(number(v, outcome, sign=True) for v in (effect.mean, effect.low, effect.high)),
        ]
        moved = "" if off else "**null**"
        lines.append(
            f"| `{row.path}` | {low:g} → {high:g} | `{outcome.name}`, {outcome.unit} | {cells[0]} | {cells[1]} ({cells[2]} to {cells[3]}) | {moved} |"
        )
    head = (
        f"# What each lever moves first\n\nModel version {MODEL_VERSION}. "
        f"`python benchmarks/levers.py`: {seeds} paired worlds for each lever, which differ in that lever alone, on a small quiet border over\n"
        "five years with money enough; 95 % intervals. This shows that a lever does something, not that a programme with it is better:\n"
        "on one budget it competes with all others.\n"
        f"{null} of {len(rows)} levers are null here: their interval is not off zero.\n\n"
        "| lever | from → to | moves first | at the low level | effect | |\n| --- | --- | --- | --- | --- | --- |\n"
    )
    DOCUMENT.write_text(head + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
