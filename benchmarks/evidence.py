"""Renew docs/evidence.md, its picture and the published table, and show that equal arms are called different at the nominal rate.

``python benchmarks/evidence.py published`` puts the simulation on all trials (four minutes on two cores); ``aa`` repeats small trials, of two equal
arms and of others whose truth is known, a thousand times (three quarters of an hour).
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

import pandas as pd
from scipy.stats import binomtest

from sim.about import MODEL_VERSION
from sim.evidence.catalogue import IN_PART, NOT_EXPRESSED
from sim.evidence.conduct import Record
from sim.evidence.estimates import _conduct, figures, findings, hold_trials
from sim.evidence.trial import Trial, load_trial
from sim.lab.parallel import mapped
from sim.lab.warmup import warm_up
from sim.mechanisms import MECHANISMS
from sim.report.forest import band_text, evidence_frame, evidence_picture, identified, interval_text, score, shown
from sim.report.terminal import Bar
from sim.scenario import library

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "evidence.md"
REPETITIONS, WORLDS = 1000, 8
REGION = """
bridgework = "scenario/1"
title = "Twelve towns"
years = 1
burn_in_weeks = 4
[region]
sides = ["North", "South"]
tension = 0.5
[region.layout]
communities_per_side = 6
border_km = 60
population = 2000
[region.institutions.enterprise]
per_community = 2
staff = 8
[region.institutions.municipality]
per_community = 1
staff = 5
"""
EQUAL = """
bridgework = "trial/1"
title = "equal arms"
scenario = "region.toml"
seeds = 2
enrol_weeks = 2
[programmes.course]
family = "vocational"
annual_budget = 2_000_000
cohort_size = 40
cohorts_per_year = 1
weeks = 6
[arms.one]
FIRST
[arms.two]
programmes = {course = {}}
[assignment]
ASSIGNMENT
[measures.warmth]
label = "participants' warmth, d"
among = "participants"
of = "warmth"
week = 8
[measures.friends]
label = "participants' friends, difference"
among = "participants"
of = "friends"
statistic = "difference"
week = 8
[measures.left]
label = "participants who left, difference"
among = "participants"
of = "left"
statistic = "difference"
week = 8
"""
APART = """
[measures.trust]
label = "residents' trust, d"
among = "residents"
of = "trust"
week = 10
[measures.incidents]
label = "incidents, relative change"
among = "region"
of = "incident_rate"
statistic = "relative"
week = 10
"""
NEIGHBOURS = """
[measures.next]
label = "neighbours' warmth, d"
among = "neighbours"
of = "warmth"
week = 8
[measures.less]
label = "participants' warmth less neighbours', d"
statistic = "minus"
measures = ["warmth", "next"]
[measures.institutions]
label = "institutions' capability, difference"
among = "institutions"
of = "capability"
statistic = "difference"
week = 10
"""
RATIO = """
[measures.early]
label = "participants' competence, d"
among = "participants"
of = "competence"
week = 8
[measures.kept]
label = "share of a gain in competence kept, ratio"
statistic = "ratio"
measures = ["later", "early"]
"""
LATER = """
[measures.later]
label = "participants' competence later, d"
among = "participants"
of = "competence"
week = 20
"""
IDLE = "\n[changes.mechanisms]\n" + "\n".join(f"{name} = false" for name in MECHANISMS)
SAME, NONE = "programmes = {course = {}}", ""
DESIGNS = {
    "equal arms, two worlds on seeds of their own": ('unit = "region"\nindependent_seeds = true', SAME, APART),
    "equal arms, workers drawn by lot": ('unit = "workers"', SAME, ""),
    "equal arms, communities drawn by lot": (
        'unit = "communities"',
        SAME,
        APART.split("[measures.incidents]", maxsplit=1)[0] + NEIGHBOURS,
    ),
    "a programme without any effect, communities drawn by lot": ('unit = "communities"', NONE, NEIGHBOURS + IDLE),
    "a programme without any effect, institutions drawn by lot": ('unit = "institutions"', NONE, NEIGHBOURS + IDLE),
    "a course against none, workers drawn by lot": ('unit = "workers"', NONE, LATER + RATIO),
}
"""Designs of small trials: how units are assigned, what the first arm has, what is measured beside `EQUAL`."""


def write(mark: str, body: str) -> None:
    """Write a part of the page anew, or of the README."""
    for page, version in ((PAGE, f"\n\n*Model version {MODEL_VERSION}.*"), (ROOT / "README.md", "")):
        made, text = f"<!-- {mark} -->\n{body}{version}\n<!-- end -->", page.read_text("utf-8")
        page.write_text(re.sub(rf"<!-- {mark} -->\n.*?<!-- end -->", lambda _, m=made: m, text, flags=re.DOTALL), "utf-8")


def published() -> None:
    """Put the simulation on all trials that come with it."""
    trials = [load_trial(name) for name in library.names("trials")]
    with Bar("worlds lived") as bar:
        found = hold_trials(trials, None, bar.counting(sum(len(trial.seeds) for trial in trials)))
    evidence_picture(found, ROOT / "docs" / "evidence.png")
    frame = evidence_frame(found)
    frame.to_csv(ROOT / "results" / "published" / "evidence.csv", index=False, float_format="%.6g")
    notes: list[str] = []
    lines = ["| | study | measure | field | simulated (95 %) | band | |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for trial, results in found:
        for finding, verdict in zip(results, frame[frame["trial"] == trial.name]["verdict"], strict=True):
            m, file = trial.file.measures[finding.name], trial.file
            if shown(trial, finding):
                kind = ", imposed" if m.banded and not m.emergent else ""
                band = band_text(m) + ("\\*" if m.band_note else "")
                cells = (
                    file.evidence,
                    file.title,
                    f"{m.label or finding.name}{kind}",
                    m.measured,
                    interval_text(finding),
                    band,
                    verdict,
                )
                lines.append(f"| {' | '.join(cells)} |")
                if m.band_note:
                    notes.append(f"{file.evidence}, {m.label}: {m.band_note}")
    counts = score(frame)
    said = ". ".join(f"**{one.words(name)}**" for name, one in counts.items())
    by_use = [
        f"{use}: {one.firm} and {one.unsure} of {one.of}"
        for use in ("cal", "check", "prior")
        for one in [score(frame[frame["use"] == use])["emergent"]]
        if one.of
    ]
    body = [f"{said}. Emergent ones by use, in their band for certain and not for certain: {'; '.join(by_use)}.", "\n".join(lines),
            f"\\* The band is ours: {'; '.join(notes)}.", *identified(found)]  # fmt: skip
    write("published", "\n\n".join(body))
    every, checked = score(frame)["emergent"], score(frame[frame["use"] == "check"])["emergent"]
    write(
        "evidence",
        f"> Of {every.of} measures that come out of many rules, {every.firm} lie in the band of their study and {every.unsure} more lie in it "
        f"but not for certain; among those that are kept for the end, {checked.firm} and {checked.unsure} of {checked.of}. Nothing has been "
        "fitted by a method, but the default parameters were set by hand from sources that are partly the same.",
    )
    rows = ["| row | why |", "| --- | --- |", *(f"| {row} | {why} |" for row, why in NOT_EXPRESSED.items())]
    rows += [f"| {row}, in part | {why} |" for row, why in IN_PART.items()]
    write("left out", "\n".join(rows))
    print(said)


def equal_arms(only: str = "") -> None:
    """Repeat small trials of which the truth is known, and count how often it is missed; of other designs than asked for, keep the lines."""
    lines = ["| design | measure | truth missed | 95 % interval of that |", "| --- | --- | --- | --- |"]
    before = PAGE.read_text("utf-8").splitlines()
    for design, (assignment, first, more) in DESIGNS.items():
        if only not in design:
            lines += [line for line in before if line.startswith(f"| {design} |")]
            continue
        text = EQUAL.replace("ASSIGNMENT", assignment).replace("FIRST", first) + more
        if first == NONE:  # cohorts go on after those who are followed have been enrolled
            text = text.replace("cohorts_per_year = 1", "cohorts_per_year = 8").replace("cohort_size = 40", "cohort_size = 20")
        if IDLE in more:  # ties are made all the same
            text = re.sub(r"\[measures.friends\].*?(?=\[measures)", "", text, flags=re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "region.toml").write_text(REGION, "utf-8")
            Path(folder, "equal.toml").write_text(text, "utf-8")
            trial = load_trial(Path(folder, "equal.toml"))
        warm_up(trial.worlds[0][0].scenario)
        seeds = range(REPETITIONS * WORLDS)
        with Bar("worlds lived") as bar:
            records: list[Record] = mapped(_conduct, [(trial, seed) for seed in seeds], None, bar.counting(len(seeds)))
        for name, rate, low, high in rates(trial, records):
            label = trial.file.measures[name].label
            lines.append(f"| {design} | {label} | {rate:.1%} | {low:.1%} to {high:.1%} |")
            print(lines[-1])
    write("aa", "\n".join(lines))


def rates(trial: Trial, records: list[Record]) -> list[tuple[str, float, float, float]]:
    """Share of repetitions in which each measure's interval leaves out the truth, with its own interval.

    The truth is zero where arms are equal, or nothing has an effect; otherwise what all worlds together say.
    """
    equal = all(arm.programmes for arm in trial.file.arms.values()) or trial.file.changes.mechanisms
    truth = dict.fromkeys(trial.file.measures, 0.0) if equal else figures(trial, records)
    rows = []
    for k in range(REPETITIONS):
        rows += [
            {
                "name": f.name,
                "called": not f.simulated.low <= truth[f.name] <= f.simulated.high,
                "known": f.simulated.low == f.simulated.low,
            }
            for f in findings(trial, records[k * WORLDS : (k + 1) * WORLDS])
        ]
    frame = pd.DataFrame(rows)
    out = []
    for name, own in frame[frame["known"]].groupby("name", sort=False):
        result = binomtest(int(own["called"].sum()), len(own))
        interval = result.proportion_ci()
        out.append((str(name), result.statistic, interval.low, interval.high))
    return out


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["published", "aa", []], help="published, aa; both if none is named")
    parser.add_argument("--only", default="", help="of aa: designs with these words in their names")
    chosen = parser.parse_args()
    parts = {"published": published, "aa": lambda: equal_arms(chosen.only)}
    for name in chosen.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()
