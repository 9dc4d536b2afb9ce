"""What tests of the workshop start from: a small region, a server, a browser."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from sim.lab.run import run
from sim.scenario.reading import load_scenario
from sim.series import INDEX
from sim.workshop import server
from sim.workshop.frames import HEAD, SHOWN
from sim.workshop.lessons import Shelf

COMMAND = Path(sys.executable).parent / "bridgework"
COLUMNS = [INDEX[name] for name in SHOWN]


def shown(play):
    return np.array([np.frombuffer(frame, "<f4", len(SHOWN), HEAD.size) for frame in play.frames])


def hold_against_the_lab(session, tmp_path):
    """Hold both worlds against what the lab makes of the files that are saved of them."""
    for which, text in enumerate(session.saved()):
        path = tmp_path / f"{which}.toml"
        path.write_text(text, "utf-8")
        lived = run(load_scenario(path), session.seed).series[: session.week]
        assert (shown(session.plays[which]) == lived[:, COLUMNS].astype("f4")).all()


@contextlib.contextmanager
def served(region):
    """Serve the workshop from another thread; return where."""
    import uvicorn

    listening = server.bound("127.0.0.1", 0)
    config = server.configured(server.application(Shelf.of([region]), most=4))
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listening.getsockname()[1]}"
    running.should_exit = True
    thread.join(10)


BROWSER = (
    os.environ.get("BRIDGEWORK_CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
needs_browser = pytest.mark.skipif(
    not BROWSER and os.environ.get("BRIDGEWORK_BROWSER") != "needed", reason="no Chromium here (BRIDGEWORK_CHROMIUM names one)"
)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextlib.contextmanager
def looked_at(address):
    """Open the page in a browser; fail if it reports a fault, or asks anybody else for anything."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US")
        faults, asked = [], []
        page.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://{address}/?region=small&seed=4")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        yield page
        assert faults == []
        assert all(url.startswith(f"http://{address}/") for url in asked)
        browser.close()


def when(page, expression, seconds=60.0):
    """Wait until an expression is true; the page's own rules let no script of a test run in it."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(20)


def week_of(page):
    return int(page.input_value("#week"))


def opened(region, port=0):
    """Open a workshop in a process of its own; return it and its address."""
    process = subprocess.Popen([COMMAND, "workshop", region, "--port", str(port), "--no-open"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if found := re.search(r"http://localhost:(\d+)/", line):
            return process, int(found[1])
    pytest.fail("the workshop did not open")
