"""Try the view in Mesa's own visualisation with its pins, in a fresh environment and without a network: ``python benchmarks/mesa_view.py``.

It installs bridgework and ``docs/mesa-view/requirements.txt`` into a new virtual environment (some 1.5 GB), opens the page in Chromium,
takes steps, and says what it saw. It needs Chromium, and what ``pip install "bridgework[test]"`` installs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
VIEW = HOME / "docs" / "mesa-view"
PORT = 8799
WEEKS = 5


def installed(folder: Path) -> Path:
    """Make an environment with bridgework and what the view needs; return its folder of commands."""
    venv.create(folder, with_pip=True)
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [
        commands / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        HOME / "constraints.txt",
        HOME,
        "-r",
        VIEW / "requirements.txt",
    ]
    subprocess.run(pip, check=True)  # noqa: S603
    return commands


def tried(commands: Path, picture: Path | None) -> None:
    """Open the view, live some weeks in it, and say what was seen."""
    from playwright.sync_api import sync_playwright

    order = [commands / "solara", "run", VIEW / "app.py", "--host", "localhost", "--port", str(PORT), "--production"]
    with subprocess.Popen(order, cwd=HOME, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            with sync_playwright() as play:
                chromium = os.environ.get("BRIDGEWORK_CHROMIUM") or shutil.which("chromium")
                browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                for _ in range(60):
                    try:
                        page.goto(f"http://localhost:{PORT}/")
                        break
                    except Exception:  # noqa: BLE001  (not yet open)
                        time.sleep(1.0)
                step = page.get_by_role("button", name="Step")
                step.wait_for(timeout=180_000)
                for week in range(1, WEEKS + 1):
                    step.click()
                    page.get_by_text(f"Step: {week}", exact=True).wait_for(timeout=30_000)
                time.sleep(3.0)
                pictures = page.locator("img").count() + page.locator("svg").count()
                if picture is not None:
                    page.screenshot(path=picture)
                print(f"the view opened, and {WEEKS} weeks were lived in it; pictures on the page: {pictures}")
                browser.close()
        finally:
            process.terminate()


def main() -> None:
    """Install and try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="write what was seen")
    parser.add_argument("--commands", type=Path, help="folder of commands of an environment that has it all already")
    asked = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, pins of {VIEW / 'requirements.txt'}")
    if asked.commands is not None:
        tried(asked.commands, asked.picture)
        return
    with tempfile.TemporaryDirectory() as folder:
        tried(installed(Path(folder)), asked.picture)


if __name__ == "__main__":
    main()
