"""Runs that failed: why, and the command that lives each again."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from sim.errors import StorageError
from sim.lab.rows import Run
from sim.lab.store import write_whole
from sim.registry import VARIABLE

if TYPE_CHECKING:
    from sim.lab.study import Study
    from sim.lab.worker import Failure


def record(study: Study, failure: Failure) -> None:
    """Keep why a run failed, for each run that it stands for.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    for arm, point, seed in failure.order.runs:
        told = {
            "arm": arm,
            "point": point,
            "seed": seed,
            "key": failure.key,
            "cause": failure.cause,
            "error": failure.error,
            "command": again(study, (arm, point, seed)),
            "trace": failure.trace,
        }
        raw = json.dumps(told, indent=1, ensure_ascii=False).encode()
        try:
            write_whole(study.folder / "failures" / f"{failure.key or 'run'}-{arm}-{point}-{seed}.json", raw)
        except OSError as error:
            raise StorageError(f"{study.folder / 'failures'}: cannot be written: {error.strerror}") from None


def again(study: Study, run: Run) -> str:
    """Return the command that lives one run of a study again."""
    arm, point, seed = run
    at = ["--point", str(point)] if study.has_design else []
    own = [word for file in os.environ.get(VARIABLE, "").split(os.pathsep) if file for word in ("--import", file)]
    words = ["bridgework", *own, "reproduce", str(study.folder), "--arm", arm, *at, "--seed", str(seed)]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def reasons(study: Study) -> list[str]:
    """Tell why runs of a study failed: each reason once, with the arms and the number of runs that it struck."""
    found: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for path in sorted((study.folder / "failures").glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        frames = [line.strip() for line in record["trace"].splitlines() if line.strip().startswith("File ")]
        place = frames[-1].split(", in ")[0].removeprefix("File ").replace('"', "") if frames else ""
        told = f"{record['error']} ({place})" if place else record["error"]
        found.setdefault(told, []).append(record["arm"])
        first.setdefault(told, record["command"])
    return [
        f"{told}: {len(arms)} run(s) of {', '.join(dict.fromkeys(arms))}; again: {first[told]}" for told, arms in found.items()
    ]
