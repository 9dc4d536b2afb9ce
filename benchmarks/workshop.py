"""Measure the workshop in a real browser, and with many rooms at once: ``python benchmarks/workshop.py [docs/workshop.md]``.

``--walk FOLDER`` walks through every lesson instead, from start to end, with a screenshot of each step; ``--picture FILE`` takes one of a lesson.
It needs Chromium, and what ``pip install "bridgework[test]"`` installs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sim.about import MODEL_VERSION

COMMAND = Path(sys.executable).parent / "bridgework"
CHROMIUM = os.environ.get("BRIDGEWORK_CHROMIUM") or shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LOOK = """() => {
  window.seenWeeks = new Set();
  const look = () => { window.seenWeeks.add(document.querySelector("#week").value); requestAnimationFrame(look); };
  look();
}"""
"""Counts the different weeks that are seen, picture by picture."""
TURNS = 5
ROOMS = 20
WEEKS = 200
SECONDS = 30.0
MARKS = ("<!-- measured -->", "<!-- end -->")


def started(port: int = 0) -> tuple[subprocess.Popen[str], str]:
    """Start the workshop; return its process and address."""
    order = [COMMAND, "workshop", "--port", str(port), "--no-open"]
    process = subprocess.Popen(order, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://\S+", line):
            return process, found[0].replace("localhost", "127.0.0.1")
    raise SystemExit("the workshop did not open")


def in_a_browser() -> dict[str, float]:
    """Start the workshop anew, open the page, play two default regions, and pause."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        faults: list[str] = []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        began = time.monotonic()
        process, address = started()
        try:
            page.goto(address)
            page.click("#play")
            while int(page.input_value("#week")) < 2:
                page.wait_for_timeout(5)
            moving = time.monotonic() - began
            paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000.0
            page.select_option("#speed", "240")
            page.evaluate(LOOK)
            page.wait_for_timeout(4000)
            rate = page.evaluate("window.seenWeeks.size") / 4.0
            asked = time.monotonic()
            page.click("#play")
            last = page.input_value("#week")
            still = time.monotonic()
            while time.monotonic() - still < 0.5:
                page.wait_for_timeout(5)
                if (now := page.input_value("#week")) != last:
                    last, still = now, time.monotonic()
            return {"moving": moving, "paint": paint, "rate": rate, "pause": still - asked, "faults": float(len(faults))}
        finally:
            browser.close()
            process.terminate()
            process.wait()


def memory(process: subprocess.Popen[str]) -> float:
    """Return the memory that a process holds, in MB (Linux)."""
    text = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1000.0  # type: ignore[index]


def one_room(address: str, seed: int, until: float, seen: list[int]) -> None:
    """Play in a room until a moment, or leave it at random and come again."""
    from websockets.sync.client import connect

    lot = random.Random(seed)  # noqa: S311
    while time.monotonic() < until:
        with connect(address.replace("http", "ws") + "talk", max_size=None) as socket:
            leave = time.monotonic() + lot.uniform(2.0, SECONDS)
            socket.send(json.dumps({"do": "begin", "scenario": "quiet-border", "seed": seed}))
            socket.send(json.dumps({"do": "play", "speed": 15}))
            last = -1
            while time.monotonic() < min(leave, until):
                try:
                    said = socket.recv(timeout=1.0)
                except TimeoutError:
                    continue
                if isinstance(said, bytes):
                    week = struct.unpack_from("<i", said, 4)[0]
                    assert week == last + 1, (week, last)
                    last = week
                    seen.append(seed)
                    socket.send('{"do": "drawn"}')


def many_rooms() -> dict[str, float]:
    """Let many rooms play at once, tabs closing at random, and see whether memory comes back."""
    process, address = started()
    try:
        seen: list[int] = []
        one_room(address, 1, time.monotonic() + 5.0, [])
        time.sleep(1.0)
        before = memory(process)
        until = time.monotonic() + SECONDS
        threads = [threading.Thread(target=one_room, args=(address, seed, until, seen)) for seed in range(ROOMS)]
        for thread in threads:
            thread.start()
        most = before
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            most = max(most, memory(process))
        time.sleep(3.0)
        counts = [seen.count(seed) / SECONDS for seed in range(ROOMS)]
        return {
            "before": before,
            "most": most,
            "after": memory(process),
            "rate": sum(counts),
            "least": min(counts),
            "largest": max(counts),
        }
    finally:
        process.terminate()
        process.wait()


