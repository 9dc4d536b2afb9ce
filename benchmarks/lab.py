"""Put the lab on trial: kill it, fill its disk, damage its files, time it; write the figures into docs/sweeps.md.

python benchmarks/lab.py                # all parts, some twenty minutes on two cores
python benchmarks/lab.py kills store    # only some; nothing is written then
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.errors import BridgeworkError
from sim.lab.design import drawn
from sim.lab.dispatch import Means
from sim.lab.evaluate import evaluate
from sim.lab.experiment import load_experiment
from sim.lab.rows import run_schema
from sim.lab.run import run
from sim.lab.study import Study
from sim.lab.warmup import warm_up
from sim.outcomes import OUTCOMES
from sim.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "sim.cli"]
KILLS, TURNS, DAMAGED = 10, 3, 1000

COUNTED = """
import os
from sim.own import rule

@rule("counted", before="contact")
def counted(world):
    if world.week == 0 and "COUNT_INTO" in os.environ:
        with open(os.environ["COUNT_INTO"], "a") as file:
            file.write(f"{world.parameters.contact.tie_gain!r} {len(world.programmes)} {world.draws.seed}\\n")
"""
SCENARIO = """bridgework = "scenario/1"
extend = "quiet-border"
years = 1.0
burn_in_weeks = 8
rules = ["counted"]
"""
SWEEP = """bridgework = "experiment/1"
title = "two thousand short runs"
scenario = "short.toml"
seeds = 2
series_every = 0
reference = "none"
[design]
kind = "latin_hypercube"
points = 500
[uncertainties]
contact.tie_gain = "declared"
contact.bad_weight = "declared"
[levers]
exchange.annual_budget = { low = 100_000, high = 1_000_000 }
[arms.none]
[arms.exchange.programmes.exchange]
family = "vocational"
"""


def desk() -> Path:
    """Make a folder with a sweep in it."""
    folder = Path(tempfile.mkdtemp(prefix="lab-"))
    for name, text in (("counted.py", COUNTED), ("short.toml", SCENARIO), ("sweep.toml", SWEEP)):
        (folder / name).write_text(text, "utf-8")
    return folder


def sweeping(folder: Path, out: str, count: Path | None = None, *more: str) -> subprocess.Popen[str]:
    """Start the sweep in a process group of its own."""
    into = {"COUNT_INTO": str(count)} if count else {}
    command = [*COMMAND, "--import", "counted.py", "sweep", "sweep.toml", "--out", out, "-p", "2", "--json", *more]
    return subprocess.Popen(
        command, cwd=folder, env=os.environ | into | {"PYTHONPATH": str(ROOT)}, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a sweep, and return what it told."""
    told, said = process.communicate()
    if process.returncode:
        raise SystemExit(f"the sweep ended with {process.returncode}:\n{said}")
    return dict(json.loads(told))


def kills() -> list[str]:
    """Kill a sweep ten times, one of its workers, and start it twice at once; hold the tables against an uninterrupted one."""
    folder, rng = desk(), random.Random(8)
    began = time.monotonic()
    finished(sweeping(folder, "whole"))
    length = time.monotonic() - began
    whole, count = runs_of(folder / "whole"), folder / "count.txt"
    for _ in range(KILLS):
        process = sweeping(folder, "killed", count)
        time.sleep(2.0 + rng.random() * 0.12 * length)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    kept_before = len(runs_of(folder / "killed"))
    finished(sweeping(folder, "killed", count))
    same = runs_of(folder / "killed").equals(whole)
    begun = begun_in(count)
    first = (
        f"`kill -9` of the whole process group at {KILLS} random moments of a sweep of {len(whole):,} runs, started again each time: "
        f"tables {'bit-identical' if same else 'DIFFERENT'}; {begun - len(whole):,} worlds begun twice, those in flight at the {KILLS} kills "
        f"({(begun - len(whole)) / KILLS:.0f} a kill, about {(begun - len(whole)) / KILLS * length / len(whole):.1f} s of work); "
        f"{kept_before:,} runs were kept when the last start began."
    )
    lines = [first]
    process = sweeping(folder, "worker")
    while not list((folder / "worker").glob("runs/*.parquet")) and process.poll() is None:
        time.sleep(0.05)
    workers = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout.split()
    os.kill(int(workers[-1]), signal.SIGKILL)
    finished(process)
    same = runs_of(folder / "worker").equals(whole)
    lines.append(f"One worker process killed: tables {'bit-identical' if same else 'DIFFERENT'}.")
    count.unlink()
    both = [sweeping(folder, "both", count) for _ in range(2)]
    lived = sorted(finished(process)["lived"] for process in both)
    same, begun = runs_of(folder / "both").equals(whole), begun_in(count)
    lines.append(
        f"Two sweeps started at once on one study: one lived {lived[1]:,} worlds, the other waited and lived {lived[0]:,}; "
        f"{begun:,} begun in all; tables {'bit-identical' if same else 'DIFFERENT'}."
    )
    lines.append(full(folder, whole))
    shutil.rmtree(folder)
    return lines


