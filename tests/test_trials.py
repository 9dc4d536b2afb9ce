"""Virtual trials: who is assigned and followed, what is computed, and truths that are known without the simulation."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence import estimates
from sim.evidence.assignment import shares_of
from sim.evidence.catalogue import IN_PART, NOT_EXPRESSED
from sim.evidence.conduct import Conduct, Measured, conduct, probes_of
from sim.evidence.estimates import Finding, findings, hold_trials, in_band, jackknife, verdict
from sim.evidence.events import triggered_share
from sim.evidence.followed import Place, tie_strengths
from sim.evidence.quantities import Events, live_ties
from sim.evidence.trial import load_trial
from sim.evidence.trial_file import Measure
from sim.families import FAMILIES
from sim.lab.effects import Interval
from sim.lab.run import run
from sim.lab.survey import RELIABILITY, RESIDENT_SPREAD
from sim.report.forest import evidence_frame, evidence_words, identified, on_band, score
from sim.scenario import library
from sim.series import INDEX, SERIES
from sim.week.schedule import live_week
from sim.world.build import build_world

EVIDENCE = {
    *("A3", "A4", "A6", "A11", "A12", "B2", "B4", "B5", "W1", "W3", "D1", "D2", "D3", "D5", "E1", "E2", "E6"),
    *("F1", "F2", "F3", "F4", "F5", "F9", "G2", "H1", "H2", "H3"),
}
"""The rows of the evidence table."""

REGION = """
bridgework = "scenario/1"
title = "Two rows of towns"
years = 2
burn_in_weeks = 4
[region]
sides = ["North", "South"]
[region.layout]
communities_per_side = 6
border_km = 60
population = 2000
[region.institutions.enterprise]
per_community = 2
staff = 10
[region.institutions.municipality]
per_community = 1
staff = 5
"""

TRIAL = """
bridgework = "trial/1"
title = "a trial"
scenario = "region.toml"
seeds = 4
enrol_weeks = 20
[programmes.course]
family = "vocational"
annual_budget = 2_000_000
cohort_size = 24
cohorts_per_year = 6
weeks = 6
[assignment]
unit = "UNIT"
[arms.none]
[arms.course]
programmes = {course = {}}
[measures.warmth]
among = "participants"
of = "warmth"
week = 8
"""


@pytest.fixture
def written(tmp_path):
    """Write a trial beside its region, and load it."""
    (tmp_path / "region.toml").write_text(REGION, "utf-8")

    def write(text, unit="workers", more=""):
        (tmp_path / "trial.toml").write_text(text.replace("UNIT", unit) + more, "utf-8")
        return load_trial(tmp_path / "trial.toml")

    return write


def under_way(trial, seed=1):
    """Conduct a trial and return all that it has noted."""
    one = Conduct(trial, seed)
    one.live()
    return one


# what is known without the simulation


TAUGHT = """
bridgework = "trial/1"
title = "a course of which all is known"
scenario = "region.toml"
seeds = 24
enrol_weeks = 1
[changes.parameters]
people = {annual_turnover = 0.06, skill_half_life = 40}
work = {competence_gain = 0.03, transfer = 0.8}
programmes = {dropout = 0}
[changes.mechanisms]
colleague_learning = false
[programmes.course]
family = "vocational"
annual_budget = 2_000_000
cohort_size = 40
cohorts_per_year = 1
weeks = 6
joint = 0
preparation = 0
debrief = 0
catchment = 6
[assignment]
unit = "workers"
[arms.none]
[arms.course]
programmes = {course = {}}
[measures.early]
among = "participants"
of = "competence"
week = 5
[measures.late]
among = "participants"
of = "competence"
week = 25
[measures.raw]
statistic = "difference"
among = "participants"
of = "competence"
week = 5
[measures.kept]
statistic = "ratio"
measures = ["late", "early"]
[measures.half]
statistic = "half-life"
measures = ["early", "late"]
"""


def test_a_gain_its_d_and_the_share_kept_agree_with_what_a_hand_reckons(written):
    trial = written(TAUGHT)
    found = {f.name: f.simulated for f in hold_trials([trial], 2)[0][1]}
    # newcomers' competence is normal, 0.45 ± 0.1; a lesson wins 0.03 × 0.8 of the way to 1; each week 1 − 2^(−1/40) of a gain fades
    won, fading = 0.03 * 0.8, 1.0 - 0.5 ** (1 / 40)
    shift, slope = 0.0, 1.0  # competence after a lesson and a week: shift + slope × what the person started with
    for _ in range(6):
        shift, slope = shift * (1 - won) + won, slope * (1 - won)
        shift, slope = shift * (1 - fading), slope * (1 - fading) + fading
    gain = shift + (slope - 1.0) * 0.45
    spread = 0.1 * math.sqrt((1.0 + slope**2) / 2.0)
    for name, truth in (
        ("raw", gain),
        ("early", gain / spread * math.sqrt(0.8)),
        ("half", 40.0),
    ):
        assert found[name].low < truth < found[name].high, (name, truth, found[name])
    assert found["early"].high - found["early"].low < 0.4 * found["early"].mean  # the interval tells something
    kept = 0.5 ** (20 / 40)  # of the difference; the spread of those who were taught returns to 0.1 meanwhile
    after = slope + (1.0 - slope) * (1.0 - kept)
    kept *= math.sqrt((1.0 + slope**2) / (1.0 + after**2))
    assert found["kept"].low < kept < found["kept"].high


SPILL = """
bridgework = "trial/1"
title = "what colleagues take over"
scenario = "region.toml"
seeds = 24
enrol_weeks = 1
[changes.region.layout]
communities_per_side = 12
[changes.region.institutions]
enterprise = {per_community = 1, staff = 5}
[changes.parameters]
people = {annual_turnover = 0.06, skill_half_life = 56}
work = {competence_gain = 0.03, transfer = 0.8, colleague_learning = 0.02}
programmes = {dropout = 0}
[programmes.course]
family = "vocational"
annual_budget = 2_000_000
cohort_size = 12
cohorts_per_year = 1
weeks = 6
joint = 0
preparation = 0
debrief = 0
catchment = 12
[assignment]
unit = "communities"
[arms.none]
[arms.course]
programmes = {course = {}}
[measures.own]
statistic = "difference"
among = "participants"
of = "competence"
week = 26
against = "twins"
[measures.next]
statistic = "difference"
among = "neighbours"
of = "competence"
week = 26
against = "twins"
[measures.spill]
statistic = "ratio"
measures = ["next", "own"]
"""


def test_a_ratio_of_neighbours_to_participants_agrees_with_what_a_hand_reckons(written):
    """Colleagues take over 2 × 0.02 × share of returnees of the returnees' mean gain a week, as far as they have not got it yet."""
    region = SPILL.replace("[changes.region.institutions]", "[changes.region.institutions]\nmunicipality = {per_community = 0}")
    trial = written(region)
    underway = [Conduct(trial, seed) for seed in trial.seeds]
    records = [one.live() for one in underway]
    found = {f.name: f.simulated for f in findings(trial, records)}
    won, kept, staff = 0.03 * 0.8, 0.5 ** (1 / 56), 5
    own, colleagues = [], []
    for one in underway:
        home = one.worlds[Place(0, False)].workers.institution[one.samples["participants", "course"].posts]
        for returnees in np.bincount(home)[np.unique(home)]:
            gain = theirs = 0.0
            for week in range(27):
                if week < 6:
                    gain += won * (1.0 - 0.45 - gain)  # newcomers' competence is 0.45 in the mean
                else:
                    theirs += 2.0 * 0.02 * returnees / staff * max(gain - theirs, 0.0) * (1.0 - 0.45 - theirs)
                gain, theirs = gain * kept, theirs * kept
            own += [gain] * returnees
            colleagues += [theirs] * (staff - returnees)
    truth = {"own": np.mean(own), "next": np.mean(colleagues), "spill": np.mean(colleagues) / np.mean(own)}
    for name, true in truth.items():
        assert found[name].low < true < found[name].high, (name, true, found[name])
        assert found[name].high - found[name].low < 0.2 * true  # the interval tells something


