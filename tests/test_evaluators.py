"""Where runs are lived: worker processes that die, and a Dask cluster whose scheduler and workers are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from desks import experiment_of

from sim.lab import dispatch
from sim.lab.api import sweep
from sim.lab.dispatch import Means
from sim.lab.evaluate import evaluate
from sim.lab.study import Study


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_a_cluster_whose_scheduler_and_workers_die_comes_to_the_same_tables(cases, tmp_path):
    """Start a real scheduler and workers, kill a worker, then all, and start them anew."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, bare = f"tcp://127.0.0.1:{port}", [sys.executable, "-m", "distributed.cli.dask_scheduler"]

    def start():
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True, "cwd": tmp_path}
        scheduler = subprocess.Popen([*bare, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet)
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
        return [scheduler, *(subprocess.Popen(worker, **quiet) for _ in range(2))]

    def kill(processes):
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    script = tmp_path / "go.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import conftest, desks, types\n"
        "cases = types.SimpleNamespace(scenario=conftest.scenario, table=conftest.table)\n"
        "from sim.lab.api import sweep\n"
        "from sim.lab import dispatch; dispatch.KEEP_EVERY = 0.0\n"
        f"sweep(desks.experiment_of(cases, points=30), {str(tmp_path / 's')!r}, scheduler={address!r})\n",
        "utf-8",
    )
    cluster = start()
    process = None
    try:
        time.sleep(3.0)
        process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 90
        while not list((tmp_path / "s").glob("runs/*.parquet")) and time.monotonic() < until and process.poll() is None:
            time.sleep(0.05)
        kill(cluster[2:])
        time.sleep(0.5)
        kill(cluster[:2])
        kept = len(Study.open(tmp_path / "s").runs)
        cluster = start()
        assert process.wait(timeout=120) == 0, process.stderr.read()
    finally:
        if process is not None:
            process.kill()
        kill([p for p in cluster if p.poll() is None])
    assert 0 < kept < 120
    local = sweep(experiment_of(cases, points=30), tmp_path / "local", processes=2)
    assert Study.open(tmp_path / "s").runs.equals(local.runs)
    assert Study.open(tmp_path / "s").series.equals(local.series)


def test_orders_are_not_dropped_when_idle_processes_die(cases, tmp_path, monkeypatch):
    from concurrent.futures import BrokenExecutor, Future

    from sim.lab.worker import live

    class Fragile:
        capacity, broken, recovered = 1, False, 0

        def submit(self, job):
            self.count = getattr(self, "count", 0) + 1
            if self.count % 3 == 0:
                raise BrokenExecutor
            future = Future()
            future.set_result(live(job))
            return future

        def loss(self, _):
            return "broken"

        def watch(self, _):
            pass

        def recover(self):
            type(self).recovered += 1
            return set()

        def close(self):
            pass

    import contextlib

    monkeypatch.setattr(dispatch, "MOST_PER_JOB", 1)
    monkeypatch.setattr(dispatch, "opened", lambda *_, **__: contextlib.nullcontext((Fragile(), lambda: False)))
    study = Study.create(tmp_path / "s", experiment_of(cases))
    assert evaluate(study, Means(2)).done == 16
    assert Fragile.recovered > 1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_worker_processes_end_with_the_one_that_started_them(tmp_path):
    script = tmp_path / "go.py"
    script.write_text(
        "import time\nfrom sim.lab.evaluators import Processes\nfrom sim.lab.parallel import submitted\n"
        "if __name__ == '__main__':\n"
        "    mine = Processes(1)\n    print(submitted(mine.pool, abs, [0])[0].result(), flush=True)\n    time.sleep(60)\n",
        "utf-8",
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "0"
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout.split()
    process.kill()
    process.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in children):
        time.sleep(0.05)
    assert children
    assert not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children)
