"""Renew docs/calibration.md with its pictures, and the model card's table.

``python benchmarks/calibration.py calibrated`` takes some two hours on two cores and goes on where it was stopped (`results/calibration`);
``compared`` lives the README's comparison over the ensemble (some ten minutes), ``grades`` does so three times more with some parameters at
their defaults; ``recovery`` calibrates a hundred made-up worlds whose parameters are known (some forty). Rows of the evidence that are kept
for the end (*check*) are not looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sim.about import MODEL_VERSION
from sim.calibration.emulator import emulate
from sim.calibration.living import Found, first_seed, lived, tasks_of
from sim.calibration.plausible import plausible
from sim.calibration.results import NARROWED, Calibrated
from sim.calibration.space import Space, space_of, spread_out
from sim.calibration.targets import Target, calibration_trials, targets_of
from sim.calibration.waves import Calibration, CalibrationSize
from sim.declare import GRADES
from sim.lab.experiment import load_experiment
from sim.lab.parallel import mapped
from sim.outcomes import BY_NAME, PRIMARY
from sim.parameters import all_parameters
from sim.report.calibration import calibration_picture, calibration_words
from sim.report.forest import band_text, number

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "calibration.md", ROOT / "docs" / "calibration.png"
ENSEMBLE = ROOT / "results" / "calibration" / "ensemble.csv"
CARD = ROOT / "docs" / "model-card.md"
EXPERIMENT = "none-modest-generous"
CASES, CASE_POINTS, CASE_SEEDS, FIELD_SEEDS = 100, 120, 4, 16
CASE_TRIALS = ("a6-cricket-leagues", "b2-procedural-justice", "d3-training-transfer", "w3-child-welfare-turnover")
CASE_VARY = (
    "contact.bad_share", "contact.warmth_gain", "contact.tie_gain", "contact.competition_bad", "policing.conduct_gain", "work.transfer",
    "people.annual_turnover", "people.strain_turnover", "people.skill_half_life", "contact.bad_weight", "social_work.queue_pace",
    "communities.trust_tension",
)  # fmt: skip
"""Parameters of the made-up worlds: some that these studies speak of, some that they do not."""


def write(mark: str, body: str, page: Path = PAGE) -> None:
    """Write a part of a page anew."""
    made = f"<!-- {mark} -->\n{body}\n\n*Model version {MODEL_VERSION}.*\n<!-- end -->"
    text, count = re.subn(rf"<!-- {mark} -->\n.*?<!-- end -->", lambda _: made, page.read_text("utf-8"), flags=re.DOTALL)
    assert count == 1, mark
    page.write_text(text, "utf-8")


def calibrated() -> None:
    """Calibrate on all studies for it, and ship what is left."""
    calibration = Calibration(
        calibration_trials(), space_of(), CalibrationSize(), ROOT / "results" / "calibration", os.cpu_count(),
        say=lambda text: print(text, flush=True), show=lambda stage, done, total: print(stage, done, total, flush=True) if done % 60 == 0 else None,
    )  # fmt: skip
    calibration.run()
    found = Calibrated.of(calibration)
    ENSEMBLE.write_text(found.text, encoding="utf-8")
    calibration_picture(found, PICTURE)
    write("calibrated", "\n".join([*_measures(found), "", *_told(found)]))
    write("parameters", "\n".join(_parameters(found)))


def _measures(found: Calibrated) -> list[str]:
    lines = [
        "| | measure | band | before | | ensemble, mean (5–95 % of members) | members in band | | without its own study | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in found.rows.to_dict("records"):
        label = row["label"] + ("" if row["emergent"] else ", imposed")
        measure = found.measures[row["trial"], row["measure"]]
        left = (
            f"{number(row['without'])} ({number(row['without_p5'])} to {number(row['without_p95'])})"
            if row["without_verdict"]
            else ""
        )
        lines.append(
            f"| {row['evidence']} | {label} | {band_text(measure)} | {number(row['before'])} | {row['before_verdict']} | {number(row['after'])} "
            f"({number(row['after_p5'])} to {number(row['after_p95'])}) | {row['after_share']:.0%} | {row['after_verdict']} | {left} | "
            f"{row['without_verdict']} |"
        )
    return lines


def _told(found: Calibrated) -> list[str]:
    return [f"{line}  " for line in calibration_words(found)]


def _parameters(found: Calibrated) -> list[str]:
    narrowed = found.parameters[found.parameters["spread"] < NARROWED]
    lines = [
        "| parameter | what it is | range | default | left (5–95 %) | spread left |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{row['name']}` | {row['meaning']} | {row['low']:g} to {row['high']:g} | {row['default']:g} | {row['p5']:.3g} to {row['p95']:.3g} | "
        f"{row['spread']:.0%} |"
        for row in narrowed.to_dict("records")
    ]
    return [
        *lines,
        "",
        f"Of the other {len(found.parameters) - len(narrowed)} parameters these studies tell nothing by themselves.",
    ]


def compared() -> None:
    """Live the README's comparison over the ensemble."""
    command = [sys.executable, "-m", "sim.cli", "compare", EXPERIMENT, "--ensemble", str(ENSEMBLE), "--json"]
    document = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout)  # noqa: S603
    (ROOT / "docs" / "ensemble.png").write_bytes((ROOT / document["picture"]).read_bytes())
    write("compared", "\n".join(f"- {line}" for line in document["words"]))


