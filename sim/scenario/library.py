"""The scenarios, experiments, trials and lessons that come with the package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

Kind = Literal["scenarios", "experiments", "trials", "lessons"]
FOLDERS: dict[Kind, str] = {
    "scenarios": "scenarios",
    "experiments": "experiments",
    "trials": "experiments/evidence",
    "lessons": "experiments/lessons",
}


def folder(kind: Kind) -> Path:
    """Return the folder of built-in files: inside an installed package, or beside ``sim/`` in a source tree."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "library" / FOLDERS[kind]
    return installed if installed.is_dir() else package.parent / FOLDERS[kind]


def names(kind: Kind) -> dict[str, Path]:
    """List built-in files by name, in alphabetical order, numbers within names in theirs."""
    return {path.stem: path for path in sorted(folder(kind).glob("*.toml"), key=_in_order)}


def _in_order(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.stem) if part]
