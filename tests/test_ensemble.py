"""Ensembles: read, lived under every member, and what is concluded of them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import door
import numpy as np
import pandas as pd
import pytest

import sim
from sim.calibration.space import space_of
from sim.errors import InputError
from sim.lab.design import DesignTable
from sim.lab.ensemble import read_ensemble
from sim.lab.experiment import load_experiment
from sim.lab.members import _at_least, effects_over_members, without_chance
from sim.lab.study import Study
from sim.outcomes import BY_NAME
from sim.report.members import members_note, members_tables, members_words
from sim.scenario.reading import load_scenario

NAN = float("nan")


@pytest.fixture
def plausible_file(tmp_path: Path) -> Path:
    """Five vectors around the defaults."""
    space = space_of()
    units = space.default + 0.1 * (np.random.default_rng(3).random((5, len(space.names))) - space.default)
    frame = pd.DataFrame([space.values(unit) for unit in units], columns=list(space.names), index=range(1, 6))
    frame.to_csv(tmp_path / "plausible.csv", index_label="member")
    return tmp_path / "plausible.csv"


def test_an_ensemble_is_read_as_it_was_written(plausible_file: Path) -> None:
    ensemble, frame = read_ensemble(plausible_file), pd.read_csv(plausible_file, index_col="member")
    assert list(ensemble.names) == list(frame)
    assert np.array_equal(ensemble.values, frame.to_numpy())
    assert ensemble.table(2)["contact"]["bad_weight"] == frame.loc[3, "contact.bad_weight"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no ensemble"),
        ("member\n1\n", "no ensemble"),
        ("member,contact.bad_wieght\n1,0.5\n", "contact.bad_wieght"),
        ("member,contact.bad_weight,contact.bad_weight\n1,2,2\n", "no ensemble"),
        ("member,contact.bad_weight\n", "no member"),
        ("member,contact.bad_weight\n1\n", "member 1"),
        ("member,contact.bad_weight\n1,2\n2,lots\n", "member 2, contact.bad_weight"),
        ("member,contact.bad_weight\n1,-40\n", "declared range"),
        ("member,contact.bad_weight\n1,nan\n", "declared range"),
    ],
)
def test_a_wrong_ensemble_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_ensemble(path)


def test_a_missing_ensemble_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_ensemble(tmp_path / "nowhere.csv")


def test_an_ensemble_varies_what_scenario_and_arms_do_not_set(plausible_file: Path) -> None:
    loaded = load_experiment("none-modest-generous", 2, DesignTable(kind="ensemble", members=3, file=str(plausible_file)))
    names = {factor.name for factor in loaded.factors}
    given = load_scenario("quiet-border").parameters
    assert given is not None
    assert "contact.bad_weight" in names
    assert not {"incidents.deaths_scale", "incidents.deaths_max"} & names  # which the scenario sets
    assert names | {"incidents.deaths_scale", "incidents.deaths_max"} == set(read_ensemble(plausible_file).names)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ('kind = "ensemble"', "file"),
        ('kind = "ensemble"\nfile = "plausible.csv"\nmembers = 100000', "so many members"),
        ('kind = "ensemble"\nfile = "plausible.csv"\npoints = 10', "points"),
        ('kind = "ensemble"\nfile = "nowhere.csv"', "nowhere"),
        ('kind = "ensemble"\nfile = "plausible.csv"\n[uncertainties]\nall = "declared"', "what varies"),
        ('kind = "latin_hypercube"\npoints = 5\nmembers = 3\n[uncertainties]\nall = "declared"', "members"),
    ],
)
def test_a_wrong_design_of_an_ensemble_is_told(plausible_file: Path, design: str, said: str) -> None:
    tmp_path = plausible_file.parent
    path = tmp_path / "e.toml"
    head = 'bridgework = "experiment/1"\ntitle = "x"\nscenario = "quiet-border"\nreference = "a"\n[arms.a]\n[arms.b]\n'
    path.write_text(f"{head}[design]\n{design}\n")
    with pytest.raises(InputError, match=said):
        sim.sweep(path, tmp_path / "out")


def test_chance_is_taken_off_what_spreads_between_members() -> None:
    """By hand: means 1, 3 spread with variance 2; chance of variance 1 each leaves half of it, so they move by the root of a half."""
    effects, share = without_chance(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    assert share == pytest.approx(0.5)
    assert effects == pytest.approx([2.0 - math.sqrt(0.5), 2.0 + math.sqrt(0.5)])
    effects, share = without_chance(np.array([1.0, 3.0]), np.array([5.0, 5.0]))
    assert share == 0.0
    assert effects == pytest.approx([2.0, 2.0])
    effects, share = without_chance(np.array([1.0, 3.0]), np.array([NAN, NAN]))
    assert math.isnan(share)
    assert list(effects) == [1.0, 3.0]


def test_the_spread_that_parameters_make_is_found_again() -> None:
    chance = np.random.default_rng(5)
    truth = 0.3 * chance.standard_normal(400)
    worlds = truth[:, None] + 0.6 * chance.standard_normal((400, 4))
    effects, share = without_chance(worlds.mean(axis=1), worlds.var(axis=1, ddof=1) / 4)
    assert effects.std() == pytest.approx(0.3, rel=0.15)
    assert share == pytest.approx(0.09 / (0.09 + 0.36 / 4), abs=0.1)


def test_a_conclusion_that_half_the_members_share_is_not_settled() -> None:
    """Effects around the size that matters, worlds few: whoever counts members without asking how sure that is would often call it settled."""
    chance, settled = np.random.default_rng(9), 0
    for _ in range(60):
        truth = 1.0 + chance.standard_normal(40)
        worlds = truth[:, None] + 4.0 * chance.standard_normal((40, 4))
        settled += _at_least(worlds.mean(axis=1), worlds.var(axis=1, ddof=1) / 4, 1.0, 0) >= 0.9
    assert settled <= 6
    firm = 3.0 + 0.5 * chance.standard_normal(40)
    assert _at_least(firm, np.full(40, 0.05), 1.0, 0) >= 0.9
    assert math.isnan(_at_least(firm[:5], np.full(5, 0.05), 1.0, 0))


SMALL = """bridgework = "experiment/1"
title = "A small comparison"
scenario = "small.toml"
reference = "none"
[arms.none]
[arms.weeks.programmes.weeks]
family = "vocational"
annual_budget = 3_000_000
cohort_size = 48
cohorts_per_year = 4
"""
REGION = """bridgework = "scenario/1"
title = "A small region"
extend = "quiet-border"
years = 2
burn_in_weeks = 0
[region.layout]
communities_per_side = 3
population = 4000
"""


def test_a_comparison_is_lived_under_every_member(plausible_file: Path) -> None:
    tmp_path = plausible_file.parent
    (tmp_path / "small.toml").write_text(REGION)
    (tmp_path / "e.toml").write_text(SMALL)
    done = door.model.command(
        tmp_path,
        "compare",
        "e.toml",
        "--ensemble",
        "plausible.csv",
        "--members",
        "4",
        "-n",
        "3",
        "--out",
        "s",
        "--json",
        "-p",
        "1",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    study = Study.open(tmp_path / "s")
    assert study.manifest["design"]["kind"] == "ensemble"
    runs = study.runs
    assert len(runs) == 4 * 3 * 2
    ensemble = read_ensemble(plausible_file)
    assert study.points["contact.bad_weight"].to_numpy() == pytest.approx(
        ensemble.values[:4, ensemble.names.index("contact.bad_weight")]
    )
    effects = effects_over_members(study).set_index("outcome")
    wide = runs.pivot_table(index=["point", "seed"], columns="arm", values="worker_warmth", observed=True)
    by_hand = (wide["weeks"] - wide["none"]).groupby("point")
    assert effects.loc["worker_warmth", "effect"] == pytest.approx(by_hand.mean().mean())
    expected, share = without_chance(by_hand.mean().to_numpy(), (by_hand.var(ddof=1) / 3).to_numpy())
    assert effects.loc["worker_warmth", "median"] == pytest.approx(np.median(expected))
    assert effects.loc["worker_warmth", "by_parameters"] == pytest.approx(share)
    told = effects[["better", "small", "worse"]].dropna()
    assert len(told)
    outcome = BY_NAME["worker_warmth"]
    matters = outcome.threshold(float(effects.loc["worker_warmth", "reference"]))
    assert effects.loc["worker_warmth", "better"] == pytest.approx((expected >= matters).mean())
    assert effects.loc["worker_warmth", "worse"] == pytest.approx((expected <= -matters).mean())
    assert effects["at_least"].isna().all()  # of four members nothing is said for certain
    assert any("too few members" in line for line in document["words"])
    assert math.isnan(effects.loc["deaths", "p5"])
    assert {row["outcome"] for row in document["effects"]} == set(BY_NAME)
    assert (tmp_path / "s" / "picture.png").stat().st_size > 5000
    assert any("plausible parameters" in line for line in document["words"])
    tables = members_tables(study, effects_over_members(study), everything=True)
    assert [table.row_count for table in tables] == [len(BY_NAME)]
    words = members_words(study, effects_over_members(study))
    assert any(line.startswith('"weeks", community_trust:') for line in words)
    assert "that the field's evidence leaves standing" in members_note(study)


def test_misplaced_options_of_an_ensemble_are_told(plausible_file: Path) -> None:
    tmp_path = plausible_file.parent
    (tmp_path / "small.toml").write_text(REGION)
    (tmp_path / "e.toml").write_text(SMALL)
    for words, said in (
        (("e.toml", "--members", "4"), "--ensemble"),
        (("e.toml", "--ensemble", "none.csv"), "none.csv"),
        (("first-sweep", "--ensemble", "plausible.csv"), "has a design"),
    ):
        done = door.model.command(tmp_path, "compare", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
