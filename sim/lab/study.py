"""The study directory: the only form in which results are kept.

::

    NAME-1a2b3c4d/
      study.json          what was asked: arms with their resolved scenarios, seeds, versions, hash of all that
      runs/*.parquet      one row a run: arm, seed, key, status, every outcome
      series/*.parquet    one row a run and week: arm, seed, week, every series
      incidents/*.parquet one row an incident that ended, with its causes, if the experiment asks for it
      failures/*.json     runs that failed: cause and the command that reproduces it
      log.txt             when what was done; no other file holds a time

Each shard holds some runs, is written under a temporary name and then moved, and carries the hash of its bytes in its
name, which is checked on reading: a damaged shard is set aside and its runs are done again. A run is known by its key,
so a study that was interrupted goes on where it stopped, and any reader of Parquet sees ``runs/`` as one table.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import InputError, StorageError, checked_path
from sim.families import KINDS, RUNGS
from sim.lab.run import provenance, run_key, scenario_text
from sim.outcomes import OUTCOMES
from sim.series import SERIES, series_index
from sim.world.tables import ARISE, CLIMB, STOP, Incidents

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.experiment import Experiment

STUDY_FORMAT = "study/1"
INDEX_COLUMNS = ("arm", "seed")


def manifest_of(experiment: Experiment) -> dict[str, Any]:
    """Describe what an experiment asks, completely enough to do it again."""
    texts = {arm: scenario_text(scenario) for arm, scenario in experiment.scenarios.items()}
    body = {
        "format": STUDY_FORMAT,
        "name": experiment.name,
        "title": experiment.file.title,
        "question": experiment.file.question,
        "reference": experiment.file.reference,
        "labels": experiment.labels,
        "seeds": {"first": experiment.file.first_seed, "count": experiment.file.seeds},
        "series_every": experiment.file.series_every,
        "incidents": experiment.file.incidents,
        "provenance": provenance(),
        "scenarios": {arm: json.loads(text) for arm, text in texts.items()},
    }
    body["hash"] = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return body


@dataclass(slots=True, repr=False)
class Study:
    """A study directory, open for reading or for adding runs.

    Parameters
    ----------
    folder : pathlib.Path
        The directory.
    manifest : dict
        Contents of ``study.json``.
    """

    folder: Path
    manifest: dict[str, Any]

    def __repr__(self) -> str:
        return (
            f"<Study {self.manifest['name']!r} in {self.folder}: {len(self.arms)} arms, {self.manifest['seeds']['count']} seeds>"
        )

    @classmethod
    def create(cls, folder: Path, experiment: Experiment) -> Study:
        """Make a study directory, or open the one that is there if it asks the same.

        Raises
        ------
        InputError
            If the folder holds something else.
        StorageError
            If it cannot be written.
        """
        manifest = manifest_of(experiment)
        if folder.exists() and not folder.is_dir():
            raise InputError("this is a file", where=str(folder), right="a folder (--out, or out=)")
        if (folder / "study.json").exists():
            study = cls.open(folder)
            if study.manifest["hash"] != manifest["hash"]:
                raise InputError(
                    "this folder holds another study",
                    where=str(folder),
                    right="another folder (--out, or out=), or the same question",
                )
            return study
        if folder.exists() and any(folder.iterdir()):
            raise InputError(
                "this folder is not empty and holds no study", where=str(folder), right="a new folder (--out, or out=)"
            )
        try:
            for part in ("runs", "series", "incidents", "failures"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            _write(folder / "study.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode())
        except OSError as error:
            raise StorageError(f"{folder}: cannot be written: {error.strerror}") from None
        return cls(folder, manifest)

    @classmethod
    def open(cls, folder: str | Path) -> Study:
        """Open a study directory.

        Raises
        ------
        StorageError
            If it is no study or its manifest is damaged.
        """
        folder = checked_path(folder, "study")
        try:
            manifest = json.loads((folder / "study.json").read_text("utf-8"))
            claimed = manifest.pop("hash")
            actual = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
        except FileNotFoundError:
            raise StorageError(f"{folder}: no study here (no study.json)") from None
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise StorageError(f"{folder / 'study.json'}: damaged: {error}") from None
        if actual != claimed:
            raise StorageError(f"{folder / 'study.json'}: damaged: its hash does not match its contents")
        if manifest.get("format") != STUDY_FORMAT:
            raise StorageError(f"{folder}: format {manifest.get('format')!r}; this version reads {STUDY_FORMAT!r}")
        return cls(folder, manifest | {"hash": claimed})

    @property
    def arms(self) -> list[str]:
        """Arms, the reference first."""
        return list(self.manifest["scenarios"])

    @property
    def families(self) -> set[str]:
        """Families of the programmes that are compared."""
        scenarios = self.manifest["scenarios"].values()
        return {programme["family"] for scenario in scenarios for programme in scenario.get("programmes", {}).values()}

    @property
    def years(self) -> float:
        """Length of the horizon."""
        return float(next(iter(self.manifest["scenarios"].values()))["years"])

    @property
    def labels(self) -> dict[str, str]:
        """Arm name to how it is called."""
        return dict(self.manifest["labels"])

    @property
    def reference(self) -> str:
        """The arm that the others are compared with."""
        return str(self.manifest["reference"])

    def log(self, text: str) -> None:
        """Add a line with the time to ``log.txt``."""
        with (self.folder / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}\n")

    def done(self) -> set[tuple[str, int, str]]:
        """Arm, seed and key of the runs that are kept; damaged shards are set aside so that their runs are done again."""
        kept: set[tuple[str, int, str]] = set()
        for leftover in self.folder.glob("*/.writing-*"):
            leftover.unlink(missing_ok=True)
        for path in sorted((self.folder / "runs").glob("*.parquet")):
            parts = [path, *(self._companion(path, part) for part in self._parts())]
            damaged = [p for p in parts if self._is_damaged(p)]
            if damaged:
                for bad in damaged:
                    if bad.exists():
                        bad.replace(bad.with_suffix(".damaged"))
                path.unlink(missing_ok=True)
                self.log(f"set aside damaged shard {damaged[0].name}")
                continue
            table = _shard(path.read_bytes(), ["arm", "seed", "key"])
            kept.update(zip(*(column.to_pylist() for column in table.columns), strict=True))
        return kept

    def _parts(self) -> list[str]:
        return (["series"] if self.manifest["series_every"] else []) + (["incidents"] if self.manifest["incidents"] else [])

    def _companion(self, runs_shard: Path, part: str) -> Path:
        """Find the shard of another part that holds the same runs."""
        stem = runs_shard.stem.rsplit("-", 1)[0]
        matches = sorted((self.folder / part).glob(f"{stem}-*.parquet"))
        return matches[0] if matches else self.folder / part / f"{stem}-missing.parquet"

    @staticmethod
    def _is_damaged(path: Path) -> bool:
        return not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest()[:16] != path.stem.rsplit("-", 1)[1]

    def _shards(self, part: str, columns: list[str] | None = None) -> Iterator[pa.Table]:
        for path in sorted((self.folder / part).glob("*.parquet")):
            raw = path.read_bytes()
            if hashlib.sha256(raw).hexdigest()[:16] != path.stem.rsplit("-", 1)[1]:
                raise StorageError(f"{path}: damaged: its contents do not match its hash; run the comparison again to mend it")
            yield _shard(raw, columns)

    def _table(self, part: str, columns: list[str] | None = None) -> pd.DataFrame:
        import pandas as pd  # takes a third of a second, which a first result need not wait for

        frames = [shard.to_pandas() for shard in self._shards(part, columns)]
        if not frames:
            return pd.DataFrame(columns=[*INDEX_COLUMNS])
        table = pd.concat(frames, ignore_index=True)
        table["arm"] = pd.Categorical(table["arm"], self.arms)
        order = [*INDEX_COLUMNS, *{"runs": [], "series": ["week"], "incidents": ["ended", "incident"]}[part]]
        return table.drop_duplicates(order).sort_values(order, ignore_index=True)

    def outcomes_of(self, arm: str, seed: int) -> dict[str, float]:
        """Return the outcomes of one run that is kept.

        Raises
        ------
        KeyError
            If it is not.
        """
        for shard in self._shards("runs"):
            for row in shard.to_pylist():
                if (row["arm"], row["seed"]) == (arm, seed):
                    return {outcome.name: row[outcome.name] for outcome in OUTCOMES}
        raise KeyError((arm, seed))

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run, sorted by arm and seed: arm, seed, key, and a column per outcome."""
        return self._table("runs")

    @property
    def series(self) -> pd.DataFrame:
        """One row a run and week, sorted by arm, seed and week, with a column per series."""
        return self._table("series")

    def series_of(self, *names: str) -> pd.DataFrame:
        """Return some of the series only, which takes less memory than `series`.

        Parameters
        ----------
        *names : str
            Names of series, such as ``"community_trust"``.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        for name in names:
            series_index(name, "series_of")
        return self._table("series", [*INDEX_COLUMNS, "week", *names])

    @property
    def incidents(self) -> pd.DataFrame:
        """One row an incident that ended, with why it arose, last climbed and stopped."""
        return self._table("incidents")


def write_shard(folder: Path, name: str, rows: list[dict[str, Any]], parts: dict[str, list[pa.Table]]) -> None:
    """Write the runs of one shard: series and incidents first, so that runs that are listed have theirs.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written.
    """
    try:
        for part, tables in parts.items():
            if tables:
                _write_parquet(folder / part, name, pa.concat_tables(tables))
        _write_parquet(folder / "runs", name, pa.Table.from_pylist(rows, schema=RUN_SCHEMA))
    except OSError as error:
        raise StorageError(
            f"{folder}: results cannot be written: {error.strerror or error}; what was done before is kept"
        ) from None


RUN_SCHEMA = pa.schema(
    [("arm", pa.string()), ("seed", pa.uint64()), ("key", pa.string()), *((outcome.name, pa.float64()) for outcome in OUTCOMES)]
)


def series_table(arm: str, seed: int, weeks: np.ndarray, series: np.ndarray, every: int) -> pa.Table:
    """Turn one run's series into rows; with `every` > 1, flows are summed and levels taken at the end of each block of weeks."""
    blocks = np.arange(0, len(weeks), every)
    columns: dict[str, Any] = {
        "arm": pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(blocks), np.int32)), [arm]).cast(pa.string()),
        "seed": pa.array(np.full(len(blocks), seed, np.uint64)),
        "week": pa.array(weeks[blocks].astype(np.int32)),
    }
    last = np.minimum(blocks + every, len(weeks)) - 1
    for i, spec in enumerate(SERIES):
        values = np.add.reduceat(series[:, i], blocks) if spec.flow else series[last, i]
        columns[spec.name] = pa.array(values.astype(np.float32))
    return pa.table(columns)