def begun_in(count: Path) -> int:
    """Count the worlds that were begun; those of seed 0 only try the rules out."""
    return sum(not line.endswith(" 0") for line in count.read_text("utf-8").splitlines())


def full(folder: Path, whole: Any) -> str:
    """Let a sweep run into a full disk, a small file system in memory, then give it room."""
    small = folder / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=220k", "tmpfs", str(small)], capture_output=True, check=False)
    if mounted.returncode:
        return "A full disk: not tried, since no small file system can be mounted here."
    try:
        process = sweeping(folder, "small/s")
        _, said = process.communicate()
        code, kept = process.returncode, len(runs_of(small / "s"))
        told = next((line for line in said.splitlines() if line.startswith("error:")), "NOTHING").split(": ")[-2:]
        subprocess.run(["mount", "-o", "remount,size=50m", str(small)], check=True)
        finished(sweeping(folder, "small/s"))
        same = runs_of(small / "s").equals(whole)
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)
    return (
        f"A full disk (a file system of 220 kB): ended with exit code {code} and “{': '.join(told)}”, {kept:,} runs kept; "
        f"given room and started again, tables {'bit-identical' if same else 'DIFFERENT'}."
    )


def runs_of(folder: Path) -> Any:
    """Return the table of runs of a study."""
    return Study.open(folder).runs


def bare(task: tuple[str, list[int]]) -> int:
    """Live some worlds, and do nothing else."""
    scenario = Scenario.model_validate_json(task[0])
    return sum(run(scenario, seed).outcomes["spend"] >= 0.0 for seed in task[1])


def overhead() -> list[str]:
    """Time a comparison of default ten-year runs against a bare loop over the same runs, in as many processes, and on a cluster."""
    folder, ratios = Path(tempfile.mkdtemp(prefix="lab-")), {"processes": [], "dask": []}
    experiment = load_experiment("none-modest-generous", 24)
    scenarios = [s.model_dump_json(exclude_none=True) for s in experiment.scenarios.values()]
    warm_up(next(iter(experiment.scenarios.values())))
    seeds = [experiment.file.first_seed + k for k in range(24)]
    with cluster() as address:
        evaluate(Study.create(folder / "warm", load_experiment("none-modest-generous", 2)), Means(2, address))
        for turn in range(TURNS):
            tasks = [(text, seeds[k::2]) for k in range(2) for text in scenarios]
            began = time.monotonic()
            with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
                assert sum(pool.map(bare, tasks)) == len(seeds) * len(scenarios)
            base = time.monotonic() - began
            for name, means in (("processes", Means(2)), ("dask", Means(2, address))):
                study = Study.create(folder / f"{name}-{turn}", experiment)
                began = time.monotonic()
                progress = evaluate(study, means)
                ratios[name].append((time.monotonic() - began) / base - 1.0)
                assert progress.done == len(seeds) * len(scenarios)
    shutil.rmtree(folder)
    told = {
        name: f"{statistics.median(values):+.1%} ({min(values):+.1%} to {max(values):+.1%})" for name, values in ratios.items()
    }
    line = (
        f"Overhead against a bare loop over the same {len(seeds) * len(scenarios)} ten-year runs in two processes, weekly series kept, starting "
        f"included, median of {TURNS} turns: {told['processes']} with processes, {told['dask']} on a Dask cluster with two workers."
    )
    return [line]


