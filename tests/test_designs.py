"""Designs: what varies, at which points, and which runs that asks for."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import InputError
from sim.lab.design import DesignTable, drawn
from sim.lab.experiment import load_experiment
from sim.lab.factors import Factor, lever_places, parameter_places
from sim.lab.points import Applier, laid_out
from sim.lab.run import plain_text, run, run_key

HEAD = """bridgework = "experiment/1"
title = "t"
scenario = "town.toml"
seeds = 2
series_every = 0
reference = "none"
"""
ARMS = """
[arms.none]
[arms.busy.programmes.exchange]
family = "vocational"
years = 1.0
annual_budget = 400_000
"""
TOWN = """bridgework = "scenario/1"
title = "town"
years = 0.5
burn_in_weeks = 2
[region]
sides = ["North", "South"]
[region.layout]
communities_per_side = 2
population = 2000
[region.institutions.enterprise]
per_community = 1
staff = 8
"""


@pytest.fixture
def desk(tmp_path, cases):
    (tmp_path / "town.toml").write_text(TOWN, "utf-8")
    return tmp_path


def experiment(desk, varied, arms=ARMS, head=HEAD):
    path = desk / "e.toml"
    path.write_text(head + varied + arms, "utf-8")
    return load_experiment(path)


def test_a_grid_takes_every_combination(desk):
    found = experiment(
        desk,
        """[design]
kind = "grid"
[uncertainties]
contact.bad_weight = { low = 2, high = 3, steps = 2 }
[levers]
exchange.cohort_size = { values = [8, 12, 20] }
""",
    )
    assert [factor.name for factor in found.factors] == ["contact.bad_weight", "exchange.cohort_size"]
    points = drawn(found.file.design, list(found.factors), found.where)
    assert points.values.tolist() == [[2, 8], [2, 12], [2, 20], [3, 8], [3, 12], [3, 20]]


def test_a_latin_hypercube_has_one_point_in_each_part_of_every_range():
    factors = [Factor(name, "uncertainty", ("parameters", "r", name), 0.0, 2.0) for name in "abc"]
    points = drawn(DesignTable(kind="latin_hypercube", points=10), factors, "f")
    for column in points.values.T:
        assert sorted(np.floor(column * 5.0)) == list(range(10))
    other = drawn(DesignTable(kind="latin_hypercube", points=10, seed=1), factors, "f")
    assert not np.array_equal(points.values, other.values)
    assert np.array_equal(points.values, drawn(DesignTable(kind="latin_hypercube", points=10), factors, "f").values)


@pytest.mark.parametrize(
    ("kind", "size", "count"), [("sobol", {"base_points": 8}, 8 * 5), ("morris", {"trajectories": 4}, 4 * 4)]
)
def test_designs_for_sensitivity_have_the_size_of_their_blocks(kind, size, count):
    factors = [Factor(name, "uncertainty", ("parameters", "r", name), -1.0, 1.0) for name in "abc"]
    points = drawn(DesignTable(kind=kind, **size), factors, "f")
    assert points.values.shape == points.unit.shape == (count, 3)
    np.testing.assert_allclose(points.values, 2.0 * points.unit - 1.0)
    if kind == "morris":
        steps = (np.diff(points.unit.reshape(4, 4, 3), axis=1) != 0.0).sum(axis=2)
        assert (steps == 1).all()


def test_whole_numbers_and_listed_values_come_up_equally_often():
    unit = (np.arange(1200) + 0.5) / 1200
    whole = Factor("w", "lever", (), 3.0, 6.0, whole=True).at(unit)
    assert np.unique(whole, return_counts=True)[1].tolist() == [300] * 4
    assert whole.min() == 3.0
    assert whole.max() == 6.0
    listed = Factor("v", "lever", (), 1.0, 9.0, values=(9.0, 1.0, 4.0)).at(unit)
    assert {v: int((listed == v).sum()) for v in (1.0, 4.0, 9.0)} == {1.0: 400, 4.0: 400, 9.0: 400}


def test_a_point_is_the_scenario_that_one_would_write_by_hand(desk):
    found = experiment(
        desk,
        """[design]
kind = "latin_hypercube"
points = 3
[uncertainties]
contact.tie_gain = "declared"
[levers]
exchange.cohort_size = { low = 8, high = 20 }
exchange.vocational.standards = "declared"
[constants]
people.annual_turnover = 0.25
exchange.weeks = 6
""",
    )
    laid = laid_out(found, lambda *_: None)
    tie_gain, cohort, standards = laid.values[1]
    at = {arm: Applier(laid.factors, scenario).at(laid.values[1]) for arm, scenario in found.scenarios.items()}
    (desk / "by-hand.toml").write_text(
        f"""bridgework = "scenario/1"
