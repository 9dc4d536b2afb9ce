"""Policing: conduct, oversight, warnings, misreading, spoilers; rules against hand-worked values and the whole family at work."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.draws import pair_keys
from sim.errors import InputError
from sim.families import KINDS, POLICING
from sim.lab.participants import follow
from sim.lab.run import finish, run
from sim.outcomes import summarise
from sim.parameters import Parameters
from sim.series import INDEX, SERIES
from sim.week import incidents, shocks
from sim.week.alumni import _refresh
from sim.week.cohorts import shared_with_partners
from sim.week.patrols import opportunity, patrolled
from sim.week.schedule import WEEK, live_week
from sim.week.work import learning, policing, rumours
from sim.world.build import build_world
from sim.world.programmes import Cohort
from sim.world.tables import ARISE, STOP

SECURITY = KINDS.index("security")
P = Parameters().policing
BASE = {
    "family": "policing",
    "years": 2.0,
    "annual_budget": 800_000.0,
    "cohort_size": 12.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
}


def patrols(cases, own=None, region=None, **levers):
    return cases.scenario(region=region or {}, programmes={"p": BASE | levers | {"policing": own or {}}})


def test_misconduct_falls_with_restraint_accountability_and_identity_and_more_with_both():
    assert policing.misconduct_rate(0.0, 0.0, 0.0, P) == pytest.approx(0.0004)
    assert policing.misconduct_rate(0.1, 0.0, 0.0, P) == pytest.approx(0.0004 * math.exp(-0.3))
    both = policing.misconduct_rate(0.0, 0.4, 0.2, P)
    assert both == pytest.approx(0.0004 * math.exp(-(0.8 * 0.4 + 0.5 * 0.2 + 1.0 * 0.4 * 0.2)))


def test_cases_are_corrected_by_learning_or_by_punishment():
    assert policing.corrected(0.0, 0.0, P) == pytest.approx(0.3)
    assert policing.corrected(1.0, 1.0, P) == pytest.approx(0.6)
    assert policing.corrected(0.0, 1.0, P) == pytest.approx(0.45)


def test_a_picture_is_shared_as_far_as_the_weaker_lets_it_be():
    assert policing.shared_picture(0.8, 0.2, 0.0) == pytest.approx(0.5)
    assert policing.shared_picture(0.8, 0.2, 1.0) == pytest.approx(0.2)
    assert policing.shared_picture(0.8, 0.2, 0.5) == pytest.approx(0.35)


def test_counts_have_the_right_distribution():
    u = (np.arange(20_000) + 0.5) / 20_000
    for mean in (0.03, 1.6, 40.0):
        counts = np.array([policing.count_from(x, mean) for x in u])
        assert counts.mean() == pytest.approx(mean, rel=0.01)
        assert counts.var() == pytest.approx(mean, rel=0.03)
    heard = np.array([policing.thinned(x, 5, 0.4) for x in u])
    assert heard.mean() == pytest.approx(2.0, rel=0.01)
    assert heard.max() == 5
    assert policing.thinned(0.99, 3, 1.0) == 3


def test_without_programmes_misconduct_and_force_are_the_ordinary_ones(cases):
    result = run(cases.scenario(years=40.0, region={"institutions": {"police_service": {"staff": 60}}}), 1)
    uncorrected = 0.3 * (1 - 0.3 - 0.3 * 0.25 - 0.15 * 0.3 * 0.75)  # a quarter ready to admit errors, accountability 0.3
    expected = 0.0004 / (1 - uncorrected)
    assert result["misconduct"].sum() / result["encounters"].sum() == pytest.approx(expected, rel=0.1)
    assert result["repeat_misconduct"].sum() / result["misconduct"].sum() == pytest.approx(uncorrected, rel=0.15)
    assert result["encounters"][0] == 8 * 60 * 8
    assert result["police_force"].sum() / result["encounters"].sum() == pytest.approx(0.02, rel=0.15)
    assert result["legitimacy"][-52:].mean() == pytest.approx(result["legitimacy"][:52].mean(), abs=0.02)


def cohort_of(programme, rows, meeting):
    """A cohort of some workers that meets this week, formed by hand."""
    none = np.empty(0, np.int64)
    persons, active = np.zeros(rows.size, np.uint64), np.ones(rows.size, bool)
    terms = (programme.levers, programme.own)
    return Cohort(0, 0, *terms, rows, persons, active, none, none, none.astype(np.uint64), 8, 0, meeting=meeting)


def test_training_time_goes_where_the_levers_put_it(cases):
    own = {"restraint": 0.5, "scenarios": 0.3, "immersion": 0.0, "identity": 0.1}
    world = build_world(patrols(cases, own), 1)
    programme, rows = world.programmes[0], np.array([int(world.topology.pool_first[0, POLICING])])
    programme.standing["audits"] = 1.0
    world.institutions.buy_in[:] = 0.8
    w = world.workers
    before = {name: float(getattr(w, name)[rows[0]]) for name in ("conduct", "competence", "identity")}
    learning.learn(world, programme, cohort_of(programme, rows, 2.0))
    backed = 0.6 * (1 - 0.5 * 0.2)  # six tenths are used on the job, half of that hangs on a leader who backs it by 0.8
    transfer = backed + 0.3 * (1 - backed)  # full audits close three tenths of the gap that is left
    gains = {"conduct": 0.2 * 0.5, "competence": 0.012 * 0.1 + 0.02 * 0.3, "identity": 0.05 * 0.1}
    for name, weekly in gains.items():
        expected = before[name] + 2 * weekly * transfer * (1 - before[name])
        assert getattr(w, name)[rows[0]] == pytest.approx(expected, rel=1e-5), name


def built_up(cases, standing, weeks=52, parameters=None):
    """Build up what is paid for in some weeks in which nothing lapses; return the world."""
    world = build_world(patrols_with(cases, parameters), 1)
    world.institutions.accountability[world.services] = 0.2
    programme = world.programmes[0]
    programme.standing = dict(standing)
    for _ in range(weeks):
        policing._build_up(world, programme)
    return world


def patrols_with(cases, parameters):
    return cases.scenario(programmes={"p": BASE}, parameters={"policing": parameters or {}})


def test_a_year_of_standing_work_wins_what_is_declared(cases):
    standing = {"oversight": 1.0, "deescalation": 1.0, "information_sharing": 1.0, "contact_points": 1.0}
    world = built_up(cases, standing)
    rows, table = world.services, world.institutions
    np.testing.assert_allclose(table.dialogue[rows], 0.4, rtol=1e-4)
    np.testing.assert_allclose(table.sharing[rows, 0], 0.5, rtol=1e-4)
    np.testing.assert_allclose(table.standards[rows, 0], 0.4, rtol=1e-4)
    np.testing.assert_allclose(table.accountability[rows], 0.2 + 0.3 * 0.8, rtol=1e-4)
    others = np.setdiff1d(np.arange(table.key.size), rows)
    assert (table.dialogue[others] == 0).all()
    both = built_up(cases, {"oversight": 1.0, "justice_chain": 1.0}).institutions.accountability[rows]
    np.testing.assert_allclose(both, 1 - 0.8 * 0.7 * 0.85, rtol=1e-2)


def test_audits_that_are_a_pretence_lower_accountability_and_never_below_nothing(cases):
    world = built_up(cases, {"audits": 1.0}, parameters={"audit_gain": -0.1})
    np.testing.assert_allclose(world.institutions.accountability[world.services], 0.2 * (1 - 0.1), rtol=1e-2)
    world = built_up(cases, {"audits": 1.0}, 5200, {"audit_gain": -0.1})
    assert (world.institutions.accountability[world.services] >= 0).all()


def test_what_services_won_lapses_by_half_and_more_slowly_where_leaders_back_it(cases):
    left = {}
    for backing in (0.0, 0.9):
        world = build_world(cases.scenario(parameters={"people": {"leader_rotation": 0.05}}), 1)
        for name in ("buy_in", "buy_in_rest", "buy_in_mean"):
            getattr(world.institutions, name)[:] = backing
        world.institutions.dialogue[world.services] = 0.8
        world.institutions.learning[world.services] = 0.85
        people_change = dict(WEEK)["people and institutions change"]
        for week in range(60):
            world.week = week
            world.institutions.buy_in[:] = world.institutions.buy_in_rest[:] = backing
            people_change(world)
        left[backing] = (world.institutions.dialogue[world.services] / 0.8).mean()
        readiness = (world.institutions.learning[world.services] - 0.25) / 0.6
        np.testing.assert_allclose(readiness, left[backing], rtol=1e-3)
    assert left[0.0] == pytest.approx(0.5, rel=1e-3)
    weekly = 1 - (1 - 0.5 ** (1 / 60)) * (1 - 0.3 * 0.9)
    assert left[0.9] == pytest.approx(weekly**60, rel=1e-3)


def test_debriefs_move_the_readiness_to_admit_errors_towards_their_own_manner(cases):
    for manner in (0.0, 1.0):
        world = build_world(patrols(cases, {"blame_free": manner}, debrief=1.0), 1)
        programme, n = world.programmes[0], int(world.services[0])
        first, staff = int(world.institutions.first[n]), int(world.institutions.staff[n])
        cohort = cohort_of(programme, np.arange(first, first + staff // 2), 0.0)
        cohort.done, cohort.debriefed, cohort.meeting = 12, 1.0, 1.0
        programme.finished = [cohort]
        policing._train(world, programme)
        assert world.institutions.learning[n] == pytest.approx(0.25 + 0.3 * 0.5 * (manner - 0.25), rel=1e-4)


def test_refreshers_restore_what_has_faded_and_teach_nothing_new(cases):
    large = {"institutions": {"police_service": {"staff": 40}}}
    world = build_world(patrols(cases, {"restraint": 1.0, "scenarios": 0.0}, large, weeks=2.0, refreshers=1.0), 3)
    while not world.programmes[0].alumni.posts.size:
        live_week(world)
    alumni, w = world.programmes[0].alumni, world.workers
    conduct, skill = alumni.learnt[:, 1].copy(), alumni.learnt[:, 2].copy()
    assert (conduct > w.conduct_base[alumni.posts] + 0.05).all()
    u = world.draws.fill("p: refresher", world.week, w.person[alumni.posts])[:, 0]
    chosen = u < 1 / 52
    world.programmes[0].purse.grant(1e6)
    w.conduct[alumni.posts], w.skill[alumni.posts] = conduct - 0.1, skill
    while not chosen.any():
        world.week += 1
        chosen = world.draws.fill("p: refresher", world.week, w.person[alumni.posts])[:, 0] < 1 / 52
    _refresh(world, world.programmes[0], alumni.posts)
    np.testing.assert_allclose(w.conduct[alumni.posts][chosen], conduct[chosen] - 0.1 * (1 - 0.8), rtol=1e-4)
    np.testing.assert_allclose(w.conduct[alumni.posts][~chosen], conduct[~chosen] - 0.1, rtol=1e-4)
    np.testing.assert_allclose(w.skill[alumni.posts], skill, rtol=1e-6)


def test_a_cohort_keeps_the_terms_under_which_it_began(cases):
    levers = BASE | {"cohorts_per_year": 1.0, "weeks": 12.0, "policing": {"immersion": 0.0}}
    edit = {"more": {"week": 2, "programmes": {"p": {"policing": {"immersion": 0.4}, "joint_work": 1.0}}}}
    plain, edited = (build_world(cases.scenario(programmes={"p": levers}, edits=e), 1) for e in ({}, edit))
    while plain.week < 50:
        live_week(plain)
        live_week(edited)
        np.testing.assert_array_equal(plain.institutions.rapport, edited.institutions.rapport)
        np.testing.assert_array_equal(plain.workers.identity, edited.workers.identity)
    while plain.week < 60:
        live_week(plain)
        live_week(edited)
    assert (edited.institutions.rapport > plain.institutions.rapport + 1e-4).any()


def watched(world, **columns):
    for name, value in columns.items():
        getattr(world.institutions, name)[world.services] = value
    policing.watch(world.crossings, world.communities, world.institutions, world.topology, world.parameters.policing, 0.2, 1.0)
    return world.crossings


def test_procedures_and_sharing_lower_misreading_and_echoes_rapport_warns_dialogue_cools(cases):
    x = watched(build_world(cases.scenario(), 1), standards=0.6, sharing=0.4, rapport=0.5, dialogue=0.5)
    assert x.misread[:, SECURITY] == pytest.approx(0.3 * (1 - 0.5 * 0.5))
    assert x.containment[:, SECURITY] == pytest.approx(0.3 * 0.6)
    assert x.warning[:, SECURITY] == pytest.approx(0.1 * 0.5)
    assert x.dialogue[:, SECURITY] == pytest.approx(0.3 * 0.5)
    others = [k for k in range(len(KINDS)) if k != SECURITY]
    assert (x.misread[:, others] == 0).all()


def test_what_triggers_security_incidents(cases):
    world = build_world(cases.scenario(), 1)
    world.communities.legitimacy[:] = 0.3
    world.communities.misconduct[:] = 1.2  # with six officers in each community: 2.4 cases for 12, or 2 for ten
    x = watched(world)
    assert x.trigger[:, SECURITY] == pytest.approx(1.0 * 0.2 + 0.3 * 2.0)
    assert (x.cause[:, SECURITY] == ARISE.index("misconduct")).all()


def test_spoilers_strike_as_often_as_asked_and_fewer_believe_them_where_rapport_is_high(cases):
    attack = {"blow": {"kind": "spoiler_attack", "week": 0, "size": 0.8, "weeks": 40, "sides": ["North"]}}
    scenario = cases.scenario(region={"layout": {"communities_per_side": 40, "border_km": 600.0}}, shocks=attack, burn_in_weeks=0)
    world = build_world(scenario, 5)
    result = finish(world, 5)
    assert result["attacks"].sum() / world.crossings.key.size == pytest.approx(0.8, rel=0.15)
    assert result["attacks"][40:].sum() == 0
    born = result.incidents.arose == ARISE.index("spoilers")
    assert abs(born.sum() - result["attacks"].sum()) <= 5  # the last may still be live
    assert (result.incidents.rung[born] >= 2).all()
    assert (result.incidents.kind[born] == KINDS.index("armed")).all()
    assert result["rumour"][:40].max() > 0

    for rapport, believed in ((0.0, 1.0), (1.0, 0.6)):
        fresh = build_world(scenario, 5)
        shocks.live(fresh)
        fresh.institutions.rapport[fresh.services] = rapport
        fresh.crossings.attacks[:] = 0
        fresh.crossings.attacks[3] = 1
        rumours.live(fresh)
        assert fresh.crossings.rumour[3] == pytest.approx(believed)


def test_a_misread_incident_climbs_more_and_a_warned_one_not_at_all(cases):
    lively = {
        "incidents": {
            "everyday_rate": 0.12,
            "labour_weight": 0.0,
            "branching": 0.0,
            "mediation": 0.0,
            "tension_climb": 0.0,
            "trust_climb": 0.0,
        }
    }
    parameters = lively | {"policing": {"misread": 0.5, "early_warning": 0.3}}
    parts = [
        run(cases.scenario(parameters=parameters, years=10.0, region={"climate": {"rapport": 0.9}}), s).incidents
        for s in range(6)
    ]
    rung, kind, misread, stopped = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("rung", "kind", "misread", "stopped")
    )
    security = kind == SECURITY
    warned = security & (stopped == STOP.index("early warning"))
    assert (rung[warned] == 0).all()
    assert warned.sum() / security.sum() == pytest.approx(0.3 * 0.9, abs=0.04)
    told = security & ~warned
    assert misread[told].mean() == pytest.approx(0.5, abs=0.05)
    climbed = [(rung[told & (misread == m)] >= 1).mean() for m in (0, 1)]
    odds = 0.15 / 0.85
    for m, got in enumerate(climbed):
        climb = odds * math.exp(0.7 * m) / (1 + odds * math.exp(0.7 * m))
        assert got == pytest.approx(climb / (climb + (1 - climb) * 0.5), abs=0.05)


def test_restrained_officers_on_duty_let_less_climb_and_trained_ones_end_sooner(cases):
    results = {}
    for name, column in (("plain", None), ("restrained", "conduct"), ("trained", "competence")):
        lively = {
            "incidents": {"everyday_rate": 0.05, "labour_weight": 0.0, "welfare_weight": 0.0},
            "people": {"annual_turnover": 0.06, "skill_half_life": 56.0},
        }
        reached = lasted = arisen = 0.0
        for seed in range(6):
            world = build_world(cases.scenario(parameters=lively, burn_in_weeks=0, region={"armed_actors": 0.2}), seed)
            if column:
                getattr(world.workers, f"{column}_base")[:] = 0.9
                getattr(world.workers, column)[:] = 0.9
            result = finish(world, seed)
            security = result.incidents.kind == SECURITY
            reached += (result.incidents.rung[security] >= 1).sum()
            lasted += (result.incidents.ended - result.incidents.began + 1)[security].sum()
            arisen += security.sum()
        results[name] = (reached / arisen, lasted / arisen)
    assert results["restrained"][0] < 0.8 * results["plain"][0]
    assert results["trained"][1] < 0.95 * results["plain"][1]


def test_shared_data_that_nobody_checks_harm_the_vulnerable_and_safeguards_avoid_most_of_it(cases):
    def lost(sharing, accountability, safeguards):
        world = build_world(cases.scenario(), 1)
        for name, value in (
            ("sharing", sharing),
            ("accountability", accountability),
            ("safeguards", safeguards),
            ("misconduct", 0.0),
        ):
            getattr(world.institutions, name)[world.services] = value
        world.institutions.accountability_rest[world.services] = accountability
        learning.live(world)
        policing.live(world)
        return world.communities.grievance_added / world.communities.vulnerability

    np.testing.assert_allclose(lost(1.0, 0.25, 0.0), 0.004 * 0.75, rtol=1e-4)
    np.testing.assert_allclose(lost(1.0, 0.25, 1.0), 0.004 * 0.75 * 0.3, rtol=1e-4)
    np.testing.assert_allclose(lost(1.0, 1.0, 0.0), 0.0, atol=1e-9)
    np.testing.assert_allclose(lost(0.0, 0.25, 0.0), 0.0, atol=1e-9)


def test_training_by_itself_teaches_and_brings_nobody_together(cases):
    own = {"restraint": 0.8, "scenarios": 0.0}
    large = {"institutions": {"police_service": {"staff": 40}}}
    apart = patrols(cases, own, large, joint=0.0)
    result, twin = run(apart, 2), run(cases.scenario(region=large), 2)
    assert result["enrolments"].sum() > 20
    assert result["meetings"].sum() == pytest.approx(twin["meetings"].sum(), rel=0.02)
    gain = follow(apart, 2)
    assert gain.d["conduct"] > 0.1
    assert abs(gain.d["reliance on persons met"]) < 0.2

    one = run(patrols(cases, own, large, joint=0.0, sides=["South"]), 2)
    posts = one.world.programmes[0].alumni.posts
    assert set(one.world.workers.side[posts].tolist()) == {1}
    assert one["spend"].sum() == pytest.approx(result["spend"].sum(), rel=0.3)
    assert one["conduct_gap"].mean() > result["conduct_gap"].mean()


def test_officers_meet_on_joint_patrols(cases):
    own = {"joint_patrols": 1.0}
    with_patrols = run(patrols(cases, own, cohort_size=4.0), 3)
    without = run(patrols(cases, {}, cohort_size=4.0), 3)
    crossings = with_patrols.world.crossings.key.size
    more = with_patrols["meetings"][:104].sum() - without["meetings"][:104].sum()
    assert more == pytest.approx(0.5 * crossings * 104, rel=0.25)


def test_those_who_go_on_patrol_are_those_who_meet(cases):
    parameters = {"people": {"annual_turnover": 0.4}, "policing": {"patrol_meetings": 1.0}}
    scenario = cases.scenario(programmes={"p": BASE | {"policing": {"joint_patrols": 1.0}}}, parameters=parameters)
    world, met = build_world(scenario, 3), 0
    while world.week < 60:
        for name, rule in WEEK:
            if name == "contact":
                for g in world.gatherings:
                    if g.purpose == "p: on joint patrol":
                        np.testing.assert_array_equal(g.keys, pair_keys(world.workers.person[g.a], world.workers.person[g.b]))
                        met += g.a.size
            rule(world)
        world.week += 1
    assert met > 100


def test_patrols_that_cannot_go_out_win_no_procedures(cases):
    closed = {"closed": {"kind": "border_closure", "week": 0, "size": 1.0, "weeks": 60}}
    programme = {"p": BASE | {"policing": {"joint_patrols": 1.0, "scenarios": 0.0}}}
    open_, shut = (run(cases.scenario(programmes=programme, shocks=s), 1) for s in ({}, closed))
    assert open_["procedures"][51] > 0.05
    assert (shut["procedures"][:60] == 0).all()
    assert shut["procedures"][-1] > 0

    world = build_world(cases.scenario(programmes=programme), 1)
    x, home = world.crossings, world.institutions.community[world.services]
    world.institutions.withdrawn_until[world.services[0]] = 999
    rows = patrolled(world, world.programmes[0])
    assert 0 < rows.size < x.key.size
    assert not np.isin(home[0], [x.a[rows], x.b[rows]]).any()
    assert opportunity(world, world.programmes[0])[home[0]] == 0


def test_an_election_ends_programmes_of_the_sides_that_vote_only(cases):
    sides = {"sides": ["A", "B", "C"], "layout": {"communities_per_side": 4}}
    vote = {"kind": "election", "week": 10, "size": 1.0, "weeks": 4}
    certain = {"politics": {"election_programme_end": 1.0}, "programmes": {"governance_shield": 0.0}}
    for where, ended in (("C", False), ("B", True)):
        programmes = {"p": BASE | {"sides": ["A", "B"]}}
        scenario = cases.scenario(
            region=sides, programmes=programmes, shocks={"v": vote | {"sides": [where]}}, parameters=certain
        )
        world = build_world(scenario, 1)
        while world.week < 12:
            live_week(world)
        assert world.programmes[0].ended is ended


def test_without_services_on_both_sides_nothing_is_misread(cases):
    region = {"institutions": {"police_service": {"per_community": 0}}}
    result = run(cases.scenario(region=region), 1)
    assert result["incidents_security"].sum() > 0
    assert result["misread"].sum() == result["encounters"].sum() == 0


def test_contact_quality_counts_what_is_shared_with_those_who_take_part(cases):
    sides = {"sides": ["A", "B", "C"], "layout": {"communities_per_side": 4}}
    world = build_world(patrols(cases, {}, sides, sides=["A", "B"]), 1)
    side = world.institutions.side
    world.institutions.standards[side == 0, 0] = 0.8  # A towards B
    world.institutions.standards[side == 1, 1] = 0.4  # B towards A
    programme, rows = world.programmes[0], world.services[side[world.services] < 2]
    assert shared_with_partners(world, programme, world.institutions.standards, rows) == pytest.approx(0.6)


def test_outcomes_of_shocks_and_of_misreading_hand_worked():
    series = {s.name: np.zeros(104) for s in SERIES}
    series["shock"][[10, 11, 60, 61, 62, 63]] = 1
    series["reached_force"][[10, 61, 63, 70]] = 1, 2, 3, 9
    series["incidents_security"][0], series["warnings"][0], series["misread"][0] = 12, 2, 4
    found = summarise(series, 52_000.0)
    assert found["force_rate_in_last_shock"] == pytest.approx(5 / (4 / 52) / 0.52)
    assert found["force_rate_in_shocks"] == pytest.approx(6 / (6 / 52) / 0.52)
    assert found["misread_share"] == pytest.approx(0.4)
    series["shock"][:] = 0
    assert math.isnan(summarise(series, 52_000.0)["force_rate_in_last_shock"])


def test_all_programmes_together_get_no_more_than_the_one_budget(cases):
    asked = {"exchange": cases.EVERYTHING, "patrols": cases.PATROLS}
    apart = run(cases.scenario(programmes=asked), 1)
    together = run(cases.scenario(programmes=asked, budget={"annual": 600_000.0}), 1)
    for start in (0, 52, 104):
        assert together["budget"][start : start + 52].sum() <= 600_000 + 1e-6
    assert together["budget"][52:104].sum() == pytest.approx(600_000)
    assert together["budget"].sum() < apart["budget"].sum()
    granted = [p.purse.granted for p in together.world.programmes]
    assert min(granted) > 0.25 * sum(granted)
    plenty = run(cases.scenario(programmes=asked, budget={"annual": 1e9}), 1)
    assert plenty["budget"].sum() == pytest.approx(apart["budget"].sum())


def test_what_a_side_shares_with_another_is_not_shared_with_a_third_that_takes_no_part(cases):
    sides = {"sides": ["A", "B", "C"], "layout": {"communities_per_side": 4}}
    levers = {"sides": ["A", "B"], "benefits": 1.0}
    own = {"contact_points": 1.0, "information_sharing": 1.0, "scenarios": 0.5}
    world = build_world(patrols(cases, own, sides, **levers), 1)
    guests = []
    while world.week < 60:
        live_week(world)
        guests.append(float(world.crossings.visitors.sum()))
    rows, side = world.services, world.institutions.side[world.services]
    standards = world.institutions.standards[rows]
    assert (standards[side == 0, 0] > 0.1).all()  # A towards B
    assert (standards[side == 1, 1] > 0.1).all()  # B towards A
    assert (standards[side == 0, 1] == 0).all()  # A towards C
    assert (standards[side == 2] == 0).all()
    x, of = world.crossings, world.communities.side
    with_c = (of[x.a] == 2) | (of[x.b] == 2)
    assert (x.shared[with_c, SECURITY] == 0).all()
    assert (x.shared[~with_c, SECURITY] > 0.1).all()
    assert (x.containment[with_c, SECURITY] == 0).all()
    assert world.communities.trust_shift[of == 2].max() >= 0
    assert world.communities.trust_shift[of == 0, 0].max() > 0
    assert (world.communities.trust_shift[of == 0, 1] == 0).all()
    cohort = BASE["cohort_size"]
    assert max(guests) < cohort


def test_what_misconduct_does_does_not_depend_on_how_large_or_how_divided_a_service_is(cases):
    triggers = []
    for count, staff in ((1, 40), (4, 10), (1, 400)):
        region = {"institutions": {"police_service": {"per_community": count, "staff": staff}}, "layout": {"population": 9000}}
        world = build_world(cases.scenario(region=region, burn_in_weeks=0), 2)
        world.workers.conduct_base[:] = 0.7
        means = []
        while world.week < 150:
            live_week(world)
            world.workers.conduct[:] = 0.7
            means.append(world.crossings.trigger[:, SECURITY].mean())
        triggers.append(np.mean(means[50:]))
    assert max(triggers) - min(triggers) < 0.08, triggers


def test_edits_are_checked_one_upon_another(cases):
    first = {"week": 10, "programmes": {"p": {"policing": {"restraint": 0.8}}}}
    second = {"week": 20, "programmes": {"p": {"policing": {"immersion": 0.4}}}}
    programmes = {"p": BASE | {"policing": {"scenarios": 0.0}}}
    cases.scenario(programmes=programmes, edits={"one": first})
    with pytest.raises(InputError, match=r"edits\.two\.programmes\.p\.policing"):
        cases.scenario(programmes=programmes, edits={"one": first, "two": second})
    apart = {"p": BASE | {"joint": 0.0, "sides": ["South"]}}
    with pytest.raises(InputError, match="joint = 0"):
        cases.scenario(programmes=apart, edits={"together": {"week": 10, "programmes": {"p": {"joint": 1.0}}}})


def test_a_closed_border_does_not_stop_training_that_crosses_none(cases):
    closed = {"closed": {"kind": "border_closure", "week": 0, "size": 1.0, "weeks": 156}}
    table = {"p": BASE | {"joint": 0.0, "virtual_fallback": 0.0, "policing": {"restraint": 0.8, "scenarios": 0.0}}}
    shut, open_ = (run(cases.scenario(programmes=table, shocks=shocks), 1) for shocks in (closed, {}))
    assert shut["conduct"][30:80].mean() == pytest.approx(open_["conduct"][30:80].mean(), abs=0.01)
    assert shut["trained"].sum() > 0


def test_half_a_donor_year_is_topped_up_by_the_institutions(cases):
    levers = {"years": 1.5, "after": "institutionalised", "institutional_share": 0.5, "annual_budget": 800_000.0}
    result = run(patrols(cases, {}, **levers), 1)
    assert result["budget"][:52].sum() == pytest.approx(800_000)
    assert result["budget"][52:104].sum() == pytest.approx(400_000 + 200_000)
    assert result["budget"][104:].sum() == pytest.approx(400_000)


def test_visible_results_of_policing_move_its_budget(cases):
    levers = {"evaluation": 1.0, "years": 3.0}
    own = {"oversight": 1.0, "contact_points": 1.0}
    result = run(patrols(cases, own, **levers), 1)
    assert result["budget"][104:].sum() > result["budget"][:52].sum()


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"policing": {"restraint": 0.6, "scenarios": 0.5}}, ["programmes.p.policing", "immersion = 0", "1 or less"]),
        ({"sides": ["South"]}, ["programmes.p", "joint = 0"]),
        (
            {"sides": ["South"], "joint": 0.0, "policing": {"joint_patrols": 0.5}},
            ["programmes.p.policing.joint_patrols", "0.5", "two sides"],
        ),
        ({"sides": ["East"]}, ["programmes.p.sides", "'East'", "North, South"]),
    ],
)
def test_a_policing_programme_that_cannot_be_is_refused(cases, changes, parts):
    with pytest.raises(InputError) as error:
        cases.scenario(programmes={"p": BASE | changes})
    for part in parts:
        assert part in str(error.value), str(error.value)


def test_no_incident_is_lost_however_many_arise_at_once(cases):
    world = build_world(cases.scenario(region={"layout": {"communities_per_side": 30, "border_km": 450.0}}), 1)
    world.crossings.excitation[:] = 6.0
    world.tally[:] = 0.0
    incidents.live(world)
    arisen = world.tally[[INDEX[f"incidents_{kind}"] for kind in KINDS]].sum()
    assert arisen > 5 * world.crossings.key.size * len(KINDS)
    assert arisen == world.live_incidents + incidents.ended(world).key.size
