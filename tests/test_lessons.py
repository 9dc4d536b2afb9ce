"""Lessons: those that come along can be walked from start to end, in Python and by keyboard in a browser; broken ones say what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import door
import pytest
from stage import BROWSER, QUIET, hold_against_the_lab, needs_browser, when

from sim.about import MODEL_VERSION
from sim.errors import InputError
from sim.scenario import library
from sim.workshop.lessons import Shelf, load_lesson, rehearsed
from sim.workshop.session import Session

NAMES = list(library.names("lessons"))
SOUND = """
bridgework = "lesson/1"
title = "Mine"
asks = "What is there?"
aim = "To see"
[worlds.only]
region = "{region}"
about = "B has a programme."
[worlds.only.right.programmes.mine]
family = "vocational"
annual_budget = 600_000
[[steps]]
title = "First"
text = "Look."
do = [{{ do = "play", until = 10 }}, {{ do = "shock", kind = "rhetoric" }}, {{ do = "play", until = 20 }}]
"""


def test_six_lessons_come_along_and_each_is_a_session_of_its_own():
    english = [load_lesson(name) for name in NAMES if "." not in name]
    assert len(english) >= 6
    for lesson in english:
        assert 20 <= lesson.minutes <= 40
        assert all(text for text in (lesson.file.aim, lesson.file.before, lesson.file.rests_on))
        assert all(step.question for step in lesson.file.steps)
        assert sum(bool(step.notes) for step in lesson.file.steps) >= len(lesson.file.steps) - 1
        kinds = {act.do for step in lesson.file.steps for act in step.do}
        assert {"play", "futures"} <= kinds
        assert kinds & {"vote", "draw"}, lesson.name
        assert f"model version {MODEL_VERSION}" in lesson.file.found  # python benchmarks/lessons.py
        assert lesson.file.found.count("\n- ") == len(lesson.openings)


@pytest.mark.parametrize("name", [name for name in NAMES if "." not in name])
def test_every_lesson_can_be_walked_to_its_end(name):
    lesson = load_lesson(name)
    steps = list(rehearsed(lesson))
    assert [number for number, _, _ in steps] == list(range(1, len(lesson.file.steps) + 1))
    weeks: dict[str, int] = {}
    for _, worlds, session in steps:
        weeks[worlds] = max(weeks.get(worlds, 0), session.week)
        if session.week > 52:  # whoever prepared worlds that do not differ has made a slip
            left, right = session.plays
            assert left.frames != right.frames or name == "donor-leaves"
    assert weeks.keys() == lesson.openings.keys()
    assert all(weeks.values())


def test_a_translation_says_all_anew_and_has_the_same_worlds():
    english, spanish = load_lesson("contact-alone"), load_lesson("contact-alone.es")
    assert spanish.file.language == "es"
    assert spanish.openings == english.openings
    assert [step.do for step in spanish.file.steps] == [step.do for step in english.file.steps]
    assert not {step.text for step in spanish.file.steps} & {step.text for step in english.file.steps}
    assert {w.about for w in spanish.file.worlds.values()}.isdisjoint(w.about for w in english.file.worlds.values())


def test_what_was_prepared_stays_when_one_goes_back_and_is_in_the_files_that_are_saved(region, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        SOUND.format(region=region) + "[worlds.only.both.shocks.later]\nkind = 'border_closure'\nweek = 30\nweeks = 8\n"
    )
    opening = load_lesson(path).openings["only"]
    session = Session.begin(opening.base, opening.seed, opening.prepared)
    session.live_until(20)
    session.programme(1, "mine", {"annual_budget": 900_000.0})
    session.programme(0, "policing", {})
    session.live_until(40)
    frames = [list(play.frames) for play in session.plays]
    session.rewind(0)
    assert [list(play.scenario.programmes) for play in session.plays] == [[], ["mine"]]
    session.live_until(20)
    session.programme(1, "mine", {"annual_budget": 900_000.0})
    session.programme(0, "policing", {})
    session.live_until(40)
    assert [play.frames for play in session.plays] == frames
    assert [list(play.scenario.shocks) for play in session.plays] == [["later"], ["later"]]
    hold_against_the_lab(session, tmp_path)


FAULTS = (
    ('region = "{region}"', 'region = "nowhere"', ("worlds.only.region", "no built-in scenario")),
    ('family = "vocational"', 'family = "cooking"', ("worlds.only.right", "cooking")),
    ("annual_budget", "anual_budget", ("worlds.only.right", "anual_budget")),
    ('title = "First"', 'tittle = "First"', ("steps.0", "tittle")),
    ("until = 10", 'until = "ten"', ("steps.0.do", "ten")),
    ('do = "play", until = 10', 'do = "fly"', ("steps.0.do", "fly")),
    ("[worlds.only]", "[world.only]", ("worlds", "world")),
    ('do = "play", until = 10', 'do = "worlds", name = "other"', ("steps.1.do", "no such worlds")),
    ("lesson/1", "lesson/7", ("bridgework", "lesson/7")),
    ("[worlds.only.right.programmes.mine]", "[worlds.only.right.region.programmes.mine]", ("worlds.only.right", "region")),
)
AT_ITS_STEP = (
    ("until = 20", "until = 5", ("step 1 (First)", "cannot be played up to")),
    ("until = 20", "until = 2000", ("step 1 (First)", "up to 156")),
    ('kind = "rhetoric"', 'kind = "storm"', ("step 1 (First)", "no such shock")),
    ('do = "play", until = 10', 'do = "follow", community = "Paris"', ("step 1 (First)", "no such community")),
    (
        'do = "play", until = 10',
        'do = "programme", world = "left", name = "x", levers = {}',
        ("step 1 (First)", "no such programme"),
    ),
)


@pytest.mark.parametrize(("old", "new", "told"), FAULTS)
def test_a_broken_lesson_is_told_with_file_and_key(region, tmp_path, old, new, told):
    path = tmp_path / "broken.toml"
    assert old in SOUND
    path.write_text(SOUND.replace(old, new.replace("{}", "{{}}")).format(region=region))
    with pytest.raises(InputError) as fault:
        load_lesson(path)
    assert "broken.toml" in str(fault.value)
    assert all(part in str(fault.value) for part in told), str(fault.value)


@pytest.mark.parametrize(("old", "new", "told"), AT_ITS_STEP)
def test_what_cannot_be_done_is_told_with_its_step(region, tmp_path, old, new, told):
    path = tmp_path / "broken.toml"
    path.write_text(SOUND.replace(old, new.replace("{}", "{{}}")).format(region=region))
    with pytest.raises(InputError) as fault:
        list(rehearsed(load_lesson(path)))
    assert all(part in str(fault.value) for part in told), str(fault.value)


def test_a_lesson_of_ones_own_by_the_command_line(region, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SOUND.format(region=region))
    done = door.model.command(tmp_path, "check", str(path))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{path}: a sound lesson")
    assert "minutes: 5" in done.stdout
    path.write_text(SOUND.format(region=region).replace("until = 20", "until = 9"))
    done = door.model.command(tmp_path, "check", str(path))
    assert done.returncode == 2
    assert "step 1 (First)" in done.stderr
    assert "Traceback" not in done.stderr
    shelf = Shelf.of([str(path), region])
    assert next(iter(shelf.lessons)) == "mine"
    assert shelf.opening(None, "mine", None).prepared[1]["programmes"].keys() == {"mine"}
    done = door.model.command(tmp_path, "run", str(path))
    assert done.returncode == 2
    assert "this file is a lesson, not a scenario" in done.stderr
    schema = json.loads(door.model.command(tmp_path, "check", "--schema", "lesson").stdout)
    assert {"worlds", "steps", "aim", "asks"} <= set(schema["required"])
    done = door.model.command(tmp_path, "scenarios", "copy", "rumour-night", "copy.toml")
    assert done.returncode == 0
    assert load_lesson(tmp_path / "copy.toml").file == load_lesson("rumour-night").file


def tab_to(page, selector):
    """Press the tabulator until something has the focus."""
    for _ in range(120):
        if page.evaluate(f"document.activeElement.matches('{selector}')"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached by keyboard")


@needs_browser
def test_a_lesson_by_keyboard_alone(address):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        page = browser.new_context(bypass_csp=True, viewport={"width": 1024, "height": 600}, locale="en-US").new_page()
        faults = []
        page.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(f"http://{address}/?region=small")
        page.wait_for_selector("body[data-ready]", timeout=60_000)

        def sound():
            found = Axe().run(page).response["violations"]
            assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in {"serious", "critical"}] == []

        def press(selector):
            tab_to(page, selector)
            page.keyboard.press("Enter")

        press("#legend")
        sound()
        page.keyboard.press("Escape")
        press("#lessons")
        press("[data-lesson=one-summit]")
        page.wait_for_selector("#lesson:not([hidden])")
        lesson = load_lesson("one-summit").file
        for number, step in enumerate(lesson.steps, 1):
            when(page, f"document.querySelector('#lesson_step').textContent.startsWith('{number}. ')")
            assert page.text_content("#lesson_step") == f"{number}. {step.title}"
            assert step.question.split("\n")[0] in page.text_content("#lesson_question")
            if step.do:
                press("#lesson_do")
                for on in [act.on for act in step.do if act.do == "vote"]:
                    when(page, f"document.querySelector('#votes').open && document.querySelector('#vote_on').value == '{on}'")
                    press("[data-vote=more1]")
                    press("[data-vote=same1]")
                    if on == "ties":
                        sound()
                    page.keyboard.press("Escape")
                    when(
                        page,
                        f"document.querySelector('#vote_told').textContent.includes('on {on} in B: less 0, much the same 1, more 1')",
                    )
                if any(act.do == "play" for act in step.do):
                    if number == 3:
                        tab_to(page, "#speed")
                        page.keyboard.press("End")
                    page.select_option("#speed", "240")  # which need not be done; it only saves time
                if any(act.do == "futures" for act in step.do):  # one need not wait until all have come
                    when(page, "document.querySelector('#many_ties').textContent.includes('on average')")
                else:
                    when(page, "!document.querySelector('#lesson_do').dataset.busy")
                    assert page.text_content("#lesson_do span") == "✓"
                plays = [act.until for act in step.do if act.do == "play"]
                if plays:
                    when(page, f"document.querySelector('#week').value == {plays[-1]}")
                    assert page.text_content("#play").endswith("Play")
            tab_to(page, "#lesson_notes summary")
            page.keyboard.press("Enter")
            assert page.is_visible("#lesson_notes div")
            if number == 4:
                assert "more ties" in page.text_content("#versus")
            if number == 5:
                sound()
            if number < len(lesson.steps):
                press("#lesson_next")
        assert page.is_disabled("#lesson_next")
        page.reload()  # the lesson is open where it was
        when(page, f"document.querySelector('#lesson_step').textContent.startsWith('{len(lesson.steps)}. ')")
        page.evaluate("window.print = () => { window.printed = document.querySelector('#handout').textContent; }")
        press("#lesson_print")
        paper = page.evaluate("window.printed")
        assert all(step.title in paper for step in lesson.steps)
        assert re.sub(r"\s+", " ", lesson.steps[6].notes) in re.sub(r"\s+", " ", paper)
        press("#lesson_close")
        assert page.is_hidden("#lesson")
        assert faults == []
        browser.close()


def test_the_lesson_in_the_docs_can_be_walked(tmp_path):
    page = Path(__file__).parent.parent / "docs" / "lessons.md"
    if not page.exists():
        pytest.skip("the docs are in the source tree only")
    text = page.read_text("utf-8")
    path = tmp_path / "docs.toml"
    path.write_text(text.split("```toml\n")[1].split("```")[0], "utf-8")
    assert [session.week for _, _, session in rehearsed(load_lesson(path))] == [104, 260]
    for name in NAMES:  # the table says of each how long it takes
        lesson = load_lesson(name)
        if "." not in name:
            assert f"(`{name}`" in text
            assert f"| {lesson.minutes} | {lesson.file.asks} |" in text


@needs_browser
def test_a_clumsy_hand_does_each_thing_of_a_lesson_once(region, tmp_path):
    from playwright.sync_api import sync_playwright
    from stage import served

    path = tmp_path / "mine.toml"
    steps = (
        '[[steps]]\ntitle = "Vote"\ntext = "Vote."\ndo = [{ do = "vote", on = "ties" }]\n'
        '[[steps]]\ntitle = "Two"\ntext = "Go."\ndo = [{ do = "play", until = 60, speed = 40 }]\n'
        '[[steps]]\ntitle = "Blow"\ntext = "Go."\ndo = [{ do = "shock", kind = "rhetoric" }, { do = "play", until = 150, speed = 6 }]\n'
    )
    path.write_text(SOUND.format(region=region).split("[[steps]]", maxsplit=1)[0] + steps)
    with served(str(path)) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US")
        page.goto(f"http://{address}/?lesson=mine")
        page.wait_for_selector("#lesson:not([hidden])")
        page.click("#lesson_do")  # a vote without hands is not done
        when(page, "document.querySelector('#votes').open")
        page.keyboard.press("Escape")
        when(page, "!document.querySelector('#lesson_do').dataset.busy")
        assert page.text_content("#lesson_do span") == "▶"
        page.click("#lesson_do")
        for choice, count in (("less", 14), ("same", 3), ("more", 8)):
            page.click(f"input[data-vote={choice}]")
            page.keyboard.type(str(count))
        page.keyboard.press("Escape")
        when(page, "document.querySelector('#vote_told').textContent.includes('less 14, much the same 3, more 8')")
        assert page.text_content("#lesson_do span") == "✓"
        page.click("#lesson_next")
        page.click("#lesson_next")  # past a step that was not played: it is made up for
        page.dblclick("#lesson_do")
        when(page, "document.querySelector('#week').value > 62")
        page.click("#play")  # pause, and go on by the step
        when(page, "!document.querySelector('#lesson_do').dataset.busy")
        assert page.text_content("#lesson_do span") == "▶"
        page.reload()
        when(
            page,
            "document.querySelector('#lesson_step').textContent.startsWith('3. ') && document.querySelector('#week').value > 62",
        )
        page.click("#lesson_do")
        page.select_option("#speed", "240")
        when(page, "document.querySelector('#week').value == 150")
        when(page, "document.querySelector('#lesson_do span').textContent === '✓'")
        assert page.is_disabled("#lesson_do")
        with page.expect_download() as download:
            page.click("#save")
        assert Path(download.value.path()).read_text("utf-8").count("[shocks.rhetoric") == 1
        assert "week = 60" in Path(download.value.path()).read_text("utf-8")
        page.click("#restart")
        when(page, "document.querySelector('#week').value == 1")
        assert page.is_enabled("#lesson_do")
        browser.close()
