"""Read a file of text that a user has written."""

from __future__ import annotations

from pathlib import Path

from sim.errors import InputError


def read_text(path: Path, *, most: int, a_path: str, save: str) -> str:
    """Read a UTF-8 file, with or without a byte-order mark.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    most : int
        Bytes that it may have.
    a_path, save : str
        For messages: what path would be right, and how it should be saved.

    Raises
    ------
    InputError
        If the file is missing, a folder, too large, or not UTF-8.
    """
    where = str(path)
    try:
        if path.is_dir():
            raise InputError("this is a folder", where=where, right=a_path)
        if path.stat().st_size > most:
            raise InputError("the file is too large", where=where, right=f"at most {most // 10**6} MB")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file", where=where, right=a_path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where, right="a file that you may read") from None
    except ValueError as error:
        raise InputError(f"not a path: {error}", where=where, right=a_path) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        value = raw[error.start : error.start + 8]
        raise InputError("not UTF-8 text", where=f"{path}: line {line}", value=value, right=save) from None
