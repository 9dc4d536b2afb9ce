"""What matters, and where it fails: against functions whose answers are known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import door
import numpy as np
import pytest
from desks import TOWN

from sim.errors import InputError
from sim.lab.answers import Answers
from sim.lab.design import DesignTable, drawn
from sim.lab.discovery import discover, share
from sim.lab.factors import Factor
from sim.lab.sensitivity import _morris, _sobol, chance_of, floors, net_indices, sensitivity_of
from sim.report.analyses import (
    discovery_document,
    discovery_picture,
    discovery_words,
    sensitivity_document,
    sensitivity_picture,
    sensitivity_table,
)

ISHIGAMI = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
"""First and total Sobol indices (Ishigami and Homma 1990, a = 7, b = 0.1)."""
FACTORS = [Factor(name, "uncertainty", ("parameters", "r", name), -math.pi, math.pi) for name in ISHIGAMI]


def ishigami(x):
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


RULE = """
import math
from typing import Annotated, NamedTuple
from sim.own import Declared, Outcome, Series, mean, rule

class IshigamiParameters(NamedTuple):
    x1: Annotated[float, Declared("first", "1", -math.pi, math.pi)] = 0.0
    x2: Annotated[float, Declared("second", "1", -math.pi, math.pi)] = 0.0
    x3: Annotated[float, Declared("third", "1", -math.pi, math.pi)] = 0.0

@rule("ishigami", after="contact", parameters=IshigamiParameters,
      series=(Series("ishigami", "1", "the Ishigami function"),),
      outcomes=(Outcome("ishigami", "1", "the Ishigami function", "network", 1, mean("ishigami")),))
def ishigami(world):
    p = world.parameters.ishigami
    world.count("ishigami", math.sin(p.x1) + 7.0 * math.sin(p.x2) ** 2 + 0.1 * p.x3 ** 4 * math.sin(p.x1))
