"""Where a study keeps its rows: shards of Parquet that cannot be half written, damaged without notice, or written by two at once.

::

    runs/STEM-HASH.parquet       one row a run, sorted by key
    series/STEM-HASH.parquet     the series of the same runs, if they are kept
    incidents/STEM-HASH.parquet  their incidents, if they are kept

A shard is written under a temporary name, flushed and moved into place; the file in ``runs`` comes last, so a run that is listed has all its rows.
HASH is that of the file's bytes and is checked whenever it is read. Small shards are merged into larger ones as they become many. Only the process
that holds the folder's lock, which the operating system lets go of when that process ends in any way, writes or mends anything.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import StorageError
from sim.lab.parallel import DIED_AT_ONCE
from sim.lab.rows import INDEX, ORDER, Run

FAN = 16
"""Shards of about one size that are merged into one."""
LARGEST_SHARD = 64 * 2**20
"""Bytes beyond which a shard is not merged any more."""
_OWNER = b"bridgework.study"
_HELD = "BRIDGEWORK_STUDY_HELD"
"""Environment variable that tells worker processes which study their parent is writing."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Some runs that are kept together."""

    stem: str
    rows: int
    paths: dict[str, Path]
    size: int


@dataclass(slots=True)
class Store:
    """The tables of a study.

    Parameters
    ----------
    folder : pathlib.Path
        The study's.
    parts : tuple of str
        ``runs`` and what else is kept of each run.
    owner : str
        Identity of the study, which every shard bears.
    """

    folder: Path
    parts: tuple[str, ...]
    owner: str
    shards: dict[str, Shard] = field(default_factory=dict)

    @contextlib.contextmanager
    def locked(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the folder's lock; `waiting` is called once if another process has it.

        Raises
        ------
        StorageError
            If the folder cannot be written, or the process that started this one, and waits for it, has the lock.
        """
        from filelock import FileLock, Timeout

        lock, here = FileLock(self.folder / "lock"), str(self.folder.resolve())
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if _is_parents(here):
                    raise StorageError(DIED_AT_ONCE) from None
                waiting()
                lock.acquire(poll_interval=0.2)
        except OSError as error:
            raise StorageError(f"{self.folder}: cannot be written: {error.strerror or error}") from None
        os.environ[_HELD] = f"{os.getpid()} {here}"
        try:
            yield
        finally:
            os.environ.pop(_HELD, None)
            lock.release()

    def mend(self) -> tuple[set[Run], list[str]]:
        """Clear away what a process left that was stopped in the middle, and set damaged shards aside.

        Returns
        -------
        set of Run
            Runs that are kept.
        list of str
            Names of files that were damaged.
        """
        for leftover in self.folder.glob("*/.writing-*"):
            leftover.unlink(missing_ok=True)
        self.shards.clear()
        kept: set[Run] = set()
        damaged: list[str] = []
        listed = {part: {_stem(p): p for p in sorted((self.folder / part).glob("*.parquet"))} for part in self.parts}
        found: dict[str, tuple[dict[str, Path], list[Run]]] = {}
        for stem, path in listed["runs"].items():
            paths = {part: listed[part][stem] for part in self.parts if stem in listed[part]}
            raws = {part: self._sound(p) for part, p in paths.items()}
            bad = [paths[part] for part, raw in raws.items() if raw is None]
            if bad or len(paths) < len(self.parts):
                damaged += [p.name for p in bad] or [f"{path.name}, of which a part is missing"]
                for p in bad:
                    p.replace(p.with_suffix(".damaged"))
                self._remove(paths)
            else:
                found[stem] = paths, _runs_in(raws["runs"] or b"")
        for stem, (paths, runs) in sorted(found.items(), key=lambda item: (-len(item[1][1]), item[0])):
            if kept.issuperset(runs):  # merged into a larger one, which it outlived
                self._remove(paths)
            else:
                kept.update(runs)
                self.shards[stem] = Shard(stem, len(runs), paths, _size(paths))
        for part in self.parts[1:]:
            for stem, path in listed[part].items():
                if stem not in self.shards:
                    path.unlink(missing_ok=True)
        return kept, damaged

    def _sound(self, path: Path) -> bytes | None:
        """Return the bytes of a file, or None if it is damaged, or another study's."""
        raw = path.read_bytes()
        if not _matches(path, raw):
            return None
        try:
            owner = (pq.read_schema(pa.BufferReader(raw)).metadata or {}).get(_OWNER)
        except pa.ArrowInvalid:
            return None
        return raw if owner == self.owner.encode() else None

    @staticmethod
    def _remove(paths: dict[str, Path]) -> None:
        for path in paths.values():  # the one in `runs` first, so that no run is listed without its rows
            with contextlib.suppress(
                PermissionError
            ):  # another program is reading it, on Windows; it goes when it is next mended
                path.unlink(missing_ok=True)

    def add(self, tables: dict[str, pa.Table]) -> None:
        """Keep some runs, and merge shards where there are many of one size.

        Raises
        ------
        StorageError
            If the disk is full or the folder cannot be written; what was kept before is.
        """
        try:
            self._write(tables)
            sizes: dict[int, list[Shard]] = {}
            for shard in self.shards.values():
                sizes.setdefault(_class(shard.rows), []).append(shard)
            for few in sizes.values():
                if len(few) >= FAN:
                    self._merge(few)
        except OSError as error:
            raise StorageError(
                f"{self.folder}: results cannot be written: {error.strerror or error}; what was done before is kept"
            ) from None

    def settle(self) -> None:
        """Merge what can be merged; if that fails, nothing is lost."""
        with contextlib.suppress(OSError):
            self._merge(list(self.shards.values()))

    def _write(self, tables: dict[str, pa.Table]) -> None:
        keys = tables["runs"].column("key").to_pylist()
        runs = sorted(
            str(row) for row in tables["runs"].select([n for n in INDEX if n in tables["runs"].column_names]).to_pylist()
        )
        stem = hashlib.sha256("\x1f".join([*sorted(keys), *runs]).encode()).hexdigest()[:16]
        paths = {}
        for part in reversed(self.parts):
            table = tables[part].sort_by([(name, "ascending") for name in _sorting(part, tables[part])])
            paths[part] = self._write_table(part, stem, table)
        ordered = {part: paths[part] for part in self.parts}
        self.shards[stem] = Shard(stem, tables["runs"].num_rows, ordered, _size(ordered))

    def _write_table(self, part: str, stem: str, table: pa.Table) -> Path:
        buffer = io.BytesIO()
        words = [field.name for field in table.schema if pa.types.is_string(field.type)]  # numbers seldom come twice
        owned = table.replace_schema_metadata({_OWNER: self.owner.encode()})
        pq.write_table(owned, buffer, compression="zstd", use_dictionary=words)
        raw = buffer.getvalue()
        path = self.folder / part / f"{stem}-{hashlib.sha256(raw).hexdigest()[:16]}.parquet"
        write_whole(path, raw)
        return path

    def _merge(self, shards: list[Shard]) -> None:
        """Merge shards, smallest first, as far as they stay below the largest size."""
        group: list[Shard] = []
        for shard in sorted(shards, key=lambda s: (s.size, s.stem)):
            if sum(s.size for s in group) + shard.size <= LARGEST_SHARD:
                group.append(shard)
        if len(group) < 2:
            return
        tables = {}
        for part in self.parts:
            read = [self._sound(shard.paths[part]) for shard in group]
            if any(raw is None for raw in read):
                return  # damaged meanwhile: found and mended when the study is next opened for writing
            tables[part] = pa.concat_tables([parsed(raw) for raw in read if raw is not None])
        before = set(self.shards)
        self._write(tables)
        merged = set(self.shards) - before
        for shard in group:
            if shard.stem not in merged:
                self._remove(shard.paths)
                del self.shards[shard.stem]

    def read(self, part: str, columns: list[str] | None = None) -> pa.Table | None:
        """Read a part of the study; None if there is nothing. What another process is merging meanwhile is read once.

        Raises
        ------
        StorageError
            If a file is damaged.
        """
        for attempt in range(3):
            try:
                raws = [(path, path.read_bytes()) for path in sorted((self.folder / part).glob("*.parquet"))]
                break
            except FileNotFoundError:
                if attempt == 2:
                    raise
        tables = []
        for path, raw in raws:
            if not _matches(path, raw):
                raise StorageError(f"{path}: damaged: its contents do not match its hash; the same command again mends the study")
            tables.append(parsed(raw, columns))
            if (tables[-1].schema.metadata or {}).get(_OWNER) != self.owner.encode():
                raise StorageError(f"{path}: belongs to another study; the same command again sets it aside")
        return pa.concat_tables(tables) if tables else None


def _is_parents(folder: str) -> bool:
    """Tell whether the process that started this one, not this one itself, is writing a folder."""
    process, _, held = os.environ.get(_HELD, "").partition(" ")
    return held == folder and process != str(os.getpid())


def _sorting(part: str, table: pa.Table) -> list[str]:
    return (
        ["key"]
        if part == "runs" and "key" in table.column_names
        else [n for n in (*INDEX, *ORDER[part]) if n in table.column_names]
    )


def _class(rows: int) -> int:
    """Class of size of a shard: each holds `FAN` times as many rows as the one below."""
    found = 0
    while rows >= FAN:
        rows, found = rows // FAN, found + 1
    return found


def _size(paths: dict[str, Path]) -> int:
    return sum(path.stat().st_size for path in paths.values())


def _stem(path: Path) -> str:
    return path.stem.rsplit("-", 1)[0]


def _matches(path: Path, raw: bytes) -> bool:
    return hashlib.sha256(raw).hexdigest()[:16] == path.stem.rsplit("-", 1)[-1]


def _runs_in(raw: bytes) -> list[Run]:
    index = [name for name in INDEX if name in pq.read_schema(pa.BufferReader(raw)).names]
    columns = {name: column.to_pylist() for name, column in zip(index, parsed(raw, index).columns, strict=True)}
    points = columns.get("point", [0] * len(columns["seed"]))
    return list(zip(columns["arm"], points, columns["seed"], strict=True))


def parsed(raw: bytes, columns: list[str] | None = None) -> pa.Table:
    """Read a shard; by no other thread, since one that is still reading as Python ends would abort it."""
    return pq.ParquetFile(pa.BufferReader(raw), pre_buffer=False).read(columns, use_threads=False)


def write_whole(path: Path, raw: bytes) -> None:
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
