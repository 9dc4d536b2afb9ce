"""What a calibration has done so far, kept in a folder so that it goes on where it stopped.

::

    calibration.json    what was asked, and by which version
    wave-1.npy ...      the vectors of each wave, as positions from 0 to 1
    lived.jsonl         one line for each vector in each trial, written as soon as it is known
    ensemble.csv        the vectors that are left at the end

A line that was half written when the process was killed is dropped, and what it told is lived again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.calibration.living import Found
from sim.calibration.space import Units
from sim.draws import name_key
from sim.errors import InputError, StorageError

Key = tuple[str, int, str]
"""Wave (or what else was lived), vector, trial."""


@dataclass(slots=True)
class Notebook:
    """A folder with what has been done.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is.
    asked : dict
        What is asked; a folder that was begun for something else is refused.
    """

    folder: Path
    asked: dict[str, Any]
    found: dict[Key, Found] = field(default_factory=dict)

    def open(self) -> None:
        """Read what is there, or begin.

        Raises
        ------
        InputError
            If the folder holds another calibration.
        StorageError
            If it cannot be read or written.
        """
        path = self.folder / "calibration.json"
        text = json.dumps(self.asked, indent=1, sort_keys=True)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _put(path, text.encode())
            there = _document(path)
            differs = [key for key in {**there, **self.asked} if there.get(key) != self.asked.get(key)]
            if differs:
                right = "the options it was begun with, or another --out"
                said = ", ".join(sorted(differs))
                raise InputError(f"this folder holds a calibration with other {said}", where=str(self.folder), right=right)
            self._read()
        except OSError as error:
            raise StorageError(f"{self.folder}: cannot be read or written: {error.strerror}") from None

    def _read(self) -> None:
        path = self.folder / "lived.jsonl"
        if not path.exists():
            return
        raw = path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):
            _put(path, whole)
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                wave, vector, trial, figures, noise = json.loads(line)
                self.found[str(wave), int(vector), str(trial)] = Found(_known(figures), _known(noise))
            except (ValueError, TypeError, AttributeError):
                right = "to remove that line; what it told is lived again"
                raise InputError(
                    "damaged", where=f"{path}: line {number}", value=line[:80].decode(errors="replace"), right=right
                ) from None

    def note(self, found: Iterator[tuple[Key, Found]]) -> None:
        """Write down what is found, each as soon as it is known.

        Raises
        ------
        StorageError
            If the disk is full, or the file cannot be written; what was written before is kept.
        """
        path = self.folder / "lived.jsonl"
        try:
            with path.open("a", encoding="utf-8") as file:
                for key, one in found:
                    file.write(json.dumps([*key, _plain(one.figures), _plain(one.noise)]) + "\n")
                    file.flush()
                    self.found[key] = one
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from None

    def vectors(self, wave: str) -> Units | None:
        """Return the vectors of a wave, None if they have not been laid out."""
        path = self._path(wave)
        if not path.exists():
            return None
        try:
            return np.asarray(np.load(path, allow_pickle=False), np.float64)
        except (OSError, ValueError) as error:
            raise InputError("damaged", where=str(path), value=str(error)[:80], right="to remove it, and begin anew") from None

    def _path(self, wave: str) -> Path:
        plain = re.sub(r"[^A-Za-z0-9-]", "_", wave)
        return self.folder / f"wave-{plain if plain == wave else f'{plain}-{name_key(wave):x}'}.npy"

    def lay_out(self, wave: str, units: Units) -> None:
        """Keep the vectors of a wave."""
        import io

        buffer = io.BytesIO()
        np.save(buffer, units)
        try:
            _put(self._path(wave), buffer.getvalue())
        except OSError as error:
            raise StorageError(f"{self.folder}: cannot be written: {error.strerror}") from None


def _put(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".writing-{path.name}")
    with beside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _document(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except ValueError:
        raise InputError("damaged", where=str(path), right="another --out, or the file as it was") from None


def _plain(values: dict[str, float]) -> dict[str, float | str | None]:
    """Write figures as JSON has them: none where unknown, a word where infinite."""
    return {k: None if v != v else v if np.isfinite(v) else ("inf" if v > 0 else "-inf") for k, v in values.items()}


def _known(values: dict[str, Any]) -> dict[str, float]:
    return {str(k): float("nan") if v is None else float(v) for k, v in values.items()}