def test_nothing_spills_over_where_colleagues_do_not_learn(written):
    trial = written(SPILL.replace("seeds = 24", "seeds = 4") + "[changes.mechanisms]\ncolleague_learning = false\n")
    found = {f.name: f.simulated for f in hold_trials([trial], 2)[0][1]}
    assert abs(found["next"].mean) < 1e-3
    assert found["own"].low > 0.04


def test_arms_of_equal_policy_are_called_different_at_the_nominal_rate():
    """The estimators alone, on a thousand made-up trials; with whole worlds: benchmarks/evidence.py aa."""
    measure = Measure(among="participants", of="warmth")
    count = Measure(among="participants", of="friends", statistic="difference")
    rng = np.random.default_rng(3)
    called = {"d": 0, "difference": 0}
    for _ in range(1000):
        worlds = [[rng.normal(0.1 * rng.normal(), 0.2, (1, 20)), rng.poisson(0.5, (1, 20)).astype(float)] for _ in range(24)]
        for one, k, name in ((measure, 0, "d"), (count, 1, "difference")):
            a, b = ([{"x": Measured(w[k], np.arange(20))} for w in worlds[half::2]] for half in (0, 1))
            mine, theirs = (estimates._Moments("x", part) for part in (a, b))
            every = np.arange(12)

            def estimate(w, mine=mine, theirs=theirs, one=one):
                return estimates._contrast(one, mine.mean(w), theirs.mean(w), 0.5 * (mine.variance(w) + theirs.variance(w)))

            found = jackknife(estimate(every), np.array([estimate(np.delete(every, w)) for w in every]))
            called[name] += not found.low <= 0.0 <= found.high
    for name, times in called.items():
        assert 30 <= times <= 72, (name, times)  # 50 ± three standard deviations


def test_figures_are_what_textbooks_say():
    mine = estimates._Moments("x", [{"x": Measured(np.array([[0.2, 0.4, 0.6]]), np.arange(3))}])
    one = np.array([0])
    assert mine.mean(one) == pytest.approx(0.4)
    assert mine.variance(one) == pytest.approx(0.04)
    d = Measure(among="participants", of="warmth")
    assert estimates._contrast(d, 0.4, 0.3, 0.04) == pytest.approx(0.5 * math.sqrt(RELIABILITY))
    assert estimates._contrast(Measure(among="residents", of="trust"), 0.4, 0.3, 9.0) == pytest.approx(
        0.1 / RESIDENT_SPREAD * math.sqrt(RELIABILITY)
    )
    assert estimates._contrast(Measure(among="region", of="force_rate", statistic="relative"), 8.0, 10.0, 1.0) == pytest.approx(
        -0.2
    )
    assert estimates._hazard(0.25, 26) == pytest.approx(-math.log(0.75) * 2)
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 4000))
    y = 0.6 * x + 0.3 * z + rng.normal(size=4000)
    scatter = estimates._scatter(np.array([y, x, z]))
    fit = np.linalg.lstsq(np.column_stack([x - x.mean(), z - z.mean()]), y - y.mean(), rcond=None)[0]
    assert estimates._coefficient(scatter) == pytest.approx(fit[0] * x.std() / y.std())
    true = np.array([y, x, z])
    answers = true + rng.normal(size=true.shape) * true.std(axis=1, keepdims=True) * math.sqrt(1.0 / RELIABILITY - 1.0)
    said = estimates._coefficient(estimates._scatter(answers))
    assert estimates._coefficient(scatter, np.array([True, True, True])) == pytest.approx(said, abs=0.03)
    assert said < estimates._coefficient(scatter) - 0.05
    values = rng.normal(size=30)
    found = jackknife(values.mean(), np.array([np.delete(values, k).mean() for k in range(30)]))
    assert found.high - found.mean == pytest.approx(2.0452 * values.std(ddof=1) / math.sqrt(30), rel=1e-3)
    assert math.isnan(jackknife(1.0, np.array([1.0, math.nan])).low)


