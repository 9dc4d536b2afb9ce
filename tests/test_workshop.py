"""The workshop: two worlds beside each other that are those of the lab, and a server that bears whatever comes."""

from __future__ import annotations

import contextlib
import json
import re
import struct
import time
from pathlib import Path

import door
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stage import hold_against_the_lab

from sim.errors import InputError
from sim.families import FAMILIES, KINDS, RUNGS
from sim.lab.run import run
from sim.scenario.schema import SHOCKS
from sim.workshop import server
from sim.workshop.frames import HEAD, SHOWN, layout_of
from sim.workshop.futures import EVERY
from sim.workshop.presets import preset, presets, turned
from sim.workshop.session import KEEP_EVERY, Session
from sim.workshop.story import SHOWN as STATES
from sim.workshop.story import partners, trust_terms
from sim.world.build import INSTITUTION_KINDS
from sim.world.tables import ARISE, CLIMB, STOP

PAGE = Path(server.__file__).parent / "page"


def test_two_worlds_are_the_same_until_one_is_changed_and_then_those_of_the_lab(region, tmp_path):
    left, right = (session := Session.begin(region, 3)).plays
    for _ in range(10):
        session.live()
    assert left.frames == right.frames
    assert left.events == right.events
    session.programme(1, "vocational", {"annual_budget": 800_000.0})
    for _ in range(20):
        session.live()
    assert left.frames != right.frames
    session.shock("border_closure", 0.9, 8, ["North"])
    session.programme(1, "vocational", {"annual_budget": 300_000.0, "alumni_support": 1.0})
    session.programme(0, "policing", {})
    session.switch(0, "mediation", on=False)
    for _ in range(30):
        session.live()
    session.programme(1, "vocational", None)
    while not session.finished:
        session.live()
    assert len(left.frames) == session.weeks == 156
    hold_against_the_lab(session, tmp_path)
    kinds = {code for week in right.events for code, _ in week}
    assert {"shock", "shock_over", "cohort", "cohort_over", "arose", "climbed", "ended"} <= kinds
    with pytest.raises(InputError, match="at their end"):
        session.shock("rhetoric", 0.5, 8)


def test_going_back_and_living_on_comes_to_the_same(region):
    session = Session.begin(region, 5)
    session.programme(1, "organizing", {})
    for _ in range(KEEP_EVERY + 20):
        session.live()
    before = [(list(play.frames), list(play.events)) for play in session.plays]
    for week in (KEEP_EVERY + 5, 40, 0):
        session.rewind(week)
        assert [len(play.frames) for play in session.plays] == [week, week]
        while session.week < KEEP_EVERY + 20:
            session.live()
        assert [play.frames for play in session.plays] == [frames for frames, _ in before]
        assert [play.events for play in session.plays] == [events for _, events in before]
    session.shock("rhetoric", 1.0, 20)
    session.live()
    session.rewind(session.week - 1)  # the shock is forgotten with the week in which it was struck
    assert [play.scenario.shocks for play in session.plays] == [{}, {}]
    with pytest.raises(InputError, match="not reached yet"):
        session.rewind(session.week + 1)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.integers(1, 12)),
        st.tuples(
            st.just("programme"),
            st.integers(0, 1),
            st.sampled_from(presets()),
            st.sampled_from([None, 0.0, 200_000.0, 900_000.0]),
        ),
        st.tuples(st.just("shock"), st.sampled_from(sorted(SHOCKS)), st.floats(0, 1), st.integers(1, 30)),
        st.tuples(
            st.just("switch"), st.integers(0, 1), st.sampled_from(["mediation", "norms", "self_excitation"]), st.booleans()
        ),
        st.tuples(st.just("back"), st.floats(0, 1)),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
@example([("programme", 0, "vocational", 0.0), ("programme", 0, "vocational", 200_000.0)])
@example(
    [
        ("live", 3),
        ("programme", 1, "policing", 0.0),
        ("live", 2),
        ("back", 0.7),
        ("programme", 1, "policing", 900_000.0),
        ("live", 9),
    ]
)
def test_whatever_a_room_does_the_worlds_are_those_of_the_lab(region, tmp_path, changes):
    session = Session.begin(region, 11)
    for what, *with_ in changes:
        if what == "live":
            for _ in range(with_[0]):
                session.live()
        elif what == "programme":
            session.programme(with_[0], with_[1], None if with_[2] is None else {"annual_budget": with_[2]})
        elif what == "shock":
            session.shock(*with_)
        elif what == "switch":
            session.switch(with_[0], with_[1], on=with_[2])
        else:
            session.rewind(int(with_[0] * session.week))
    session.live()
    hold_against_the_lab(session, tmp_path)


