"""What a calibration found, as tables: figures before and after, studies left out, parameters narrowed; and the ensemble itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibration.space import Units, space_of
from sim.calibration.targets import Target, calibration_trials
from sim.calibration.waves import Calibration, CalibrationSize, Wave
from sim.errors import checked_path
from sim.evidence.estimates import verdict
from sim.evidence.trial_file import Measure
from sim.lab.effects import Interval, mean_interval
from sim.lab.ensemble import MEMBER
from sim.parameters import all_parameters

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6
"""Digits with which parameters of the ensemble are written."""
NARROWED = 0.85
"""Spread over that of the whole range below which the evidence is said to narrow a parameter."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration found.

    Attributes
    ----------
    members : pandas.DataFrame
        The ensemble: one row a member, one column a parameter.
    rows : pandas.DataFrame
        One row a banded measure, see `rows_of`.
    parameters : pandas.DataFrame
        One row a parameter that was searched, see `parameters_of`.
    waves : pandas.DataFrame
        One row a wave: vectors lived, share of the space that was not ruled out before and after it.
    emulators : pandas.DataFrame
        One row a measure that was emulated: what its emulator looks at, and how well it foretells vectors that it has not seen.
    tried : int
        Vectors lived at last, of which the members are those that agree with every trial.
    share : float
        Share of the space that is not ruled out, about.
    worst : float
        Standard deviations by which what is left misses its worst measure: 3 at most, or more where nothing agrees with all.
    closeness : float
        Standard deviations by which vectors tried for the ensemble were expected outside a band, at most.
    silent : list of str
        Measures that rule nothing out, since they are known of too few vectors or the same under all.
    measures : dict
        Measures by trial and name.
    text : str
        The ensemble as it is written into a file.
    """

    members: pd.DataFrame
    rows: pd.DataFrame
    parameters: pd.DataFrame
    waves: pd.DataFrame
    emulators: pd.DataFrame
    tried: int
    share: float
    worst: float
    closeness: float
    silent: list[str]
    measures: dict[tuple[str, str], Measure]
    text: str

    @classmethod
    def of(cls, calibration: Calibration) -> Calibrated:
        """Gather what a calibration that has run found."""
        assert calibration.left is not None
        members = _members_of(calibration)
        return cls(
            members, rows_of(calibration), parameters_of(calibration), _waves_of(calibration), _emulators_of(calibration),
            len(calibration.agrees()), calibration.left.share, calibration.left.worst, calibration.closeness(),
            [_named(calibration, target) for target in calibration.silent],
            {(trial.name, name): m for trial in calibration.trials for name, m in trial.file.measures.items()},
            members.to_csv(index_label=MEMBER, float_format=f"%.{DIGITS}g", lineterminator="\n"),
        )  # fmt: skip


def calibrate(
    trials: Iterable[str | Path] | None = None,
    folder: str | Path = "results/calibration",
    *,
    vary: Iterable[str] | None = None,
    size: CalibrationSize | None = None,
    processes: int | None = 1,
) -> Calibrated:
    """Find the parameter vectors that field studies leave standing, and keep all that was lived in a folder.

    Parameters
    ----------
    trials : iterable of str or pathlib.Path, optional
        Names of built-in trials that are for calibration, or paths of ``.toml`` files; all that are for it if not given.
    folder : str or pathlib.Path
        Where it is kept; a calibration that is there goes on where it stopped.
    vary : iterable of str, optional
        Parameters (``room.name``) or rooms that are searched; all of behaviour if not given.
    size : CalibrationSize, optional
        How large it is.
    processes : int, optional
        Worker processes, None for all cores. A script that uses more than one needs the usual ``if __name__ == "__main__":``.

    Returns
    -------
    Calibrated

    Raises
    ------
    InputError
        If a name is unknown, a trial is not for calibration, or the folder holds another calibration.
    StorageError
        If the folder cannot be written; what was written before is kept.
    """
    done = Calibration(
        calibration_trials(trials), space_of(vary), size or CalibrationSize(), checked_path(folder, "folder"), processes
    )
    done.run()
    return Calibrated.of(done)


def _named(calibration: Calibration, target: Target) -> str:
    """Name a measure that rules nothing out, and tell whether it lies outside its band all the same."""
    figures = calibration.waves[0].figures[target.key]
    known = figures[np.isfinite(figures)]
    outside = known.size > 0 and not target.holds(known).any()
    return f"{target.evidence or target.trial}, {target.label}{' (outside its band)' if outside else ''}"


def _members_of(calibration: Calibration) -> pd.DataFrame:
    """Return the values of the ensemble's members, as they are written."""
    import pandas as pd

    assert calibration.last is not None
    space = calibration.space
    values = space.values(calibration.last.units[calibration.agrees()])
    rounded = np.array([[float(f"{v:.{DIGITS}g}") for v in row] for row in values]).reshape(values.shape)
    return pd.DataFrame(np.clip(rounded, space.low, space.high), columns=list(space.names), index=range(1, len(values) + 1))


