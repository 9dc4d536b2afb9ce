"""Social work: households in crisis, the ways to help, offices and their people; rules against hand-worked values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.columns import copied
from sim.families import KINDS, SOCIAL_WORK
from sim.lab.run import run
from sim.outcomes import summarise
from sim.parameters import Parameters
from sim.scenario.slopes import lost_legitimacy, unmet_slopes
from sim.scenario.stability import loop_gain, surroundings
from sim.series import INDEX, SERIES
from sim.week import results, shocks
from sim.week.schedule import WEEK, live_week
from sim.week.work import crises, diffusion, households, social_work
from sim.world import ties
from sim.world.build import build_world
from sim.world.tables import ARISE, NEEDS

WELFARE = KINDS.index("welfare")
P = Parameters().social_work
STEADY = {"livelihood_crises": 0.0, "memory_crises": 0.0, "repeat": 0.1, "both_sides": 0.0, "worsening": 0.0, "eviction": 0.0}
"""Crises at a constant rate that one side's offices can help with alone."""
BASE = {
    "family": "social_work",
    "years": 2.0,
    "annual_budget": 600_000.0,
    "cohort_size": 10.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
}


def welfare(cases, parameters=None, region=None, **changes):
    return cases.scenario(parameters={"social_work": parameters or {}}, region=region or {}, **changes)


def world_of(cases, parameters=None, region=None, seed=1, **changes):
    """Build a world in which offices are ordinary everywhere."""
    world = build_world(welfare(cases, parameters, region, **changes), seed)
    world.institutions.capability[:] = 0.45
    world.communities.vulnerability[:] = 0.3
    return world


def lived(world, weeks):
    """Let only households live for some weeks; return the sums of all series."""
    total = np.zeros(len(SERIES))
    for _ in range(weeks):
        world.tally[:] = 0.0
        households.live(world)
        total += world.tally
        world.week += 1
    return {name: total[i] for name, i in INDEX.items()}


def test_a_few_social_workers_in_a_city_can_still_take_in_whom_they_follow(cases):
    layout = {"layout": {"population": 4_000_000, "communities_per_side": 1}, "neighbours": 1}
    world = world_of(cases, region=office(4) | layout, burn_in_weeks=0)
    np.testing.assert_allclose(world.welfare.followed, 1.5)  # twelve places at a caseload of three, eight of them followed
    lived(world, 20)
    assert (world.welfare.in_care > 0.9 * world.welfare.places).all()
    assert (world.welfare.in_care <= world.welfare.places + 0.5).all()


def test_those_who_wait_are_helped_by_the_week_of_their_cue(cases):
    crowded = {"queue_pace": 0.6, "caseload": 3.0, "give_up": 0.005, "repeat": 0.6, "triage": 0.2, "triage_competence": 0.0}
    world = world_of(cases, STEADY | crowded, office(4) | {"layout": {"population": 8000}}, burn_in_weeks=0)
    lived(world, 100)
    ahead, behind = 0, 0
    for _ in range(20):
        before = {int(key): k for k, key in enumerate(world.cases.key[: world.live_cases])}
        queue = copied(world.cases)
        lived(world, 1)
        for k in np.flatnonzero(world.cases.state[: world.live_cases] == crises.IN_CARE):
            was = before.get(int(world.cases.key[k]))
            if was is not None and queue.state[was] == crises.WAITING and world.cases.severity[k] < 0.7:
                others = (queue.state[: len(before)] == crises.WAITING) & (queue.community[: len(before)] == queue.community[was])
                ahead += int((queue.cue[: len(before)][others] < queue.cue[was]).sum())
                behind += int((queue.cue[: len(before)][others] > queue.cue[was]).sum())
    assert behind > 5 * ahead  # only papers that are not ready yet let another go first


@pytest.mark.parametrize("full", [0.0, 1.0])
def test_where_there_is_no_place_across_papers_at_home_still_count(cases, full):
    own = STEADY | {"both_sides": 0.6, "agreement_pace": 0.6, "handover_loss": 0.02, "give_up": 0.005, "caseload": 25.0}
    world = world_of(cases, own, office(25), burn_in_weeks=0)
    world.institutions.agreements[world.offices] = 1.0
    north = world.communities.side[world.institutions.community] == 0
    world.institutions.away[world.offices] = np.where(north[world.offices], 0.0, 25.0 * full)
    seen = lived(world, 300)
    ours = world.communities.side[world.cases.community[: world.live_cases]] == 0
    there = world.cases.host[: world.live_cases] >= 4
    assert (there & ours).any() == (not full)
    assert seen["referrals_agreement"] > 0
    at_home = world.cases.host[: world.live_cases] == world.cases.community[: world.live_cases]
    if full:
        assert (ours & at_home & (world.cases.both[: world.live_cases] == 1)).sum() > 5