def counts() -> None:
    """Count the parameters of each grade."""
    found = Counter(row.declared.grade for row in all_parameters())
    lines = [f"- {grade}, {words}: {found[grade]} of {found.total()} parameters" for grade, words in GRADES.items()]
    write("counts", "\n".join(lines), CARD)


def grades() -> None:
    """Tell how much of the answer's spread comes from parameters of which grade: some vary over the ensemble, the others stay at their defaults."""
    declared = {row.path: row.declared.grade for row in all_parameters()}
    ensemble = pd.read_csv(ENSEMBLE, index_col=0)
    spreads: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    for said in ("ABCD", "AB", "CD"):
        some = ensemble[[name for name in ensemble.columns if declared[name] in said]]
        with tempfile.TemporaryDirectory() as folder:
            some.to_csv(Path(folder) / "some.csv")
            command = [
                sys.executable,
                "-m",
                "sim.cli",
                "compare",
                EXPERIMENT,
                "--ensemble",
                str(Path(folder) / "some.csv"),
                "-n",
                "12",
                "--json",
            ]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)  # noqa: S603
        rows = json.loads(done.stdout)["effects"]
        spreads[said] = {
            (row["arm"], row["outcome"]): (row["spread"], row["by_parameters"]) for row in rows if row["outcome"] in PRIMARY
        }
    labels = load_experiment(EXPERIMENT).labels
    lines = [
        "| arm | outcome | spread of its effect between plausible parameters | if only A–B vary | if only C–D vary |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (arm, outcome), (whole, _) in spreads["ABCD"].items():
        cells = [f"{spreads[said][arm, outcome][0]:.2g}" for said in ("AB", "CD")]
        lines.append(f"| {labels[arm]} | `{outcome}`, {BY_NAME[outcome].unit} | {whole:.2g} | {cells[0]} | {cells[1]} |")
    lines += [
        "",
        "Standard deviations between members of the ensemble, chance taken off; what does not vary stays at its default.",
    ]
    write("grades", "\n".join(lines), CARD)


def _case(task: tuple[Space, list[Target], np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray], int]) -> np.ndarray:
    """Calibrate one made-up world: return the 2.5 and 97.5 % points of what is left, its spread, and the worst implausibility, row by row."""
    space, targets, units, found, noise, number_ = task
    emulators = [e for t in targets if (e := emulate(t, units, found[t.key], noise[t.key])) is not None]
    left = plausible(emulators, len(space.names), number_)
    ends = np.quantile(left.units, [0.025, 0.975], axis=0)
    return np.vstack([ends, left.units.std(axis=0) * np.sqrt(12.0), np.full(len(space.names), left.worst)])