@pytest.mark.parametrize(("statistic", "spread"), [("d", 1.0), ("difference", RESIDENT_SPREAD / math.sqrt(RELIABILITY))])
def test_a_survey_of_few_residents_errs_as_its_size_says(written, statistic, spread):
    more = f"[measures.asked]\namong = 'residents'\nof = 'trust'\nweek = 8\nstatistic = '{statistic}'\n"
    trial = written(TRIAL, "communities", more)
    own, other = probes_of(trial, trial.file.measures["asked"])
    record = {own: Measured(np.array([[0.4]]), np.zeros(1)), other: Measured(np.array([[0.4]]), np.zeros(1))}
    drawn = [estimates._survey(trial.file.measures["asked"], [own, other], [record], k, [100, 100]) for k in range(2000)]
    assert np.std(drawn) == pytest.approx(spread * math.sqrt(2 / 100), rel=0.08)
    assert abs(np.mean(drawn)) < 0.1 * spread * math.sqrt(2 / 100)


def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says():
    """Eight noisy worlds, a true ratio of 0.7; where the denominator may be nothing, so may the ratio be anything."""
    rng = np.random.default_rng(8)
    missed = plainly = 0
    for _ in range(1000):
        second = rng.normal(1.0, 0.8, 8)
        first = 0.7 * second + rng.normal(0.0, 0.5, 8)
        left = [np.array([np.delete(part, k).mean() for k in range(8)]) for part in (first, second)]
        found = estimates.ratio_interval(first.mean(), second.mean(), tuple(left))
        missed += not found.low <= 0.7 <= found.high
        plain = jackknife(first.mean() / second.mean(), left[0] / left[1])
        plainly += not plain.low <= 0.7 <= plain.high
    assert 30 <= missed <= 72
    assert plainly != missed
    nothing = np.array([1.0, -1.0, 1.0, -1.0])
    found = estimates.ratio_interval(0.5, 0.0001, (nothing + 0.5, nothing))
    assert (found.low, found.high) == (-math.inf, math.inf)
    measure = Measure(among="participants", of="warmth", low=0.1, high=0.9)
    assert verdict(measure, Interval(0.5, -math.inf, math.inf, 9)) == "in?"
    sure = estimates.ratio_interval(2.0, 4.0, (np.full(5, 2.0), np.full(5, 4.0)))
    assert (sure.low, sure.mean, sure.high) == (0.5, 0.5, 0.5)


def test_a_half_life_lasts_the_longer_the_more_is_left():
    weeks = (5, 25)
    assert estimates._half_life(weeks, 0.5 ** (20 / 40)) == pytest.approx(40.0)
    assert estimates._half_life(weeks, 1.2) == math.inf
    assert estimates._half_life(weeks, -0.1) == 0.0


def test_answers_to_two_questions_err_each_by_itself(written):
    more = "[measures.asked]\namong = 'residents'\nof = 'trust'\nweek = 8\n[measures.later]\namong = 'residents'\nof = 'trust'\nweek = 20\n"
    trial = written(TRIAL, "communities", more)
    record, drawn = {}, {}
    for name in ("asked", "later"):
        for probe in probes_of(trial, trial.file.measures[name]):
            record[probe] = Measured(np.array([[0.4]]), np.zeros(1))
    for name in ("asked", "later"):
        measure = trial.file.measures[name]
        drawn[name] = [estimates._survey(measure, list(probes_of(trial, measure)), [record], k, [100, 100]) for k in range(2000)]
    assert abs(np.corrcoef(drawn["asked"], drawn["later"])[0, 1]) < 0.08
    own = probes_of(trial, trial.file.measures["asked"])[0]
    same, again, other = (estimates._answers(1, own, of).standard_normal(3) for of in ("trust", "trust", "grievance"))
    assert (same == again).all()
    assert (same != other).all()


def test_a_study_of_few_persons_errs_as_its_size_says(written):
    trial = written(TRIAL)
    measure = trial.file.measures["warmth"]
    probes = list(probes_of(trial, measure))
    z = np.random.default_rng(4).normal(size=(1, 4000))
    z = (z - z.mean()) / z.std()
    record = {probe: Measured(0.5 + 0.1 * k + 0.2 * z, np.arange(4000)) for k, probe in enumerate(reversed(probes))}
    errors = estimates._errors(measure, probes, [record])
    assert errors[0] == pytest.approx(0.2 * math.sqrt(1 / RELIABILITY - 1), rel=0.03)
    drawn = [estimates._study(measure, probes, [record], k, [50, 150], errors) for k in range(1000)]
    assert np.mean(drawn) == pytest.approx(0.5 * math.sqrt(RELIABILITY), abs=0.03)
    assert np.std(drawn) == pytest.approx(math.sqrt(1 / 50 + 1 / 150), rel=0.1)


def test_a_share_counted_in_few_cases_errs_as_their_number_says(written):
    more = (
        "[measures.quarrels]\namong = 'region'\nof = 'share_reaching_force'\nstatistic = 'difference'\nweek = 20\nsample = 400\n"
    )
    trial = written(TRIAL, "region", more)
    measure = trial.file.measures["quarrels"]
    probes = list(probes_of(trial, measure))
    assert [trial.file.size_of(measure, probe.arm) for probe in probes] == [200, 200]
    record = {probe: Measured(np.array([[0.3]]), np.zeros(1)) for probe in probes}
    drawn = [estimates._counted(measure, probes, [record], k, [200, 200]) for k in range(2000)]
    assert np.std(drawn) == pytest.approx(math.sqrt(2 * 0.3 * 0.7 / 200), rel=0.08)


