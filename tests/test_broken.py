"""A thousand broken files, and three hundred broken trials: each is refused with one message that names file, key, value and what would be right."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import door
import pytest
import typer

from sim.cli import _guarded
from sim.cli.app import app

COUNT, TRIALS = 1000, 300


def made():
    spec = importlib.util.spec_from_file_location("broken", Path(__file__).with_name("broken.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["broken"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def broken():
    return made().some_broken(COUNT)


def laid_out(broken, folder):
    for name, raw in broken.beside.items():
        (folder / name).write_bytes(raw)
    (folder / "file.toml").write_bytes(broken.text)


def command(broken):
    words = {"scenario": ["run"], "experiment": ["sweep"], "trial": ["evidence", "--picture", "x.png"]}
    return [*words[broken.kind], "file.toml", *([] if broken.kind == "trial" else ["--out", "results"])]


def faults_of(broken, code, out, err):
    """What is wrong with the answer to a broken file."""
    lines = err.splitlines()
    wrong = []
    if code != 2:
        wrong.append(f"exit code {code}")
    if out:
        wrong.append("something on standard output")
    if not err.startswith("error: ") or sum(line.startswith("error: ") for line in lines) != 1:
        wrong.append("not one message")
    if "Traceback" in err or "pydantic" in err or "Input should" in err or "validation error" in err or "Value error" in err:
        wrong.append("inner workings show")
    if any(not c.isprintable() for line in lines for c in line):
        wrong.append("control characters")
    if not any(line.startswith("  right: ") and len(line) > 10 for line in lines):
        wrong.append("does not say what would be right")
    if broken.value and not any(line.startswith("  found: ") and len(line) > 9 for line in lines):
        wrong.append("does not say what was found")
    if ".toml" not in lines[0] and "file" not in lines[0]:
        wrong.append("does not name the file")
    wrong += [f"does not name {name!r}" for name in broken.names if name not in err]
    if max(map(len, lines), default=0) > 1500:
        wrong.append("a very long line")
    return wrong


def test_a_thousand_broken_files_are_refused_each_with_one_full_message(broken, tmp_path, monkeypatch, capsys):
    refused(broken, COUNT, tmp_path, monkeypatch, capsys)


def test_so_are_broken_trials(tmp_path, monkeypatch, capsys):
    refused(made().broken_trials(TRIALS), TRIALS, tmp_path, monkeypatch, capsys)


def refused(broken, count, tmp_path, monkeypatch, capsys):
    assert len(broken) == count
    assert len({b.text + repr(sorted(b.beside)).encode() for b in broken}) > 0.95 * count
    whole = typer.main.get_command(app)  # as `app` itself does for each call
    _guarded(lambda **options: whole(["check", "quiet-border"], **options))  # imports are paid once
    capsys.readouterr()
    complaints, slowest = [], 0.0
    for number, one in enumerate(broken):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        laid_out(one, folder)
        began = time.process_time()  # of this process alone, so that a busy machine fails no test
        code = _guarded(lambda one=one, **options: whole(command(one), **options))
        slowest = max(slowest, time.process_time() - began)
        out, err = capsys.readouterr()
        wrong = faults_of(one, code, out, err)
        if {path.name for path in folder.iterdir()} != {"file.toml", *one.beside}:
            wrong.append("left something behind")
        if wrong:
            complaints.append(f"{one.kind}: {one.what}: {'; '.join(wrong)}\n{err}")
    assert not complaints, f"{len(complaints)} of {count}:\n\n" + "\n".join(complaints[:12])
    assert slowest < 1.0


def test_the_files_they_were_made_from_are_sound(tmp_path):
    made_by = made()
    from sim.lab.experiment import load_experiment
    from sim.scenario.reading import load_scenario

    for name, table in (
        ("a.toml", made_by.sound_scenario()),
        ("base.toml", made_by.sound_scenario()),
        ("b.toml", made_by.listed_scenario()),
    ):
        (tmp_path / name).write_bytes(made_by.document(table))
        load_scenario(tmp_path / name)
    (tmp_path / "e.toml").write_bytes(made_by.document(made_by.sound_experiment()))
    assert list(load_experiment(tmp_path / "e.toml").scenarios) == ["none", "more"]
    from sim.evidence.trial import load_trial

    (tmp_path / "t.toml").write_bytes(made_by.document(made_by.sound_trial()))
    assert [list(world.arms) for world, _ in load_trial(tmp_path / "t.toml").worlds] == [["none", "taught"], ["drilled"]]


@pytest.mark.parametrize("number", [0, 20, 60, 75, 90, 150, 400, 700, 999])
def test_so_are_some_by_the_installed_command_within_a_second_or_so(broken, number, tmp_path):
    one = broken[number]
    laid_out(one, tmp_path)
    done = door.model.command(tmp_path, *command(one))
    assert not faults_of(one, done.returncode, done.stdout, done.stderr), done.stderr