def steadfast(address: str, seed: int, weeks: int, frames: list[bytes], back: dict[int, float]) -> None:
    """Play some weeks in a room, and take up again whatever happens to the server."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    while len(frames) < weeks:
        lost = len(frames)
        try:
            with connect(address.replace("http", "ws") + "talk", max_size=None) as socket:
                begin = {"do": "begin", "scenario": "quiet-border", "seed": seed, "changes": [{}, {}], "week": lost, "have": lost}
                socket.send(json.dumps(begin))
                socket.send(json.dumps({"do": "play", "speed": 15}))
                while len(frames) < weeks:
                    said = socket.recv(timeout=120)
                    if isinstance(said, bytes):
                        assert struct.unpack_from("<i", said, 4)[0] == len(frames)
                        frames.append(said)
                        socket.send('{"do": "drawn"}')
                        if lost and len(frames) == lost + 1:
                            back[seed] = time.monotonic()
        except (ConnectionClosed, OSError):
            time.sleep(0.2)


def killed() -> dict[str, float]:
    """Kill the server while many rooms play, start it again, and hold what they were sent against worlds without a break."""
    from sim.workshop.frames import paired
    from sim.workshop.session import Session

    process, address = started()
    rooms: list[list[bytes]] = [[] for _ in range(ROOMS)]
    back: dict[int, float] = {}
    threads = [threading.Thread(target=steadfast, args=(address, seed, WEEKS, rooms[seed], back)) for seed in range(ROOMS)]
    try:
        for thread in threads:
            thread.start()
        while min(map(len, rooms)) < WEEKS // 2:
            time.sleep(0.1)
        process.kill()
        process.wait()
        process, _ = started(int(address.rstrip("/").rsplit(":", 1)[1]))
        again = time.monotonic()
        for thread in threads:
            thread.join()
        same = 0
        for seed, frames in enumerate(rooms):
            session = Session.begin("quiet-border", seed)
            session.live_until(WEEKS)
            same += frames == [paired(pair) for pair in zip(*(play.frames for play in session.plays), strict=True)]
        return {"back": max(back.values()) - again, "same": float(same), "broken": float(len(back))}
    finally:
        process.kill()
        process.wait()


def walked(folder: Path) -> None:
    """Walk through every lesson on the page, voting where the room is asked, and keep a screenshot of each step."""
    from playwright.sync_api import sync_playwright

    from sim.scenario import library
    from sim.workshop.lessons import load_lesson

    folder.mkdir(parents=True, exist_ok=True)
    process, address = started()
    faults: list[str] = []
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US")
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda fault: faults.append(str(fault)))
            page.goto(address)
            page.wait_for_selector("body[data-ready]")
            for name in library.names("lessons"):
                steps = load_lesson(name).file.steps
                page.click("#lessons")
                page.click(f"[data-lesson='{name}']")
                page.wait_for_selector("#lesson:not([hidden])")
                page.wait_for_timeout(1500)
                for number, step in enumerate(steps, 1):
                    performed(page, [act.do for act in step.do])
                    page.screenshot(path=folder / f"{name}-{number}.png")
                    print(
                        f"{name} {page.text_content('#lesson_step')} | {page.text_content('#date')} | {page.text_content('#versus')}"
                    )
                    if number < len(steps):
                        page.click("#lesson_next")
            browser.close()
    finally:
        process.terminate()
        process.wait()
    print(f"faults on the console: {len(faults)}")


def performed(page: Any, acts: list[str]) -> None:
    """Press the button of a step, and see it through to its end."""
    if not acts:
        return
    page.click("#lesson_do")
    while page.get_attribute("#lesson_do", "data-busy") and not ("futures" in acts and page.text_content("#many_ties")):
        if page.is_visible("#votes"):
            for choice in ("more1", "more1", "less1"):
                page.click(f"[data-vote={choice}]")
            page.keyboard.press("Escape")
        elif page.input_value("#speed") != "240":
            page.select_option("#speed", "240")
        page.wait_for_timeout(50)
    while "futures" in acts and "(" not in (page.text_content("#many_ties") or ""):  # the first have come, with an interval
        page.wait_for_timeout(200)


def pictured(file: Path) -> None:
    """Take a picture of a lesson under way."""
    from playwright.sync_api import sync_playwright

    process, address = started()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US")
            page.goto(f"{address}?lesson=donor-leaves")
            page.wait_for_selector("#lesson:not([hidden])")
            page.wait_for_timeout(1000)
            performed(page, ["play"])
            page.click("#lesson_next")
            page.click("#lesson_next")
            performed(page, ["play"])
            page.wait_for_timeout(500)
            page.screenshot(path=file)
            browser.close()
    finally:
        process.terminate()
        process.wait()


def told() -> list[str]:
    """Measure, and tell in lines of Markdown."""
    turns = [in_a_browser() for _ in range(TURNS)]
    median: dict[str, Any] = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
    rooms = many_rooms()
    after = killed()
    took_up, same = f"{after['broken']:.0f}", f"{after['same']:.0f}"
    killed_told = (
        f"- the server killed in the middle of {ROOMS} rooms and started again: {took_up} rooms took up where they were, "
    )
    killed_told += f"the last {after['back']:.1f} s after it was open; all that {same} of them saw is that of worlds without a break, bit by bit."
    faults = sum(turn["faults"] for turn in turns)
    each, held = (
        f"{rooms['least']:.1f} to {rooms['largest']:.1f}",
        [f"{rooms[name]:.0f} MB" for name in ("before", "most", "after")],
    )
    rooms_told = f"- {ROOMS} rooms at once, 15 weeks a second asked for in each, left and entered again at random: {each} weeks a second in each, "
    rooms_told += f"{rooms['rate']:.0f} in all; the server held {held[0]} before, {held[1]} at most, {held[2]} afterwards."
    return [
        f"Model version {MODEL_VERSION}, two shared cores, headless Chromium, `quiet-border` twice; medians of {TURNS} starts:",
        "",
        f"- from the command, rules compiled, to a map that moves: {median['moving']:.1f} s; first paint: {median['paint']:.2f} s;",
        f"- {median['rate']:.0f} different weeks a second are seen at the fastest; a pause answers within {median['pause']:.2f} s;",
        f"- faults on the page's console, all starts together: {faults:.0f};",
        rooms_told,
        killed_told,
    ]


def main() -> None:
    """Print what was measured, or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--walk", type=Path, help="walk through all lessons; where to keep screenshots")
    parser.add_argument("--picture", type=Path, help="take a picture of a lesson")
    asked = parser.parse_args()
    if asked.walk is not None:
        walked(asked.walk)
        return
    if asked.picture is not None:
        pictured(asked.picture)
        return
    page = asked.page
    text = "\n".join(told())
    print(text)
    if page is not None:
        whole = page.read_text("utf-8")
        head, rest = whole.split(MARKS[0])
        page.write_text(f"{head}{MARKS[0]}\n{text}\n{MARKS[1]}{rest.split(MARKS[1])[1]}", "utf-8")


if __name__ == "__main__":
    main()