def test_adoptions_are_counted_while_they_could_have_happened():
    """Four institutions in a row, watched for ten weeks from week 5: 0 had adopted before, 1 does in week 8, 2 in week 12, 3 never."""
    topology = SimpleNamespace(peer_start=np.array([0, 1, 3, 5, 6]), peer_list=np.array([1, 0, 2, 1, 3, 2]))
    place = Place(0, False)
    one = SimpleNamespace(
        adoptions={place: np.array([-np.inf, 8.0, 12.0, np.inf])},
        trial=SimpleNamespace(start=5),
        worlds={place: SimpleNamespace(topology=topology)},
    )

    def counted(linked):
        values, rows = Conduct._adoptions(one, SimpleNamespace(place=place, week=10, linked=linked), np.arange(4))
        return rows.tolist(), values.astype(int).tolist()

    assert counted(None) == ([1, 2, 3], [[1, 1, 0], [4, 8, 10]])
    assert counted(True) == ([1, 2, 3], [[1, 1, 0], [4, 4, 2]])  # 1 from the start, 2 from week 9, 3 from week 13
    assert counted(False) == ([2, 3], [[0, 0], [4, 8]])
    moments = estimates._Moments("x", [{"x": Measured(np.array([[1.0, 1.0, 0.0], [4.0, 4.0, 2.0]]), np.arange(3))}])
    assert estimates._rate(moments, np.array([0])) == pytest.approx(52 * 2 / 10)


def test_bands_and_verdicts():
    measure = Measure(among="participants", of="warmth", low=0.1, high=0.2)
    for mean, low, high, said in (
        (0.15, 0.12, 0.18, "in"),
        (0.15, 0.05, 0.25, "in?"),
        (0.3, 0.25, 0.35, "out"),
        (0.22, 0.18, 0.26, "out?"),
        (0.05, -0.2, 0.3, "out?"),
    ):
        assert verdict(measure, Interval(mean, low, high, 9)) == said
    assert verdict(measure, Interval(math.nan, math.nan, math.nan, 9)) == "not known"
    assert verdict(Measure(among="participants", of="warmth"), Interval(0.1, 0.0, 0.2, 9)) == ""
    assert in_band(Measure(among="participants", of="warmth", low=0.0), 5.0)
    assert not in_band(Measure(among="participants", of="warmth", high=0.0), 0.001)


def test_relapses_are_counted_by_hand():
    # years with deaths: 30 0 0 40 40 0 0 0 0 0 0 0: two quiet first years (1 and 5); after the first, war comes back in year 3
    deaths, years = np.array([30, 40, 40]), np.array([0, 3, 4])
    events = Events(deaths, years * 52 + 5, 12 * 52)
    assert events.relapses(5).tolist() == [1.0, 0.0]
    assert Events(deaths, years * 52 + 5, 10 * 52).relapses(5).tolist() == [1.0]  # the second cannot be told yet


def test_a_triggered_share_is_found_and_a_drifting_base_is_not_sold_for_one():
    rng = np.random.default_rng(1)
    found = {"echoes": [], "drift": [], "drift, told": []}
    for _ in range(8):
        counts, echo = np.zeros(1040), 0.0
        for t in range(1040):
            counts[t] = rng.poisson(0.6 * 0.6 + 0.4 * echo)
            echo = 0.6 * echo + 0.4 * counts[t]
        found["echoes"].append(triggered_share(counts))
        base = np.exp(np.interp(np.arange(1040), np.linspace(0, 1039, 11), rng.normal(-0.5, 0.8, 11)))
        drifting = rng.poisson(base)
        found["drift"].append(triggered_share(drifting))
        found["drift, told"].append(triggered_share(drifting, drifting=True))
    assert 0.3 < np.mean(found["echoes"]) < 0.5
    assert np.mean(found["drift"]) > 0.4
    assert np.mean(found["drift, told"]) < 0.15
    assert math.isnan(triggered_share(np.zeros(100)))


# who is assigned and followed


@pytest.mark.parametrize("unit", ["workers", "institutions", "communities"])
def test_units_are_dealt_evenly_and_programmes_take_in_nobody_of_another_arm(written, unit):
    trial = written(TRIAL, unit)
    one = under_way(trial)
    world = one.worlds[Place(0, False)]
    shares = shares_of(trial, build_world(trial.worlds[0][0].scenario, 1))
    if unit != "workers":
        masks = [getattr(shares[arm], unit) for arm in trial.file.arms]
        assert not (masks[0] & masks[1]).any()
        assert (masks[0] | masks[1]).all()
        table = getattr(world, unit)
        for side in (0, 1):
            counts = [int(mask[table.side == side].sum()) for mask in masks]
            assert abs(counts[0] - counts[1]) <= (1 if unit == "communities" else 2)
    treated, control = one.samples["participants", "course"], one.samples["participants", "none"]
    assert treated.posts.size > 50
    assert control.posts.size == pytest.approx(treated.posts.size, rel=0.15)  # whoever is enrolled again counts once
    assert not set(treated.persons.tolist()) & set(control.persons.tolist())
    for arm, sample in (("course", treated), ("none", control)):
        same = world.workers.person[sample.posts] == sample.persons
        assert one.shares[arm].admits(world, sample.posts[same]).all()
    assert abs(int(np.diff(np.bincount(world.workers.side[treated.posts]))[0])) <= 4
    assert not (world.workers.alumnus[control.posts] > 0).any()


def test_uneven_shares_are_dealt_as_asked(written):
    trial = written(TRIAL.replace('unit = "UNIT"', 'unit = "institutions"\nshares = {none = 0.75, course = 0.25}'))
    shares = shares_of(trial, build_world(trial.worlds[0][0].scenario, 5))
    own = shares["course"].institutions
    assert own.mean() == pytest.approx(0.25, abs=0.06)


def test_assignment_is_the_same_in_all_worlds_of_a_seed_and_differs_between_seeds(written):
    trial = written(TRIAL, "communities")
    made = [
        shares_of(trial, build_world(trial.worlds[0][k].scenario, seed))["course"].communities
        for k, seed in ((0, 1), (1, 1), (0, 2))
    ]
    assert (made[0] == made[1]).all()
    assert (made[0] != made[2]).any()


def test_controls_are_chosen_by_the_rule_that_chose_participants(written):
    """Volunteers are warmer: so are those who would have volunteered, and before anything happens the two do not differ."""
    more = """
[measures.start]
statistic = "difference"
among = "participants"
of = "competence"
week = 0
[changes.parameters.programmes]
volunteer_warmth = 2.0
"""
    trial = written(TRIAL.replace("seeds = 4", "seeds = 10").replace("week = 8", "week = 0"), "workers", more)
    found = {f.name: f.simulated for f in hold_trials([trial], 2)[0][1]}
    assert abs(found["warmth"].mean) < 0.25
    one = under_way(trial)
    world = one.worlds[Place(0, False)]
    everyone = world.workers.warmth_trait.mean()
    for arm in ("none", "course"):
        posts = one.samples["participants", arm].posts
        assert world.workers.warmth_trait[posts].mean() > everyone + 0.05


