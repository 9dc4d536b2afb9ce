"""Renew docs/rivals.md: the README's comparison under every rival assumption, and every rival held against the field's evidence.

``python benchmarks/rivals.py compared`` takes some ten minutes on two cores, ``tried`` as long. Rows of the evidence that are kept for the
end (*check*) are not looked at.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from sim.about import MODEL_VERSION
from sim.evidence.trial import load_trial
from sim.lab.experiment import load_experiment
from sim.report.forest import score
from sim.report.rivals import OWN, SHOWN
from sim.report.words import number
from sim.rivals import RIVALS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rivals.md"
EXPERIMENT = "none-modest-generous"


def said(*words: str) -> dict:
    """Run the command and return its document."""
    command = [sys.executable, "-m", "sim.cli", *words, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)  # noqa: S603
    return dict(json.loads(done.stdout))


def write(mark: str, body: str) -> None:
    """Write a part of the page anew."""
    made = f"<!-- {mark} -->\n{body}\n\n*Model version {MODEL_VERSION}.*\n<!-- end -->"
    PAGE.write_text(
        re.sub(rf"<!-- {mark} -->\n.*?<!-- end -->", lambda _: made, PAGE.read_text("utf-8"), flags=re.DOTALL), "utf-8"
    )


def compared() -> None:
    """Live the README's comparison under every rival."""
    show(said("rivals", EXPERIMENT, "--picture", str(ROOT / "docs" / "rivals.png")))


def show(document: dict) -> None:
    """Write the comparison into the page."""
    labels = load_experiment(EXPERIMENT).labels
    lines = [
        "| arm | assumptions | " + " | ".join(f"`{o.name}`, {o.unit}" for o in SHOWN) + " |",
        "| --- | --- |" + " --- |" * len(SHOWN),
    ]
    rows = {(row["arm"], row["assumptions"], row["outcome"]): row for row in document["effects"]}
    for arm in dict.fromkeys(row["arm"] for row in document["effects"]):
        for name in (OWN, *RIVALS):
            cells = []
            for outcome in SHOWN:
                row = rows[arm, name, outcome.name]
                effect, low, high = (number(row[key], outcome, sign=True) for key in ("effect", "low", "high"))
                mark = "" if row["survives"] else " ≠"
                cells.append(f"{effect} ({low} to {high}), {row['conclusion']}{mark}")
            lines.append(f"| {labels[arm]} | {name} | {' | '.join(cells)} |")
    held = [row for row in document["effects"] if row["assumptions"] != OWN]
    kept = sum(row["survives"] for row in held)
    lines += [
        "",
        f"{kept} of {len(held)} conclusions are the same as under the model's own assumptions; those that are not are marked ≠.",
    ]
    write("compared", "\n".join(lines))


def tried() -> None:
    """Hold the model and every rival against the rows of the evidence that are for calibration."""
    frames = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in (OWN, *RIVALS):
            rival = () if name == OWN else ("--rival", name)
            found = said("evidence", "--use", "cal", *rival, "--picture", f"{folder}/forest.png")
            frames[name] = pd.DataFrame(found["rows"])
    own = frames[OWN].set_index(["trial", "measure"])
    lines = [
        "| assumptions | emergent measures in their band | not for certain | imposed ones | verdicts that change |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, frame in frames.items():
        counts, mine = score(frame), frame.set_index(["trial", "measure"])
        changed = []
        for key, row in mine[mine["band_low"].notna() | mine["band_high"].notna()].iterrows():
            before, after = own.loc[key, "verdict"].strip("?"), row["verdict"].strip("?")
            if before != after:
                measure = load_trial(key[0]).file.measures[key[1]]
                changed.append(f"{row['evidence']}, {measure.label or key[1]}: {before or 'unknown'} → {after or 'unknown'}")
        e, i = counts["emergent"], counts["imposed"]
        lines.append(
            f"| {name} | {e.firm} of {e.of} | {e.unsure} | {i.firm + i.unsure} of {i.of} | {'; '.join(changed) or '–'} |"
        )
    write("tried", "\n".join(lines))


if __name__ == "__main__":
    for part in sys.argv[1:] or ("compared", "tried"):
        {"compared": compared, "tried": tried}[part]()