def _verdict(measure: Measure, found: Interval) -> str:
    """Say whether a mean over vectors lies in its band; of one vector alone nothing is for certain."""
    said = verdict(measure, found)
    return f"{said}?" if found.n == 1 and said in ("in", "out") else said


def _over(wave: Wave, key: str) -> tuple[Interval, float, float, Units]:
    figures = wave.figures[key]
    known = figures[np.isfinite(figures)]
    ends = np.quantile(known, [0.05, 0.95]) if known.size else np.full(2, np.nan)
    return mean_interval(known), float(ends[0]), float(ends[1]), known


def rows_of(calibration: Calibration) -> pd.DataFrame:
    """Gather every banded measure: before calibration, in the ensemble, and foretold without its own study.

    Returns
    -------
    pandas.DataFrame
        One row a measure: trial, measure, evidence, label, emergent, band_low, band_high; before, before_low, before_high (under the
        defaults, with the 95 % interval over worlds), before_verdict; after, after_low, after_high (mean over the ensemble in worlds of its own,
        with its 95 % interval), after_p5, after_p95 (of members), after_share (of members in the band), after_verdict; the same for `without`,
        NaN where it was not lived so.
    """
    import pandas as pd

    assert calibration.default is not None
    rows = []
    by_name = {trial.name: trial for trial in calibration.trials}
    for target in calibration.targets:
        measure = by_name[target.trial].file.measures[target.measure]
        figure, noise = (float(getattr(calibration.default, of)[target.key][0]) for of in ("figures", "noise"))
        before = Interval(figure, figure - 1.96 * noise, figure + 1.96 * noise, 1)
        row: dict[str, Any] = {
            "trial": target.trial,
            "measure": target.measure,
            "evidence": target.evidence,
            "label": target.label,
            "emergent": target.emergent,
            "band_low": target.low,
            "band_high": target.high,
            "before": before.mean,
            "before_low": before.low,
            "before_high": before.high,
            "before_verdict": verdict(measure, before),
        }
        for name, wave in (("after", calibration.scored), ("without", calibration.without.get(target.study))):
            found, low, high, known = _over(wave, target.key) if wave is not None else _NOTHING
            row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
            row |= {f"{name}_p5": low, f"{name}_p95": high}
            row[f"{name}_share"] = float(target.holds(known).mean()) if known.size else math.nan
            row[f"{name}_verdict"] = _verdict(measure, found) if wave is not None and len(wave.units) else ""
        rows.append(row)
    return pd.DataFrame(rows)


_NOTHING = (Interval(math.nan, math.nan, math.nan, 0), math.nan, math.nan, np.empty(0))


def parameters_of(calibration: Calibration) -> pd.DataFrame:
    """Gather every parameter that was searched: its range, and what of it is left.

    Returns
    -------
    pandas.DataFrame
        One row a parameter, those most narrowed first: name, meaning, unit, grade, low, high, default; p5, median, p95 of what is not ruled out,
        spread (its standard deviation over that of the first wave, which is spread over all that can be lived; 1 where the evidence
        says nothing).
    """
    import pandas as pd

    assert calibration.left is not None
    declared = {row.path: row.declared for row in all_parameters()}
    space, units = calibration.space, calibration.plausible_units()
    ends = space.low + np.quantile(units, [0.05, 0.5, 0.95], axis=0) * (space.high - space.low)
    spread = units.std(axis=0) / calibration.waves[0].units.std(axis=0)
    frame = pd.DataFrame(
        {
            "name": space.names,
            "meaning": [declared[name].meaning for name in space.names],
            "unit": [declared[name].unit for name in space.names],
            "grade": [declared[name].grade for name in space.names],
            "low": space.low,
            "high": space.high,
            "default": space.values(space.default),
            "p5": ends[0],
            "median": ends[1],
            "p95": ends[2],
            "spread": spread,
        }
    )
    return frame.sort_values("spread", kind="stable", ignore_index=True)


def _waves_of(calibration: Calibration) -> pd.DataFrame:
    """Gather the waves: vectors lived, share of the space not ruled out before and after each, and how well emulators foretell."""
    import pandas as pd

    after = [wave.share for wave in calibration.waves[1:]]
    after.append(calibration.left.share if calibration.left is not None else math.nan)
    return pd.DataFrame(
        [
            {"wave": wave.name, "vectors": len(wave.units), "before": wave.share, "after": left}
            for wave, left in zip(calibration.waves, after, strict=True)
        ]
    )


def _emulators_of(calibration: Calibration) -> pd.DataFrame:
    """Gather the emulators of the last wave: what each looks at, and how well it foretells vectors that it has not seen."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "evidence": e.target.evidence,
                "label": e.target.label,
                "explained": e.explained,
                "covered": e.covered,
                "vectors": e.vectors,
                "active": ", ".join(calibration.space.names[k] for k in e.active),
            }
            for e in calibration.emulators
        ]
    )