def test_changes_that_are_not_sound_change_nothing(region):
    session = Session.begin(region, 3)
    session.live()
    before = [play.scenario for play in session.plays]
    for change in (
        lambda: session.programme(0, "vocational", {"weeks": -1}),
        lambda: session.programme(0, "vocational", {"no_such": 1}),
        lambda: session.programme(0, "cooking", {}),
        lambda: session.shock("meteor", 0.5, 8),
        lambda: session.shock("rhetoric", 0.5, 8, ["Nowhere"]),
        lambda: session.switch(0, "no_such", on=True),
    ):
        with pytest.raises(InputError):
            change()
    assert [play.scenario for play in session.plays] == before
    session.live()
    assert session.plays[0].frames == session.plays[1].frames


def test_the_terms_that_are_told_as_causes_make_up_what_moved_trust(region):
    session = Session.begin(region, 3)
    session.programme(0, "vocational", {})
    session.shock("rhetoric", 0.9, 20)
    session.shock("disinformation", 0.9, 40)
    world = session.plays[0].world
    for _ in range(60):
        before, memory = world.communities.trust.astype(float), world.communities.memory.astype(float)
        session.live()
        after = world.communities.trust.astype(float)
        for c in range(len(before)):
            terms = trust_terms(world, c, 0, before[c, 0], memory[c])
            assert sum(terms.values()) == pytest.approx(after[c, 0] - before[c, 0], abs=2e-7)


def test_who_is_followed_is_told_of_week_by_week(region):
    session = Session.begin(region, 3)
    found = session.follow("community", 1)
    assert {row["kind"] for row in found["institutions"]} >= {"enterprise", "police_service"}
    session.shock("rhetoric", 1.0, 26)
    session.live()
    (code, about), *_ = session.plays[0].told["events"]
    assert (code, about["because"], about["towards"]) == ("trust_fell", "rhetoric", "South")
    world = session.plays[1].world
    assert session.plays[1].told["card"]["trust"] == pytest.approx(float(world.communities.trust[1, 0]), abs=1e-4)
    session.programme(1, "vocational", {"annual_budget": 1_500_000.0, "catchment": 8.0})
    staff = set()
    while not staff:
        session.live()
        world = session.plays[1].world
        staff = {int(i) for i in np.flatnonzero(world.workers.cohort == 1)}
        assert session.week < 30
    worker = min(staff)
    inside = session.follow("worker", worker)
    assert worker in inside["workers"]
    assert inside["institution"] == int(world.workers.institution[worker])
    codes, others, lived = [], [], {}
    for _ in range(60):
        had = partners(world, worker)
        session.live()
        world = session.plays[1].world
        codes += [code for code, _ in session.plays[1].told["events"]]
        others += [code for code, _ in session.plays[0].told["events"]]
        lived[session.week - 1] = [play.told for play in session.plays]
        gained = len(partners(world, worker) - had)
        if "left_post" not in codes:
            assert [c for c, _ in session.plays[1].told["events"]].count("tie_born") == gained
        assert session.plays[1].told["card"]["ties"] == len(partners(world, worker))
    assert {"graduated", "dropped_out", "left_post"} & set(codes)
    assert not {"joined", "graduated", "dropped_out"} & set(others)  # there is no programme in the other world
    session.follow("worker", worker)  # whoever comes later is told the same of the weeks before
    past = [play.past for play in session.plays]
    assert past[0].keys() == past[1].keys() == set(range(session.week - len(past[0]), session.week))
    assert len(past[0]) >= KEEP_EVERY // 2
    assert {week: [past[0][week], past[1][week]] for week in lived if week in past[0]} == {
        week: told for week, told in lived.items() if week in past[0]
    }
    session.rewind(20)
    assert session.plays[1].follower.row == worker
    assert session.follow(None) == {}
    session.live()
    assert session.plays[0].told is None
    for what, row in (("community", 8), ("worker", 10**7), ("institution", -1)):
        with pytest.raises(InputError, match="no such"):
            session.follow(what, row)