extend = "town.toml"
[parameters]
contact.tie_gain = {float(tie_gain)!r}
people.annual_turnover = 0.25
[programmes.exchange]
family = "vocational"
years = 1.0
annual_budget = 400_000
cohort_size = {int(cohort)}
weeks = 6
vocational.standards = {float(standards)!r}
""",
        "utf-8",
    )
    by_hand = run(desk / "by-hand.toml", 5)
    lived = run(at["busy"], 5)
    np.testing.assert_array_equal(lived.series, by_hand.series)
    assert plain_text(lived.world.scenario) == plain_text(by_hand.world.scenario)
    assert run_key(plain_text(lived.world.scenario), 5) == run_key(plain_text(by_hand.world.scenario), 5)
    assert not at["none"].programmes
    assert at["none"].effective_parameters.people.annual_turnover == 0.25


def test_the_key_of_a_run_depends_on_what_changes_numbers_and_not_on_texts(cases):
    scenario = cases.scenario()
    key = run_key(plain_text(scenario), 1)
    assert run_key(plain_text(scenario.model_copy(update={"title": "otherwise", "description": "more"})), 1) == key
    assert run_key(plain_text(scenario), 2) != key
    assert run_key(plain_text(scenario.model_copy(update={"years": 2.0})), 1) != key


def test_what_an_arm_sets_itself_stays_and_constants_are_left_out_of_all(desk):
    arms = ARMS + "[arms.other.parameters.contact]\ntie_gain = 0.05\n"
    found = experiment(
        desk,
        '[design]\nkind = "latin_hypercube"\npoints = 2\n[uncertainties]\ncontact = "declared"\n[constants]\ncontact.tie_loss = 0.3\n',
        arms,
    )
    names = [factor.name for factor in found.factors]
    assert "contact.tie_gain" in names
    assert "contact.tie_loss" not in names
    factors = list(found.factors)
    own = Applier(factors, found.scenarios["other"], found.own["other"])
    assert {factors[k].name for k in own.reached} == set(names) - {"contact.tie_gain"}
    assert own.at(np.array([f.high for f in factors])).effective_parameters.contact.tie_gain == 0.05


def test_levers_and_constants_leave_alone_what_an_arm_sets_itself(desk):
    body = '[design]\nkind = "grid"\n[uncertainties]\ncontact.tie_gain = "declared"\n'
    own = '\n[arms.rich.programmes.exchange]\nfamily = "vocational"\nyears = 1.0\nannual_budget = 900_000\n'
    vary = "[levers]\nexchange.annual_budget = { low = 100_000, high = 500_000 }\nexchange.weeks = { values = [4, 8] }\n"
    with pytest.raises(InputError, match=r"levers\.exchange\.annual_budget: reaches no arm"):
        experiment(desk, body + vary, ARMS + own)
    found = experiment(desk, body + vary, ARMS.replace("annual_budget = 400_000\n", "") + own)
    assert found.own == {"rich": ("exchange.annual_budget",)}
    values = np.array([0.1, 200_000.0, 8.0])
    budgets = {
        arm: Applier(list(found.factors), scenario, found.own.get(arm, ())).at(values).programmes["exchange"]
        for arm, scenario in found.scenarios.items()
        if arm != "none"
    }
    assert {arm: (p.annual_budget, p.weeks) for arm, p in budgets.items()} == {"busy": (200_000.0, 8.0), "rich": (900_000.0, 8.0)}
    with pytest.raises(InputError, match="not the same in every arm: arm busy sets it itself"):
        experiment(desk, body + "[constants]\nexchange.annual_budget = 300_000\n", ARMS)


def test_a_parameter_that_the_reference_arm_sets_stays_there_and_varies_elsewhere(desk):
    varied = '[design]\nkind = "grid"\nsteps = 2\n[uncertainties]\ncontact.tie_gain = "declared"\n'
    arms = ARMS.replace("[arms.none]", "[arms.none]\nparameters.contact.tie_gain = 0.12")
    found = experiment(desk, varied, arms)
    reach = {arm: Applier(list(found.factors), s, found.own.get(arm, ())).reached for arm, s in found.scenarios.items()}
    assert reach == {"none": [], "busy": [0]}
    assert found.design_asked()["own"] == {"none": ["contact.tie_gain"]}
    both = arms.replace("[arms.busy.", "[arms.busy]\nparameters.contact.tie_gain = 0.2\n[arms.busy.")
    with pytest.raises(InputError, match=r"uncertainties\.contact\.tie_gain: reaches no arm"):
        experiment(desk, varied, both)


def test_what_is_said_of_one_parameter_holds_against_what_is_said_of_all(desk):
    own = "contact.tie_gain = { low = 0.05, high = 0.06 }"
    for order in (
        f'{own}\nall = "declared"',
        f'all = "declared"\n{own}',
        f'contact.tie_loss = "declared"\n{own}\nall = "declared"',
    ):
        found = experiment(desk, f'[design]\nkind = "latin_hypercube"\npoints = 2\n[uncertainties]\n{order}\n')
        factor = next(f for f in found.factors if f.name == "contact.tie_gain")
        assert (factor.low, factor.high) == (0.05, 0.06)
        assert len(found.factors) > 400


def test_every_parameter_and_lever_has_a_place(cases):
    scenario = cases.busy()
    for name, place in parameter_places().items():
        room, parameter = name.split(".")
        assert (
            place.low <= getattr(getattr(scenario.effective_parameters, room), parameter) <= place.high or not scenario.parameters
        )
    places = lever_places(scenario)
    assert any(name.endswith(".annual_budget") for name in places)
    for name, place in places.items():
        value = scenario.model_dump()
        for key in place.path:
            value = value[key] if value is not None else None
        assert value is None or place.low <= value <= place.high, name


def test_points_at_which_violence_would_feed_itself_are_replaced_or_left_out(desk):
    varied = """[design]