def office(staff, per_community=1):
    return {"institutions": {"welfare_office": {"staff": staff, "per_community": per_community}}}


def test_crises_arise_at_the_declared_rates_by_need_and_vulnerability(cases):
    world = world_of(cases, {"caseload": 25.0, "repeat": 0.1} | STEADY, office(20), burn_in_weeks=0)
    world.communities.vulnerability[:4], world.communities.vulnerability[4:] = 0.15, 0.9  # half as many, and the most there are
    years = 30
    seen = lived(world, years * 52)
    weight = np.where(np.arange(8) < 4, 0.5, 1.5)
    expected = (world.communities.population / 1000.0 * weight).sum() * (2.5 + 2.0 + 1.5 + 2.0 + 0.2) * years
    assert seen["crises"] - seen["repeat_crises"] == pytest.approx(expected, abs=4 * expected**0.5)
    assert seen["gave_up"] + seen["helped"] + seen["waiting"] / 1e9 <= seen["crises"]


def test_crises_are_more_where_livelihoods_lack_violence_is_remembered_or_displaced_arrive_and_fewer_with_prevention(cases):
    world = build_world(welfare(cases), 1)
    yearly, displaced = crises.yearly_crises(world.parameters), np.array([0.0, 0.25])
    c, south = world.communities, int(np.flatnonzero(world.communities.side == 1)[0])
    c.vulnerability[:], c.livelihoods[:], c.memory[:] = 0.3, 0.3, 0.4
    world.welfare.prevention[south] = 0.5

    def expected(need):
        return crises.expected_crises(c, world.welfare, south, NEEDS.index(need), yearly, displaced, world.parameters.social_work)

    thousands, avoided = c.population[south] / 1000.0, 1 - 0.12 * 0.5
    assert expected("unemployment") == pytest.approx(2.5 / 52 * (1 + 1.5 * 0.2) * thousands * avoided)
    assert expected("violence") == pytest.approx(1.5 / 52 * (1 + 0.5 * 0.4) * thousands * avoided)
    assert expected("displaced") == pytest.approx((0.2 / 52 + 0.25) * thousands * avoided)


def test_the_queue_helps_at_its_pace_and_those_who_wait_stop_asking_at_theirs(cases):
    world = world_of(cases, STEADY | {"caseload": 25.0, "queue_pace": 0.2, "give_up": 0.05}, office(25), burn_in_weeks=0)
    seen = lived(world, 40 * 52)
    stays = (1 - 0.05) * (1 - 0.2)  # a week in which the household neither stops asking nor is helped
    assert seen["help_weeks"] / seen["helped"] == pytest.approx(stays / (1 - stays), rel=0.06)
    assert seen["helped"] / seen["crises"] == pytest.approx(0.95 * 0.2 / (1 - stays), abs=0.02)
    overdue = 0.7 * stays**9 + 0.3 * stays**5  # three in ten are severe and must be helped within four weeks of the cue's
    gave_up = 0.05 * (1 - overdue) / (1 - stays)
    assert seen["unmet_crises"] / seen["crises"] == pytest.approx(overdue + gave_up, abs=0.02)


def test_a_household_with_both_its_lives_waits_for_two_administrations_unless_data_are_shared(cases):
    paces = {}
    for shared in (0.0, 1.0):
        world = world_of(
            cases,
            STEADY | {"caseload": 25.0, "both_sides": 0.6, "give_up": 0.005, "deterrence": 0.0},
            office(25),
            burn_in_weeks=0,
        )
        world.parameters = world.parameters._replace(
            social_work=world.parameters.social_work._replace(both_sides=1.0, referral=0.0)
        )
        world.institutions.sharing[world.offices] = shared
        seen = lived(world, 30 * 52)
        mean = seen["help_weeks"] / seen["helped"]
        paces[shared] = (1 - mean / (1 + mean)) - 0.005  # the weekly chance to be helped from the mean wait, stopping apart
    assert paces[0.0] == pytest.approx(0.25 * 0.35, rel=0.06)
    assert paces[1.0] == pytest.approx(0.25 * 0.35 * 1.8, rel=0.06)


