"""Renew every figure of the README, of docs/findings.md, docs/families.md and docs/sweeps.md, their pictures and the published reference results.

``python benchmarks/readme.py`` runs the commands that these pages name and writes what they say into them.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from sim.about import MODEL_VERSION
from sim.lab.dispatch import Means
from sim.lab.evaluate import evaluate
from sim.lab.experiment import load_experiment
from sim.lab.study import Study
from sim.outcomes import BY_NAME
from sim.report.effects import role
from sim.report.words import number
from sim.scenario import library
from sim.scenario.reading import read_toml

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "results" / "published"
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
ORGANIZING = "organizer-exchange"
ORGANIZING_OUTCOMES = (
    "active_organizers", "burnout", "nonviolent_share", "rumour_life", "weeks_to_mobilise", "campaigns_won", "incident_rate_protest",
    "grievance", "legitimacy", "spend",
)  # fmt: skip
FAMILIES = "five-families"
HARM_OUTCOMES = (
    "force_rate", "community_trust", "bad_meeting_share", "worker_warmth", "worker_trust", "unmet_share", "deterred_share",
    "strain_social_work", "fairness_gap", "legitimacy", "grievance", "host_harm", "spend",
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
            effect, low, high = (rows[arm, name][key] for key in ("effect", "low", "high"))
            if effect is None:  # there is no such thing without a programme, so only its level can be told
                level = rows[arm, name]["level"]
                cells.append("none" if level is None else f"{number(level, outcome)} (level)")
                continue
            said_of = [number(math.nan if v is None else v, outcome, sign=True) for v in (effect, low, high)]
            interval = f" ({said_of[1]} to {said_of[2]})" if low is not None else ", same in every pair" if effect == 0.0 else ""
            cells.append(said_of[0] + interval)
        without = rows[arms[0], name]["reference"]
        reference = number(math.nan if without is None else without, outcome)
        lines.append(f"| {outcome.definition}, {outcome.unit} | {reference} | " + " | ".join(cells) + " |")
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


def compared(name: str) -> tuple[dict, Study]:
    """Run a comparison; return its document and its study."""
    out = Path(tempfile.mkdtemp()) / name
    return json.loads(said("-m", "sim.cli", "compare", name, "--out", str(out), "--json")), Study.open(out)


def first() -> dict[str, str]:
    """Compare the README's main designs, and keep the picture and the published results."""
    found, study = compared(NAME)
    shutil.copyfile(study.folder / "picture.png", ROOT / "docs" / "picture.png")
    PUBLISHED.mkdir(parents=True, exist_ok=True)
    effects = json.loads(said("-m", "sim.cli", "effects", NAME, "--json"))
    document = json.dumps({"paired": found["effects"], **effects}, indent=1)
    (PUBLISHED / f"{NAME}-effects.json").write_text(document + "\n", "utf-8")
    publish(NAME)
    return {"finding": f"> {found['finding']}", "effects": effects_table(effects)}


def publish(name: str) -> None:
    """Keep a study without its series, so that anybody can hold it against what her own machine does."""
    experiment = load_experiment(name)
    folder = PUBLISHED / name
    shutil.rmtree(folder, ignore_errors=True)
    bare = replace(experiment, file=experiment.file.model_copy(update={"series_every": 0, "incidents": False}))
    evaluate(Study.create(folder, bare), Means())
    for part in ("series", "incidents", "failures"):
        (folder / part).rmdir()
    for file in ("lock", "log.txt"):
        (folder / file).unlink(missing_ok=True)


