"""What can go wrong, and the exit code that says so."""

from __future__ import annotations

EXIT_CODES: dict[int, str] = {
    0: "success",
    1: "an unexpected fault in bridgework itself; please report it",
    2: "the input is wrong: a file, a key, a value or an argument (nothing was run)",
    3: "some runs failed; the others are kept and reported",
    4: "results could not be written or read (disk full, no permission, damaged study)",
    130: "interrupted with Ctrl-C; what was done is kept",
}
"""The one table of exit codes of the command ``bridgework``."""


class BridgeworkError(Exception):
    """Base of all errors that a user can mend; its text is shown without a traceback."""

    exit_code = 1


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
            shown = repr(value)
            lines.append(f"  found: {shown if len(shown) <= 200 else shown[:197] + '...'}")
        if right:
            lines.append(f"  right: {right}")
        super().__init__("\n".join(lines))


class RunsFailedError(BridgeworkError):
    """Some runs of a study failed; the rest are kept."""

    exit_code = 3


class StorageError(BridgeworkError):
    """Results could not be written or read."""

    exit_code = 4
