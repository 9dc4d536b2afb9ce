"""Public service: pilots, joint works, fairness, disasters, outside funds, steady and unsteady money; rules against hand-worked values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.draws import mix_all
from sim.families import KINDS, PUBLIC_SERVICE
from sim.lab.run import run
from sim.outcomes import summarise
from sim.parameters import Parameters
from sim.scenario.slopes import TRIGGERS
from sim.series import INDEX, SERIES
from sim.week import results, shocks
from sim.week.alumni import live_on
from sim.week.programmes import _disappoint
from sim.week.schedule import WEEK, live_week
from sim.week.work import learning, public_service
from sim.world import ties
from sim.world.build import build_world
from sim.world.programmes import Cohort
from sim.world.tables import ARISE

SERVICES = KINDS.index("services")
P = Parameters().public_service
BASE = {
    "family": "public_service",
    "years": 2.0,
    "annual_budget": 900_000.0,
    "cohort_size": 12.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
}


def councils(cases, own=None, parameters=None, region=None, **levers):
    return cases.scenario(
        programmes={"p": BASE | levers | {"public_service": own or {}}},
        parameters={"public_service": parameters or {}},
        region=region or {},
    )


def ready(cases, own=None, parameters=None, **levers):
    """Build a world whose programme has money, before its first week."""
    world = build_world(councils(cases, own, parameters, **levers), 1)
    world.week = 0
    world.programmes[0].purse.grant(1e6)
    return world, world.programmes[0]


def returned(world, programme, communities=None, weeks=12, debriefed=1.0):
    """Return a finished cohort of the first two public servants of some municipalities."""
    first = world.topology.pool_first[:, PUBLIC_SERVICE].astype(np.int64)
    places = range(first.size) if communities is None else communities
    rows = np.concatenate([[first[c], first[c] + 1] for c in places])
    none = np.empty(0, np.int64)
    terms: tuple[Any, ...] = (programme.levers, programme.own)
    cohort = Cohort(
        3,
        0,
        *terms,
        rows,
        world.workers.person[rows].copy(),
        np.ones(rows.size, bool),
        none,
        none,
        none.astype(np.uint64),
        weeks,
        0,
    )
    cohort.done, cohort.debriefed = weeks, debriefed
    return cohort


def test_a_pilot_works_out_less_in_an_unlike_place_unless_it_is_tailored():
    def chance(alike, adapted, capability=0.45):
        return public_service.pilot_chance(alike, adapted, capability, 0.6, 0.8, 0.6)

    assert chance(1.0, 0.0) == pytest.approx(0.6)
    assert chance(0.5, 0.0) == pytest.approx(0.6 * (1 - 0.8 * 0.5))
    assert chance(0.5, 1.0) == pytest.approx(0.6 * (1 - 0.8 * 0.5 * 0.4))
    assert chance(0.5, 1.0, 0.65) == pytest.approx(1.2 * 0.6 * (1 - 0.8 * 0.5 * 0.4))
    assert (
        public_service.pilot_chance(0.0, 1.0, 0.45, 0.9, 1.0, -0.2) == 0.0
    )  # tailoring may harm, and no chance is below nothing


def test_what_decides_whether_joint_works_succeed():
    assert public_service.works_chance(0.0, 0.0, 0.0, P) == pytest.approx(0.35)
    assert public_service.works_chance(1.0, 0.5, 0.0, P) == pytest.approx(0.35 + 0.15 + 0.075)
    assert public_service.works_chance(0.0, 0.0, 2.0, P) == pytest.approx(0.55)
    assert public_service.works_chance(1.0, 1.0, 2.0, P._replace(works_success=0.7)) == 1.0


def test_joint_works_add_up_what_was_paid_for_week_by_week_and_need_both_sides(cases):
    world, programme = ready(cases)
    key = world.crossings.key[:1]
    public_service._start(world, programme, key, 10, 0.0, crossing=0)
    for week in range(10):
        world.week, world.politics.quiet = week, week >= 4
        programme.standing = {"works": 1.0, "roles": 0.5, "flexibility": 1.0} if week < 8 else {}
        public_service._begin_works(world, programme)
    at = {name: float(getattr(world.pilots, name)[0]) for name in ("paid", "roles", "flexible")}
    assert at == pytest.approx({"paid": 0.8, "roles": 0.4, "flexible": (2 * 4 + 4) / 10}, rel=1e-5)
    gone, programme = ready(cases, parameters={"works_rate": 0.9, "bid_success": 0.9})
    north = (gone.institutions.family == PUBLIC_SERVICE) & (gone.institutions.side == 0)
    gone.institutions.withdrawn_until[north] = 10_000
    programme.standing = {"works": 1.0, "bargaining": 1.0}
    for week in range(100):
        gone.week = week
        public_service._begin_works(gone, programme)
        public_service._bid(gone, programme)
    assert gone.live_pilots == 0
    assert programme.purse.won == 0.0


def test_places_are_alike_as_far_as_their_kinds_are_near(cases):
    world = build_world(cases.scenario(), 1)
    n, m = (
        int(np.flatnonzero((world.institutions.family == PUBLIC_SERVICE) & (world.institutions.community == c))[0])
        for c in (0, 5)
    )
    world.towns.place[0], world.towns.place[5] = (0.1, 0.2), (0.7, 1.0)
    assert public_service.likeness(world, n, m) == pytest.approx(1 - 1.0 / math.sqrt(2), rel=1e-5)
    assert public_service.likeness(world, n, n) == 1.0
    again = build_world(cases.scenario(), 99)
    np.testing.assert_array_equal(
        again.towns.place[1], build_world(cases.scenario(), 1).towns.place[1]
    )  # the region's, not the seed's


def test_a_year_of_standing_work_wins_what_is_declared(cases):
    world, programme = ready(cases)
    programme.standing = {"standards": 1.0, "data": 1.0, "contingency": 1.0, "ethics": 0.5, "equity": 1.0}
    rows, table = world.institutions.family == PUBLIC_SERVICE, world.institutions
    table.accountability[rows] = 0.2
    cohort = returned(world, programme)
    programme.cohorts = [cohort]  # two of five, more than the quarter that is enough
    for _ in range(52):
        public_service._build_up(world, programme)
    for column, won in ((table.standards, 0.3), (table.sharing, 0.4), (table.agreements, 0.5)):
        expected = world.parameters.work.standards_gain if column is table.standards else won
        np.testing.assert_allclose(column[rows, 0], expected, rtol=1e-4)
    np.testing.assert_allclose(table.equity[rows], 0.35, rtol=1e-4)
    half = 1 - (1 - 0.5 * (1 - 0.75 ** (1 / 52))) ** 52
    np.testing.assert_allclose(table.accountability[rows], 0.2 + half * 0.8, rtol=1e-4)
    assert not table.equity[~rows].any()


def test_without_colleagues_who_met_half_of_it_is_won(cases):
    won = {}
    for joint, met in ((1.0, False), (1.0, True), (0.0, True)):
        world, programme = ready(cases, joint=joint)
        programme.standing, programme.cohorts = {"data": 1.0}, [returned(world, programme)] if met else []
        public_service._build_up(world, programme)
        won[joint, met] = world.institutions.sharing[world.institutions.family == PUBLIC_SERVICE, 0].mean()
    assert won[1.0, False] == won[0.0, True] == pytest.approx(0.5 * won[1.0, True], rel=1e-5)


def test_returnees_municipalities_try_what_they_saw_as_far_as_they_were_debriefed_and_it_is_paid(cases):
    world, programme = ready(cases, {"pilots": 1.0, "adaptation": 1.0})
    rows = np.flatnonzero(world.institutions.family == PUBLIC_SERVICE)
    world.institutions.standards[rows] = 0.4
    public_service._propose(world, programme, returned(world, programme))
    assert world.live_pilots == world.tally[INDEX["pilots_started"]] == 8
    assert programme.purse.spent == pytest.approx(8 * (15_000 + 6_000) * (1 - 0.25 * 0.4), rel=1e-6)
    pilots = world.pilots
    assert (pilots.works[:8] == 0).all()
    assert (pilots.due[:8] == 26).all()
    assert np.unique(pilots.key[:8]).size == 8
    share = 2 / world.institutions.staff[rows]
    np.testing.assert_allclose(world.institutions.learning[rows], 0.25 + 0.3 * share * 0.75, rtol=1e-5)
    np.testing.assert_allclose(pilots.lesson[:8], world.institutions.learning[pilots.institution[:8]], rtol=1e-6)
    assert pilots.chance[:8].max() <= 0.6 * 1.3
    poor, broke = ready(cases, {"pilots": 1.0})
    broke.purse.balance = 20_000.0
    public_service._propose(poor, broke, returned(poor, broke))
    assert poor.live_pilots == 1  # the second could not be paid
    bare, quiet = ready(cases, {"pilots": 1.0})
    public_service._propose(bare, quiet, returned(bare, quiet, debriefed=0.0))
    public_service._propose(bare, quiet, returned(bare, quiet, communities=range(4)))  # nobody from across to learn from
    assert bare.live_pilots == 0


@pytest.mark.parametrize("works_out", [True, False])
def test_what_a_pilot_leaves_behind(cases, works_out):
    world, programme = ready(cases)
    n = int(np.flatnonzero(world.institutions.family == PUBLIC_SERVICE)[3])
    c = int(world.institutions.community[n])
    world.institutions.practice[n], world.institutions.equity[n], world.communities.services[c] = 0.2, 0.6, 0.5
    gap = float(world.towns.gap[c])
    public_service._start(world, programme, world.institutions.key[n : n + 1], 26, float(works_out), institution=n, lesson=0.5)
    world.week = 25
    public_service._come_out(world)
    assert world.live_pilots == 1
    world.week = 26
    public_service._come_out(world)
    assert world.live_pilots == 0
    won = 0.25 if works_out else 0.12 * 0.5
    assert world.institutions.practice[n] == pytest.approx(0.2 + won * 0.8, rel=1e-5)
    assert world.towns.gap[c] == pytest.approx(gap + (0.01 * 0.4 if works_out else 0.0), rel=1e-5)
    assert world.communities.services[c] == pytest.approx(0.5 if works_out else 0.5 * 0.99, rel=1e-5)
    assert world.communities.legitimacy_lost[c] == pytest.approx(0.0 if works_out else 0.004 * 0.5)


def test_one_joint_work_at_a_crossing_and_none_across_a_closed_one(cases):
    world, programme = ready(cases, parameters={"works_rate": 0.9})
    programme.standing = {"works": 1.0}
    world.crossings.open[0] = 0.0
    seen = 0
    for week in range(60):
        world.week = week
        public_service._begin_works(world, programme)
        at = world.pilots.crossing[: world.live_pilots]
        assert np.unique(at).size == at.size
        assert 0 not in at
        seen = max(seen, at.size)
    assert seen > 0.7 * world.crossings.key.size
    assert (world.pilots.institution[: world.live_pilots] == -1).all()
    yearly = 1 - (1 - world.derive(public_service.public_service_rates).works) ** 52
    assert yearly == pytest.approx(0.9)


@pytest.mark.parametrize("succeeds", [True, False])
def test_what_joint_works_leave_behind_and_how_it_wears_out(cases, succeeds):
    chance = {"works_success": 0.7, "works_roles": 0.4} if succeeds else {"works_success": 0.1, "works_roles": -0.1}
    world, programme = ready(cases, parameters=chance)
    programme.standing = {"roles": 1.0}
    x = world.crossings
    x.relief[2] = 0.2
    public_service._start(world, programme, x.key[2:3], 52, 0.0, crossing=2)
    world.pilots.paid[0] = world.pilots.roles[0] = 1.0
    public_service._works_out(world, 0, 0.5)
    assert x.relief[2] == pytest.approx(0.2 + (0.25 * 0.8 if succeeds else 0.0), rel=1e-5)
    assert x.failed_works[2] == (0.0 if succeeds else 1.0)
    before, strain = float(x.relief[2]), float(x.resources_rest[2])
    week_of(world)
    assert x.resources[2] == pytest.approx(strain * (1 - before * 0.5 ** (1 / 104)), rel=1e-5)
    for _ in range(103):
        week_of(world)
    assert x.relief[2] == pytest.approx(before / 2, rel=1e-3)


def week_of(world):
    for name in ("services_shift", "legitimacy_shift", "grievance_shift"):
        getattr(world.communities, name)[:] = 0.0
    public_service._week(world.at, world.politics.disaster, world.week, world.derive(public_service.public_service_rates))


def test_what_residents_make_of_capability_fairness_and_open_books(cases):
    world = build_world(cases.scenario(), 1)
    rows = world.institutions.family == PUBLIC_SERVICE
    table, c = world.institutions, world.communities
    table.capability[rows] = table.capability_rest[rows] + 0.2
    table.accountability[rows] = table.accountability_rest[rows] + 0.3
    world.towns.gap[:] = world.towns.gap_rest + 0.1
    week_of(world)
    wider = 0.1 * 0.5 ** (1 / 52)
    np.testing.assert_allclose(c.services_shift, 0.4 * 0.2, rtol=1e-4)
    np.testing.assert_allclose(world.towns.gap - world.towns.gap_rest, wider, rtol=1e-4)
    np.testing.assert_allclose(c.grievance_shift, 0.15 * wider, rtol=1e-4)
    np.testing.assert_allclose(c.legitimacy_shift, 0.08 * 0.3 - 0.2 * wider, rtol=1e-4)


def test_equity_work_narrows_the_gap_by_half_its_way_in_a_year(cases):
    world = build_world(cases.scenario(), 1)
    world.institutions.equity[world.institutions.family == PUBLIC_SERVICE] = 0.5
    for _ in range(52):
        week_of(world)
    np.testing.assert_allclose(world.towns.gap, world.towns.gap_rest - 0.5 * 0.1 * 0.5, rtol=1e-4)


def test_joint_plans_and_ties_ward_off_part_of_a_disaster(cases):
    struck = {"flood": {"kind": "disaster", "week": 0, "size": 0.8, "weeks": 9, "sides": ["South"]}}
    world = build_world(cases.scenario(shocks=struck, burn_in_weeks=0), 1)
    rows = world.institutions.family == PUBLIC_SERVICE
    world.institutions.capability[rows] = world.institutions.capability_rest[rows]
    shocks.live(world)
    world.institutions.agreements[rows] = 0.5
    south = np.flatnonzero(world.communities.side == 1)
    c = int(south[0])
    x = int(world.topology.crossing_list[world.topology.crossing_start[c]])
    there = int(world.crossings.b[x] if world.crossings.a[x] == c else world.crossings.a[x])
    first = world.topology.pool_first[:, PUBLIC_SERVICE]
    for k in range(2):
        ties.make(world.at, int(first[c]) + k, int(first[there]) + k, 0.9, 0)
    week_of(world)
    blow = 0.3 * 0.8
    told = 2 / world.topology.pool_staff[c, PUBLIC_SERVICE]
    assert world.communities.services_shift[c] == pytest.approx(-blow * (1 - 0.3 * 0.5 - 0.3 * told), rel=1e-4)
    np.testing.assert_allclose(world.communities.services_shift[south[1:]], -blow * (1 - 0.3 * 0.5), rtol=1e-4)
    assert not world.communities.services_shift[world.communities.side == 0].any()
    np.testing.assert_allclose(world.crossings.resources, world.crossings.resources_rest + blow, rtol=1e-4)
    world.week = 9
    shocks.live(world)
    week_of(world)
    assert not world.communities.services_shift.any()


def test_a_disaster_strikes_where_no_municipality_is_too(cases):
    region = {"institutions": {"municipality": {"per_community": 0}}}
    struck = {"flood": {"kind": "disaster", "week": 2, "size": 1.0, "weeks": 20}}
    calm, flooded = (run(cases.scenario(region=region, shocks=s), 1) for s in ({}, struck))
    assert flooded["services"][20] < calm["services"][20] - 0.03
    assert calm["incidents_services"].sum() > 0
    assert flooded["fairness_gap"].std() < 1e-9


def test_what_triggers_services_incidents(cases):
    world = build_world(cases.scenario(), 1)
    x, rows = world.crossings, world.institutions.family == PUBLIC_SERVICE
    world.communities.services[:] = 0.3
    world.towns.gap[:] = world.towns.gap_rest + 0.2
    x.resources_rest[:], x.tension[:], x.failed_works[0] = 0.5, 0.65, 2.0
    x.visitors[1, PUBLIC_SERVICE] = 10.0
    world.institutions.standards[rows] = 0.4
    week_of(world)
    wider = 0.2 * 0.5 ** (1 / 52)
    usual = 1.0 * 0.2 + 1.0 * wider + 1.5 * 0.2 - 0.15 * 0.4
    np.testing.assert_allclose(x.trigger[2:, SERVICES], usual, rtol=1e-4)
    assert x.trigger[0, SERVICES] == pytest.approx(usual + 0.6, rel=1e-4)
    assert x.trigger[1, SERVICES] == pytest.approx(usual + 0.2 * (1 - math.exp(-1.0)) * 0.5, rel=1e-4)
    assert x.cause[0, SERVICES] == ARISE.index("failed works")
    assert x.cause[2, SERVICES] == ARISE.index("shared resources")
    np.testing.assert_allclose(x.shared[:, SERVICES], 0.4, rtol=1e-6)
    assert x.failed_works[0] == pytest.approx(1.8)
    assert TRIGGERS["services"](Parameters(), 0.3) == {"services": 1.0}


def test_joint_bids_win_outside_funds_with_one_voice(cases):
    world, programme = ready(cases, parameters={"bid_success": 0.9})
    programme.standing = {"bargaining": 1.0}
    world.institutions.standards[world.institutions.family == PUBLIC_SERVICE] = 0.6
    for week in range(5200):
        world.week = week
        public_service._bid(world, programme)
    weekly = (1 - 0.1 ** (1 / 52)) * (0.5 + 0.5 * 0.6)
    assert programme.purse.won / 120_000 == pytest.approx(5200 * weekly, rel=0.15)
    assert programme.purse.granted == pytest.approx(1e6 + programme.purse.won)
    assert programme.purse.news()[2] == programme.purse.won
    assert programme.purse.news() == (0.0, 0.0, 0.0)


def test_outside_funds_are_beyond_the_one_budget_and_are_logged(cases):
    own = {"bargaining": 1.0, "standards": 1.0, "pilots": 1.0}
    scenario = cases.scenario(
        programmes={"p": BASE | {"years": 3.0, "public_service": own}},
        budget={"annual": 200_000.0},
        parameters={"public_service": {"bid_success": 0.9}},
    )
    result = run(scenario, 2)
    assert result["outside_funds"].sum() > 0
    assert result["budget"].sum() == pytest.approx(600_000.0 + result["outside_funds"].sum())
    assert result.outcomes["outside_funds"] == result["outside_funds"].sum()


def test_a_funding_cut_takes_back_no_outside_funds(cases):
    _, programme = ready(cases)
    programme.purse.balance = programme.purse.granted = 0.0
    programme.purse.grant(100.0)
    programme.purse.win(400.0)
    programme.purse.pay("x", 50.0)
    assert programme.purse.take_back(1.0) == pytest.approx(50.0)
    assert programme.purse.balance == pytest.approx(400.0)
    assert programme.purse.granted == pytest.approx(450.0)


def test_scarce_money_for_pilots_favours_no_side(cases):
    first = []
    for seed in range(40):
        world = build_world(councils(cases, {"pilots": 1.0}), seed)
        programme, world.week = world.programmes[0], 0
        programme.purse.grant(30_000.0)
        public_service._propose(world, programme, returned(world, programme))
        first.extend(world.institutions.side[world.pilots.institution[: world.live_pilots]].tolist())
    assert len(first) == 80
    assert 0.3 < np.mean(first) < 0.7


def test_stop_go_money_is_the_same_in_all_and_costs_buy_in(cases):
    for years, start in ((5.0, 0), (2.5, 30), (1.0, 0)):
        programme = BASE | {"years": years, "start_week": start}
        steady, swinging = (
            run(cases.scenario(years=6.0, programmes={"p": programme | {"stop_go": s}}), 3)["budget"] for s in (0.0, 0.8)
        )
        assert swinging.sum() == pytest.approx(steady.sum()) == 900_000 * years
    granted = {}
    for swing in (0.0, 0.6):
        result = run(cases.scenario(years=4.0, programmes={"p": BASE | {"years": 4.0, "stop_go": swing}}), 3)
        by_year = result["budget"].reshape(4, 52).sum(axis=1)
        granted[swing] = by_year
    np.testing.assert_allclose(granted[0.0], 900_000.0)
    np.testing.assert_allclose(granted[0.6], np.array([1.6, 0.4, 1.6, 0.4]) * 900_000.0)
    world, programme = ready(cases)
    own = world.institutions.family == PUBLIC_SERVICE
    world.institutions.buy_in[:] = 0.5
    _disappoint(world, programme, 100.0)
    assert (world.institutions.buy_in == 0.5).all()  # the first grant disappoints nobody
    _disappoint(world, programme, 25.0)
    np.testing.assert_allclose(world.institutions.buy_in[own], 0.5 * (1 - 0.3 * 0.75), rtol=1e-6)
    np.testing.assert_allclose(world.institutions.buy_in[~own], 0.5)


def test_alumni_who_meet_keep_practice_that_leavers_would_take_along(cases):
    world, programme = ready(cases, alumni_support=0.8)
    cohort = returned(world, programme, communities=[0, 5])
    world.workers.alumnus[cohort.members] = 1
    programme.alumni.join(world, programme, cohort)
    programme.events_owed = 1.0
    live_on(world, programme)
    homes = np.unique(world.workers.institution[cohort.members])
    np.testing.assert_allclose(world.institutions.kept[homes], 0.3 * 0.8, rtol=1e-6)
    assert np.count_nonzero(world.institutions.kept) == homes.size
    programme.purse.balance, programme.events_owed = 0.0, 1.0
    world.institutions.kept[:] = 0.0
    live_on(world, programme)
    assert not world.institutions.kept.any()  # what cannot be paid does not happen


def test_less_practice_lapses_or_leaves_where_alumni_keep_it(cases):
    left = {}
    for kept in (0.0, 0.6):
        world = build_world(cases.scenario(parameters={"people": {"annual_turnover": 0.3}}, burn_in_weeks=0), 1)
        people = dict(WEEK)["people and institutions change"]
        for week in range(100):
            world.week = week
            world.institutions.practice[:] = np.where(week == 0, 0.5, world.institutions.practice)
            world.institutions.kept[:] = kept
            people(world)
        left[kept] = world.institutions.practice.mean()
    assert left[0.6] > left[0.0]
    leavers = 1 - 0.7 ** (100 / 52)
    loss = world.parameters.people.practice_loss
    lapsed = math.log(2) * 100 / 78  # alumni also keep that share from lapsing
    assert left[0.6] / left[0.0] == pytest.approx(math.exp(0.6 * (loss * -math.log(1 - leavers) + lapsed)), rel=0.05)


def test_visible_results_of_public_service(cases):
    world, programme = ready(cases)
    rows = world.institutions.family == PUBLIC_SERVICE
    world.institutions.practice[rows], world.crossings.relief[:] = 0.3, 0.2
    assert results.visible_results(world, programme) == pytest.approx(0.5, rel=1e-5)


def test_services_recover_as_long_after_a_shock_as_they_take():
    series = {s.name: np.zeros(104) for s in SERIES}
    series["services"][:] = 0.5
    series["disaster"][20:30] = 1
    series["services"][22:40] = 0.4
    series["services"][43:47] = 0.4  # back for three weeks only in between
    series["services"][47:60] = 0.492  # within a hundredth of what it was
    series["services"][70:] = 0.3  # another matter
    found = summarise(series, 1000.0)
    assert found["weeks_to_recover"] == 27
    assert found["services_dip"] == pytest.approx(0.2)
    series["pilots_adopted"][3], series["pilots_failed"][5] = 3, 1
    series["works_done"][3], series["works_failed"][5] = 1, 1
    series["enrolments"][[0, 70]] = 5, 7
    series["budget"][80] = 10
    found = summarise(series, 1000.0)
    assert (found["pilot_success"], found["works_success"], found["enrolments_end"]) == (0.75, 0.5, 6.0)
    assert found["budget_end"] == 5.0
    series["disaster"][:] = 0
    assert math.isnan(summarise(series, 1000.0)["weeks_to_recover"])


def test_keys_of_pilots_differ_between_cohorts_weeks_and_programmes(cases):
    world, programme = ready(cases)
    key = world.institutions.key[:1]
    for week, number in ((0, 1), (0, 2), (1, 1)):
        world.week = week
        public_service._start(world, programme, mix_all(key, np.array([number], np.uint64)), 5, 0.5, institution=0)
    assert np.unique(world.pilots.key[:3]).size == 3


def test_the_whole_family_at_work(cases):
    world = build_world(cases.busy(), 2)
    total = np.zeros(len(SERIES))
    while not world.finished:
        live_week(world)
        total += world.tally
    seen = {name: total[i] for name, i in INDEX.items()}
    assert seen["pilots_adopted"] > 0
    assert seen["pilots_failed"] > 0
    assert seen["works_done"] + seen["works_failed"] > 0
    own = world.institutions.family == PUBLIC_SERVICE
    assert world.institutions.practice[own].mean() > 0.05
    assert world.towns.gap.mean() < world.towns.gap_rest.mean()
    assert learning.FULL_COHORT_WEEKS == 12