def test_privacy_costs_part_of_what_shared_data_are_worth_and_keeps_households_from_staying_away(cases):
    away = {}
    for privacy in (0.0, 1.0):
        world = world_of(cases, STEADY | {"deterrence": 0.4, "caseload": 25.0}, office(25), burn_in_weeks=0)
        world.institutions.sharing[world.offices] = 0.8
        world.institutions.safeguards[world.offices] = privacy
        seen = lived(world, 20 * 52)
        away[privacy] = seen["deterred"] / (seen["crises"] - seen["repeat_crises"])
    assert away[0.0] == pytest.approx(0.4 * 0.8, abs=0.03)
    assert away[1.0] == 0.0


def test_nobody_is_taken_in_where_there_is_no_place_and_shelters_add_some_for_the_severe(cases):
    for shelters in (0.0, 1.0):
        world = world_of(cases, STEADY | {"caseload": 3.0, "shelter_places": 0.5, "care_weeks": 40.0}, office(2), burn_in_weeks=0)
        world.welfare.shelters[:] = shelters
        most = 0.0
        for _ in range(150):
            lived(world, 1)
            most = max(most, float(world.welfare.in_care.max()))
            assert (world.welfare.in_care <= world.welfare.places * (1 + 0.5 * shelters) + 0.5).all()
        assert most == 6.0 + 3.0 * shelters
        assert world.welfare.load.max() > 1.5


def test_severe_crises_that_are_recognised_go_first(cases):
    waits = {}
    for triage in (0.2, 0.9):
        world = world_of(
            cases,
            STEADY | {"triage": triage, "triage_competence": 0.0, "queue_pace": 0.6, "caseload": 3.0},
            office(5) | {"layout": {"population": 8000}},
            burn_in_weeks=0,
        )
        seen = lived(world, 20 * 52)
        waits[triage] = seen["help_weeks_severe"] / seen["helped_severe"], seen["help_weeks"] / seen["helped"]
    assert waits[0.9][0] < 0.75 * waits[0.2][0]
    assert waits[0.9][0] < 0.6 * waits[0.9][1]


def test_triage_is_read_off_competence_and_shared_assessment(cases):
    world = world_of(cases)
    world.workers.competence[:] = 0.65
    world.institutions.sharing[world.offices], world.institutions.safeguards[world.offices] = 0.5, 0.6
    lived(world, 1)
    own = 0.5 + 0.6 * (0.65 - 0.45)
    np.testing.assert_allclose(world.welfare.triage, own + 0.4 * 0.5 * (1 - 0.3 * 0.6) * (1 - own), rtol=1e-5)


def test_colleagues_away_leave_a_backlog(cases):
    large = office(4) | {"layout": {"population": 8000}}
    full, thin = (world_of(cases, STEADY, large, burn_in_weeks=0) for _ in range(2))
    for world, away in ((full, 0.0), (thin, 3.0)):
        lived(world, 40)
        world.institutions.away[world.offices] = away
        lived(world, 26)
    np.testing.assert_allclose(full.welfare.places, 4 * 8)
    np.testing.assert_allclose(thin.welfare.places, 8)
    assert thin.welfare.waiting.sum() > 3 * full.welfare.waiting.sum()
    assert thin.welfare.unmet.sum() > 1.5 * full.welfare.unmet.sum()


@pytest.mark.parametrize("clean", [0.0, 1.0])
def test_hand_overs_lose_households_and_common_intake_fewer(cases, clean):
    loss = {"handover_loss": 0.5, "agreement_pace": 0.6, "caseload": 25.0, "both_sides": 0.6}
    world = world_of(cases, STEADY | loss, office(25), burn_in_weeks=0)
    world.institutions.agreements[world.offices] = 1.0
    world.institutions.standards[world.offices] = clean
    lost_confidence = 0.0
    for _ in range(10):
        world.communities.legitimacy_lost[:] = 0.0
        seen = lived(world, 1)
        by_hand = seen["lost_handovers"] * 0.005 * 1000.0
        lost_confidence += by_hand
        assert (world.communities.legitimacy_lost * world.communities.population).sum() == pytest.approx(by_hand, rel=1e-4)
    assert lost_confidence > 0.0
    seen = lived(world, 20 * 52)
    assert seen["lost_handovers"] / seen["handovers"] == pytest.approx(0.5 * (1 - 0.5 * clean), abs=0.03)
    assert seen["helped_across"] == seen["handovers"] - seen["lost_handovers"]
    assert seen["referrals_agreement"] > 500


