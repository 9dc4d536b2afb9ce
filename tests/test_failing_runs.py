"""Runs that raise, hang or end their process leave the others alone, and tell how they are lived again."""

from __future__ import annotations

import os

import pytest
from desks import SWEEP, call

from sim.lab.study import Study


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize(
    ("fault", "cause", "error"),
    [
        ("raise", "raised", "ZeroDivisionError: made up"),
        ("slow", "overdue", "not done within its limit"),
        ("hang", "killed", "ended its worker process 2 times"),
        ("kill", "killed", "ended its worker process 2 times"),
    ],
)
def test_a_run_that_fails_leaves_the_others_alone(desk, fault, cause, error):
    done = call(desk, "sweep", "sweep.toml", "--out", "s", "-p", "2", "--limit", "1", fault=fault)
    assert done.returncode == 3, done.stderr
    assert "2 of 8 runs failed and are left out" in done.stderr
    assert error in done.stderr
    assert "reproduce s --arm all --point 2 --seed" in done.stderr
    assert "again: bridgework --import" in done.stderr
    study = Study.open(desk / "s")
    assert len(study.runs) == 6
    assert study.runs["point"].tolist() == [0, 0, 1, 1, 3, 3]
    assert study.failures["cause"].tolist() == [cause] * 2
    assert study.failures["point"].tolist() == [2, 2]
    assert study.left_out() == "2 of 8 runs are left out (2 failed, 0 not done)"
    if fault == "raise":
        one = ("reproduce", "s", "--arm", "all", "--point", "2", "--seed")
        done = call(desk, *one, "1")
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr
        done = call(desk, *one, "1", fault="")
        assert done.returncode == 0, done.stderr
        assert "now it was lived without a fault" in done.stdout
        done = call(desk, *one, "7", fault="")
        assert done.returncode == 2
        assert "1 to 2" in done.stderr
        done = call(desk, *one[:2], "--point", "2", fault="")
        assert done.returncode == 2


def test_a_sweep_in_which_everything_fails_tells_so(desk):
    (desk / "sweep.toml").write_text(SWEEP.replace("values = [0.05, 0.1, 0.25, 0.15]", "values = [0.25, 0.28]"), "utf-8")
    done = call(desk, "sweep", "sweep.toml", "--out", "s", "-p", "1")
    assert done.returncode == 3, done.stderr
    assert "4 of 4 runs failed" in done.stderr
    for analysis in ("sensitivity", "discover"):
        done = call(desk, analysis, "s")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
