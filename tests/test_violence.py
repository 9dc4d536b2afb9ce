"""Estimators of violent events, and the violent region held against the field."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.cli import _guarded
from sim.cli.app import app
from sim.evidence.events import clustering, tail_exponent
from sim.evidence.violence import bands, measure, variants
from sim.lab.run import run
from sim.scenario.reading import load_scenario
from sim.week import incidents
from sim.world.build import build_world


def test_the_exponent_of_a_discrete_power_law_is_found_from_any_start():
    deaths = stats.zipf.rvs(2.5, size=60_000, random_state=1)
    for start, within in ((1, 0.02), (3, 0.06), (10, 0.25)):
        assert tail_exponent(deaths, start) == pytest.approx(2.5, abs=within)
    assert math.isnan(tail_exponent(deaths[:29], 1))


def test_clustering_of_hand_worked_and_of_independent_counts():
    found = clustering(np.array([0.0, 2.0, 0.0, 2.0]))
    assert (found.rate, found.dispersion, found.lag_one) == pytest.approx((1.0, 1.0, -1.0))
    found = clustering(np.array([0.0, 0.0, 3.0, 3.0, 0.0, 0.0]))
    assert (found.rate, found.dispersion) == pytest.approx((1.0, 2.0))
    free = clustering(np.random.default_rng(1).poisson(0.3, 100_000))
    assert (free.dispersion, free.lag_one) == pytest.approx((1.0, 0.0), abs=0.02)
    assert math.isnan(clustering(np.zeros(10)).dispersion)


@pytest.fixture(scope="module")
def found():
    many = measure({"violent-region": load_scenario("violent-region")}, 26)
    return {one.label: one for one in [*many, *measure({"quiet-border": load_scenario("quiet-border")}, 8)]}


def test_lethal_events_of_the_violent_region_lie_within_f1_and_f3(found):
    measured = found["violent-region"].measures()
    outside = {name: (measured[name], band) for name, band in bands().items() if not band[0] <= measured[name] <= band[1]}
    assert not outside
    assert all(0.07 <= region.rate <= 0.57 for region in found["violent-region"].clusterings)


def test_the_quiet_border_is_far_below(found):
    violent, quiet = found["violent-region"], found["quiet-border"]
    assert quiet.yearly < violent.yearly / 4
    assert quiet.deaths.sum() / quiet.residents < violent.deaths.sum() / violent.residents / 10
    assert quiet.deaths.max() <= 20


def test_intervals_over_worlds_are_those_of_a_mean_where_the_measure_is_one(found):
    violent = found["violent-region"]
    rates = np.array([region.rate for region in violent.clusterings])
    half = stats.t.ppf(0.975, rates.size - 1) * rates.std(ddof=1) / rates.size**0.5
    assert violent.intervals()["events a week"] == pytest.approx((rates.mean() - half, rates.mean() + half))
    low, high = violent.intervals()["tail exponent from 1"]
    assert low < violent.measures()["tail exponent from 1"] < high < low + 0.5
    assert math.isnan(violent.intervals()["median deaths"][0])
    few = replace(violent, worlds=violent.worlds[:4])
    assert math.isnan(few.intervals()["events a week"][0])


def test_armed_incidents_dominate_the_violent_region_and_not_the_quiet_one():
    for name, low, high in (("violent-region", 0.6, 1.0), ("quiet-border", 0.0, 0.3)):
        force = np.sum(
            [[run(name, s)[f"force_{kind}"].sum() for kind in ("armed", "labour", "security")] for s in (1, 2, 3)], axis=0
        )
        assert low <= force[0] / force.sum() <= high, name


def test_echo_and_drift_can_be_had_alone_or_together():
    three = variants(load_scenario("violent-region"))
    assert list(three) == ["both at work", "echoes alone", "drift alone"]
    parts = [
        (s.effective_parameters.incidents.branching > 0, s.effective_parameters.incidents.drift_spread > 0)
        for s in three.values()
    ]
    assert parts == [(True, True), (True, False), (False, True)]
    assert list(variants(load_scenario("quiet-border"))) == [""]


def test_lethal_events_add_up_to_the_deaths_of_their_incidents(cases):
    deadly = {"incidents": {"armed_lethal": 0.5, "armed_at_once": 0.6, "armed_sustained": 0.25}}
    result = run(cases.scenario(parameters=deadly, region={"armed_actors": 1.0}, burn_in_weeks=0, years=20.0), 3)
    assert result.lethal.deaths.sum() == result["deaths"].sum() > 0
    assert result.lethal.week.size == result["lethal_events"].sum()
    assert np.bincount(result.lethal.week, minlength=result.weeks.size).max() > 1
    assert result.incidents.deaths.sum() <= result.lethal.deaths.sum()
    np.testing.assert_array_equal(np.bincount(result.lethal.week, minlength=result.weeks.size), result["lethal_events"])


def test_the_command_prints_a_table_a_document_and_a_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert _guarded(lambda **o: app(["-q", "violence", "quiet-border", "--seeds", "2", "-p", "1", "--json"], **o)) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["scenarios"]["quiet-border"]["worlds"] == 2
    assert (tmp_path / "results" / "violence.png").stat().st_size > 10_000
    assert (
        _guarded(lambda **o: app(["-q", "violence", "quiet-border", "--seeds", "1", "-p", "1", "--picture", "x.png"], **o)) == 0
    )
    assert "recorded" in capsys.readouterr().out
    assert _guarded(lambda **o: app(["violence", "quiet-boarder"], **o)) == 2


def test_armed_actors_stand_down_after_the_way_drawn_for_it_and_take_up_arms_again(cases):
    quiet = {"armed_rate": 0.0, "everyday_rate": 0.0, "stand_down": 0.4, "take_up": 0.2, "peace_presence": 0.5}
    turning = cases.scenario(
        parameters={"incidents": quiet},
        mechanisms={"standing_down": True},
        region={"armed_actors": 2.0},
        burn_in_weeks=5,
        years=20.0,
    )
    for seed in (1, 2, 3):
        at_arms = run(turning, seed)["at_arms"]
        draws = build_world(turning, seed).draws
        expected, week = [], 0
        for turn in range(60):
            hazard = -math.log(1.0 - (0.4 if turn % 2 == 0 else 0.2)) / 52.0
            way = -math.log(draws.fill("turns of armed actors", turn, incidents.REGION)[0, 0])
            week += math.ceil(way / hazard - 1e-9)
            expected.append(week - 1)  # the week in which the way is covered
        changes = np.flatnonzero(np.diff(np.concatenate([[1.0], at_arms])))
        assert changes.tolist() == [w for w in expected if w < at_arms.size]
    assert len(changes) > 0


def test_who_has_stood_down_is_less_present_and_the_killed_keep_them_at_arms(cases):
    def world(**own):
        parameters = {"incidents": {"stand_down": 0.5, "quiet_deaths": 10.0, "peace_presence": 0.5}}
        made = cases.scenario(
            parameters=parameters, mechanisms={"standing_down": True}, region={"armed_actors": 2.0}, burn_in_weeks=0
        )
        there = build_world(made, 1)
        for name, value in own.items():
            setattr(there.armed, name, value)
        return there

    peace = world(at_arms=False)
    assert incidents._presence(peace) == 0.5
    at_war, calm = world(killed=30.0), world()
    assert incidents._presence(at_war) == incidents._presence(calm) == 2.0
    assert at_war.armed.way == pytest.approx(calm.armed.way / 4.0)
    assert calm.armed.way == pytest.approx(math.log(2.0) / 52.0)
    assert calm.copy().armed == calm.armed
    assert calm.copy().armed is not calm.armed


def test_nobody_stands_down_unless_the_scenario_says_so(cases):
    assert run(cases.scenario(region={"armed_actors": 0.0}, years=20.0), 1)["at_arms"].min() == 1.0