def referred(cases, tied=True, door=1.0, corridors=0.0):
    """Count households referred by a chain in half a year, every social worker tied to a colleague across each crossing."""
    world = world_of(cases, {"both_sides": 0.6}, office(10) | {"layout": {"population": 6000}}, burn_in_weeks=0)
    pool, x = world.topology.pool_first[:, SOCIAL_WORK], world.crossings
    world.workers.trust[:] = 0.6
    for a, b in zip(x.a, x.b, strict=True) if tied else ():
        for k in range(10):
            ties.make(world.at, pool[a] + k, pool[b] + k, 1.0, 0)
    x.open[:], world.welfare.corridors[:] = door, corridors
    return lived(world, 26)


def test_chains_need_a_tie_across_and_a_door(cases):
    none, some, shut, passable = (
        referred(cases, tied=False),
        referred(cases),
        referred(cases, door=0.0),
        referred(cases, True, 0.0, 1.0),
    )
    assert none["referrals_tie"] == none["helped_across"] == shut["referrals_tie"] == 0.0
    assert some["referrals_tie"] > 40
    assert some["referrals_tie"] >= some["helped_across"] > 0.6 * some["referrals_tie"]
    assert passable["referrals_tie"] == pytest.approx(0.5 * some["referrals_tie"], rel=0.3)


def test_case_conferences_find_places_across_when_there_are_none_at_home(cases):
    found = {}
    for conferences in (0.0, 1.0):
        world = world_of(cases, STEADY | {"caseload": 8.0}, office(8), burn_in_weeks=0)
        north = world.communities.side == 0
        world.institutions.away[world.offices] = np.where(north[world.institutions.community[world.offices]], 8.0, 0.0)
        world.welfare.conferences[:] = conferences
        seen = lived(world, 100)
        found[conferences] = seen["helped_across"], world.welfare.waiting[north].sum()
    assert found[0.0][0] == 0.0
    assert found[1.0][0] > 20
    assert found[1.0][1] < found[0.0][1]


def test_crises_return_as_often_as_declared_and_less_after_good_care(cases):
    given_up = world_of(
        cases, STEADY | {"repeat": 0.6, "give_up": 0.1}, office(1) | {"layout": {"population": 3000}}, burn_in_weeks=0
    )
    given_up.institutions.away[given_up.offices] = 1.0  # nobody helps
    seen = lived(given_up, 30 * 52)
    assert seen["repeat_crises"] / seen["gave_up"] == pytest.approx(0.6, abs=0.03)
    cared = world_of(
        cases, STEADY | {"repeat": 0.6, "give_up": 0.005, "care_weeks": 4.0, "caseload": 25.0}, office(25), burn_in_weeks=0
    )
    cared.institutions.capability[:] = 0.65
    cared.welfare.stabilisers[:] = 1.0
    seen = lived(cared, 30 * 52)
    again = 0.6 * (1 - 0.4 - 0.5 * 0.2) * (1 - 0.25)
    assert seen["repeat_crises"] / (seen["helped"] - cared.welfare.in_care.sum()) == pytest.approx(again, abs=0.03)


def test_care_breaks_off_when_the_social_worker_leaves_and_is_no_second_success(cases):
    world = world_of(cases, STEADY | {"care_weeks": 40.0, "caseload": 25.0}, office(4), burn_in_weeks=0)
    lived(world, 60)
    before = world.welfare.in_care.sum()
    world.workers.hired[:] = world.week  # all have just been replaced
    seen = lived(world, 1)
    assert seen["care_broken_off"] > 0.9 * before
    world.workers.hired[:] = -1
    helped = world.cases.helped[: world.live_cases][world.cases.state[: world.live_cases] == crises.WAITING]
    assert helped.sum() > 0.6 * before  # they wait again, but for the few taken in anew at once, and count as helped already
    assert lived(world, 5)["helped"] < before