def test_leavers_keep_what_was_seen_last_and_count_as_gone(written):
    more = """
[measures.left]
among = "participants"
of = "left"
statistic = "hazard"
arm = "course"
week = 40
[measures.stayed]
among = "participants"
of = "completed"
statistic = "mean"
arm = "course"
week = 40
[changes.parameters.people]
annual_turnover = 0.4
"""
    trial = written(TRIAL.replace("week = 8", "week = 40"), "workers", more)
    one = Conduct(trial, 1)
    record = one.live()
    own = probes_of(trial, trial.file.measures["warmth"])[0]
    left = record[probes_of(trial, trial.file.measures["left"])[0]].values[0]
    sample = one.samples["participants", "course"]
    assert record[own].values.shape[1] == pytest.approx(sample.posts.size, abs=3)  # leavers included
    gone = one.worlds[Place(0, False)].workers.person[sample.posts] != sample.persons
    assert 0.15 < left.mean() <= gone.mean()
    records = [record, conduct(trial, 2)]
    share = np.concatenate([r[probes_of(trial, trial.file.measures["left"])[0]].values[0] for r in records]).mean()
    found = {f.name: f.simulated.mean for f in findings(trial, records)}
    assert found["left"] == pytest.approx(-math.log(1.0 - share) * 52 / 40)
    assert 0.6 < found["stayed"] < 1.0


def test_after_some_weeks_means_that_so_many_have_been_lived(written):
    more = "".join(
        f"[measures.{name}{week}]\namong = '{among}'\nof = '{of}'\nstatistic = 'mean'\narm = 'course'\nweek = {week}\n"
        for name, among, of in (("left", "workers", "left"), ("tie", "ties", "survival"), ("asked", "residents", "trust"))
        for week in (0, 10)
    )
    trial = written(TRIAL, "region", more)
    found = {
        name: conduct(trial, 1)[probes_of(trial, m)[0]].values[0] for name, m in trial.file.measures.items() if name != "warmth"
    }
    world = build_world(trial.worlds[1][0].scenario, 1)
    while world.week < 0:
        live_week(world)
    persons, (rows, _) = world.workers.person.copy(), live_ties(world, 0.0)
    ends = np.column_stack([world.ties.a[rows], world.ties.b[rows]]).astype(np.int64)
    own = world.workers.family == [f.name for f in FAMILIES].index("vocational")
    assert found["left0"].tolist() == [0.0] * int(own.sum())
    assert found["tie0"].tolist() == [1.0] * len(ends)
    assert found["asked0"][0] == pytest.approx(
        np.average(world.communities.trust.mean(axis=1), weights=world.communities.population)
    )
    for _ in range(10):
        live_week(world)
    assert found["left10"].tolist() == (world.workers.person != persons)[own].astype(float).tolist()
    same = (world.workers.person[ends] == persons[ends]).all(axis=1)
    assert found["tie10"].tolist() == (same & (tie_strengths(world, ends) > 0.0)).astype(float).tolist()
    assert found["asked10"][0] == pytest.approx(
        np.average(world.communities.trust.mean(axis=1), weights=world.communities.population)
    )


def test_who_left_is_no_longer_placed_and_who_moved_across_is_abroad(written):
    more = "".join(
        f"[measures.{of.split()[0]}]\namong = 'workers'\nof = '{of}'\nstatistic = 'mean'\narm = 'course'\nweek = 60\n"
        for of in ("placed", "abroad", "moved away", "left")
    )
    more += "[changes.parameters.vocational]\nplacement_emigration = 0.3\n[changes.parameters.people]\nannual_turnover = 0.06\n"
    text = TRIAL.replace("weeks = 6\n", "weeks = 6\n[programmes.course.vocational]\nplacements = 1.0\nrecognition = 1.0\n")
    trial = written(text, "region", more)
    one = Conduct(trial, 1)
    record = one.live()
    placed, abroad, moved, left = (
        record[probes_of(trial, trial.file.measures[name])[0]].values[0] for name in ("placed", "abroad", "moved", "left")
    )
    assert (abroad == placed + moved).all()
    assert not (placed * left).any()
    assert (moved <= left).all()
    rows = np.array(one.rows[Place(1, False)])[trial.start : trial.start + 60]
    emigrated = rows[:, INDEX["emigrated"]].sum()
    assert 0 < moved.sum() <= emigrated
    assert moved.sum() >= 0.8 * emigrated  # some were hired since
    assert placed.sum() > 0


@pytest.mark.parametrize("unit", ["communities", "institutions"])
def test_neighbours_are_chosen_alike_where_there_is_a_programme_and_where_there_is_none(written, unit):
    """Cohorts that begin after those who are followed were enrolled take volunteers out of the neighbours of one arm, so out of the other's too."""
    more = "[measures.next]\namong = 'neighbours'\nof = 'warmth'\nweek = 40\n"
    trial = written(TRIAL.replace("enrol_weeks = 20", "enrol_weeks = 2").replace("week = 8", "week = 40"), unit, more)
    one = under_way(trial)
    world = one.worlds[Place(0, False)]
    taken = {}
    for arm, share in one.shares.items():
        own = share.institutions[world.workers.institution] & (world.workers.family == 0)
        taken[arm] = int(np.isin(world.workers.person[own], one.enrolled).sum())
    assert taken["course"] > 60  # many more than the first cohorts had
    assert taken["none"] == pytest.approx(taken["course"], rel=0.15)


