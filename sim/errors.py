"""What can go wrong, and the exit code that says so."""

from __future__ import annotations

from numbers import Integral
from pathlib import Path

EXIT_CODES: dict[int, str] = {
    0: "success",
    1: "an unexpected fault in bridgework itself; please report it",
    2: "the input is wrong: a file, a key, a value or an argument (nothing was run)",
    3: "some runs failed; the others are kept and reported",
    4: "results could not be written or read (disk full, no permission, damaged study)",
    5: "numbers could not be reproduced",
    130: "interrupted with Ctrl-C; runs of a study that were done are kept",
}
"""The one table of exit codes of the command ``bridgework``."""


class BridgeworkError(Exception):
    """Base of all errors that a user can mend; its text is shown without a traceback."""

    exit_code = 1


class Words(str):
    """What was found, told in words instead of shown as it stands."""

    __slots__ = ()


def _shown(value: object) -> str:
    if isinstance(value, Words):
        return value
    if isinstance(value, dict):
        return (
            f"a table with {', '.join(map(repr, list(value)[:8]))}{' ...' if len(value) > 8 else ''}"
            if value
            else "an empty table"
        )
    shown = repr(value)
    return shown if len(shown) <= 200 else shown[:197] + "..."


def _printable(line: str) -> str:
    """Write what no terminal should be sent as it stands, such as escape sequences out of a file, by its code."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


class InputError(BridgeworkError):
    """A file, key, value or argument is wrong.

    Parameters
    ----------
    what : str
        What is wrong, in words.
    where : str
        File and key, such as ``"my.toml: region.sides"``.
    value : object, optional
        The value that was found.
    right : str
        What would be right.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", value: object = None, right: str = "") -> None:
        self.what, self.where, self.value, self.right = what, where, value, right
        lines = [f"{where}: {what}" if where else what]
        if value is not None:
            lines.append(f"  found: {_shown(value)}")
        if right:
            lines.append(f"  right: {right}")
        told = [part for line in lines for part in (line.split("\n") if isinstance(value, Words) else [line])]
        super().__init__("\n".join(map(_printable, told)))


def checked_path(path: object, where: str) -> Path:
    """Return a path.

    Raises
    ------
    InputError
        If it is neither text nor a path; `where` says which argument it was.
    """
    if not isinstance(path, str | Path):
        raise InputError("not a path", where=where, value=path, right="text or a pathlib.Path")
    return Path(path)


def checked_count(value: object, where: str, low: int, high: int) -> int:
    """Return a whole number.

    Raises
    ------
    InputError
        If it is none, or out of its range.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise InputError("not a whole number in its range", where=where, value=value, right=f"{low:,} to {high:,}")
    return int(value)


class Misfit(ValueError):  # noqa: N818
    """Two things in a file that do not fit together; told with the key, the value and what would be right.

    Parameters
    ----------
    what : str
        What is wrong, in words.
    key : str
        Where, counted from the table that was checked.
    value : object, optional
        The value that was found; `Words` where it is told in words.
    right : str
        What would be right.
    """

    def __init__(self, what: str, *, key: str = "", value: object = None, right: str = "") -> None:
        self.what, self.key, self.value, self.right = what, key, value, right
        super().__init__(what)


class RunsFailedError(BridgeworkError):
    """Some runs of a study failed; the rest are kept."""

    exit_code = 3


class StorageError(BridgeworkError):
    """Results could not be written or read."""

    exit_code = 4