def test_a_waiting_housing_crisis_may_cost_the_home_and_is_unmet_then(cases):
    world = world_of(cases, {"eviction": 0.12, "repeat": 0.1, "both_sides": 0.0, "give_up": 0.005}, office(1), burn_in_weeks=0)
    world.institutions.away[world.offices] = 1.0
    seen = lived(world, 52)
    table = world.cases
    evicted = table.evicted[: world.live_cases] == 1
    assert 0.8 * seen["evictions"] <= evicted.sum() <= seen["evictions"]  # a few have had another crisis since
    assert evicted.sum() > 5
    assert (table.need[: world.live_cases][evicted] == NEEDS.index("housing")).all()
    assert (table.unmet[: world.live_cases][evicted] == 1).all()


def test_large_communities_are_followed_by_households_that_stand_for_several(cases):
    layout = {"layout": {"population": 400_000, "communities_per_side": 1}, "neighbours": 1}
    world = world_of(cases, STEADY | {"caseload": 25.0}, office(200, 2) | layout, burn_in_weeks=0)
    assert world.welfare.followed.min() > 10
    seen = lived(world, 104)
    residents = float(world.communities.population.sum())
    first = seen["crises"] - seen["repeat_crises"]
    expected = residents / 1000.0 * 8.2 * 2
    assert first == pytest.approx(expected, rel=0.1)
    assert world.live_cases < 0.5 * seen["crises"]


def standing(cases, levers, weeks, communities=None):
    """Let offices build up in some weeks in which nothing lapses; return the world."""
    programme = BASE | ({"communities": communities} if communities else {})
    world = build_world(cases.scenario(programmes={"p": programme}), 1)
    world.programmes[0].standing = dict(levers)
    for _ in range(weeks):
        social_work._set_back(world)
        social_work._build_up(world, world.programmes[0])
    return world


def test_a_year_of_standing_work_wins_what_is_declared_and_services_hold_where_offices_take_part(cases):
    levers = {
        "agreements": 1.0,
        "protocols": 1.0,
        "intake": 1.0,
        "privacy": 0.7,
        "careers": 0.5,
        "hotline": 0.6,
        "stabilisers": 1.0,
    }
    world = standing(cases, levers, 52)
    table, rows = world.institutions, world.offices
    for column, won in ((table.agreements, 0.5), (table.sharing, 0.4), (table.standards, 0.4)):
        np.testing.assert_allclose(column[rows, 0], won, rtol=1e-4)
        assert (np.delete(column, rows, axis=0) == 0).all()
    np.testing.assert_allclose(table.safeguards[rows], 0.7, rtol=1e-6)
    np.testing.assert_allclose(table.retention[rows], 0.5 * 0.15, rtol=1e-6)
    np.testing.assert_allclose(world.welfare.hotline, 0.6, rtol=1e-6)
    some = standing(cases, levers, 1, ["North 1", "South 1"])
    assert np.count_nonzero(some.welfare.hotline) == 2
    world.programmes[0].standing = {}
    social_work.live(world)
    assert not world.welfare.hotline.any()
    assert not table.retention.any()


def week_of(world):
    social_work._week(world.at, True)


def test_unmet_crises_move_residents_and_overload_strains_unless_supervised(cases):
    world = build_world(welfare(cases, {"safety_net_trust": 0.04}), 1)
    n = world.communities.side.size
    for name in ("legitimacy_shift", "grievance_shift", "trust_shift"):
        getattr(world.communities, name)[:] = 0.0
    w = world.welfare
    w.unmet[:], w.helped[:], w.load[:], w.supervision[:] = 2.0, 6.0, 1.6, 0.5
    staff = world.institutions.family[world.workers.institution] == SOCIAL_WORK
    world.workers.strain[:], world.workers.competence[:] = 0.3, 0.5
    week_of(world)
    above = 0.5 - 0.3  # half-way to overwhelmingly many, three tenths are ordinary
    np.testing.assert_allclose(world.communities.legitimacy_shift, np.full(n, -0.06 * above), rtol=1e-5)
    np.testing.assert_allclose(world.communities.grievance_shift, np.full(n, 0.06 * above), rtol=1e-5)
    np.testing.assert_allclose(world.communities.trust_shift[:, 0], np.full(n, 0.04 * 0.75), rtol=1e-5)
    np.testing.assert_allclose(world.workers.strain[staff], 0.3 + 0.02 * 0.6 * (1 - 0.3 * 0.5) * 0.7, rtol=1e-5)
    np.testing.assert_allclose(world.workers.competence[staff], 0.5 + 0.002 * 0.5 * 0.5, rtol=1e-5)
    assert (world.workers.strain[~staff] == np.float32(0.3)).all()