def incident_table(arm: str, seed: int, incidents: Incidents, crossing_names: list[str]) -> pa.Table:
    """Turn one run's incidents into rows, codes into words."""
    n = incidents.key.size

    def words(codes: Any, names: Any) -> pa.Array:
        return pa.array([names[code] for code in codes], pa.string())

    return pa.table(
        {
            "arm": pa.array([arm] * n, pa.string()),
            "seed": pa.array(np.full(n, seed, np.uint64)),
            "incident": pa.array(incidents.key),
            "crossing": words(incidents.crossing, crossing_names),
            "kind": words(incidents.kind, KINDS),
            "began": pa.array(incidents.began),
            "ended": pa.array(incidents.ended),
            "rung": words(incidents.rung, RUNGS),
            "misread": pa.array(incidents.misread.astype(bool)),
            "arose": words(incidents.arose, ARISE),
            "climbed": words(incidents.climbed, CLIMB),
            "stopped": words(incidents.stopped, STOP),
            "deaths": pa.array(incidents.deaths),
        }
    )


def _shard(raw: bytes, columns: list[str] | None) -> pa.Table:
    """Read a shard; by no other thread, since one that is still reading as Python ends would abort it."""
    return pq.ParquetFile(pa.BufferReader(raw), pre_buffer=False).read(columns, use_threads=False)


def _write_parquet(folder: Path, name: str, table: pa.Table) -> None:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    raw = buffer.getvalue()
    _write(folder / f"{name}-{hashlib.sha256(raw).hexdigest()[:16]}.parquet", raw)


def _write(path: Path, raw: bytes) -> None:
    """Write a file under a temporary name beside it, which no reader takes for a shard, flush it to disk, then move it into place."""
    temporary = path.with_name(f".writing-{os.getpid()}-{path.name}.part")
    try:
        with temporary.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def keys_of(experiment: Experiment) -> dict[tuple[str, int], str]:
    """Key of every run of an experiment, seed by seed so that whole pairs are done first."""
    texts = {arm: scenario_text(scenario) for arm, scenario in experiment.scenarios.items()}
    return {(arm, seed): run_key(texts[arm], seed) for seed in experiment.seeds for arm in texts}