def test_the_end_of_a_programme_is_told_once(region):
    short = {"programmes": {"brief": {"family": "policing", "years": 0.5, "annual_budget": 400_000.0}}}
    carried = {"programmes": {"brief": short["programmes"]["brief"] | {"after": "institutionalised"}}}
    session = Session.begin(region, 3, (short, carried))
    session.live_until(60)
    told = [
        [(week, about) for week, events in enumerate(play.events) for code, about in events if code == "programme_over"]
        for play in session.plays
    ]
    assert [week for week, _ in told[0]] == [25]  # the last of 26 weeks
    assert told[0][0][1]["programme"] == "brief"
    assert told[1] == []


def test_an_institution_that_is_followed_tells_of_leaders_staff_and_practice(region):
    session = Session.begin(region, 3)
    session.programme(0, "policing", {"annual_budget": 2_000_000.0, "leadership_work": 1.0})
    world = session.plays[0].world
    service = int(world.services[0])
    session.follow("institution", service)
    joined = 0
    for _ in range(100):
        before = float(world.institutions.buy_in_rest[service])
        enrolled = _enrolled(world, service)
        session.live()
        world = session.plays[0].world
        told = dict(session.plays[0].told["events"])
        after = float(world.institutions.buy_in_rest[service])
        assert ("leader_backs" in told) == (after > before)
        assert ("leader_doubts" in told) == (after < before)
        assert told.get("staff_joined", {"count": 0})["count"] == max(_enrolled(world, service) - enrolled, 0)
        joined += "staff_joined" in told
    assert joined


def _enrolled(world, institution):
    first = int(world.institutions.first[institution])
    return int(world.workers.cohort[first : first + int(world.institutions.staff[institution])].sum())


def test_a_frame_says_what_the_world_is(region):
    session = Session.begin(region, 3)
    session.programme(0, "vocational", {})
    while not session.plays[0].world.live_incidents:
        session.live()
    world, frame = session.plays[0].world, session.plays[0].frames[-1]
    week, live, gone, held = HEAD.unpack_from(frame)
    assert (week, live) == (world.week - 1, world.live_incidents)
    at = HEAD.size + 4 * len(SHOWN)
    places, crossings = len(world.community_names), world.crossings.key.size
    assert list(frame[at : at + places]) == [round(255 * t) for t in world.communities.trust[:, 0].tolist()]
    at += places
    assert list(frame[at : at + crossings]) == [round(255 * t) for t in world.crossings.tension.tolist()]
    at += 2 * crossings
    assert list(struct.unpack_from(f"<{crossings}H", frame, at)) == world.crossings.bridged.tolist()
    at += 2 * crossings
    rows = [struct.unpack_from("<IHBB", frame, at + 8 * k) for k in range(live)]
    assert [row[1:] for row in rows] == [
        (int(world.incidents.crossing[k]), int(world.incidents.kind[k]), int(world.incidents.rung[k])) for k in range(live)
    ]
    assert len(frame) == at + 8 * live + 4 * gone + 4 * held
    layout = json.loads(json.dumps(layout_of(world)))
    assert [row["name"] for row in layout["communities"]] == world.community_names
    assert layout["weeks"] == 156


def test_every_language_says_all_that_is_asked_of_it():
    texts = {path.stem: json.loads(path.read_text("utf-8")) for path in (PAGE / "text").glob("*.json")}
    assert {"en", "es"} <= texts.keys()
    english = texts["en"]
    fills = {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in english.items()}
    meanings = {f"mechanism_{row['name']}" for row in turned()["mechanisms"]}
    rooms = turned()["families"] | {"programme": turned()["common"]}
    meanings |= {
        f"lever_{room}_{row['name']}" for room, rows in rooms.items() for row in rows
    }  # the English ones are the model's own
    for language, words in texts.items():
        assert words.keys() == english.keys() | (set() if language == "en" else meanings)
        assert {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in words.items() if key in fills} == fills
        assert all(words.values())
    wanted = {f"kind_{name}" for name in KINDS} | {f"rung_{name}" for name in RUNGS} | {f"shock_{name}" for name in SHOCKS}
    wanted |= {f"family_{family.name}" for family in FAMILIES} | {f"programme_{name}" for name in presets()}
    wanted |= {f"arose_{name}" for name in ARISE}
    wanted |= {f"why_{name}" for name in CLIMB if name} | {f"how_{name}" for name in STOP if name != "live"}
    assert wanted <= english.keys()
    wanted |= {f"state_{name}" for names in STATES.values() for name in (*names, "ties")}
    wanted |= {f"institution_{kind}" for kind in INSTITUTION_KINDS}
    story = Path(server.__file__).with_name("story.py").read_text("utf-8")
    events = Path(server.__file__).with_name("events.py").read_text("utf-8")
    wanted |= set(re.findall(r'\(\s*"(\w+)",\s*(?:\{|about|_told|_colleague|\()', story + events))
    wanted |= {f"because_{name}" for name in re.findall(r'^        "(\w+)": -?(?:p|rate)', story, re.MULTILINE)}
    assert {"because_rest", "because_violence", "tie_born", "left_post", "climbed", "cohort"} <= wanted
    assert wanted <= english.keys()
    html = (PAGE / "index.html").read_text("utf-8")
    assert set(re.findall(r'data-(?:text|label|tip)="(\w+)"', html)) <= english.keys()
    html += (PAGE / "replay.html").read_text("utf-8")
    assert set(re.findall(r'data-(?:text|label|tip)="(\w+)"', html)) <= english.keys()
    code = "".join(path.read_text("utf-8") for path in PAGE.glob("*.js"))
    assert set(re.findall(r'\bt\("(\w+)"', code)) <= english.keys()
    assert preset("policing")["family"] == "policing"