def test_what_triggers_welfare_incidents_and_what_warns_of_them(cases):
    world = build_world(welfare(cases), 1)
    world.welfare.unmet[:], world.welfare.hotline[:] = 6.0, 0.5
    x = world.crossings
    x.tension[:], x.visitors[:] = 0.65, 0.0
    x.visitors[0, SOCIAL_WORK] = 10.0
    week_of(world)
    unmet = 1.2 * (0.75 - 0.3)
    np.testing.assert_allclose(x.trigger[1:, WELFARE], unmet, rtol=1e-5)
    assert x.trigger[0, WELFARE] == pytest.approx(unmet + 0.2 * (1 - np.exp(-1.0)) * 0.5, rel=1e-5)
    assert (x.cause[:, WELFARE] == ARISE.index("unmet crises")).all()
    np.testing.assert_allclose(x.warning[:, WELFARE], 0.08 * 0.5, rtol=1e-5)


def test_colleagues_learn_from_returnees_and_peers_copy_practice(cases):
    world = build_world(cases.scenario(programmes={"p": BASE}), 1)
    n = int(world.offices[0])
    first, staff = int(world.institutions.first[n]), int(world.institutions.staff[n])
    world.workers.alumnus[first] = 1
    world.workers.competence_base[:], world.workers.competence[:], world.workers.competence[first] = 0.35, 0.4, 0.75
    world.institutions.practice[:] = 0.1
    peers = world.topology.peer_list[world.topology.peer_start[n] : world.topology.peer_start[n + 1]]
    own = world.institutions.side[peers] == world.institutions.side[n]
    assert own.sum() == 3
    assert (~own).sum() >= 1
    assert (world.institutions.family[peers] == SOCIAL_WORK).all()
    world.institutions.partnership[:] = 0.5
    world.institutions.practice[peers] = np.where(own, 0.1, 0.7)
    diffusion.live(world)
    step = 0.015 * 2 * 1 / staff
    gained = step * (0.4 - 0.05)  # the returnee has gained 0.4, they 0.05
    np.testing.assert_allclose(world.workers.competence[first + 1 : first + staff], 0.4 + gained * 0.6, rtol=1e-5)
    assert world.workers.competence[first] == np.float32(0.75)
    across = 0.5 * (~own).sum()
    week = -math.log(1.0 - 0.1) / 52 + 0.004 * across * 0.6 / (3 + across) / 0.15  # by itself, and from peers that have more
    taken = 0
    for world.week in range(1500):
        world.institutions.practice[:] = 0.1
        world.institutions.practice[peers] = np.where(own, 0.1, 0.7)
        diffusion.live(world)
        u = world.draws.fill("a practice is taken up", world.week, world.institutions.key[n : n + 1])[0, 0]
        takes = u < 1.0 - math.exp(-week)
        assert world.institutions.practice[n] == pytest.approx(0.1 + takes * 0.15 * 0.9, rel=1e-5)
        taken += takes
    assert taken >= 3


def test_displacement_and_turnover_waves_strike_whom_they_should(cases):
    struck = {
        "flight": {"kind": "displacement", "week": 5, "size": 0.4, "weeks": 10, "sides": ["South"]},
        "leaving": {"kind": "turnover_wave", "week": 5, "size": 0.5, "weeks": 10, "sides": ["North"]},
    }
    world = build_world(cases.scenario(shocks=struck, burn_in_weeks=0), 1)
    for week, displaced, turnover in ((4, 0.0, 0.0), (5, 0.2, 1.5), (14, 0.2, 1.5), (15, 0.0, 0.0)):
        world.week = week
        shocks.live(world)
        assert world.politics.displaced.tolist() == [0.0, displaced]
        assert world.politics.turnover.tolist() == [turnover, 0.0]
    long = {"leaving": {"kind": "turnover_wave", "week": 0, "size": 1.0, "weeks": 520}}
    usual, fled = (run(cases.scenario(shocks=s, years=10.0, burn_in_weeks=0), 1)["leavers"].sum() for s in ({}, long))
    assert fled / usual == pytest.approx(4.0, rel=0.15)