"""
TINY = TOWN.replace("faulty", "ishigami")
SWEEP = """bridgework = "experiment/1"
title = "Ishigami"
scenario = "tiny.toml"
seeds = 1
series_every = 0
reference = "all"
[design]
kind = "sobol"
base_points = 64
[uncertainties]
ishigami = "declared"
[arms.all]
"""


def test_sobol_indices_of_the_ishigami_function_through_the_whole_pipeline(tmp_path, cases):
    for name, text in (("rule.py", RULE), ("tiny.toml", TINY), ("sweep.toml", SWEEP)):
        (tmp_path / name).write_text(text, "utf-8")

    def call(*arguments):
        done = door.libraries.command(tmp_path, "--import", "rule.py", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert json.loads(call("sweep", "sweep.toml", "--out", "s", "--json", "-p", "2"))["lived"] == 64 * 5
    found = json.loads(call("sensitivity", "s", "--outcome", "ishigami", "--json"))["sensitivity"][0]
    assert (found["used"], found["blocks"]) == (64, 64)
    assert (tmp_path / found["picture"]).read_bytes().startswith(b"\x89PNG")
    rows = {row["factor"].removeprefix("ishigami."): row for row in found["factors"]}
    for name, (first, total) in ISHIGAMI.items():
        assert rows[name]["first_low"] <= first <= rows[name]["first_high"]
        assert rows[name]["total_low"] <= total <= rows[name]["total_high"]
    assert "one world only" in call("sensitivity", "s", "--outcome", "ishigami")


def test_chance_is_taken_off_sobol_indices():
    points = drawn(DesignTable(kind="sobol", base_points=2048), FACTORS, "f")
    answers, noise = ishigami(points.values), 2.0
    rng = np.random.default_rng(3)
    values = answers[:, None] + noise * rng.normal(size=(len(answers), 4))
    ends = np.arange(len(values)) % 5
    chance = chance_of(values[(ends == 0) | (ends == 4)], shared=True)
    assert chance.rest == pytest.approx(noise**2, rel=0.05)
    assert chance.parameters == pytest.approx(13.845, rel=0.05)
    assert chance.share == pytest.approx(4.0 / 17.845, rel=0.1)
    rows = _sobol(list(ISHIGAMI), values, 1).set_index("factor")
    for name, (first, total) in ISHIGAMI.items():
        assert rows.loc[name, "net_first_low"] <= first <= rows.loc[name, "net_first_high"]
        assert rows.loc[name, "net_total_low"] <= total <= rows.loc[name, "net_total_high"]
        assert rows.loc[name, "net_total"] == pytest.approx(total, abs=0.05)
        assert rows.loc[name, "total"] > rows.loc[name, "net_total"]
    assert rows.loc["x3", "total"] > 0.29  # with a third of a chance-free variance of its own


def test_chance_that_runs_share_is_not_taken_off_twice():
    """A factor that reaches nothing changes no world at all, where runs share their draws."""
    points = drawn(DesignTable(kind="sobol", base_points=512), FACTORS, "f")
    rng = np.random.default_rng(6)
    rough = rng.normal(size=(4, 40))
    answers = points.unit[:, 0] * 2.0
    chance = np.stack([np.interp(points.unit[:, 0], np.linspace(0, 1, 40), rough[w]) for w in range(4)], axis=1)
    values = answers[:, None] + chance  # chance of its own at each value of the first factor; the others reach nothing
    rows = _sobol(list(ISHIGAMI), values, 1).set_index("factor")
    assert rows.loc["x1", "net_total"] == pytest.approx(1.0, abs=0.05)
    assert rows.loc["x1", "net_first"] == pytest.approx(1.0, abs=0.15)
    assert rows.loc[["x2", "x3"], ["net_first", "net_total", "total"]].abs().to_numpy().max() < 1e-9
    one = net_indices(values.reshape(-1, 5, 4)[:, :, :1], 1)
    assert np.isnan(one["net_total"][0]).all()


def test_sobol_indices_are_the_same_every_time():
    points = drawn(DesignTable(kind="sobol", base_points=32), FACTORS, "f")
    values = ishigami(points.values)[:, None] + np.zeros(2)
    assert _sobol(list(ISHIGAMI), values, 1).equals(_sobol(list(ISHIGAMI), values, 1))


def test_influence_of_a_straight_line_is_its_slope_and_chance_gives_a_floor():
    points = drawn(DesignTable(kind="morris", trajectories=400), FACTORS, "f")
    line = (points.unit @ np.array([3.0, -1.0, 0.0]))[:, None] + np.zeros(2)
    table = _morris(list(ISHIGAMI), points.unit, line, 1)
    assert table["factor"].tolist() == ["x1", "x2", "x3"]
    np.testing.assert_allclose(table["influence"], [3.0, 1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(table["mean"], [3.0, -1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(table["chance"], 0.0, atol=1e-12)
    noise = np.random.default_rng(4).normal(size=(len(line), 8))
    rows = _morris(list(ISHIGAMI), points.unit, line[:, :1] + noise, 1).set_index("factor")
    assert rows.loc["x3", "influence"] == pytest.approx(rows.loc["x3", "chance"], rel=0.1)
    # by hand: a step of 2/3 whose change in two worlds is 1 and 3, of mean 2, has a standard error of 1
    unit = np.array([[0.0], [2 / 3]])
    assert floors(unit, np.array([[0.0, 0.0], [1.0, 3.0]]))[0] == pytest.approx(1.5 * math.sqrt(2 / math.pi))
    assert np.isnan(floors(unit, np.zeros((2, 1)))).all()


def test_variance_is_told_apart_by_hand():
    # points 0 and 2; worlds −1 and +1 everywhere; nothing else
    shared = chance_of(np.array([[-1.0, 1.0], [1.0, 3.0]]), shared=True)
    assert (shared.rest, shared.world, shared.parameters) == (0.0, 2.0, 2.0)
    assert shared.share == 0.5
    apart = chance_of(np.array([[-1.0, 1.0], [1.0, 3.0]]), shared=False)
    assert (apart.rest, apart.world, apart.parameters) == (2.0, 0.0, 1.0)
    assert math.isnan(chance_of(np.zeros((3, 1)), shared=True).share)
    assert math.isnan(chance_of(np.zeros((3, 2)), shared=True).share)


class Swept:
    """A study that holds what a function says of the points of a design."""

    def __init__(self, kind, size, function, missing=0):
        import types

        import pandas as pd

        points = drawn(DesignTable(kind=kind, **size), FACTORS, "f")
        self.laid = types.SimpleNamespace(factors=FACTORS, values=points.values, unit=points.unit)
        self.manifest = {"design": {"kind": kind, "seed": 0, "shared": kind != "latin_hypercube"}, "seeds": 2, "until": None}
        self.folder, self.reference, self.arms, self.has_design = Path("s"), "none", ["none", "busy"], True
        self.labels = {"none": "nothing", "busy": "a programme"}
        count = len(points.values)
        rows = pd.DataFrame({"arm": arm, "point": p, "seed": s} for arm in self.arms for p in range(count) for s in (0, 1))
        level = np.where(rows["arm"] == "busy", function(points.values)[rows["point"]], 0.0) + rows["seed"]
        self.runs = rows.assign(force_rate=level).iloc[: len(rows) - missing]

    def turn_of(self, seed, _):
        return np.asarray(seed)

    def left_out(self):
        return ""


def test_the_effect_of_an_arm_is_analysed_pair_by_pair_and_broken_blocks_are_left_out(tmp_path):
    study = Swept("sobol", {"base_points": 64}, ishigami, missing=1)
    found = sensitivity_of(study, "force_rate")
    assert (found.used, found.blocks) == (63, 64)
    assert found.answers.paired
    assert found.chance.share == pytest.approx(0.0, abs=1e-12)  # worlds differ in level, not in effect
    sensitivity_picture(study, found, tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000
    assert sensitivity_document(study, found)["factors"][0]["factor"] in ISHIGAMI
    assert sensitivity_table(study, found).row_count == 3
    level = sensitivity_of(study, "force_rate", "busy", paired=False)
    assert level.chance.world == pytest.approx(0.5)
    with pytest.raises(InputError, match="no difference from itself"):
        sensitivity_of(study, "force_rate", "none", paired=True)
    with pytest.raises(InputError, match="did you mean force_rate"):
        sensitivity_of(study, "force_rates")
    with pytest.raises(InputError, match="no such arm"):
        sensitivity_of(study, "force_rate", "nobody")
    with pytest.raises(InputError, match="too little to go by"):
        sensitivity_of(Swept("sobol", {"base_points": 4}, ishigami, missing=1), "force_rate")
    with pytest.raises(InputError, match="no design for sensitivity"):
        sensitivity_of(Swept("latin_hypercube", {"points": 40}, ishigami), "force_rate")


def test_the_futures_in_which_it_fails_are_found(tmp_path):
    def fails_in_a_corner(x):
        return np.where((x[:, 0] > 1.0) & (x[:, 2] < 0.0), 0.5, -0.5)  # less force is better

    study = Swept("latin_hypercube", {"points": 600}, fails_in_a_corner)
    found = discover(study, "force_rate")
    worst = found.boxes[0]
    assert set(worst.limits) == {"x1", "x3"}
    assert worst.limits["x1"][0] == pytest.approx(1.0, abs=0.1)
    assert worst.limits["x3"][1] == pytest.approx(0.0, abs=0.1)
    assert worst.density[0] > 0.95
    assert worst.coverage > 0.95
    assert found.tells(worst)
    assert found.held_back == 200
    words = " ".join(discovery_words(study, found))
    assert "fails in" in words
    assert "x1 above" in words
    discovery_picture(study, found, tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000
    assert discovery_document(study, found)["failing"] == int(found.fails.sum())
    level = discover(study, "force_rate", "busy", least=0.75, paired=False)  # worlds add 0 and 1 to it
    assert level.fails.tolist() == found.fails.tolist()
    assert "is at or above 0.75" in " ".join(discovery_words(study, level))
    asked = discover(study, "force_rate", least=0.6)
    assert asked.fails.all()
    assert not asked.boxes
    assert "nothing to tell apart" in " ".join(discovery_words(study, asked))


def test_what_cannot_be_discovered_is_told_with_its_cause():
    busy = Swept("latin_hypercube", {"points": 40}, lambda x: x[:, 0])
    for message, arguments in (
        ("not a number", {"least": math.nan}),
        ("not a number", {"least": "a"}),
        ("by which level does it fail", {"paired": False}),
    ):
        with pytest.raises(InputError, match=message):
            discover(busy, "force_rate", **arguments)
    busy.runs["spend"] = busy.runs["force_rate"]
    with pytest.raises(InputError, match="neither more nor less"):
        discover(busy, "spend")
    with pytest.raises(InputError, match="too few futures: the design has 20"):
        discover(Swept("latin_hypercube", {"points": 20}, lambda x: x[:, 0]), "force_rate")
    with pytest.raises(InputError, match="steps away from each other"):
        discover(Swept("morris", {"trajectories": 20}, lambda x: x[:, 0]), "force_rate")
    busy.runs.loc[busy.runs["arm"] == "none", "force_rate"] = math.nan
    with pytest.raises(InputError, match='no value in most runs of arm "none"'):
        discover(busy, "force_rate")


def test_of_a_sobol_design_independent_points_are_futures_and_neighbours_that_say_the_same_are_one_box():
    study = Swept("sobol", {"base_points": 256}, lambda x: np.where(x[:, 1] < -1.0, 0.5, -0.5))
    found = discover(study, "force_rate")
    assert len(found.fails) == 2 * 256
    assert [box.limits["x2"] for box in found.boxes] == [
        (-math.pi, pytest.approx(-1.0, abs=0.1)),
        (pytest.approx(-1.0, abs=0.1), math.pi),
    ]
    assert "2 boxes" in repr(found)
    assert len(repr(found)) < 200


def test_what_differs_by_rounding_alone_does_not_differ():
    study = Swept("morris", {"trajectories": 10}, lambda x: 0.1 + 0.0 * x[:, 0])
    study.runs["force_rate"] += np.linspace(0.0, 1.0, len(study.runs) // 2).tolist() * 2
    values = study.runs["force_rate"].to_numpy()
    assert len(set((values[len(values) // 2 :] - values[: len(values) // 2]).tolist())) > 1  # as computers reckon
    assert (sensitivity_of(study, "force_rate").table["influence"] == 0.0).all()


def test_rules_that_tell_nothing_say_so():
    rng = np.random.default_rng(5)
    study = Swept("latin_hypercube", {"points": 300}, lambda x: rng.normal(size=len(x)))
    assert "these rules tell nothing" in " ".join(discovery_words(study, discover(study, "force_rate")))
    with pytest.raises(InputError, match="too few futures"):
        discover(Swept("latin_hypercube", {"points": 20}, ishigami), "force_rate")


def test_answers_are_complete_or_left_out():
    answers = Answers("force_rate", "a", False, np.array([[1.0, 3.0], [np.nan, 1.0]]))
    assert answers.complete.tolist() == [True, False]
    assert answers.means[0] == 2.0
    assert share(0, 0)[0] != share(0, 0)[0]
    middle, low, high = share(8, 10)  # Wilson by hand
    assert middle == 0.8
    assert low == pytest.approx(0.4901, abs=1e-3)
    assert high == pytest.approx(0.9433, abs=1e-3)