@contextlib.contextmanager
def joined(address, **more):
    from websockets.sync.client import connect

    with connect(f"ws://{address}/talk", **more) as socket:
        yield socket


def until(socket, what):
    """Hear the server out until it says something."""
    while True:
        said = socket.recv(timeout=60)
        if isinstance(said, bytes):
            if what == "frame":
                return said
        elif (told := json.loads(said))["say"] == what:
            return told


def frames_within(socket, seconds):
    """List the frames that come within so long of each other."""
    with contextlib.suppress(TimeoutError):
        while True:
            said = socket.recv(timeout=seconds)
            if isinstance(said, bytes):
                yield said


def ask(socket, do, **more):
    socket.send(json.dumps({"do": do} | more))


def test_a_page_is_sent_no_more_weeks_than_it_draws(address):
    with joined(address) as socket:
        assert until(socket, "hello")["scenarios"][0] == {"name": "small", "title": "small border"}
        ask(socket, "begin", scenario="small", seed=4)
        layout = until(socket, "layout")
        assert (layout["weeks"], layout["seed"]) == (156, 4)
        assert until(socket, "changes")["worlds"] == [{"programmes": {}, "mechanisms": {}, "changes": {}}] * 2
        ask(socket, "play", speed=240)
        weeks = [struct.unpack_from("<i", until(socket, "frame"), 4)[0] for _ in range(3)]
        assert weeks == [0, 1, 2]
        assert not list(frames_within(socket, 0.5))
        ask(socket, "drawn", count=2)
        assert struct.unpack_from("<i", until(socket, "frame"), 4)[0] == 3
        ask(socket, "pause")
        ask(socket, "drawn", count=3)
        ask(socket, "programme", world="right", name="vocational", levers={"annual_budget": 500_000})
        worlds = until(socket, "changes")["worlds"]
        assert [list(world["programmes"]) for world in worlds] == [[], ["vocational"]]
        ask(socket, "programme", world="right", name="vocational", levers={"vocational": {"placements": 0.9}})
        levers = until(socket, "changes")["worlds"][1]["programmes"]["vocational"]
        assert (levers["annual_budget"], levers["vocational"]["placements"]) == (500_000, 0.9)
        assert levers["vocational"]["standards"] == preset("vocational")["vocational"]["standards"]  # the others stay
        ask(socket, "step")
        until(socket, "frame")
        for lever, value in (("standards", 0.2), ("recognition", 0.1)):
            ask(socket, "programme", world="right", name="vocational", levers={"vocational": {lever: value}})
            levers = until(socket, "changes")["worlds"][1]["programmes"]["vocational"]["vocational"]
        assert (levers["placements"], levers["standards"], levers["recognition"]) == (0.9, 0.2, 0.1)
        ask(socket, "back", week=2)
        assert until(socket, "back")["week"] == 2
        ask(socket, "save")
        files = until(socket, "saved")["files"]
        assert list(files) == ["world-a.toml", "world-b.toml"]