def matters() -> dict[str, str]:
    """Screen thirty assumptions."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "s")
        swept = json.loads(said("-m", "sim.cli", "sweep", "what-matters", "--out", out, "--json"))
        picture = ROOT / "docs" / "what-matters.png"
        asked = ("-m", "sim.cli", "sensitivity", out, "--json", "--outcome")
        force = json.loads(said(*asked, "force_rate", "--picture", str(picture)))["sensitivity"][0]
        trust = json.loads(said(*asked, "community_trust", "--picture", str(Path(folder) / "t.png")))["sensitivity"][0]
    lines = [
        "![Thirty assumptions in the order of how far they move the effect of a generous exchange on force](what-matters.png)",
        "",
        (
            f"Thirty assumptions behind a vocational exchange, all at once, over their declared ranges: {swept['runs']:,} runs. "
            f"{swept['left_out'][0].upper()}{swept['left_out'][1:]}."
        ),
        "",
        "| effect on | chance among single runs | moved furthest by (mean absolute change over the whole range, 95 % interval) |",
        "| --- | --- | --- |",
    ]
    for found in (force, trust):
        told = [
            f"`{row['factor']}` {row['influence']:.2g} ({row['low']:.2g} to {row['high']:.2g})" for row in found["factors"][:5]
        ]
        lines.append(f"| {found['outcome']} | {found['chance']['share']:.0%} | {'; '.join(told)} |")
    return {"what matters": re.sub(r"(?<=[ (])-(?=\d)", "−", "\n".join(lines))}


def policing() -> dict[str, str]:
    """Compare the same police training in two regions."""
    documents = {name: compared(name)[0] for name in POLICING}
    told = [f"> **{POLICING[name]}** {found['finding']}{survey(found)}" for name, found in documents.items()]
    return {"policing": "\n\n".join(told)}


def welfare() -> dict[str, str]:
    """Compare what helps households in crisis."""
    found, study = compared(WELFARE)
    return {"welfare": f"> {found['finding']}\n\n{outcome_table(found, study.labels, WELFARE_OUTCOMES)}"}


def municipal() -> dict[str, str]:
    """Compare what municipalities carry home."""
    found, study = compared(PUBLIC_SERVICE)
    return {"public service": f"> {found['finding']}\n\n{outcome_table(found, study.labels, PUBLIC_SERVICE_OUTCOMES)}"}


def organizing() -> dict[str, str]:
    """Compare how organizers are trained, under a crackdown."""
    found, study = compared(ORGANIZING)
    return {"organizing": f"> {found['finding']}\n\n{outcome_table(found, study.labels, ORGANIZING_OUTCOMES)}"}


def violence() -> dict[str, str]:
    """Hold lethal events against the field."""
    picture = str(ROOT / "docs" / "violence.png")
    return {"violence": violence_table(json.loads(said("-m", "sim.cli", "violence", *REGIONS, "--picture", picture, "--json")))}


def worse(values: dict, better: int) -> str:
    """Say in how many draws an outcome is worse than without the programme."""
    below, none = values["share_below_zero"], values["share_zero"]
    return "–" if better == 0 else f"{below if better > 0 else max(1.0 - below - none, 0.0):.0%} of draws"


def families() -> dict[str, str]:
    """Set all five professions side by side, under the defaults and across ranges."""
    picture = str(ROOT / "docs" / "families.png")
    found = json.loads(
        said(
            "-m",
            "sim.cli",
            "effects",
            FAMILIES,
            "--seeds",
            "100",
            "--draws",
            "60",
            "--worlds",
            "4",
            "--no-gains",
            "--picture",
            picture,
            "--json",
        )
    )
    head = (
        "profession",
        "",
        "outcome",
        "under the defaults",
        "95 % interval",
        "across ranges: median",
        "middle 90 %",
        "worse than without",
    )
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for arm in found["arms"].values():
        rows = [(role(name), name, v) for name, v in arm["own"].items()] + [
            ("primary", name, v) for name, v in arm["primary"].items()
        ]
        for part, name, v in rows:
            outcome = BY_NAME[name]
            mean, low, high, median, low_across, high_across = (
                number(math.nan if v[key] is None else v[key], outcome, sign=True)
                for key in ("mean", "low", "high", "median_across", "low_across", "high_across")
            )
            cells = (
                arm["label"],
                part,
                f"`{name}`, {outcome.unit}",
                mean,
                f"{low} to {high}",
                median,
                f"{low_across} to {high_across}",
                worse(v, outcome.better),
            )
            lines.append(f"| {' | '.join(cells)} |")
    note = f"{found['seeds']} paired worlds under the defaults; {found['draws']} draws of all parameters at once, "
    note += f"mean of {found['worlds']} pairs of worlds each "
    note += f"({found['refused']} further draws were refused because violence would have fed itself)."
    return {"families": "\n".join([*lines, "", note])}


def rare() -> dict[str, str]:
    """Look for harm in more draws for the professions in whose sixty there is little or none."""
    arms = ("social-work", "public-service", "organizing")
    picked = [word for arm in arms for word in ("--arm", arm)]
    asked = ("effects", FAMILIES, *picked, "--seeds", "2", "--draws", "150", "--worlds", "2", "--no-gains")
    found = json.loads(said("-m", "sim.cli", *asked, "--json"))
    lines = ["| profession | outcome | worse than without | exactly as without |", "| --- | --- | --- | --- |"]
    for arm in found["arms"].values():
        own = {name: values for name, values in arm["own"].items() if role(name) == "trigger"}
        for name, values in (arm["primary"] | own).items():
            none = values["share_zero"]
            lines.append(f"| {arm['label']} | `{name}` | {worse(values, BY_NAME[name].better)} | {none:.0%} of draws |")
    note = f"{found['draws']} draws of all parameters at once, mean of {found['worlds']} pairs of worlds each: `bridgework {' '.join(asked)}`"
    return {"rare": "\n".join([*lines, "", note])}


def harm() -> dict[str, str]:
    """Show a setting for each profession in which it does harm."""
    found, study = compared("harm")
    return {"harm": outcome_table(found, study.labels, HARM_OUTCOMES)}


def kinds_of_regions() -> list[str]:
    """Names of the scenarios that are described as a kind of region."""
    return [name for name, path in library.names("scenarios").items() if "about" in read_toml(path)]


def regions() -> dict[str, str]:
    """Live through the same five programmes in each kind of region."""
    plain = library.names("experiments")[FAMILIES].read_text("utf-8")
    rows: dict[str, list[str]] = {"force_rate": [], "community_trust": []}
    labels: list[str] = []
    for name in kinds_of_regions():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}.toml"
            file.write_text(plain.replace('scenario = "troubled-decade"', f'scenario = "{name}"'), "utf-8")
            asked = ("compare", str(file), "--seeds", "20", "--out", str(Path(folder) / "study"), "--json")
            found = json.loads(said("-m", "sim.cli", *asked))
            labels = [label for arm, label in Study.open(Path(folder) / "study").labels.items() if arm != "none"]
        for outcome, lines in rows.items():
            effects = [row for row in found["effects"] if row["outcome"] == outcome]
            shown = [number(effects[0]["reference"], BY_NAME[outcome])]
            for row in effects:
                mean, low, high = (number(row[key], BY_NAME[outcome], sign=True) for key in ("effect", "low", "high"))
                shown.append(f"{mean} ({low} to {high})")
            lines.append(f"| `{name}` | {' | '.join(shown)} |")
    out = []
    for outcome, lines in rows.items():
        head = f"| {BY_NAME[outcome].definition}, {BY_NAME[outcome].unit} | without | {' | '.join(labels)} |"
        out += [head, "| --- |" + " --- |" * (len(labels) + 1), *lines, ""]
    return {"five in each": "\n".join(out).strip()}


def maps() -> dict[str, str]:
    """Draw a map of each kind of region, without programmes, on one sheet."""
    import matplotlib.pyplot as plt

    names = kinds_of_regions()
    figure, axes = plt.subplots((len(names) + 1) // 2, 2, figsize=(12.0, 4.0 * ((len(names) + 1) // 2)))
    for ax in axes.flat:
        ax.set_axis_off()
    with tempfile.TemporaryDirectory() as folder:
        for ax, name in zip(axes.flat, names, strict=False):
            file = Path(folder) / f"{name}.png"
            said("-m", "sim.cli", "-q", "map", name, "--worlds", "4", "--out", str(file))
            ax.imshow(plt.imread(file))
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.99, 0.02, 0.03)
    figure.savefig(ROOT / "docs" / "regions.png", dpi=110)
    return {}


def speed() -> dict[str, str]:
    """Time ten years."""
    return {"speed": f"```\n{said(str(ROOT / 'benchmarks' / 'speed.py')).strip()}\n```"}


PARTS = {
    part.__name__: part
    for part in (first, matters, welfare, municipal, organizing, violence, speed, policing, families, rare, harm, maps, regions)
}


def main() -> None:
    """Run the parts asked for, and write each into the README as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="parts to renew; all if none is named")
    for name in parser.parse_args().parts or PARTS:
        for mark, body in PARTS[name]().items():
            for page in (
                ROOT / "README.md",
                *(ROOT / "docs" / f"{name}.md" for name in ("findings", "families", "regions", "sweeps")),
            ):
                if not page.exists():
                    continue
                text, made = page.read_text("utf-8"), "" if page.name == "README.md" else f"\n\n*Model version {MODEL_VERSION}.*"
                text = re.sub(
                    rf"<!-- {mark} -->\n.*?<!-- end -->",
                    lambda _, n=mark, b=body, m=made: f"<!-- {n} -->\n{b}{m}\n<!-- end -->",
                    text,
                    flags=re.DOTALL,
                )
                page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