def recovery() -> None:
    """Calibrate a hundred made-up worlds whose parameters are known, and count how often what is left holds them."""
    trials, space, processes = calibration_trials(CASE_TRIALS), space_of(CASE_VARY), os.cpu_count()
    targets = targets_of(trials)
    scenarios = [trials[0].worlds[0][0].scenario]
    units, _ = spread_out(space, CASE_POINTS, scenarios, 11, processes)
    truths, _ = spread_out(space, CASES, scenarios, 12, processes)
    lives = [
        mapped(lived, tasks_of(trials, [space.table(u) for u in some], wave, lambda _, n=worlds: n), processes)
        for some, wave, worlds in ((units, 201, CASE_SEEDS), (truths, 202, FIELD_SEEDS))
    ]
    (figures, noise), (truth, _) = (_columns(one, targets, len(trials)) for one in lives)
    assert first_seed(201, 0) != first_seed(202, 0)
    chance = np.random.default_rng(21)
    tasks = []
    for case in range(CASES):
        own = []
        for target in targets:
            half = _half(target, figures[target.key])
            measured = truth[target.key][case] + 0.5 * half * float(
                chance.standard_normal()
            )  # half a band is two of a study's errors
            if np.isfinite(target.high - target.low):
                own.append(replace(target, low=measured - half, high=measured + half))
            else:  # the field tells a sign only
                own.append(replace(target, low=0.0, high=np.inf) if measured > 0.0 else replace(target, low=-np.inf, high=0.0))
        tasks.append((space, [t for t in own if not (np.isnan(t.low) or np.isnan(t.high))], units, figures, noise, case))
    answers = mapped(_case, tasks, processes)
    ends, spread = np.array([a[:2] for a in answers]), np.array([a[2] for a in answers])
    held = (truths >= ends[:, 0]) & (truths <= ends[:, 1])
    lines = [
        "| parameter | mean spread left | called identified | 95 % range holds the truth | where identified |",
        "| --- | --- | --- | --- | --- |",
    ]
    for k, name in enumerate(space.names):
        told = spread[:, k] < NARROWED
        where = f"{held[told, k].sum()} of {told.sum()}" if told.any() else "–"
        lines.append(
            f"| `{name}` | {spread[:, k].mean():.0%} | {told.sum()} of {CASES} | {held[:, k].sum()} of {CASES} | {where} |"
        )
    told = spread < NARROWED
    contradicted = sum(a[3].max() > 3.0 for a in answers)
    said = f"in {held[told].mean():.1%} of {told.sum()} cases; over all parameters in {held.mean():.1%}"
    last = f"In {contradicted} of {CASES} worlds nothing agreed with all measures at once."
    lines += ["", f"Where a parameter is called identified, its 95 % range holds the truth {said}. {last}"]
    write("recovery", "\n".join(lines))


def _half(target: Target, figures: np.ndarray) -> float:
    """Half the width of a band; of an open one, half a standard deviation of what the space gives."""
    width = target.high - target.low
    return width / 2.0 if np.isfinite(width) else 0.5 * float(np.nanstd(figures))


def _columns(found: list[Found], targets: list[Target], trials: int) -> tuple[dict[str, np.ndarray], ...]:
    """Put what was lived, vector by vector and trial by trial, into one column a target."""
    names = [trial.name for trial in calibration_trials(CASE_TRIALS)]
    rows = {(k // trials, names[k % trials]): one for k, one in enumerate(found)}
    count = len(found) // trials
    return tuple(
        {t.key: np.array([getattr(rows[k, t.trial], of)[t.measure] for k in range(count)]) for t in targets}
        for of in ("figures", "noise")
    )


PARTS = {"counts": counts, "calibrated": calibrated, "compared": compared, "grades": grades, "recovery": recovery}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    for part in parser.parse_args().parts:
        PARTS[part]()