def test_many_futures_are_those_of_the_lab(address, region):
    with joined(address) as socket:
        until(socket, "hello")
        ask(socket, "begin", scenario="small", seed=6)
        before = until(socket, "layout")["before"]
        ask(socket, "programme", world="right", name="vocational", levers={"annual_budget": 900_000})
        until(socket, "changes")
        ask(socket, "save")
        files = list(until(socket, "saved")["files"].values())
        ask(socket, "futures", count=3)
        while (told := until(socket, "futures"))["count"] < 3:
            pass
    scenarios = [Path(region).with_name(f"future-{k}.toml") for k in range(2)]
    lived = []
    for path, text in zip(scenarios, files, strict=True):
        path.write_text(text, "utf-8")
        lived.append([run(path, seed) for seed in (6, 7, 8)])
    for k, runs in enumerate(lived):
        for line, name in (("trust", "community_trust"), ("ties", "live_ties")):
            every = np.array([found[name][::EVERY] for found in runs])
            assert told["fans"][line][k][2] == pytest.approx(np.median(every, axis=0).tolist(), rel=1e-4)
        # by hand: incidents of force over the year that ends with a week, per 100,000 residents
        weeks = [found["reached_force"] for found in runs]
        at = 22 * EVERY
        each = 1e5 / runs[0].world.residents
        by_hand = sorted(w[at - 51 : at + 1].sum() * each for w in weeks)[1]
        assert told["fans"]["force"][k][2][22] == pytest.approx(by_hand, rel=1e-4)
        assert told["fans"]["force"][k][2][0] == pytest.approx(sorted(w[0] * 52 * each for w in weeks)[1], rel=1e-4)
    ties = [[found["live_ties"][::EVERY].mean() for found in runs] for runs in lived]
    assert told["differences"]["ties"]["mean"] == pytest.approx(np.subtract(*ties[::-1]).mean(), rel=1e-4)
    assert told["differences"]["ties"]["more"] == 3
    assert 0.0 < before["trust"] < 1.0


def test_a_fault_in_the_middle_of_a_week_is_told(address, monkeypatch):
    with joined(address) as socket:
        until(socket, "hello")
        ask(socket, "begin", scenario="small", seed=6)
        until(socket, "frame")
        monkeypatch.setattr(Session, "live", lambda _: 1 / 0)
        ask(socket, "play", speed=240)
        assert "ZeroDivisionError" in until(socket, "error")["text"]
    monkeypatch.undo()
    with joined(address) as socket:  # others go on
        until(socket, "hello")
        ask(socket, "begin", scenario="small", seed=6)
        until(socket, "frame")


def test_what_was_played_is_taken_up_where_it_was_left(address):
    with joined(address) as socket:
        until(socket, "hello")
        ask(socket, "begin", scenario="small", seed=9)
        ask(socket, "programme", world="right", name="vocational", levers={"annual_budget": 500_000})
        ask(socket, "play", speed=240, until=20)
        whole = [until(socket, "frame") for _ in range(20) if socket.send('{"do": "drawn"}') is None]
        assert until(socket, "stopped")["week"] == 20
        ask(socket, "shock", kind="rhetoric", size=0.7, weeks=26)
        changes = [world["changes"] for world in until(socket, "changes")["worlds"]]
        ask(socket, "step")
        whole.append(until(socket, "frame"))
        assert changes[1]["programmes"].keys() == {"vocational"}
    with joined(address) as socket:
        until(socket, "hello")
        ask(socket, "begin", scenario="small", seed=9, changes=changes, week=20, have=12)
        layout = until(socket, "layout")
        assert (layout["week"], layout["have"]) == (20, 12)
        assert [until(socket, "frame") for _ in range(8)] == whole[12:20]
        ask(socket, "step")
        assert until(socket, "frame") == whole[20]
        ask(socket, "play", speed=240, until=20)  # that is past
        assert until(socket, "stopped")["week"] == 21
        ask(socket, "back", week=5)
        ask(socket, "step")
        until(socket, "back")
        assert until(socket, "frame") == whole[5]


def test_futures_are_called_off(address):
    with joined(address) as socket:
        until(socket, "hello")
        ask(socket, "begin", scenario="small", seed=6)
        until(socket, "changes")
        ask(socket, "futures", count=200)
        until(socket, "futures")
        ask(socket, "futures", count=0)
        ask(socket, "presets")
        until(socket, "presets")
        began = time.monotonic()
        ask(socket, "futures", count=2)  # would come after the 200 if they were still lived
        while until(socket, "futures")["of"] != 2:
            pass
        assert time.monotonic() - began < 20


