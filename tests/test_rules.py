"""Rules against values worked out by hand from the text of the ODD."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.draws import poisson_inverse
from sim.families import KINDS
from sim.lab.effects import mean_interval, mean_over_points
from sim.parameters import ContactParameters, Parameters, weekly_chance, weekly_hazard, weekly_rate
from sim.parameters.ordinary import RELIANCE
from sim.scenario.slopes import reach
from sim.week import contact, course, incidents
from sim.world import ties as tie_rules
from sim.world.build import build_world
from sim.world.money import Purse


@pytest.fixture
def world(cases):
    return build_world(cases.scenario(), 1)


def pair(world):
    """A worker of either side."""
    return 0, int(np.flatnonzero(world.workers.side == 1)[0])


def test_annual_fractions_become_weekly_hazards_and_half_lives_rates():
    assert weekly_hazard(0.15) == pytest.approx(0.0031254, abs=1e-6)
    assert (1 - weekly_chance(0.15)) ** 52 == pytest.approx(0.85)
    assert (1 - weekly_rate(40.0)) ** 40 == pytest.approx(0.5)


def test_an_ordinary_meeting_goes_badly_in_a_quarter_of_cases_and_more_often_under_tension_or_competition():
    p = ContactParameters()
    assert contact.bad_chance(0.3, 0.3, 0.4, 1.0, 0.3, p) == pytest.approx(0.25)
    # tension 0.8: 0.25 * (1 + 0.8 * 0.5); competing sides: 0.25 * (1 + 2)
    assert contact.bad_chance(0.3, 0.3, 0.4, 1.0, 0.8, p) == pytest.approx(0.35)
    assert contact.bad_chance(0.3, 0.3, 0.4, 0.0, 0.3, p) == pytest.approx(0.75)
    # skill 0.7 of both, best quality: 0.25 * (1 - 0.5 * 0.4) * (1 - 0.5 * 0.6)
    assert contact.bad_chance(0.7, 0.7, 1.0, 1.0, 0.3, p) == pytest.approx(0.14)


def meet_once(world, *, good, quality=0.8):
    i, j = pair(world)
    w = world.workers
    w.warmth[[i, j]], w.trust[[i, j]], w.skill[[i, j]], w.strain[[i, j]] = 0.5, 0.4, 0.3, 0.3
    u = 0.999 if good else 0.0
    contact.meet(world.at, i, j, 1.0, quality, 1.0, 0.3, u, 0, 2, world.tally)
    return i, j


def test_a_good_meeting_moves_warmth_trust_skill_and_the_tie_each_at_its_own_speed(world):
    i, j = meet_once(world, good=True)
    w, step = world.workers, 0.006 * 0.8
    for k in (i, j):
        assert w.warmth[k, 0] == pytest.approx(0.5 + step * 0.5, abs=1e-6)
        assert w.trust[k, 0] == pytest.approx(0.4 + 0.35 * step * 0.6, abs=1e-6)
        assert w.skill[k] == pytest.approx(0.3 + 0.006 * 0.7, abs=1e-6)
        assert w.ties[k] == 1
    row = w.slots[i, 0]
    assert world.ties.strength[row] == pytest.approx(0.12 * 0.8, abs=1e-6)


def test_a_bad_meeting_counts_twice_a_good_one_of_that_quality_and_makes_no_tie(world):
    i, _ = meet_once(world, good=False)
    w, step = world.workers, 0.006 * 2.0 * 0.8
    assert w.warmth[i, 0] == pytest.approx(0.5 - step * 0.5, abs=1e-6)
    assert w.trust[i, 0] == pytest.approx(0.4 - 0.35 * step * 0.4, abs=1e-6)
    assert w.strain[i] == pytest.approx(0.3 + 0.01 * 0.7, abs=1e-6)
    assert w.ties[i] == 0


def test_at_three_good_to_one_bad_the_net_effect_of_ordinary_contact_is_small_and_positive():  # A11
    p = ContactParameters()
    net = 0.75 * p.everyday_quality * 0.5 - 0.25 * p.bad_weight * p.everyday_quality * 0.5
    assert 0 < net * p.warmth_gain < 0.001


def test_most_of_the_gain_stays_with_the_person_met(world):
    i, j = pair(world)
    w = world.workers
    tie_rules_make(world, i, j, 0.6)
    w.warmth[i], before = 0.5, 0.5
    contact.meet(world.at, i, j, 1.0, 0.8, 1.0, 0.3, 0.999, 0, 2, world.tally)
    assert w.warmth[i, 0] - before == pytest.approx(0.006 * 0.8 * (1 - 0.6) * 0.5, abs=1e-6)


def tie_rules_make(world, i, j, strength, week=0):
    tie_rules.make(world.at, i, j, strength, week)


def test_weak_ties_vanish_within_the_year_and_strong_ones_last(world):  # E1, E2
    i, j = pair(world)
    for strength, alive in ((0.2, False), (0.7, True)):
        tie_rules_make(world, i, j, strength)
        row = world.workers.slots[i, 0]
        rate = 0.08 * (1 - strength) ** 1.5
        assert tie_rules.strength_now(world.ties, row, 10) == pytest.approx(strength * math.exp(-10 * rate), rel=1e-5)
        assert (tie_rules.strength_now(world.ties, row, 52) > 0) is alive
        assert world.ties.ends[row] == math.ceil(math.log(strength / 0.03) / rate)
        assert world.ties.relies[row] == math.ceil(math.log(strength / RELIANCE) / rate)
        tie_rules.remove(world.at, row, 0)
    assert world.workers.ties.sum() == 0
    assert (world.ties.a == -1).all()


def test_a_worker_keeps_only_so_many_ties_and_gives_up_the_weakest_for_a_stronger(world):
    w = world.workers
    room = w.slots.shape[1]
    others = np.flatnonzero(w.side == 1)[: room + 2]
    for k, j in enumerate(others[:room]):
        tie_rules_make(world, 0, j, 0.3 + 0.02 * k)
    tie_rules_make(world, 0, others[room], 0.2)
    assert w.ties[0] == room
    assert tie_rules.find(w, 0, others[room]) == -1
    tie_rules_make(world, 0, others[room + 1], 0.5)
    assert tie_rules.find(w, 0, others[0]) == -1
    assert tie_rules.find(w, 0, others[room + 1]) >= 0
    assert w.ties[others[0]] == 0


def test_attitudes_are_held_only_while_a_strong_tie_lives(world):
    i, j = pair(world)
    tie_rules_make(world, i, j, 0.7)
    assert world.workers.held_until[i, 0] == math.ceil(math.log(0.7 / 0.3) / (0.08 * 0.3**1.5))
    tie_rules.remove(world.at, world.workers.slots[i, 0], 0)
    assert world.workers.held_until[i, 0] < 0


def test_poisson_counts_have_the_right_distribution_and_only_grow_with_the_rate():
    u = (np.arange(20_000) + 0.5) / 20_000
    for mean in (0.05, 0.7, 2.0):
        counts = np.array([poisson_inverse(x, mean, 8) for x in u])
        assert counts.mean() == pytest.approx(mean, rel=0.01)
        assert (counts == 0).mean() == pytest.approx(math.exp(-mean), abs=1e-3)
        more = np.array([poisson_inverse(x, mean * 1.3, 8) for x in u])
        assert (more >= counts).all()


def test_deaths_follow_a_lomax_law_cut_off_at_the_maximum():
    u = (np.arange(50_000) + 0.5) / 50_000
    dead = np.array([course.deaths_from(x, 2.0, 4.0, 300.0) for x in u])
    assert dead.min() == 1
    assert 280 <= dead.max() <= 300
    # P(D >= k) = ((1 + (k - 1) / 4)^-2 - 76^-2) / (1 - 76^-2) for tail 2, scale 4 and at most 300
    for k in (2, 10, 100):
        expected = ((1 + (k - 1) / 4) ** -2 - 76**-2) / (1 - 76**-2)
        assert (dead >= k).mean() == pytest.approx(expected, abs=1e-3)


def test_the_chance_to_reach_each_rung_is_that_of_a_race_between_climbing_and_ending():
    p = Parameters().incidents
    chances = reach(p, "labour", 0.3, 0.5)
    race = [c / (c + (1 - c) * 0.5) for c in (0.15, 0.12, 0.02, 0.05)]
    np.testing.assert_allclose(chances, np.cumprod([1.0, *race]))


def test_incidents_climb_as_often_as_that_race_says(cases):
    rates = {
        "incidents": {
            "everyday_rate": 0.06,
            "welfare_weight": 0.0,
            "security_weight": 0.0,
            "branching": 0.0,
            "mediation": 0.0,
            "tension_climb": 0.0,
            "trust_climb": 0.0,
        }
    }
    world = build_world(cases.scenario(parameters=rates, years=8.0), 3)
    from sim.lab.run import finish

    seen = np.sum([finish(w, 0).incidents.rung >= 2 for w in [world]])
    total = incidents.ended(world)
    labour = total.kind == KINDS.index("labour")
    expected = reach(world.parameters.incidents, "labour", 0.3, 0.5)[2]
    got, n = int((total.rung[labour] >= 2).sum()), int(labour.sum())
    assert seen >= got
    assert stats.binomtest(got, n, expected).pvalue > 0.001


def test_echoes_add_up_to_the_branching_ratio_and_part_falls_nearby(world):
    x = world.crossings
    p = world.parameters.incidents
    fade = 1 - 1 / p.echo_weeks
    course._spread_echo(x, world.topology, 0, 0, 0.2, p, fade)
    # an excitation e that fades by f each week brings e / (1 - f) echoes in all
    total = x.excitation.sum(dtype=np.float64) / (1 - fade)
    assert total == pytest.approx(0.2, rel=1e-5)
    assert x.excitation[0, 0] / (1 - fade) == pytest.approx(0.2 * 0.75, rel=1e-5)


def test_a_purse_is_never_overdrawn():
    purse = Purse()
    assert purse.pay("week", 10.0) == 0.0
    purse.grant(100.0)
    assert purse.pay_whole("week", 60.0)
    assert not purse.pay_whole("week", 60.0)
    assert purse.pay("standing", 80.0) == pytest.approx(0.5)
    assert purse.balance == 0.0
    assert purse.spent == purse.granted == 100.0
    assert purse.items == {"week": 60.0, "standing": 40.0}


def test_a_mean_over_points_that_share_worlds_counts_both_kinds_of_chance():
    from scipy import stats

    # by hand, from the table of a two-way analysis of variance: three points (rows), two worlds (columns)
    values = np.array([[1.0, 4.0], [3.0, 8.0], [8.0, 12.0]])
    point, world = np.repeat(range(3), 2), np.tile(range(2), 3)
    of_points, of_worlds, rest = 57.0 / 2, 24.0 / 1, 1.0 / 2  # mean squares; the sums make up 82
    middle = stats.t.ppf(0.975, (of_points + of_worlds - rest) ** 2 / (of_points**2 / 2 + of_worlds**2 / 1 + rest**2 / 2))
    found = mean_over_points(values.ravel(), point, world)
    assert found.mean == 6.0
    assert found.high - 6.0 == pytest.approx(middle * ((of_points + of_worlds - rest) / 6) ** 0.5)
    # just these points: the means of worlds, 4 and 8
    fixed = mean_over_points(values.ravel(), point, world, sampled=False)
    assert (fixed.mean, fixed.n) == (6.0, 3)
    assert fixed.high - 6.0 == pytest.approx(12.7062047 * 2.0)
    # worlds of their own: the means of points, 2.5, 5.5 and 10; and of just these points, what is within them
    own = mean_over_points(values.ravel(), point, np.arange(6))
    assert own == mean_interval(np.array([2.5, 5.5, 10.0]))
    within = mean_over_points(values.ravel(), point, np.arange(6), sampled=False)
    assert within.high - 6.0 == pytest.approx(stats.t.ppf(0.975, 3) * ((4.5 + 12.5 + 8.0) / 2 / 9) ** 0.5)


@pytest.mark.parametrize("sampled", [True, False])
def test_one_world_tells_no_interval_of_a_mean_over_points_that_share_it(sampled):
    found = mean_over_points(np.array([1.0, 2.0, 6.0]), np.arange(3), np.zeros(3), sampled=sampled)
    assert found.mean == 3.0
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert np.isnan(mean_over_points(np.array([np.nan]), np.zeros(1), np.zeros(1)).mean)


def test_intervals_of_a_mean_over_points_hold_it_as_often_as_they_say():
    rng = np.random.default_rng(5)
    point, world = np.repeat(range(30), 6), np.tile(range(6), 30)
    held = 0
    for _ in range(400):
        values = rng.normal(size=(30, 1)) + rng.normal(size=(1, 6)) + rng.normal(size=(30, 6))
        values[0, 3] = np.nan  # one run failed
        found = mean_over_points(values.ravel(), point, world)
        held += found.low <= 0.0 <= found.high
    assert 0.92 < held / 400 < 0.985


def test_mean_interval_is_students():
    values = np.array([1.0, 2.0, 4.0, 7.0, np.nan])
    got = mean_interval(values)
    expected = stats.ttest_1samp([1, 2, 4, 7], 0).confidence_interval(0.95)
    assert (got.mean, got.low, got.high, got.n) == pytest.approx((3.5, expected.low, expected.high, 4))