def test_in_a_region_persons_are_compared_with_themselves_and_without_a_programme_nothing_differs(written):
    more = """
[measures.same]
among = "participants"
of = "warmth"
week = 8
against = "twins"
[measures.residents]
among = "residents"
of = "trust"
week = 8
[measures.force]
among = "region"
of = "force_rate"
statistic = "difference"
week = 20
"""
    trial = written(TRIAL, "region", more)
    assert len(trial.worlds) == 2
    record = conduct(trial, 3)
    measures = trial.file.measures
    own, other = probes_of(trial, measures["warmth"])
    assert (own.arm, other.arm) == ("course", "course")
    twin = probes_of(trial, measures["same"])[1]
    np.testing.assert_array_equal(record[other].values, record[twin].values)  # the reference arm is the twin
    assert (record[own].values != record[other].values).any()
    idle = written(TRIAL.replace("programmes = {course = {}}", "programmes = {course = {annual_budget = 0}}"), "region", more)
    record = conduct(idle, 3)
    for name in ("residents", "force"):
        own, other = probes_of(idle, measures[name])
        np.testing.assert_array_equal(record[own].values, record[other].values)


def test_arms_with_other_parameters_live_in_worlds_of_their_own_with_the_same_assignment(written):
    text = (
        TRIAL
        + """
[arms.harder]
programmes = {course = {}}
parameters = {contact = {bad_weight = 3.0}}
"""
    )
    text = text.replace('of = "warmth"', 'of = "warmth"\narm = "harder"').replace(
        "[arms.harder]", "[measures.other]\namong = 'participants'\nof = 'trust'\nweek = 8\narm = 'course'\n[arms.harder]"
    )
    trial = written(text, "communities")
    assert [list(world.arms) for world, _ in trial.worlds] == [["none", "course"], ["harder"]]
    assert trial.worlds[0][0].arms["course"] == ("course",) or trial.worlds[0][0].arms["course"] == ("course, course",)
    one = under_way(trial)
    homes = {
        arm: set(one._home(arm).workers.community[one.samples["participants", arm].posts].tolist()) for arm in trial.file.arms
    }
    assert not homes["none"] & homes["course"]
    assert not homes["course"] & homes["harder"]


def test_a_trial_lives_the_worlds_that_runs_live(written):
    """The arms of a region are bit by bit the same world as the same scenario run by itself, and so are twins."""
    text = (
        TRIAL.replace('of = "warmth"\n', 'of = "warmth"\nagainst = "twins"\n')
        + "[measures.other]\namong='participants'\nof='trust'\nweek=8\n"
    )
    trial = written(text, "region")
    one = under_way(trial, 3)
    assert len(one.worlds) > 1
    for place, rows in one.rows.items():
        result = run(trial.worlds[place.world][place.twin].scenario, 3)
        lived = np.array(rows)[trial.start :]
        assert lived.shape[0] == trial.weeks - trial.start
        for i, series in enumerate(SERIES):
            np.testing.assert_array_equal(lived[:, i], result[series.name][: lived.shape[0]], err_msg=f"{place} {series.name}")
    assert run(trial.worlds[1][0].scenario, 3)["enrolments"].sum() > 0


def test_lethal_events_of_two_arms_are_compared_in_the_pooled_figure_too(written):
    more = """
[measures.median]
among = "lethal events"
of = "median deaths"
statistic = "difference"
week = 20
[measures.rate]
among = "lethal events"
of = "events a week"
statistic = "relative"
week = 20
"""
    trial = written(TRIAL, "region", more)
    record = {}
    for name, mine, theirs in (("median", [1.0, 5.0, 9.0], [2.0]), ("rate", [0.3], [0.2])):
        own, other = probes_of(trial, trial.file.measures[name])
        record |= {own: Measured(np.array([mine]), np.arange(len(mine))), other: Measured(np.array([theirs]), np.arange(1))}
    every = np.arange(3)
    for name, truth in (("median", 3.0), ("rate", 0.5)):
        assert estimates._estimator(trial, trial.file.measures[name], [record] * 3)(every) == pytest.approx(truth)


def test_ties_are_found_by_their_two_ends(written):
    one = under_way(written(TRIAL))
    world = one.worlds[Place(0, False)]
    live = np.flatnonzero((world.ties.a >= 0) & (world.ties.ends > world.week))
    pairs = np.column_stack([world.ties.b[live], world.ties.a[live]]).astype(np.int64)
    assert (tie_strengths(world, pairs) > 0.0).all()
    stranger = np.array([[0, 1]])
    assert tie_strengths(world, stranger).tolist() == [0.0]  # of one side, so that they have no tie across


def test_findings_do_not_depend_on_processes_and_a_seed_gives_the_same_twice(written):
    trial = written(TRIAL)
    alone, shared = (hold_trials([trial], processes)[0][1] for processes in (1, 2))
    assert repr(alone) == repr(shared)


# the files


def test_every_row_of_the_evidence_table_is_on_trial_or_it_is_said_why_not():
    trials = [load_trial(name) for name in library.names("trials")]
    rows = {trial.file.evidence for trial in trials}
    assert rows | set(NOT_EXPRESSED) == EVIDENCE
    assert not rows & set(NOT_EXPRESSED)
    assert set(IN_PART) <= rows
    for trial in trials:
        assert any(m.low is not None or m.high is not None for m in trial.file.measures.values()), trial.name
        assert trial.file.source, trial.name


