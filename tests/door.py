"""Programs in processes of their own that start at once: forked from one that has imported what they need, as far as it may be.

A test calls the command, or a piece of Python, and gets back what `subprocess.run` would give it. Where there is no `fork`, or where signals,
start and environment are themselves what is tested, `subprocess` does it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = (
    "numba",
    "numpy",
    "pandas",
    "pydantic",
    "pyarrow.parquet",
    "scipy.special",
    "scipy.spatial",
    "matplotlib.pyplot",
    "rich",
    "typer",
)
MODEL = (
    *LIBRARIES,
    "sim.cli",
    "sim.lab.preload",
    "sim.lab.api",
    "sim.report.figures",
    "sim.report.terminal",
    "sim.evidence.trial_file",
)


class Door:
    """Where programs are started from.

    Parameters
    ----------
    modules : tuple of str
        What is imported before; of `sim` nothing, for those who load rules of their own.
    """

    def __init__(self, *modules: str) -> None:
        self.modules = modules
        self.server: subprocess.Popen[str] | None = None

    def command(self, folder: Path, *words: str, timeout: float = 240, **env: str) -> subprocess.CompletedProcess[str]:
        """Call ``bridgework`` in a folder."""
        return self._call(["-m", "sim.cli", *words], folder, timeout, env)

    def python(self, folder: Path, text: str, *, timeout: float = 240, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a piece of Python in a folder."""
        return self._call(["-c", text], folder, timeout, env)

    def _call(self, words: list[str], folder: Path, timeout: float, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        whole = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])} | env
        if not hasattr(os, "fork"):
            return subprocess.run(
                [sys.executable, *words], cwd=folder, capture_output=True, encoding="utf-8", timeout=timeout, env=whole
            )
        if self.server is None or self.server.poll() is not None:
            self.server = subprocess.Popen(
                [sys.executable, __file__, *self.modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=whole
            )
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        with tempfile.TemporaryDirectory() as away:
            said = [str(Path(away) / name) for name in ("out", "err")]
            print(json.dumps([words, str(folder), whole, *said]), file=self.server.stdin, flush=True)
            if not select.select([self.server.stdout], [], [], timeout)[0]:
                self.server.kill()
                raise subprocess.TimeoutExpired(words, timeout)
            code = int(self.server.stdout.readline())
            return subprocess.CompletedProcess(words, code, *(Path(path).read_text("utf-8") for path in said))


def serve(modules: list[str]) -> None:
    """Import modules, then start what is asked for, one program after another."""
    import numba

    for name in modules:
        importlib.import_module(name)
    numba.njit(lambda x: x + 1.0)(1.0)  # readies the compiler
    gc.freeze()  # a collection would make each child copy all that it shares
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _be(*asked)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be(words: list[str], folder: str, env: dict[str, str], out: str, err: str) -> NoReturn:
    """Become the program that was asked for, and end with it."""
    code: Any = 0
    try:
        _live(words, folder, env, out, err)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:  # noqa: BLE001  (as Python itself)
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # without tearing down what it shares


def _live(words: list[str], folder: str, env: dict[str, str], out: str, err: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for path, number in ((os.devnull, 0), (out, 1), (err, 2)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.path.insert(0, folder)
    if words[0] == "-c":
        space: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(words[1], "<string>", "exec"), space)
        return
    from sim.cli import main

    sys.argv = ["bridgework", *words[2:]]
    main()


libraries = Door(*LIBRARIES)
model = Door(*MODEL)

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        serve(sys.argv[1:])
