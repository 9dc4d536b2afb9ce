"""Renew every figure of the README, its picture and the published reference results.

``python benchmarks/readme.py`` runs the commands that the README names and writes what they say into it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sim.lab.study import Study
from sim.outcomes import BY_NAME
from sim.report.words import number

ROOT = Path(__file__).resolve().parent.parent
NAME = "none-modest-generous"
POLICING = {
    "policing-thin": "Thin money, high rotation, no backing.",
    "policing-backed": "Steady money, low rotation, backing, oversight.",
}
WELFARE = "cross-border-welfare"
WELFARE_OUTCOMES = (
    "unmet_share",
    "weeks_to_help",
    "crises",
    "evictions",
    "force_rate_welfare",
    "crisis_cost",
    "strain_social_work",
    "spend",
)
PUBLIC_SERVICE = "municipal-exchange"
PUBLIC_SERVICE_OUTCOMES = (
    "practice_public_service", "services", "fairness_gap", "resources", "incident_rate_services", "outside_funds", "spend",
)  # fmt: skip
REGIONS = ("violent-region", "quiet-border")


def said(*arguments: str) -> str:
    """Run a command of this environment and return what it printed."""
    return subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8").stdout  # noqa: S603


def survey(found: dict) -> str:
    """Say what a survey of residents would find in the arm that spends most."""
    spend = {row["arm"]: row["level"] for row in found["effects"] if row["outcome"] == "spend"}
    d = found["survey"][max(spend, key=spend.__getitem__)]["community_trust_end"]
    text = f" A survey of residents' trust at the end would find d = {d['d']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})."
    return re.sub(r"(?<=[ (])-(?=\d)", "−", text)


def outcome_table(found: dict, labels: dict[str, str], outcomes: tuple[str, ...]) -> str:
    """Write the effects of all arms on some outcomes as a table."""
    rows = {(row["arm"], row["outcome"]): row for row in found["effects"]}
    arms = list(dict.fromkeys(arm for arm, _ in rows))
    lines = ["| | without | " + " | ".join(labels[arm] for arm in arms) + " |", "| --- | --- |" + " --- |" * len(arms)]
    for name in outcomes:
        outcome, cells = BY_NAME[name], []
        for arm in arms:
            row = rows[arm, name]
            cells.append(
                f"{number(row['effect'], outcome, sign=True)} ({number(row['low'], outcome, sign=True)} to {number(row['high'], outcome, sign=True)})"
            )
        lines.append(
            f"| {outcome.definition}, {outcome.unit} | {number(rows[arms[0], name]['reference'], outcome)} | "
            + " | ".join(cells)
            + " |"
        )
    return "\n".join(lines)


def violence_table(found: dict) -> str:
    """Write the lethal events of all regions as a table."""
    regions = found["scenarios"]
    lines = ["| | recorded | " + " | ".join(regions) + " |", "| --- | --- |" + " --- |" * len(regions)]
    for name, (low, high) in found["bands"].items():
        cells = []
        for region in regions.values():
            value, (below, above) = region["measures"][name], region["intervals"][name]
            interval = "" if below is None else f" ({below:.2f} to {above:.2f})"
            cells.append("too few" if value is None else f"{value:.2f}{interval}{'' if low <= value <= high else ', **out**'}")
        lines.append(f"| {name} | {low:.2f} to {high:.2f} | " + " | ".join(cells) + " |")
    lines.append(
        "| per 100,000 residents and year | | " + " | ".join(f"{r['per_100000_and_year']:.2f}" for r in regions.values()) + " |"
    )
    return "\n".join(lines)


def effects_table(document: dict) -> str:
    """Write the effects of all arms as a table."""
    arms = list(document["arms"].values())
    lines = ["| | " + " | ".join(arm["label"] for arm in arms) + " |", "| --- |" + " --- |" * len(arms)]
    reach = [
        f"{a['reach']['enrolled']:.0f} workers: {a['reach']['share_of_staff']:.1%} of staff, {a['reach']['share_of_residents']:.2%} of residents"
        for a in arms
    ]
    lines.append("| reach | " + " | ".join(reach) + " |")

    def cell(v: dict, decimals: int) -> str:
        mean, low, high = (f"{v[k]:+.{decimals}f}" for k in ("mean", "low", "high"))
        across = f"{v['low_across']:+.{decimals}f} to {v['high_across']:+.{decimals}f}"
        return f"{mean} ({low} to {high}); across ranges {across}"

    rows = [(f"participants: {name}, d", "gains", name, 2) for name in arms[0]["gains"]]
    rows += [(f"{name}, {BY_NAME[name].unit}", "primary", name, BY_NAME[name].decimals) for name in arms[0]["primary"]]
    lines += [
        f"| {label} | " + " | ".join(cell(a[part][name], decimals) for a in arms) + " |" for label, part, name, decimals in rows
    ]
    drawn = document["draws"] + document["refused"]
    note = f"{document['seeds']} worlds under the defaults (95 % interval); across ranges: middle 90 % of the {document['draws']} of {drawn} draws "
    note += "over all declared ranges at once under which violence does not feed itself (the others are refused)."
    return re.sub(r"(?<=[ (])-(?=\d)", "−", "\n".join([*lines, "", note]))


def lived() -> dict[str, str]:
    """Run the comparisons and the violence command, keep their pictures and published results, and return what they say."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "study"
        compared = json.loads(said("-m", "sim.cli", "compare", NAME, "--out", str(out), "--json"))
        shutil.copyfile(out / "picture.png", ROOT / "docs" / "picture.png")
        published = ROOT / "results" / "published"
        published.mkdir(parents=True, exist_ok=True)
        effects = json.loads(said("-m", "sim.cli", "effects", NAME, "--json"))
        (published / f"{NAME}-effects.json").write_text(
            json.dumps({"paired": compared["effects"], **effects}, indent=1) + "\n", "utf-8"
        )
        manifest = Study.open(out).manifest
        (published / f"{NAME}-study.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
        policing = {
            name: json.loads(said("-m", "sim.cli", "compare", name, "--out", str(Path(folder) / name), "--json"))
            for name in POLICING
        }
        welfare = json.loads(said("-m", "sim.cli", "compare", WELFARE, "--out", str(Path(folder) / WELFARE), "--json"))
        municipal = json.loads(
            said("-m", "sim.cli", "compare", PUBLIC_SERVICE, "--out", str(Path(folder) / PUBLIC_SERVICE), "--json")
        )
        labels, towns = (Study.open(Path(folder) / name).labels for name in (WELFARE, PUBLIC_SERVICE))
        violence = json.loads(
            said("-m", "sim.cli", "violence", *REGIONS, "--picture", str(ROOT / "docs" / "violence.png"), "--json")
        )
    return {
        "finding": f"> {compared['finding']}",
        "effects": effects_table(effects),
        "policing": "\n\n".join(f"> **{POLICING[name]}** {found['finding']}{survey(found)}" for name, found in policing.items()),
        "welfare": f"> {welfare['finding']}\n\n{outcome_table(welfare, labels, WELFARE_OUTCOMES)}",
        "public service": f"> {municipal['finding']}\n\n{outcome_table(municipal, towns, PUBLIC_SERVICE_OUTCOMES)}",
        "violence": violence_table(violence),
    }


def main() -> None:
    """Run, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed-only", action="store_true", help="renew the figures of speed alone")
    parts = {} if parser.parse_args().speed_only else lived()
    parts["speed"] = f"```\n{said(str(ROOT / 'benchmarks' / 'speed.py')).strip()}\n```"
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    for name, body in parts.items():
        text = re.sub(
            rf"<!-- {name} -->\n.*?<!-- end -->",
            lambda _, n=name, b=body: f"<!-- {n} -->\n{b}\n<!-- end -->",
            text,
            flags=re.DOTALL,
        )
    readme.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