BANDS = {
    ("A3", "attitude"): (0.05, 0.20),
    ("A4", "strangers"): (-0.10, 0.10),
    ("A4", "gap"): (0.2, None),
    ("A6", "warmth_together"): (0.0, None),
    ("A6", "warmth_against"): (None, 0.0),
    ("A12", "alone"): (0.10, 0.30),
    ("A12", "net"): (0.08, 0.22),
    ("B2", "conduct"): (0.2, 0.5),
    ("B2", "legitimacy"): (-0.10, 0.10),
    ("B4", "force"): (-0.35, -0.10),
    ("B5", "half_life"): (26, 56),
    ("W1", "level"): (1 - 0.45, 1 - 0.30),
    ("W1", "screening"): (0.24 - 0.45, 0.24 - 0.30),
    ("W1", "handover"): (-0.03, 0.03),
    ("W3", "turnover"): (0.14, 0.40),
    ("D1", "turnover"): (0.06, 0.27),
    ("D3", "at_once"): (0.62 - 0.12, 0.62 + 0.12),
    ("D3", "half_year"): (0.44 - 0.12, 0.44 + 0.12),
    ("D3", "year"): (0.34 - 0.12, 0.34 + 0.12),
    ("D5", "ratio"): (1.3, 2.0),
    ("D5", "member_ratio"): (1.3, 2.0),
    ("E1", "plain"): (0.1, 0.4),
    ("E2", "strong"): (0.96, 0.99),
    ("E6", "force"): (None, 0.0),
    ("F1", "from_1"): (1.5 - 0.3, 1.5 + 0.3),
    ("F1", "from_3"): (1.9 - 0.3, 1.9 + 0.3),
    ("F1", "from_10"): (2.3 - 0.3, 2.3 + 0.3),
    ("F1", "from_20"): (2.6 - 0.3, 2.6 + 0.3),
    ("F1", "median"): (2, 3),
    ("F1", "mean"): (7, 11),
    ("F3", "rate"): (0.07, 0.57),
    ("F3", "dispersion"): (2.0, 2.9),
    ("F3", "lag"): (0.20, 0.40),
    ("H1", "abroad"): (0.0, 0.05),
    ("H3", "abroad"): (0.05, 0.15),
}
"""Bands as the evidence table states them."""
SIGNS = {("A3", "met_more"), ("A6", "friends_against"), ("A11", "bad"), ("A11", "net"), ("H3", "moved")}
"""Measures of which the table states a sign, or an assumption in words."""


def test_bands_are_those_of_the_evidence_table_or_say_that_they_are_ours():
    found = {
        (t.file.evidence, name): m
        for t in map(load_trial, library.names("trials"))
        for name, m in t.file.measures.items()
        if m.banded
    }
    for key, measure in found.items():
        if key in BANDS:
            assert (measure.low, measure.high) == pytest.approx(BANDS[key]), key
            assert not measure.band_note, key
        elif key not in SIGNS:
            assert measure.band_note, key
    assert set(BANDS) | SIGNS <= set(found)


def test_measures_count_as_in_their_band_for_certain_or_not(written):
    band = "low = 0.1\nhigh = 0.3\n"
    trial = written(TRIAL + band + "".join(f"[measures.m{k}]\namong = 'participants'\nof = 'trust'\n{band}" for k in (1, 2)))
    intervals = ((0.2, 0.15, 0.25), (0.2, 0.05, 0.25), (0.4, 0.35, 0.45))
    results = [
        Finding(name, Interval(*interval, 4), None, 10) for name, interval in zip(trial.file.measures, intervals, strict=True)
    ]
    counted = score(evidence_frame([(trial, results)]))["emergent"]
    assert (counted.firm, counted.unsure, counted.of) == (1, 1, 3)
    assert counted.words("emergent") == "1 of 3 emergent measures lie in their band, 1 more but not for certain"


def test_measures_of_nobody_are_counted_apart_and_told(written):
    band = "low = 0.1\nhigh = 0.3\n"
    trial = written(TRIAL + band + "[measures.again]\namong = 'participants'\nof = 'trust'\n[measures.rest]\nstatistic = 'ratio'\n"
        "measures = ['again', 'warmth']\n" + band)  # fmt: skip
    nothing = Interval(math.nan, math.nan, math.nan, 4)
    none = [(trial, [Finding(name, nothing, None, 0) for name in trial.file.measures])]
    counted = score(evidence_frame(none))["emergent"]
    assert (counted.firm, counted.of, counted.unknown) == (0, 2, 2)
    assert counted.words("emergent") == "2 emergent measures could not be told"
    assert any("nothing could be measured for warmth, again, rest:" in line for line in evidence_words(none))
    few = [(trial, [Finding(name, Interval(0.2, 0.15, 0.25, 4), (0.1, 0.3), 40, 150) for name in trial.file.measures])]
    assert any("its range is too narrow: warmth (40 for 150), again (40 for 150)" in line for line in evidence_words(few))


def test_a_measure_within_the_cohort_is_told(written):
    early = written(TRIAL + "[measures.early]\namong = 'participants'\nof = 'trust'\nweek = 1\n")
    found = [(early, [Finding(name, Interval(0.2, 0.15, 0.25, 4), None, 40) for name in early.file.measures])]
    said = [line for line in evidence_words(found) if "may still be under way" in line]
    assert len(said) == 1
    assert "early" in said[0]


def test_a_study_asks_neighbours_in_the_towns_of_its_participants_and_twins_twice(written):
    trial = written(TRIAL, "communities", "[measures.near]\namong = 'neighbours'\nof = 'warmth'\n")
    own, other = probes_of(trial, trial.file.measures["warmth"])
    near, _ = probes_of(trial, trial.file.measures["near"])
    assert other is not None

    def lived(per_town):
        town = np.repeat(np.arange(5), per_town)
        return Measured(town[None, :].astype(float), town)

    most = []
    for number in range(8):
        few, many = (estimates._drawn(lived(per_town), 4000, number, probe)[0] for per_town, probe in ((4, own), (60, near)))
        shares = [np.bincount(drawn.astype(int), minlength=5) / 4000 for drawn in (few, many)]
        assert shares[0] == pytest.approx(shares[1], abs=0.04)  # as many of each town
        most.append(shares[0].max())
    assert max(most) > 0.35  # towns were drawn by lot, some twice
    twin = own._replace(place=own.place._replace(twin=True))
    one, two = (estimates._drawn(lived(4), 50, 3, probe) for probe in (own, twin))
    assert (one == two).all()


def test_where_two_fits_of_the_triggered_share_differ_it_is_not_identified(written):
    more = "".join(
        f"[measures.{name}]\namong = 'lethal events'\nof = '{of}'\nstatistic = 'mean'\narm = 'course'\nweek = 20\n"
        for name, of in (("steady", "triggered share"), ("rival", "triggered share, drifting baseline"))
    )
    trial = written(TRIAL, "region", more)

    def said(rival):
        values = {"warmth": 0.1, "steady": 0.6, "rival": rival}
        return identified([(trial, [Finding(n, Interval(v, v, v, 4), None, 10) for n, v in values.items()])])

    assert said(0.3)[0].endswith("not identified.")
    assert said(0.55)[0].endswith("both fits agree.")