def test_careers_keep_people_in_their_posts(cases):
    world = build_world(cases.scenario(parameters={"people": {"annual_turnover": 0.3}}, burn_in_weeks=0), 1)
    people = dict(WEEK)["people and institutions change"]
    left = np.zeros(2)
    for week in range(520):
        world.week = week
        world.institutions.retention[world.offices] = 0.5
        world.tally[:] = 0.0
        people(world)
        left += world.tally[[INDEX["leavers_social_work"], INDEX["leavers_policing"]]]
    staff = np.array([4.0, 6.0])
    kept, usual = left / staff
    assert kept / usual == pytest.approx(0.5, abs=0.12)


def test_visible_results_of_social_work(cases):
    world = build_world(cases.scenario(programmes={"p": BASE}), 1)
    programme = world.programmes[0]
    world.welfare.unmet[:] = 0.5  # a fifth of the way, where three tenths are ordinary
    world.institutions.agreements[world.offices] = 0.4
    assert results.visible_results(world, programme) == pytest.approx(0.5 * ((1 - 0.2 / 0.3) + 0.4), rel=1e-4)


def test_outcomes_of_social_work_hand_worked():
    series = {s.name: np.zeros(104) for s in SERIES}
    series["crises"][3], series["unmet_crises"][9], series["repeat_crises"][4] = 200, 50, 40
    series["helped"][10], series["help_weeks"][10] = 80, 400
    series["waiting"][:] = np.arange(104)
    series["evictions"][0], series["crisis_cost"][0] = 26, 52_000
    series["leavers_social_work"][[5, 60]], series["staff_social_work"][:] = 10, 100
    found = summarise(series, 13_000.0)
    assert found["crises"] == pytest.approx(200 / 2 / 13)
    assert found["unmet_share"] == 0.25
    assert found["repeat_crises"] == 0.2
    assert found["weeks_to_help"] == 5.0
    assert found["queue_peak"] == pytest.approx(0.95 * 103 / 13)
    assert found["evictions"] == pytest.approx(1.0)
    assert found["crisis_cost"] == pytest.approx(2.0)
    assert found["turnover_social_work"] == pytest.approx(0.1)


def test_a_weeks_crises_cost_what_homes_and_waiting_cost(cases):
    result = run(cases.scenario(), 2)
    np.testing.assert_allclose(result["crisis_cost"], 8000 * result["evictions"] + 120 * result["waiting"])


def test_the_loop_over_unmet_crises_counts_in_the_stability_rule(cases):
    p = Parameters()
    lasting = 1.5 / 52 / 0.6 * 12.5 * 0.49 / 2.0
    assert unmet_slopes(p)["livelihoods"] == pytest.approx(lasting * 4.5 * 1.5)
    scenario = cases.scenario()
    region = surroundings(scenario.region)
    without = p._replace(social_work=p.social_work._replace(unmet_welfare=0.0, unmet_grievance=0.0, unmet_legitimacy=0.0))
    handed = 0.25 + 0.75 * 0.3
    assert lost_legitimacy(p) == pytest.approx(handed * 0.25 * 0.005 / (1 - 0.5 ** (1 / p.communities.legitimacy_half_life)))
    assert loop_gain(without, region).radius < loop_gain(p, region).radius < 0.92


def test_without_offices_nothing_is_followed_and_welfare_incidents_still_arise(cases):
    region = {"institutions": {"welfare_office": {"per_community": 0}}}
    result = run(cases.scenario(region=region, years=8.0), 1)
    assert result["crises"].sum() == result["waiting"].sum() == 0
    assert result["incidents_welfare"].sum() > 0


def test_a_programme_on_one_side_alone_refers_nobody_across(cases):
    levers = {"joint": 0.0, "sides": ["North"], "social_work": {"agreements": 1.0, "prevention": 1.0}}
    world = build_world(cases.scenario(programmes={"p": BASE | levers}), 1)
    while world.week < 60:
        live_week(world)
    north = world.communities.side == 0
    assert (world.welfare.prevention[north] > 0).all()
    assert not world.welfare.prevention[~north].any()
