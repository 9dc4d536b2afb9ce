"""The page of the workshop in a real browser: played, followed, by keyboard, from disk, and over a server that is killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from stage import BROWSER, QUIET, needs_browser, opened, week_of, when

from sim.scenario.reading import load_scenario


@needs_browser
def test_a_trainer_plays_two_worlds_switches_a_programme_on_and_strikes_them(page, tmp_path):
    when(page, "document.querySelector('#week').value == 1")
    page.click(".right .programmes button[data-name=vocational]")
    page.wait_for_selector(".right .programmes button[data-name=vocational][aria-pressed=true]")
    assert page.get_attribute(".left .programmes button[data-name=vocational]", "aria-pressed") == "false"
    page.click(".right .programmes button.more")
    page.fill("[data-lever=cohort_size]", "40")
    when(page, "document.querySelector('[data-lever=cohort_size]').value == 40")
    page.fill("[data-lever=placements]", "0.9")
    assert page.text_content("label.lever:has([data-lever=cooperation]) .badge") == "measured: A6"
    page.click("#turn form button")
    page.click(".left .programmes button[data-name=mechanisms]")
    page.uncheck("[data-lever=self_excitation]")
    page.keyboard.press("Escape")
    page.select_option("#speed", "240")
    page.click("#play")
    when(page, "Number(document.querySelector('#week').value) > 40")
    page.click("[data-shock=rhetoric]")
    when(page, "document.querySelector('#news').textContent.includes('Hostile rhetoric begins')")
    page.click("#play")
    page.wait_for_timeout(300)
    stopped = week_of(page)
    page.wait_for_timeout(300)
    assert week_of(page) == stopped
    assert page.text_content("#play").endswith("Play")
    assert "Hostile rhetoric begins" in page.text_content("#news")
    assert page.get_attribute("[data-shock=rhetoric]", "class") == "lasting"
    assert page.text_content(".left .told") != page.text_content(".right .told")
    page.fill("#week", "10")
    assert week_of(page) == 10
    page.click("#back")
    when(page, "document.querySelector('#back').hidden")
    assert week_of(page) == 10
    box = page.evaluate("document.querySelector('#force').getBoundingClientRect().toJSON()")
    clean = page.evaluate("document.querySelector('#force').toDataURL()")
    page.click("#predict")
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
    page.mouse.up()
    page.click("#predict")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('#force').toDataURL()") != clean
    page.click(".left .programmes button[data-name=organizing]")
    page.click("#many")  # at once, before the change is confirmed
    when(page, "document.querySelector('#many_told').textContent.includes('of 50 futures so far, B against A')")
    page.click("#many")
    assert page.text_content("#many_told") == ""
    handed = {}
    page.on("download", lambda file: handed.update({file.suggested_filename: file}))
    page.click("#save")
    while len(handed) < 3:
        page.wait_for_timeout(50)
    assert handed.keys() == {"world-a.toml", "world-b.toml", "worlds.png"}
    assert Path(handed["worlds.png"].path()).read_bytes().startswith(b"\x89PNG")
    saved = tmp_path / "saved.toml"
    handed["world-a.toml"].save_as(saved)
    assert load_scenario(saved).title.startswith("small border: world A")
    assert "self_excitation = false" in saved.read_text("utf-8")
    page.click("#play")
    when(page, "document.querySelector('#week').value == 156")


@needs_browser
def test_the_page_by_keyboard_in_another_language_and_followed(page):
    for said, taken in (("-3", "0"), ("2.5", "3"), ("1e9", "999999"), ("4", "4")):  # always the number of a world
        page.fill("#seed", said)
        page.press("#seed", "Enter")
        assert page.input_value("#seed") == taken
    assert page.is_hidden("#message")
    page.wait_for_timeout(500)
    when(page, "document.querySelector('#week').value == 1")
    page.select_option("#language", "es")
    when(page, "document.querySelector('#play').textContent.includes('Iniciar')")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    when(page, "document.querySelector('#week').value == 2")
    page.keyboard.press("ArrowLeft")
    when(page, "document.querySelector('#week').value == 1")
    page.keyboard.press(" ")
    when(page, "Number(document.querySelector('#week').value) > 20")
    page.keyboard.press(" ")
    place = page.evaluate("document.querySelector('.left .map').getBoundingClientRect().toJSON()")
    for dx in range(20, int(place["width"]) - 20, 12):  # some community is hit on the way along the border
        for dy in (0.2, 0.3, 0.7, 0.8):
            page.mouse.click(place["x"] + dx, place["y"] + dy * place["height"])
            page.wait_for_timeout(20)
            if page.is_visible("#everywhere"):
                page.wait_for_selector("#inside button")
                assert "cerca de" in page.text_content("#news_title")
                assert "agravio" in page.text_content("#card")
                page.click("#inside button >> nth=0")
                when(page, "document.querySelector('#news_title').textContent.startsWith('empresa en')")
                page.click("#inside button >> nth=-1")
                when(page, "document.querySelector('#news_title').textContent.startsWith('Puesto 8 de empresa en')")
                assert "calidez" in page.text_content("#card")
                page.click("#everywhere")
                when(page, "document.querySelector('#news_title').textContent == 'Qué ocurrió'")
                return
    pytest.fail("no community could be clicked")


@needs_browser
def test_who_presses_play_at_once_need_not_press_it_again(address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        page = browser.new_page()
        page.goto(f"http://{address}/?region=quiet-border&seed=77")
        page.click("#play")
        when(page, "document.querySelector('#week').value > 5")
        assert page.text_content("#play").endswith("Pause")
        browser.close()


@needs_browser
def test_nothing_serious_stands_in_the_way_of_those_who_see_or_point_otherwise(address):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        page = browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 720}).new_page()
        page.goto(f"http://{address}/?region=small&seed=4")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.click(".right .programmes button >> nth=0")
        page.select_option("#speed", "240")
        page.click("#play")
        when(page, "document.querySelector('#week').value > 30")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in {"serious", "critical"}] == []
        browser.close()


@needs_browser
def test_a_replay_plays_from_disk(page, tmp_path):
    page.click(".right .programmes button[data-name=policing]")
    page.select_option("#speed", "240")
    page.click("#play")
    when(page, "document.querySelector('#week').value == 156")
    told = page.text_content(".right .told")
    with page.expect_download() as download:
        page.click("#replay")
    file = tmp_path / "replay.html"
    download.value.save_as(file)
    assert file.stat().st_size < 400_000
    faults, asked = [], []
    again = page.context.browser.new_page(viewport={"width": 1280, "height": 720})
    again.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    again.on("pageerror", lambda fault: faults.append(str(fault)))
    again.on("request", lambda request: asked.append(request.url))
    again.goto(file.as_uri())
    again.wait_for_selector("body[data-ready]", timeout=20_000)
    assert again.text_content("#date").endswith("week 1 of 156")
    again.select_option("#speed", "40")
    again.click("#play")
    when(again, "document.querySelector('#week').value > 10")
    again.click("#play")
    again.fill("#week", "156")
    when(again, "document.querySelector('#date').textContent.endsWith('week 156 of 156')")
    assert again.text_content(".right .told") == told
    assert again.inner_text("#news") != ""
    assert "[programmes.policing]" in again.text_content(".right pre")
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@needs_browser
def test_a_page_whose_server_is_killed_goes_on_when_it_is_there_again(region):
    from playwright.sync_api import sync_playwright

    process, port = opened(region)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
            page = browser.new_page(locale="en-US")
            page.goto(f"http://localhost:{port}/?region=small&seed=4")
            page.wait_for_selector("body[data-ready]", timeout=60_000)
            page.click(".right .programmes button[data-name=policing]")
            page.select_option("#speed", "240")
            page.click("#play")
            when(page, "document.querySelector('#week').value > 40")
            page.click("[data-shock=rhetoric]")
            when(page, "document.querySelector('#news').textContent.includes('Hostile rhetoric begins')")
            process.kill()
            process.wait()
            page.wait_for_selector("#message:not([hidden])", timeout=20_000)
            assert "connection is lost" in page.text_content("#message")
            assert page.text_content("#play").endswith("Play")
            left = week_of(page)
            process, _ = opened(region, port)
            page.wait_for_selector("#message", state="hidden", timeout=30_000)
            assert week_of(page) == left
            page.click("#play")
            when(page, "document.querySelector('#week').value == 156")
            told = [page.text_content(f".{world} .told") for world in ("left", "right")]
            page.reload()  # it comes back from nothing, too
            when(page, "document.body.dataset.ready == 'yes' && document.querySelector('#week').value == 156")
            assert [page.text_content(f".{world} .told") for world in ("left", "right")] == told
            assert page.get_attribute(".right [data-name=policing]", "aria-pressed") == "true"
            with page.expect_download() as download:
                page.click("#save")
            text = Path(download.value.path()).read_text("utf-8")
            assert "[shocks.rhetoric-" in text
            browser.close()
        assert told[0] != told[1]
    finally:
        process.kill()
        process.wait()
