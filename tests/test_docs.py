"""Documents and declarations in step."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sim
from sim.acts import ACTS
from sim.claims import CLAIMS, ids_in, trace
from sim.families import FAMILIES, KINDS, RUNGS
from sim.levers import FIRST, all_levers
from sim.mechanisms import MECHANISMS
from sim.outcomes import OUTCOMES
from sim.parameters import Parameters, all_parameters
from sim.parameters.incidents import kind_rate
from sim.report.odd import renewed
from sim.series import SERIES
from sim.world.tables import NEEDS

ROOT = Path(__file__).parent.parent
needs_docs = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="documents are in the source tree only")


@needs_docs
def test_the_tables_of_the_documents_are_those_of_the_code():
    for name in ("ODD.md", "scenarios.md", "claims.md", "regions.md", "trials.md", "rivals.md"):
        text = (ROOT / "docs" / name).read_text("utf-8")
        assert text == renewed(text), (
            "run: python -m sim.report.odd docs/ODD.md docs/scenarios.md docs/claims.md docs/regions.md docs/trials.md docs/rivals.md"
        )
        assert text.count("<!-- table:") >= (1 if name in {"claims.md", "regions.md", "rivals.md"} else 4)


@needs_docs
def test_every_parameter_that_the_odd_names_exists():
    text = (ROOT / "docs" / "ODD.md").read_text("utf-8")
    paths = {row.path for row in all_parameters()}
    columns = {name for acts in ACTS.values() for names in acts.values() for name in names}
    for named in re.findall(rf"`((?:{'|'.join(Parameters._fields)})\.(?!py`)\w+)`", text):
        assert named in paths | {row.path for row in all_levers()} | columns, named


@needs_docs
def test_every_document_that_is_linked_exists():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_public_name_can_be_had_and_is_documented():
    for name in sim.__all__:
        value = getattr(sim, name)
        assert getattr(value, "__doc__", None) or name.isupper(), name
    assert set(sim._PUBLIC) <= set(sim.__all__)
    with pytest.raises(AttributeError):
        _ = sim.nonsense


def test_every_claim_of_the_five_texts_is_traced_to_names_in_the_code():
    counts = {"V": 18, "S": 16, "P": 13, "C": 15, "O": 16}
    assert list(CLAIMS) == [f"{seed}{k}" for seed, count in counts.items() for k in range(1, count + 1)]
    known = {o.name for o in OUTCOMES}
    for claim, found in trace().items():
        assert found.levers or found.parameters, claim
        assert found.rules, claim
        assert set(found.outcomes) <= known, claim
    assert ids_in("V2, V15–V17, B1 and H3") == {"V2", "V15", "V16", "V17"}


def test_declarations_are_consistent():
    paths = {row.path for row in all_parameters()}
    for mechanism in MECHANISMS.values():
        assert set(mechanism.neutral) <= paths
    costs = {row.name for row in all_parameters() if row.room == "costs"}
    for lever in all_levers():
        assert lever.declared.cost in costs | {""}, lever.path
    assert list(FIRST) == [lever.path for lever in all_levers()]
    assert set(FIRST.values()) <= {o.name for o in OUTCOMES}
    assert list(ACTS) == list(MECHANISMS)
    for family in FAMILIES:
        assert {family.flow, family.trigger, family.damper} <= {o.name for o in OUTCOMES}
    names = [s.name for s in SERIES]
    assert len(set(names)) == len(names)
    assert len({o.name for o in OUTCOMES}) == len(OUTCOMES)
    for kind in KINDS:
        assert kind_rate(Parameters().incidents, kind) > 0


def read_in(path):
    """Text of a file; of one that declares parameters, only what its functions read."""
    text = path.read_text("utf-8")
    if path.parent.name != "parameters":
        return text
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return "\n".join(ast.get_source_segment(text, node) for node in functions)


def test_every_declared_parameter_is_read_by_some_rule():
    package = Path(sim.__file__).parent
    text = "\n".join(
        read_in(p) for p in package.rglob("*.py") if p.name not in {"mechanisms.py", "acts.py", "levers.py", "catalogue.py"}
    )
    words = set(re.findall(r"\w+", text))
    by_kind = ("weight", "climb", "restraint", "response", "at_once", *RUNGS[1:])
    built = {f"{kind}_{x}" for kind in (*KINDS, "everyday") for x in by_kind} | {f"crises_{need}" for need in NEEDS}
    built |= {row.name for row in all_parameters() if row.name.endswith("half_life")}
    built |= {lever.declared.cost for lever in all_levers()} | {lever.name for lever in all_levers() if lever.declared.cost}
    for row in [*all_parameters(), *all_levers()]:
        assert row.name in words | built, f"{row.path} is declared but never read"


def test_the_simulation_never_imports_the_lab():
    order = ["declare", "scenario", "world", "week", "model", "lab", "report", "cli"]
    package = Path(sim.__file__).parent
    forbidden = {
        "scenario": ("world", "week", "lab", "report", "model", "cli"),
        "world": ("lab", "report", "model", "cli"),
        "week": ("lab", "report", "model", "cli"),
        "lab": ("report", "cli", "model"),
    }
    assert set(forbidden) <= set(order)
    for room, outside in forbidden.items():
        for path in (package / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    assert not any(node.module.startswith(f"sim.{name}") for name in outside), f"{path.name}: {node.module}"


@needs_docs
def test_the_files_shown_in_the_documents_are_sound(tmp_path):
    import re

    from sim.evidence.trial import load_trial
    from sim.lab.experiment import load_experiment
    from sim.scenario.reading import load_scenario

    shown = {}
    for page in ("scenarios.md", "sweeps.md", "trials.md", "guide/trainer.md"):
        for block in re.findall(r"```csv\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL):
            (tmp_path / "places.csv").write_text(block, "utf-8")
        for block in re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL):
            if "bridgework = " in block:
                name = block.split("\n", maxsplit=1)[0].removeprefix("# ") if block.startswith("#") else "shown.toml"
                (tmp_path / name).write_text(block, "utf-8")
                readers = {"experiment/1": load_experiment, "trial/1": load_trial}
                shown[name] = next((read for said, read in readers.items() if said in block), load_scenario)
    assert len(shown) >= 5
    for name, load in shown.items():
        assert load(tmp_path / name)