@contextlib.contextmanager
def cluster() -> Any:
    """Start a Dask scheduler and two workers as processes of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    dask = [sys.executable, "-m"]
    started = [
        subprocess.Popen(
            [*dask, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet
        )
    ]
    worker = [*dask, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    started += [subprocess.Popen(worker, env=os.environ | {"PYTHONPATH": str(ROOT)}, **quiet) for _ in range(2)]
    time.sleep(5.0)
    try:
        yield address
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def store() -> list[str]:
    """Fill a study with 100,000 made-up runs; time opening it and finding that nothing is left to do. Watch the parent's memory."""
    folder = desk()
    (folder / "short.toml").write_text(SCENARIO.replace('rules = ["counted"]\n', ""), "utf-8")
    levers_only = re.sub(r"\[uncertainties\][^\[]*", "", SWEEP.replace("points = 500", "points = 25_000"))
    (folder / "sweep.toml").write_text(levers_only, "utf-8")
    study = Study.create(folder / "s", load_experiment(folder / "sweep.toml"), processes=2)
    rng = np.random.default_rng(1)
    points = len(study.points)
    for first in range(0, points, 250):
        index = [
            (arm, point, 1 + point * 1_000_000 + k) for point in range(first, first + 250) for k in range(2) for arm in study.arms
        ]
        columns: dict[str, Any] = {name: [row[i] for row in index] for i, name in enumerate(("arm", "point", "seed"))}
        columns["key"] = [f"{rng.integers(2**63):016x}{rng.integers(2**63):016x}" for _ in index]
        columns |= {outcome.name: rng.normal(size=len(index)) for outcome in OUTCOMES}
        study.store.add({"runs": pa.table(columns, schema=run_schema(design=True))})
    study.store.settle()
    files = len(list((folder / "s" / "runs").glob("*.parquet")))
    opening, resuming = [], []
    for _ in range(5):
        began = time.monotonic()
        runs = Study.open(folder / "s").runs
        opening.append(time.monotonic() - began)
        began = time.monotonic()
        progress = evaluate(Study.open(folder / "s"), Means(2))
        resuming.append(time.monotonic() - began)
        assert progress.lived == 0
    size = sum(path.stat().st_size for path in (folder / "s" / "runs").iterdir())
    first = (
        f"A study of {len(runs):,} runs ({len(OUTCOMES)} outcomes, {size / 1e6:.0f} MB in {files} files): opened as one table in "
        f"{statistics.median(opening):.2f} s, found complete in {statistics.median(resuming):.2f} s (medians of 5)."
    )
    lines = [first]
    (folder / "sweep.toml").write_text(SWEEP.replace("points = 500", "points = 1500"), "utf-8")
    study, seen = Study.create(folder / "m", load_experiment(folder / "sweep.toml")), []

    def watch(progress: Any) -> None:
        pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
        seen.append((progress.done, pages * resource.getpagesize() / 1e6))

    progress = evaluate(study, Means(2), watch)
    early = statistics.median(m for done, m in seen if 0.1 < done / progress.total < 0.3)
    late = statistics.median(m for done, m in seen if done / progress.total > 0.8)
    lines.append(
        f"Memory of the parent over a sweep of {progress.total:,} runs: {early:.0f} MB between a tenth and three tenths of the way, "
        f"{late:.0f} MB over the last fifth ({late / early - 1:+.1%})."
    )
    shutil.rmtree(folder)
    return lines


