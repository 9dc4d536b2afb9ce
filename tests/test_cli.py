"""The command as its users meet it: installed, in a folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import door
import pandas as pd
import pytest

from sim.about import __version__
from sim.errors import EXIT_CODES

COMMAND = shutil.which("bridgework", path=sysconfig.get_path("scripts")) or shutil.which("bridgework")

EXPERIMENT = """
bridgework = "experiment/1"
title = "Two arms [red]not markup[/]"
scenario = "town.toml"
reference = "none"
seeds = 3
[arms.none]
label = "nothing [b]"
[arms.some.programmes.p]
family = "vocational"
annual_budget = 400_000
years = 1
"""

TOWN = """
bridgework = "scenario/1"
title = "Two towns"
years = 2
burn_in_weeks = 10
[region]
sides = ["East", "West"]
[region.layout]
communities_per_side = 2
[region.institutions.enterprise]
per_community = 2
staff = 10
"""


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "town.toml").write_text(TOWN, "utf-8")
    (tmp_path / "two.toml").write_text(EXPERIMENT, "utf-8")
    return tmp_path


def call(desk, *arguments):
    return door.model.command(desk, *arguments)


def installed(desk, *arguments, **options):
    assert COMMAND, "the command bridgework is not installed"
    return subprocess.run(
        [COMMAND, *arguments], cwd=desk, capture_output=True, text=True, encoding="utf-8", timeout=180, **options
    )


def test_version_and_help(desk):
    assert installed(desk, "--version").stdout.strip() == f"bridgework {__version__}"
    shown = installed(desk, "--help", env=os.environ | {"COLUMNS": "200"}).stdout
    for word in ("run", "compare", "effects", "scenarios", "check", "Exit codes", "130"):
        assert word in shown
    for command in ("run", "compare", "effects", "check"):
        assert "Example" in call(desk, command, "--help").stdout
    assert set(EXIT_CODES) == {0, 1, 2, 3, 4, 5, 130}


def test_help_needs_none_of_the_heavy_libraries(desk):
    code = "import sys; import sim, sim.cli; print([m for m in ('numba', 'mesa', 'pandas', 'matplotlib', 'scipy', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=desk, capture_output=True, text=True).stdout.strip() == "[]"


def test_the_library_is_listed_described_and_copied_out(desk):
    names = [e["name"] for e in json.loads(call(desk, "scenarios", "list", "--json").stdout)["entries"]]
    assert {"quiet-border", "none-modest-generous"} <= set(names)
    assert "2640" in call(desk, "scenarios", "describe", "quiet-border").stdout
    assert call(desk, "scenarios", "copy", "quiet-border", "mine.toml").returncode == 0
    assert call(desk, "check", "mine.toml").returncode == 0
    again = call(desk, "scenarios", "copy", "quiet-border", "mine.toml")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert call(desk, "scenarios", "copy", "quiet-bordr").returncode == 2


def test_check_says_what_a_file_is_and_prints_schemas(desk):
    document = json.loads(call(desk, "check", "two.toml", "--json").stdout)
    assert (document["kind"], document["workers"], document["seeds"]) == ("experiment", 80, 3)
    assert 0 < document["loop_gain"] < 0.9
    assert json.loads(call(desk, "check", "--schema", "scenario").stdout)["title"] == "Scenario"
    assert call(desk, "check", "--schema", "poem").returncode == 2
    assert call(desk, "check").returncode == 2


def test_a_users_mistake_gets_one_message_and_no_trace(desk):
    (desk / "bad.toml").write_text(TOWN.replace("staff = 10", "stuff = 10"), "utf-8")
    for arguments in (
        ("run", "bad.toml"),
        ("check", "bad.toml"),
        ("compare", "nowhere.toml", "-p", "1"),
        ("run", "quiet-boarder"),
    ):
        done = call(desk, *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    assert 'did you mean "staff"' in call(desk, "run", "bad.toml").stderr
    assert not (desk / "results").exists()


def test_run_writes_a_study_with_a_picture_and_causes(desk):
    done = installed(desk, "run", "town.toml", "--seed", "4", "--csv", "--json")
    document = json.loads(done.stdout)
    study = desk / document["study"]
    assert (study / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert (study / "csv" / "incidents.csv").read_text("utf-8").startswith("arm,seed,incident,crossing,kind")
    assert document["outcomes"]["community_trust"] > 0
    assert "not a forecast" in call(desk, "run", "town.toml", "--seed", "4").stdout


def test_compare_ends_with_a_table_a_picture_and_a_sentence(desk):
    done = installed(desk, "compare", "two.toml", "--out", "here", "--all")
    assert done.returncode == 0, done.stderr
    assert "force_rate" in done.stdout
    assert "Picture: here" in done.stdout
    assert 'Finding: Compared with "nothing [b]"' in done.stdout
    assert "[red]not markup[/]" in done.stdout
    assert "6 of 6" in done.stderr
    assert (desk / "here" / "picture.png").stat().st_size > 10_000
    first = json.loads(call(desk, "compare", "two.toml", "--out", "here", "--json", "-p", "1").stdout)
    assert {row["outcome"] for row in first["effects"]} >= {"force_rate", "community_trust"}
    assert call(desk, "-q", "compare", "two.toml", "--out", "here", "-p", "1").stderr == ""


def test_effects_prints_reach_gains_and_ranges(desk):
    done = call(desk, "effects", "two.toml", "--seeds", "2", "--draws", "2", "--json", "-p", "2")
    assert done.returncode == 0, done.stderr
    arm = json.loads(done.stdout)["arms"]["some"]
    assert 0 < arm["reach"]["share_of_staff"] < 1
    assert set(arm["gains"]) == {
        "warmth",
        "trust in strangers",
        "reliance on persons met",
        "competence",
        "conduct",
        "intercultural skill",
    }
    assert set(arm["primary"]) == {"force_rate", "community_trust"}
    assert set(arm["own"]) == {"projects", "incident_rate_labour", "livelihoods"}
    words = ("--seeds", "3", "--draws", "2", "--worlds", "2", "--no-gains", "--arm", "some", "-p", "1")
    done = call(desk, "effects", "two.toml", *words, "--picture", "spread.png", "--table", "tables/all.csv")
    assert done.returncode == 0, done.stderr
    assert "flow:" in done.stdout
    assert "participants:" not in done.stdout
    assert (desk / "spread.png").stat().st_size > 10_000
    table = pd.read_csv(desk / "tables" / "all.csv")
    assert list(table["under"]) == ["defaults"] * 3 + ["ranges"] * 2
    assert table.loc[table["under"] == "ranges", "contact.bad_weight"].nunique() == 2
    runs = call(desk, "compare", "two.toml", "--seeds", "3", "-p", "1", "--json")
    paired = {row["outcome"]: row["effect"] for row in json.loads(runs.stdout)["effects"]}
    found = table[table["under"] == "defaults"]
    for name in ("force_rate", "community_trust", "projects"):
        assert found[name].mean() == pytest.approx(paired[name], rel=1e-4)
    done = call(desk, "effects", "two.toml", "--arm", "sum", "-p", "1")
    assert (done.returncode, "no such arm" in done.stderr) == (2, True)
    (desk / "bare.toml").write_text(EXPERIMENT.split("[arms.some", maxsplit=1)[0], "utf-8")
    assert call(desk, "effects", "bare.toml", "-p", "1").returncode == 2


def test_the_map_is_drawn_of_one_world_and_of_several(desk):
    done = call(desk, "map", "town.toml", "--out", "maps/one.png")
    assert done.returncode == 0, done.stderr
    assert (desk / "maps" / "one.png").stat().st_size > 10_000
    done = call(desk, "map", "town.toml", "--worlds", "3", "--after", "1", "--seed", "5", "-p", "1")
    assert (desk / "map.png").stat().st_size > 10_000
    assert "3 of 3" in done.stderr
    for wrong in ("0", "99", "-1"):
        done = call(desk, "map", "town.toml", f"--after={wrong}")
        assert done.returncode == 2
        assert "above 0, at most" in done.stderr


def test_a_seed_alone_twelve_arms_and_dollars_in_labels_are_shown_too(desk):
    done = call(desk, "compare", "two.toml", "--seeds", "1", "-p", "1")
    assert "nothing can be concluded" in done.stdout
    arms = "".join(f'[arms.a{k}]\nlabel = "a $\\\\bad{{$ {k} that is a rather long label"\n' for k in range(11))
    (desk / "many.toml").write_text(EXPERIMENT.split("[arms.some", maxsplit=1)[0] + arms, "utf-8")
    done = call(desk, "compare", "many.toml", "--seeds", "2", "-p", "1")
    assert done.returncode == 0, done.stderr
    assert "…" not in done.stdout
    assert (desk / done.stdout.split("Picture: ")[1].splitlines()[0]).exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes of a POSIX shell")
def test_the_wrong_kind_of_file_and_a_reader_who_leaves(desk):
    assert "this file is a scenario, not an experiment" in call(desk, "compare", "town.toml", "-p", "1").stderr
    assert call(desk, "run", "two.toml").returncode == 2
    assert call(desk, "compare", "two.toml", "--out", "two.toml", "-p", "1").returncode == 2
    piped = subprocess.run(
        f"set -o pipefail; '{COMMAND}' check --schema scenario | head -1",
        shell=True,
        executable="/bin/bash",
        cwd=desk,
        capture_output=True,
    )
    assert piped.returncode in (0, 141)
    full = subprocess.run(f"'{COMMAND}' check --schema scenario > /dev/full", shell=True, cwd=desk, capture_output=True)
    assert full.returncode == 4


def test_one_arm_and_no_incident_at_all_are_shown_too(desk):
    quiet = (
        EXPERIMENT
        + "[arms.none.parameters.incidents]\neveryday_rate = 0.0\narmed_rate = 0.0\n"
        + "[arms.some.parameters.incidents]\neveryday_rate = 0.0\narmed_rate = 0.0\n"
    )
    (desk / "quiet.toml").write_text(quiet, "utf-8")
    done = call(desk, "compare", "quiet.toml", "-p", "1")
    assert done.returncode == 0, done.stderr
    assert "exactly as they were" in done.stdout
    (desk / "one.toml").write_text(EXPERIMENT.split("[arms.some", maxsplit=1)[0], "utf-8")
    done = call(desk, "compare", "one.toml", "-p", "1")
    assert done.returncode == 0, done.stderr
    assert "One arm only" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_stops_cleanly_and_keeps_what_is_done(desk, processes):
    (desk / "long.toml").write_text(EXPERIMENT.replace("seeds = 3", "seeds = 600"), "utf-8")
    command = [str(COMMAND), "compare", "long.toml", "--out", "long", "-p", processes]
    process = subprocess.Popen(
        command, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 60
    while not list(desk.glob("long/runs/*.parquet")) and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "are kept in long" in error
    assert "Traceback" not in error + out
    import pyarrow.parquet as pq

    assert len(pq.read_table(desk / "long" / "runs")) > 0


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize("after", [0.5, 0.8, 2.0, 3.2])
def test_ctrl_c_while_workers_start_neither_hangs_nor_shows_a_trace(desk, after):
    (desk / "long.toml").write_text(EXPERIMENT.replace("seeds = 3", "seeds = 600"), "utf-8")
    command = [str(COMMAND), "compare", "long.toml", "--out", f"early {after}", "-p", "2"]
    process = subprocess.Popen(
        command, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=90)
    assert process.returncode == 130, error
    assert "Interrupted" in error
    assert "Traceback" not in error + out


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_that_the_compiler_swallows_is_answered_at_the_next_piece_of_work(desk):
    code = """
import os, signal
from sim.interrupts import heed_ctrl_c, interrupts
heed_ctrl_c()
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("raised elsewhere")
exec("os.kill(os.getpid(), signal.SIGINT)", {"__name__": "llvmlite.binding.ffi", "os": os, "signal": signal})
try:
    with interrupts():
        print("went on")
except KeyboardInterrupt:
    print("stopped")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=desk, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["raised elsewhere", "stopped"], done.stderr


def test_a_folder_that_cannot_be_written_is_told(desk):
    (desk / "file").write_text("", "utf-8")
    done = call(desk, "run", "town.toml", "--out", "file/study")
    assert done.returncode == 4
    assert "cannot be written" in done.stderr


def test_rules_are_compiled_anew_where_no_cache_can_be_written(desk):
    blocked = desk / "blocked"
    blocked.write_text("", "utf-8")
    code = "import warnings; warnings.simplefilter('ignore'); import sim.compiled as c; print(c.CACHE_FOLDER, c.is_warm())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=desk,
        env=os.environ | {"BRIDGEWORK_CACHE_DIR": str(blocked)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "None False", done.stderr


def test_what_is_tested_is_the_installed_package():
    import sim

    assert Path(sim.__file__).name == "__init__.py"
    assert COMMAND