kind = "{kind}"
{size}
[uncertainties]
incidents = "declared"
communities = "declared"
"""
    hypercube = laid_out(experiment(desk, varied.format(kind="latin_hypercube", size="points = 24")), lambda *_: None)
    assert hypercube.replaced > 0
    assert not hypercube.refused.any()
    assert len(hypercube.values) == 24
    grid = """[design]
kind = "grid"
steps = 2
[uncertainties]
incidents.branching = "declared"
incidents.everyday_rate = "declared"
incidents.tension_climb = "declared"
incidents.everyday_force = "declared"
communities.violence_tension = "declared"
communities.violence_grievance = "declared"
"""
    found = experiment(desk, grid)
    listed = laid_out(found, lambda *_: None)
    assert 0 < listed.refused.sum() < 64
    assert listed.replaced == 0
    from sim.scenario.stability import check_stability

    applier = Applier(listed.factors, found.scenarios["none"])
    for values, refused in zip(listed.values, listed.refused, strict=True):
        if refused:
            with pytest.raises(InputError, match="feed itself"):
                check_stability(applier.at(values), "t")
        else:
            check_stability(applier.at(values), "t")


def test_blocks_of_designs_for_sensitivity_are_replaced_as_a_whole(desk):
    varied = """[design]
kind = "morris"
trajectories = 6
[uncertainties]
incidents.branching = "declared"
incidents.everyday_rate = "declared"
incidents.tension_climb = "declared"
incidents.everyday_force = "declared"
communities.violence_tension = "declared"
communities.violence_grievance = "declared"
"""
    laid = laid_out(experiment(desk, varied), lambda *_: None)
    assert laid.replaced > 0
    assert laid.values.shape == (42, 6)
    steps = (np.diff(laid.unit.reshape(6, 7, 6), axis=1) != 0.0).sum(axis=2)
    assert (steps == 1).all()


def test_a_table_of_points_is_read_cell_by_cell(desk):
    varied = """[design]