def damage() -> list[str]:
    """Damage shards, manifests, points and designs in a thousand ways: a clear error or a study that mends itself, never a wrong number."""
    folder, rng = desk(), random.Random(88)
    (folder / "short.toml").write_text(SCENARIO.replace('rules = ["counted"]\n', ""), "utf-8")
    text = SWEEP.replace("points = 500", "points = 12").replace("series_every = 0", "series_every = 4\nincidents = true")
    (folder / "sweep.toml").write_text(text, "utf-8")
    experiment = load_experiment(folder / "sweep.toml")
    whole = Study.create(folder / "whole", experiment)
    evaluate(whole, Means(2))
    tables = whole.runs, whole.series, whole.incidents
    counts = {"refused": 0, "mended": 0, "unharmed": 0}
    wrong = []
    shards = [path for part in ("runs", "series", "incidents") for path in (whole.folder / part).glob("*.parquet")]
    others = [whole.folder / "study.json", *(whole.folder / "points").glob("*.parquet")]
    for k in range(DAMAGED):
        if k % 10 < 6:
            target = rng.choice(shards if k % 10 < 4 else others)
            copy = folder / "copy"
            shutil.copytree(whole.folder, copy)
            path = copy / target.relative_to(whole.folder)
            path.write_bytes(_harmed(path.read_bytes(), rng))
            outcome = _read(copy, tables, mend=target in shards and k % 50 == 0)
            shutil.rmtree(copy)
        else:
            path = folder / "broken.toml"
            path.write_bytes(_harmed((folder / "sweep.toml").read_bytes(), rng))
            outcome = _loaded(path)
        if outcome in counts:
            counts[outcome] += 1
        else:
            wrong.append(outcome)
    shutil.rmtree(folder)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    line = (
        f"{DAMAGED:,} damaged inputs (shards, manifests and points with bits flipped, cut, emptied, with bytes put in; designs likewise): {told}; "
        f"{len(wrong)} wrong numbers or unclear errors{': ' + '; '.join(wrong[:3]) if wrong else ''}."
    )
    return [line]


def _harmed(raw: bytes, rng: random.Random) -> bytes:
    way, at = rng.randrange(5), rng.randrange(len(raw))
    if way == 0:
        return raw[:at]
    if way == 1:
        return raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8))]) + raw[at + 1 :]
    if way == 2:
        return raw[:at] + rng.randbytes(rng.randrange(1, 9)) + raw[at:]
    if way == 3:
        return raw[:at] + raw[at + rng.randrange(1, 40) :]
    return b"" if rng.random() < 0.2 else raw[:at] + bytes(rng.randrange(1, 60)) + raw[at:]


def _read(copy: Path, tables: tuple[Any, ...], *, mend: bool) -> str:
    """Read a damaged study, then perhaps mend it."""
    try:
        study = Study.open(copy)
        found = study.runs, study.series, study.incidents
        _ = study.points
        if not all(a.equals(b) for a, b in zip(found, tables, strict=True)):
            return "another table was read"
    except BridgeworkError:
        outcome = "refused"
    except Exception as error:  # noqa: BLE001  (what a user must never see)
        return f"{type(error).__name__}: {error}"
    else:
        outcome = "unharmed"
    if not mend:
        return outcome
    study = Study.open(copy)
    evaluate(study, Means(1))
    found = study.runs, study.series, study.incidents
    return "mended" if all(a.equals(b) for a, b in zip(found, tables, strict=True)) else "another table after mending"


def _loaded(path: Path) -> str:
    """Load a damaged design."""
    try:
        experiment = load_experiment(path)
        if experiment.file.design is not None:
            points = drawn(experiment.file.design, list(experiment.factors), experiment.where)
            low, high = ([getattr(f, end) for f in experiment.factors] for end in ("low", "high"))
            if not ((points.values >= low) & (points.values <= high)).all():
                return "points outside their ranges"
    except BridgeworkError:
        return "refused"
    except Exception as error:  # noqa: BLE001  (what a user must never see)
        return f"{type(error).__name__}: {error}"
    return "unharmed"


PARTS: dict[str, Callable[[], list[str]]] = {"kills": kills, "overhead": overhead, "store": store, "damage": damage}


def main(chosen: list[str]) -> None:
    """Do the parts; write them into the page if all were done."""
    lines = []
    for name in chosen or PARTS:
        for line in PARTS[name]():
            print(line, flush=True)
            lines.append(f"- {line}")
    if not chosen:
        page = ROOT / "docs" / "sweeps.md"
        before, _, rest = page.read_text("utf-8").partition("<!-- lab -->\n")
        _, _, after = rest.partition("<!-- end -->")
        page.write_text(before + "<!-- lab -->\n" + "\n".join(lines) + "\n<!-- end -->" + after, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
