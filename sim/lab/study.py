"""The study directory: the only form in which results are kept.

::

    NAME-1a2b3c4d/
      study.json            what was asked: arms with their resolved scenarios, design, seeds, versions, hash of all that
      points/*.parquet      for a design: one row a point, one column a factor
      runs/*.parquet        one row a run: arm, point, seed, key, every outcome
      series/*.parquet      one row a run and week: every series
      incidents/*.parquet   one row an incident that ended, with its causes, if the experiment asks for it
      failures/*.json       runs that failed: cause, and the command that lives them again
      log.txt               when what was done; no other file holds a time

The tables are kept by `sim.lab.store`. Any reader of Parquet sees ``runs/`` as one table. A study goes on where it stopped, and can be asked for more
seeds later.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from sim.errors import InputError, StorageError, checked_path
from sim.lab.design import BLOCKS, SAMPLES
from sim.lab.experiment import Experiment
from sim.lab.factors import Factor
from sim.lab.manifest import differing, identity_of, make, manifest_of, read_manifest, write_manifest
from sim.lab.points import Laid, laid_out
from sim.lab.rows import ORDER, index_columns, run_schema
from sim.lab.run import provenance
from sim.lab.store import Store, parsed
from sim.outcomes import OUTCOMES
from sim.scenario.schema import Scenario
from sim.series import series_index

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from sim.lab.discovery import Discovery
    from sim.lab.sensitivity import Sensitivity


@dataclass(repr=False)
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
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        """Find its tables."""
        kept = {"series": self.manifest["series_every"], "incidents": self.manifest["incidents"]}
        self.store = Store(self.folder, ("runs", *(part for part, asked in kept.items() if asked)), self.manifest["identity"])

    def __repr__(self) -> str:
        points = f", {len(self.points):,} points" if self.has_design else ""
        return (
            f"<Study {self.manifest['name']!r} in {self.folder}: {len(self.arms)} arms{points}, {self.manifest['seeds']} seeds>"
        )

    @classmethod
    def create(
        cls,
        folder: Path,
        experiment: Experiment,
        tick: Callable[[int, int], None] = lambda *_: None,
        processes: int | None = 1,
    ) -> Study:
        """Make a study directory, or open the one that is there if it asks the same; it may ask for other seeds.

        Parameters
        ----------
        folder : pathlib.Path
            Where.
        experiment : Experiment
            What is asked.
        tick : callable
            Called with the number of points of a design that are checked, and of all.
        processes : int, optional
            Worker processes that check points, where there are many; all cores if None.

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
        try:
            if not (folder / "study.json").exists():
                if folder.exists() and any(not path.name.startswith(".making-") for path in folder.iterdir()):
                    right = "a new folder (--out, or out=)"
                    raise InputError("this folder is not empty and holds no study", where=str(folder), right=right)
                make(folder, manifest, None if experiment.file.design is None else laid_out(experiment, tick, processes))
            study = cls.open(folder)
            study._ask(manifest)  # noqa: SLF001
        except OSError as error:
            raise StorageError(f"{folder}: cannot be written: {error.strerror}") from None
        return study

    def _ask(self, manifest: dict[str, Any]) -> None:
        """Take over what is asked now, if it is the same but for seeds and texts."""
        if self.manifest["identity"] != manifest["identity"]:
            right = "another folder (--out, or out=), or the same question"
            raise InputError(
                f"this folder holds another study: {differing(self.manifest, manifest)}", where=str(self.folder), right=right
            )
        looked = self.manifest["until"] is not None or manifest["until"] is not None
        asked = [name for name in ("seeds", "until") if self.manifest[name] != manifest[name]]
        if looked and asked and self.held:
            said = f"{asked[0]} = {self.manifest[asked[0]]}"
            right = f"another folder (--out, or out=), or {said}: who moves looks once some were taken gets intervals that are too narrow"
            raise InputError(f"looks were taken with {said}", where=str(self.folder), value=manifest[asked[0]], right=right)
        now = manifest | {"provenance": self.manifest["provenance"], "points": self.manifest["points"]}
        if now != self.manifest:
            self.manifest = now
            write_manifest(self.folder, now)
        with (self.folder / "log.txt").open("a", encoding="utf-8"):
            pass

    @classmethod
    def open(cls, folder: str | Path) -> Study:
        """Open a study directory.

        Raises
        ------
        StorageError
            If it is no study or its manifest is damaged.
        """
        folder = checked_path(folder, "study")
        return cls(folder, read_manifest(folder))

    @property
    def arms(self) -> list[str]:
        """Arms, the reference first."""
        return list(self.manifest["scenarios"])

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Arm name to scenario, the reference arm first."""
        out = {}
        for arm, table in self.manifest["scenarios"].items():
            try:
                out[arm] = Scenario.model_validate_json(json.dumps(table))
            except ValidationError as error:
                fault = error.errors()[0]
                said = f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}"
                right = "the version it was made with, and --import FILE for the rules of its own that it was made with"
                raise InputError(f"arm {arm} does not fit this version: {said}", where=str(self.folder), right=right) from None
        return out

    def own_of(self, arm: str) -> tuple[str, ...]:
        """Return what is varied but an arm sets itself, so that those factors do not reach it."""
        return tuple((self.manifest["design"] or {}).get("own", {}).get(arm, ()))

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

    @property
    def has_design(self) -> bool:
        """Whether it varies factors."""
        return self.manifest["design"] is not None

    @property
    def index(self) -> list[str]:
        """Columns that tell runs apart."""
        return index_columns(design=self.has_design)

    @cached_property
    def laid(self) -> Laid:
        """Points of its design; one point at which nothing varies, if it has none.

        Raises
        ------
        StorageError
            If the table of points is damaged.
        """
        if not self.has_design:
            return Laid([], np.empty((1, 0)), np.empty((1, 0)), np.zeros(1, bool), 0)
        said = self.manifest["points"]
        path = self.folder / "points" / str(said["file"])
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise StorageError(f"{path}: cannot be read: {error.strerror}") from None
        if hashlib.sha256(raw).hexdigest()[:16] != path.stem.rsplit("-", 1)[-1]:
            raise StorageError(f"{path}: damaged: its contents do not match its hash; without its points the study is lost")
        table = parsed(raw)
        factors = [Factor.read(row) for row in self.manifest["design"]["factors"]]

        def columns(prefix: str) -> Any:
            found = [table.column(prefix + f.name).to_numpy() for f in factors if prefix + f.name in table.column_names]
            return np.stack(found, axis=1) if found else np.empty((table.num_rows, 0))

        return Laid(factors, columns(""), columns("unit "), table.column("refused").to_numpy(), said["replaced"])

    @property
    def points(self) -> pd.DataFrame:
        """One row a point of the design, indexed by point, with a column per factor, and whether it was refused."""
        import pandas as pd

        frame = pd.DataFrame(self.laid.values, columns=[factor.name for factor in self.laid.factors])
        whole = {factor.name: int for factor in self.laid.factors if factor.whole}
        frame = frame.astype(whole) if whole else frame
        return frame.assign(refused=self.laid.refused).rename_axis("point")

    def log(self, text: str) -> None:
        """Add a line with the time to ``log.txt``."""
        with (self.folder / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}\n")

    def _table(self, part: str, columns: list[str] | None = None) -> pd.DataFrame:
        import pandas as pd  # takes a third of a second, which a first result need not wait for

        found = self.store.read(part, columns)
        if found is None and part == "runs":
            found = run_schema(design=self.has_design).empty_table()
        if found is None:
            return pd.DataFrame(columns=self.index)
        table = found.to_pandas(use_threads=False)  # a thread that is left as Python ends would abort it
        order = [*self.index, *ORDER[part]]
        table["arm"] = pd.Categorical(table["arm"], self.arms)
        table = table.sort_values(order, ignore_index=True)
        again = table.duplicated(order)
        table = table[~again] if again.any() else table
        asked = self._asked(table)
        return table if asked.all() else table[asked].reset_index(drop=True)

    def _asked(self, table: pd.DataFrame) -> Any:
        """Tell which rows belong to seeds that are asked for; all, where that is found out as one goes along."""
        if self.manifest["until"] is not None:
            return np.ones(len(table), bool)
        turn = self.turn_of(table["seed"].to_numpy(), table["point"].to_numpy() if self.has_design else 0)
        return turn < self.manifest["seeds"]

    def turn_of(self, seed: Any, point: Any) -> Any:
        """Tell the how-manieth world of its point a seed is, from 0."""
        from sim.lab.plan import first_seed_of

        first = first_seed_of(self.manifest["first_seed"], self.manifest["design"], point)
        return np.asarray(seed, np.uint64) - np.asarray(first, np.uint64)

    def outcomes_of(self, arm: str, seed: int, point: int = 0) -> dict[str, float]:
        """Return the outcomes of one run that is kept.

        Raises
        ------
        KeyError
            If it is not.
        """
        table = self.store.read("runs")
        for row in () if table is None else table.to_pylist():
            if (row["arm"], row["seed"], row.get("point", 0)) == (arm, seed, point):
                return {outcome.name: row[outcome.name] for outcome in OUTCOMES}
        raise KeyError((arm, point, seed))

    @property
    def held(self) -> int:
        """Runs that are kept, those of further seeds than are asked for included."""
        found = self.store.read("runs", self.index)
        return 0 if found is None else len(set(zip(*(column.to_pylist() for column in found.columns), strict=True)))

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run that was lived without failing, sorted by arm, point and seed: those, the key, and a column per outcome."""
        return self._table("runs")

    @property
    def series(self) -> pd.DataFrame:
        """One row a run and week, sorted by arm, point, seed and week, with a column per series."""
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
        return self._table("series", [*self.index, "week", *names])

    @property
    def incidents(self) -> pd.DataFrame:
        """One row an incident that ended, with why it arose, last climbed and stopped."""
        return self._table("incidents")

    @property
    def failures(self) -> pd.DataFrame:
        """One row a run that failed when it was last tried: arm, point, seed, cause, error, and the command that lives it again."""
        import pandas as pd

        records = [json.loads(path.read_text("utf-8")) for path in sorted((self.folder / "failures").glob("*.json"))]
        return pd.DataFrame(records, columns=["arm", "point", "seed", "key", "cause", "error", "command", "trace"])

    def effects(self, outcomes: list[str] | str | None = None) -> pd.DataFrame:
        """Paired differences from the reference arm, with intervals; see `sim.paired_effects`.

        Where there is a design, it is the mean over its points of the differences at each; see `sim.lab.effects.mean_over_points`.
        """
        from sim.lab.effects import paired_effects

        outcomes = [outcomes] if isinstance(outcomes, str) else outcomes
        return paired_effects(self.runs, self.reference, outcomes, confidence=self.confidence, sampled=self.sampled)

    @property
    def sampled(self) -> bool:
        """Whether its points are a sample of all that they might be, over which one may average."""
        return not self.has_design or self.manifest["design"]["kind"] in SAMPLES

    def check_versions(self) -> None:
        """Check that further runs would have the numbers of those that are kept.

        Raises
        ------
        InputError
            If the study was made with other versions.
        """
        here = self.manifest | {"provenance": provenance()}
        if identity_of(here) != self.manifest["identity"]:
            right = "the versions it was made with; or bridgework reproduce, which does it again in another folder"
            raise InputError(f"made with other versions: {differing(self.manifest, here)}", where=str(self.folder), right=right)

    def summary(self) -> dict[str, Any]:
        """Tell in a line what it asks and how far it is."""
        points = self.manifest["points"]
        lived = points["count"] - points["refused"] if points else 1
        return {
            "title": self.manifest["title"],
            "arms": len(self.arms),
            "points": points["count"] if points else 1,
            "seeds": self.manifest["seeds"],
            "most": self.manifest["until"]["most"] if self.manifest["until"] else self.manifest["seeds"],
            "runs": len(self.runs),
            "asked": None if self.manifest["until"] else lived * len(self.arms) * self.manifest["seeds"],
            "failed": len(list((self.folder / "failures").glob("*.json"))),
            "model": self.manifest["provenance"]["model"],
            "identity": self.manifest["identity"][:16],
        }

    def left_out(self) -> str:
        """Tell in words what is left out of every table and analysis: runs that failed or are not done, points that cannot be lived."""
        said, points = [], self.manifest["points"] or {"refused": 0, "replaced": 0, "count": 1}
        failed = len(list((self.folder / "failures").glob("*.json")))
        if self.manifest["until"] is None:
            asked = (points["count"] - points["refused"]) * len(self.arms) * self.manifest["seeds"]
            missing = asked - len(self.runs)
            further = self.held - len(self.runs)
            if further:
                said.append(f"{further:,} runs of further seeds are kept but not asked for now")
            if missing:
                said.append(
                    f"{missing:,} of {asked:,} runs are left out ({failed:,} failed, {max(missing - failed, 0):,} not done)"
                )
        elif failed:
            said.append(f"{failed:,} runs failed and are left out")
        why = "because violence would feed itself there (loop gain above 0.9)"
        if points["refused"]:
            said.append(f"{points['refused']:,} of {points['count']:,} points are left out {why}")
        if points["replaced"]:
            what = BLOCKS[self.manifest["design"]["kind"]]
            said.append(f"{points['replaced']:,} {what} were replaced by others {why}")
        return "; ".join(said)

    def sensitivity(self, outcome: str, arm: str | None = None, *, paired: bool | None = None) -> Sensitivity:
        """Tell how much each factor matters for an outcome; see `sim.lab.sensitivity.sensitivity_of`."""
        from sim.lab.sensitivity import sensitivity_of

        return sensitivity_of(self, outcome, arm, paired=paired)

    def discover(
        self, outcome: str, arm: str | None = None, *, least: float | None = None, paired: bool | None = None
    ) -> Discovery:
        """Find in which futures an arm fails; see `sim.lab.discovery.discover`."""
        from sim.lab.discovery import discover

        return discover(self, outcome, arm, least=least, paired=paired)

    @property
    def confidence(self) -> float:
        """Confidence of each interval: 0.95, or more where looks are taken until an interval is narrow enough."""
        from sim.lab.looks import confidence_of

        return confidence_of(self.manifest)
