"""The golden baseline: outcomes of fixed worlds, held by a test.

A change of rules changes these numbers. Renew them with a reason, which is kept in the file::

    python tests/golden.py "why the numbers changed"
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import conftest

from sim.about import MODEL_VERSION
from sim.lab.run import run

BASELINE = Path(__file__).with_name("golden.json")
WORLDS = {"none": conftest.scenario, "busy": conftest.busy}
SEEDS = (1, 2, 3)


def lived() -> dict[str, dict[str, float]]:
    """Live through all worlds of the baseline."""
    return {
        f"{name} {seed}": {key: value for key, value in run(make(years=5.0), seed).outcomes.items() if value == value}
        for name, make in WORLDS.items()
        for seed in SEEDS
    }


def renew(reason: str) -> None:
    """Write the baseline anew."""
    reasons = json.loads(BASELINE.read_text("utf-8"))["reasons"] if BASELINE.exists() else []
    document = {"model": MODEL_VERSION, "reasons": [*reasons, reason], "outcomes": lived()}
    BASELINE.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2 or len(sys.argv[1].split()) < 3:
        sys.exit('usage: python tests/golden.py "why the numbers changed"')
    renew(sys.argv[1])