REFUSED = (
    "", "{", "[]", "null", "12", '"begin"', "{}", '{"do": 3}', '{"do": "fly"}', '{"do": "begin"}', "[" * 5000,
    '{"do": "begin", "scenario": "small", "lesson": "contact-alone"}', '{"do": "begin", "lesson": "../small"}',
    '{"do": "begin", "lesson": "contact-alone", "worlds": "x"}', '{"do": "lesson", "name": "/etc/passwd"}',
    '{"do": "begin", "scenario": "small", "changes": [{}]}', '{"do": "begin", "scenario": "small", "changes": [{}, {"region": {}}]}',
    '{"do": "begin", "scenario": "small", "changes": [{}, {"programmes": {"x": {"family": "none"}}}]}',
    '{"do": "begin", "scenario": "../../etc/passwd"}', '{"do": "begin", "scenario": "small", "seed": -1}',
    '{"do": "begin", "scenario": "small", "seed": 1e400}', '{"do": "play", "speed": 1e9}', '{"do": "play", "speed": NaN}',
    '{"do": "step"}', '{"do": "back", "week": -1}', '{"do": "programme", "world": "middle", "name": "x", "levers": {}}',
    '{"do": "shock", "kind": "rhetoric", "size": 7}', '{"do": "drawn", "count": -5}', '{"do": "save", "where": "/"}',
)  # fmt: skip


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_no_request_is_refused_and_the_room_goes_on(address, message):
    with joined(address) as socket:
        until(socket, "hello")
        socket.send(message)
        assert until(socket, "error")["text"]
        ask(socket, "presets")
        assert "vocational" in until(socket, "presets")["presets"]


def test_a_message_that_is_too_large_ends_its_own_room_only(address):
    from websockets.exceptions import ConnectionClosed

    with joined(address) as other:
        until(other, "hello")
        with joined(address) as socket:
            until(socket, "hello")
            with contextlib.suppress(ConnectionClosed):
                socket.send("x" * (server.MOST_BYTES + 1))
            with pytest.raises(ConnectionClosed):
                until(socket, "nothing")
        ask(other, "presets")
        assert until(other, "presets")


def test_rooms_do_not_see_each_other_and_their_number_is_limited(address):
    from websockets.exceptions import ConnectionClosed

    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(joined(address)) for _ in range(4)]
        for seed, socket in enumerate(sockets):
            until(socket, "hello")
            ask(socket, "begin", scenario="small", seed=seed)
            ask(socket, "step")
        frames = [until(socket, "frame") for socket in sockets]
        assert len(set(frames)) == 4
        fifth = stack.enter_context(joined(address))
        with pytest.raises(ConnectionClosed) as closed:
            until(fifth, "hello")
        assert closed.value.rcvd.code == server.FULL
        sockets[0].close()
        for _ in range(50):
            with joined(address) as again, contextlib.suppress(ConnectionClosed):
                until(again, "hello")
                break
            time.sleep(0.1)
        else:
            pytest.fail("a room that was left is not free")


def test_other_pages_and_other_names_are_refused(address):
    import urllib.error
    import urllib.request

    from websockets.exceptions import InvalidStatus

    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
        with pytest.raises((InvalidStatus, Exception)) as refused, joined(address, additional_headers=headers):
            pass
        assert "40" in str(refused.value)
    for path, code in (("/../server.py", 404), ("/%2e%2e/server.py", 404), ("/text/../../rooms.py", 404), ("/nothing", 404)):
        with pytest.raises(urllib.error.HTTPError) as missed:
            urllib.request.urlopen(f"http://{address}{path}", timeout=10)
        assert missed.value.code == code
    with urllib.request.urlopen(f"http://{address}/", timeout=10) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_wrong_arguments_are_told(region, tmp_path):
    import socket as sockets

    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for arguments, told in (
            (["nothing.toml"], "no such file"),
            (["--port", str(taken.getsockname()[1]), "--no-open"], "cannot listen there"),
            (["--host", "0.0.0.0", "--port", "0", "--no-open"], "by what name"),
            (["--host", "no.such.host.invalid", "--no-open"], "cannot listen there"),
        ):
            done = door.model.command(tmp_path, "workshop", *map(str, arguments))
            assert done.returncode == 2, done.stderr
            assert told in done.stderr
            assert "Traceback" not in done.stderr