def test_a_band_that_ends_at_nought_has_a_scale_of_its_own():
    place = on_band(Measure(among="participants", of="warmth", low=0.0))
    assert [place(v) for v in (0.0, 0.2, 0.4)] == pytest.approx([-1.0, 0.0, 1.0])
    place = on_band(Measure(among="region", of="force_rate", statistic="relative", high=0.0))
    assert [place(v) for v in (0.0, -0.1)] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("strength = [0.0, 0.5]", "strength"),
        ("linked = true", "linked"),
        ("profession = 'vocational'", "profession"),
        ("since = 2", "since"),
        ("statistic = 'mean'\narm = 'course'\nagainst = 'none'", "against"),
    ],
)
def test_keys_that_would_change_nothing_are_refused(written, said, key):
    with pytest.raises(InputError, match=rf"measures\.warmth\.{key}"):
        written(TRIAL + said + "\n")


def test_nothing_is_held_against_itself(written):
    with pytest.raises(InputError, match=r"measures\.both\.measures: twice the same"):
        written(TRIAL + "[measures.both]\nstatistic = 'ratio'\nmeasures = ['warmth', 'warmth']\n")
    with pytest.raises(InputError, match=r"measures\.odd\.on\.1: twice the same"):
        written(
            TRIAL
            + "[measures.odd]\namong = 'workers'\nof = 'warmth'\nstatistic = 'regression'\non = ['friends', 'friends']\narm = 'none'\n"
        )


@pytest.mark.parametrize(
    "said", ["week = 9", "since = 1", "profession = 'vocational'", "linked = false", "strength = [0, 1]", "sample = 9"]
)
def test_a_derived_measure_takes_all_from_its_two(written, said):
    more = "[measures.other]\namong = 'participants'\nof = 'trust'\n[measures.both]\nstatistic = 'minus'\nmeasures = ['warmth', 'other']\n"
    with pytest.raises(InputError, match=r"measures\.both\." + said.split()[0]):
        written(TRIAL + more + said + "\n")


@pytest.mark.parametrize(
    ("among", "of", "right"),
    [
        ("ties", "survival", "nothing of these"),
        ("region", "mediated_share", "nothing of these"),
        ("workers", "placed", "moved away, left"),
    ],
)
def test_only_what_happens_has_a_hazard(written, among, of, right):
    with pytest.raises(InputError, match=right):
        written(TRIAL, "region", f"[measures.odd]\namong = '{among}'\nof = '{of}'\nstatistic = 'hazard'\narm = 'course'\n")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[measures.sad]\namong = 'participants'\nof = 'grievance'\n", "measured among residents, not among participants"),
        (
            "[measures.kept]\nstatistic = 'ratio'\nmeasures = ['late', 'warmth']\n[measures.late]\namong = 'participants'\nof = 'warmth'\n",
            r"\[measures.kept\] below \[measures.late\]",
        ),
        ("[programmes.curse]\nfamily = 'vocational'\n", 'did you mean "course"'),
    ],
)
def test_what_stands_in_the_wrong_place_is_told_where_it_belongs(written, more, said):
    with pytest.raises(InputError, match=said):
        written(TRIAL + more)


def test_an_arm_that_misspells_a_programme_is_told(written):
    with pytest.raises(InputError, match="no such programme"):
        written(TRIAL + "[arms.none.programmes.curse]\n")


def test_a_reference_arm_without_anybody_is_told(written):
    trial = written(TRIAL)
    own, other = probes_of(trial, trial.file.measures["warmth"])
    record = {own: Measured(np.full((1, 9), 0.4), np.arange(9)), other: Measured(np.empty((1, 0)), np.empty(0, np.int64))}
    results = findings(trial, [record] * 3)
    assert results[0].persons == 0
    assert any("nothing could be measured for warmth" in line for line in evidence_words([(trial, results)]))


def test_no_setting_of_a_trial_is_without_effect(written):
    with pytest.raises(InputError, match="cannot be edited here"):
        written(
            TRIAL.replace("[arms.none]", "[arms.none.programmes.course]")
            + "[changes.edits.later]\nweek = 3\nprogrammes = {course = {joint_work = 0.9}}\n"
        )
    with pytest.raises(InputError, match="no arm has this programme"):
        written(TRIAL + "\n[programmes.idle]\nfamily = 'vocational'\n")
    with pytest.raises(InputError, match=r"arms\.course\.edits"):
        written(TRIAL + "\n[arms.course.edits.later]\nweek = 3\nmechanisms = {norms = false}\n")


def test_the_command_prints_study_by_study_and_draws(written, tmp_path, capsys, monkeypatch):
    from sim.cli import _guarded
    from sim.cli.app import app

    written(
        TRIAL
        + "low = -1.0\nhigh = 1.0\n[measures.count]\namong = 'participants'\nof = 'friends'\nstatistic = 'difference'\nweek = 8\n"
    )
    monkeypatch.chdir(tmp_path)
    arguments = [
        "evidence",
        "trial.toml",
        "--seeds",
        "3",
        "--processes",
        "1",
        "--picture",
        "out/plot.svg",
        "--table",
        "out/all.csv",
    ]
    assert _guarded(lambda **options: app(arguments, **options)) == 0
    shown = capsys.readouterr().out
    assert "a trial" in shown
    assert "of 1 emergent measures lie in their band" in shown
    picture = (tmp_path / "out" / "plot.svg").read_text("utf-8")
    assert picture.lstrip().startswith("<?xml")
    assert (tmp_path / "out" / "all.csv").read_text("utf-8").count("\n") == 3
    assert _guarded(lambda **options: app([*arguments, "--json"], **options)) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rows"][0]["verdict"] in {"in", "in?"}
    assert document["score"]["emergent"]["in_band"] + document["score"]["emergent"]["in_band_unsure"] == 1
    assert _guarded(lambda **options: app([*arguments, "--picture", "out/plot.gifx"], **options)) == 2
    assert "no kind of picture" in capsys.readouterr().err
    assert _guarded(lambda **options: app(["evidence", "trial.toml", "--use", "cal"], **options)) == 2
    assert "another use" in capsys.readouterr().err
