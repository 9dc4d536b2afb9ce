"""What this package is: its version, and a fingerprint of its sources."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.6.0"

MODEL_VERSION = "0.6.0"
"""Version of the rules; it changes whenever the same scenario and seed may give other numbers."""


@cache
def source_fingerprint() -> str:
    """Hash the simulation's own sources.

    Returns
    -------
    str
        Sixteen hexadecimal digits over every Python file that can change a number of a run. Files that only
        show results (the command line, the reports and the workshop) do not count.
    """
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix()
        if name.startswith(("report/", "cli", "calibration/", "evidence/", "fit/", "workshop/")):
            continue
        digest.update(name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]