kind = "table"
file = "points.csv"
[uncertainties]
contact.tie_gain = "declared"
[levers]
exchange.weeks = { values = [4, 8] }
"""
    points = desk / "points.csv"
    points.write_text("exchange.weeks,contact.tie_gain\n4,0.1\n8,0.2\n", "utf-8")
    found = experiment(desk, varied)
    assert drawn(found.file.design, list(found.factors), found.where).values.tolist() == [[0.1, 4], [0.2, 8]]
    points.write_text("point,exchange.weeks,contact.tie_gain,refused\n0,4,0.1,False\n", "utf-8")  # as it is exported
    assert drawn(found.file.design, list(found.factors), found.where).values.tolist() == [[0.1, 4]]
    for text, message in (
        ("contact.tie_gain\n0.1\n", "line 1: columns do not fit .missing: exchange.weeks"),
        ("exchange.weeks,contact.tie_gain,x\n4,0.1,1\n", "columns do not fit .not varied: x"),
        ("exchange.weeks;contact.tie_gain\n4;0.1\n", "parted by semicolons"),
        ("exchange.weeks,contact.tie_gain\n4,high\n", "line 2, contact.tie_gain: not a number"),
        ("exchange.weeks,contact.tie_gain\n4,nan\n", "line 2, contact.tie_gain: not a number"),
        ("exchange.weeks,contact.tie_gain\n4,0.1\n5,0.1\n", "line 3, exchange.weeks: not one of its values"),
        ("exchange.weeks,contact.tie_gain\n4,7\n", "line 2, contact.tie_gain: out of its range"),
        ("exchange.weeks,contact.tie_gain\n4\n", "line 2: 1 cells instead of 2"),
        ("exchange.weeks,contact.tie_gain\n", "no point in it"),
        ("", "columns do not fit"),
    ):
        points.write_text(text, "utf-8")
        with pytest.raises(InputError, match=message):
            drawn(found.file.design, list(found.factors), found.where)
    points.unlink()
    with pytest.raises(InputError, match="no such file"):
        found.design_asked()


WRONG = {
    "uncertainties.contact.tie_gane: no such parameter": '[uncertainties]\ncontact.tie_gane = "declared"',
    "did you mean contact.tie_gain": '[uncertainties]\ncontact.tie_gane = "declared"',
    "levers.exchang.weeks: no such lever": '[levers]\nexchang.weeks = "declared"',
    "not a range": "[uncertainties]\ncontact.tie_gain = [0.1, 0.2]",
    "{ low = ": "[uncertainties]\ncontact.tie_gain = true",
    "right: [constants] contact.tie_gain = 0.1": "[uncertainties]\ncontact.tie_gain = 0.1",
    "right: one number": '[uncertainties]\ncontact.tie_gain = "declared"\n[constants]\ncommunities.acquaintances = "declared"',
    "out of range": "[uncertainties]\ncontact.tie_gain = { low = 0.1, high = 5 }",
    "ends before it begins": "[uncertainties]\ncontact.tie_gain = { low = 0.2, high = 0.1 }",
    "does not vary": "[uncertainties]\ncontact.tie_gain = { values = [0.1] }",
    "not a number": '[uncertainties]\ncontact.tie_gain = { low = "a", high = 0.1 }',
    "not a whole number": "[levers]\nexchange.weeks = { values = [4, 5.5] }",
    "not a number of steps": "[uncertainties]\ncontact.tie_gain = { low = 0.1, high = 0.2, steps = 1 }",
    "a range for a whole room": "[uncertainties]\ncontact = { low = 0.1, high = 0.2 }",
    "both varied and held constant": '[uncertainties]\ncontact.tie_gain = "declared"\n[constants]\ncontact.tie_gain = 0.1',
    "no such parameter, and no such lever": '[uncertainties]\ncontact.tie_gain = "declared"\n[constants]\ncontact.tie_gane = 0.1',
    "a design that varies nothing": "",
    "uncertainties.exchange.weeks: this is a lever": '[uncertainties]\nexchange.weeks = "declared"',
    "levers.contact.tie_gain: this is a parameter": '[levers]\ncontact.tie_gain = "declared"',
    "uncertainties.contact.tie_gain: not a range": "[uncertainties]\ncontact.tie_gain = { min = 0.1, max = 0.2 }",
}


@pytest.mark.parametrize("message", WRONG)
def test_a_range_that_is_wrong_is_told_with_its_place(desk, message):
    import re

    with pytest.raises(InputError, match=re.escape(message)) as told:
        experiment(desk, '[design]\nkind = "grid"\n' + WRONG[message] + "\n")
    assert "e.toml" in str(told.value)
    assert "right: " in str(told.value)


SIZES = {
    "design.points: how large is it": 'kind = "latin_hypercube"',
    "says nothing of a design of the kind grid": 'kind = "grid"\npoints = 4',
    "not a power of two": 'kind = "sobol"\nbase_points = 100',
    "one of": 'kind = "hypercube"\npoints = 4',
    "too many points": 'kind = "grid"\nsteps = 1000',
}


@pytest.mark.parametrize("message", SIZES)
def test_a_size_that_is_wrong_is_told(desk, message):
    varied = '[uncertainties]\ncontact = "declared"\n'
    with pytest.raises(InputError, match=message):
        experiment(desk, f"[design]\n{SIZES[message]}\n{varied}")


def test_what_varies_needs_a_design_and_a_look_needs_arms(desk):
    with pytest.raises(InputError, match="there is no design"):
        experiment(desk, '[uncertainties]\ncontact = "declared"\n')
    until = '[until]\noutcome = "{outcome}"\nhalf_width = 0.1\nmost = {most}\n'
    with pytest.raises(InputError, match="did you mean force_rate"):
        experiment(desk, until.format(outcome="force_rat", most=8))
    with pytest.raises(InputError, match="no look beyond the first"):
        experiment(desk, until.format(outcome="force_rate", most=2))
    with pytest.raises(InputError, match="too few for an interval"):
        experiment(desk, until.format(outcome="force_rate", most=8), "[arms.none]\n")
