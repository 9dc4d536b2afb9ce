"""Figures of a trial: each measure with its interval over worlds, and what a study of the field's own size would have found.

Means are over all persons (institutions, ties) of all worlds. A standardised difference divides the difference of two arms' means by the
standard deviation within worlds and arms, and by the survey's error (`sim.lab.survey`). Intervals are by the jackknife over worlds, each
world with all its arms left out in turn, so that arms that share a seed are paired, and with Student's t; those of ratios are Fieller's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import name_key
from sim.evidence.conduct import Measured, Probe, Record, conduct, probes_of
from sim.evidence.quantities import ADOPTED_BY, EVENTS, PERSONAL, Values
from sim.evidence.trial import Trial
from sim.evidence.trial_file import PERSONS, Measure
from sim.lab.effects import CONFIDENCE, Interval
from sim.lab.parallel import mapped
from sim.lab.survey import RELIABILITY, RESIDENT_SPREAD
from sim.lab.trial import try_out
from sim.lab.warmup import warm_up

STUDIES = 1000
"""Studies of the field's own size that are drawn."""
Worlds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a trial found for one measure.

    Attributes
    ----------
    name : str
        Of the measure.
    simulated : Interval
        Mean over worlds, with its 95 % interval; NaN where it cannot be told.
    study : tuple of float or None
        Where 95 of 100 studies of the field's own size would lie; None where no size is given or persons are not measured.
    persons : int
        Persons, institutions or ties measured, all worlds together, in the arm that has fewer of them; of a measure made of two, those of
        its first.
    size : int
        Persons in that arm of the field study; 0 where no size is given.
    """

    name: str
    simulated: Interval
    study: tuple[float, float] | None
    persons: int
    size: int = 0


def in_band(measure: Measure, value: float) -> bool | None:
    """Whether a value lies in a measure's band; None if it has none, or the value is not known."""
    if not measure.banded or not math.isfinite(value):
        return None
    return (measure.low is None or value >= measure.low) and (measure.high is None or value <= measure.high)


def verdict(measure: Measure, found: Interval) -> str:
    """Say whether a finding lies in its band: "in" or "out"; with "?" where its interval crosses the band's edge; "" without a band."""
    said = in_band(measure, found.mean)
    if said is None:
        return "not known" if measure.banded else ""
    if math.isnan(found.low):
        return "in" if said else "out"
    low, high = (-math.inf if measure.low is None else measure.low), (math.inf if measure.high is None else measure.high)
    unsure = found.low < low or found.high > high if said else found.high >= low and found.low <= high
    return ("in" if said else "out") + ("?" if unsure else "")


class _Moments:
    """Sums over a probe's units, one row a world."""

    def __init__(self, probe: Probe, records: list[Record]) -> None:
        parts = [record[probe].values for record in records]
        self.n = np.array([p.shape[1] for p in parts], np.float64)
        self.total = np.array([p.sum(axis=1) for p in parts])
        self.spread = np.array([_scatter(p) for p in parts])
        self.parts = parts

    def mean(self, worlds: Worlds) -> float:
        """Mean over all units of some worlds; those that could not be measured are left out."""
        total, n = self.total[worlds, 0], self.n[worlds]
        known = np.isfinite(total) & (n > 0)
        return float(total[known].sum() / n[known].sum()) if known.any() else math.nan

    def figure(self, measure: Measure) -> Callable[[Worlds], float]:
        """Return what gives the figure of some worlds: a mean, but for some measures of lethal events."""
        if measure.among != "lethal events":
            return self.mean
        return lambda worlds: EVENTS[measure.of].of([self.parts[w][0] for w in worlds])

    def variances(self, worlds: Worlds) -> Values:
        """Variances within worlds of all quantities of the probe."""
        degrees = float(np.maximum(self.n[worlds] - 1.0, 0.0).sum())
        sums: Values = self.spread[worlds].sum(axis=0).diagonal()
        return sums / degrees if degrees > 0 else np.full(sums.shape, math.nan)

    def variance(self, worlds: Worlds) -> float:
        """Variance within worlds of the first quantity of the probe."""
        return float(self.variances(worlds)[0])


def _scatter(values: Values) -> Values:
    """Return sums of squares and products around the world's own means."""
    if values.shape[1] == 0:
        return np.zeros((values.shape[0], values.shape[0]))
    apart = values - values.mean(axis=1, keepdims=True)
    return np.asarray(apart @ apart.T)


def _coefficient(scatter: Values, scaled: NDArray[np.bool_] | None = None) -> float:
    """Return the standardised coefficient of the second quantity in the regression of the first on all others.

    What is `scaled` is measured with a survey's error, which weakens its correlations.
    """
    deviation = np.sqrt(np.diag(scatter))
    if not (deviation > 0.0).all():
        return math.nan
    if scaled is not None:
        deviation = deviation / np.sqrt(np.where(scaled, RELIABILITY, 1.0))
    correlation = scatter / np.outer(deviation, deviation)
    np.fill_diagonal(correlation, 1.0)
    return float(np.linalg.lstsq(correlation[1:, 1:], correlation[1:, 0], rcond=None)[0][0])


def _contrast(measure: Measure, one: float, other: float, variance: float) -> float:
    """Compare two means."""
    if measure.statistic == "difference":
        return one - other
    if measure.statistic == "relative":
        return one / other - 1.0 if other else math.nan
    spread = RESIDENT_SPREAD if measure.among == "residents" else math.sqrt(variance) if variance > 0.0 else math.nan
    return (one - other) / spread * math.sqrt(RELIABILITY)


def _hazard(share: float, weeks: int) -> float:
    return -math.log1p(-share) * 52.0 / weeks if share < 1.0 else math.nan


def _rate(mine: _Moments, worlds: Worlds) -> float:
    """Return events a year of those to whom they might have happened; the first row of a probe tells whether, the second for how many weeks."""
    events, weeks = mine.total[worlds].sum(axis=0)
    return 52.0 * events / weeks if weeks else math.nan


def _estimator(trial: Trial, measure: Measure, records: list[Record]) -> Callable[[Worlds], float]:
    """Return what computes a measure that is not derived from some of the worlds."""
    own, other = probes_of(trial, measure)
    mine = _Moments(own, records)
    mean = mine.figure(measure)
    if other is not None:
        theirs = _Moments(other, records)
        against = theirs.figure(measure)
        return lambda w: _contrast(measure, mean(w), against(w), 0.5 * (mine.variance(w) + theirs.variance(w)))
    if measure.statistic == "hazard":
        return (lambda w: _rate(mine, w)) if measure.of == ADOPTED_BY else lambda w: _hazard(mean(w), measure.week)
    if measure.statistic == "regression":
        scaled = np.array([PERSONAL[name].scale for name in own.of])
        return lambda w: _coefficient(mine.spread[w].sum(axis=0), scaled)
    return mean


def _derived(measure: Measure, weeks: tuple[int, int], first: float, second: float) -> float:
    if measure.statistic == "minus":
        return first - second
    if measure.statistic == "product":
        return first * second
    if not second:
        return math.nan
    if measure.statistic == "ratio":
        return first / second
    left = second / first if first else math.nan
    return _half_life(weeks, left) if 0.0 < left < 1.0 else math.nan


def _weeks(trial: Trial, measure: Measure) -> tuple[int, int]:
    """Return when the two measures of which another is made are due; nothing of the kind for what is not made of two."""
    first, second = (trial.file.measures[name].week for name in measure.measures) if measure.measures else (0, 0)
    return first, second


def _derive(trial: Trial, measure: Measure, values: dict[str, Any]) -> Any:
    """Compute a derived measure of one pair of numbers, or of arrays of them."""
    first, second = measure.measures
    weeks = _weeks(trial, measure)
    pairs = np.broadcast(np.asarray(values[first]), np.asarray(values[second]))
    return np.array([_derived(measure, weeks, float(a), float(b)) for a, b in pairs])


def jackknife(whole: float, left: Values) -> Interval:
    """Return a figure with the 95 % interval that its values without each world in turn allow; NaN where some of these are not known."""
    from scipy.special import stdtrit

    n = left.size
    if n < 2 or not np.isfinite(left).all():
        return Interval(whole, math.nan, math.nan, n)
    half = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2) * math.sqrt((n - 1) * left.var()))
    return Interval(whole, whole - half, whole + half, n)


def ratio_interval(first: float, second: float, left: tuple[Values, Values]) -> Interval:
    """Return a ratio of two figures with its 95 % interval (Fieller 1954), from their values without each world in turn.

    Those ratios r are in it with which ``first − r · second`` is not off zero. Where the second figure is itself not off zero, any ratio may be
    true: the interval is then infinite.
    """
    from scipy.special import stdtrit

    n, whole = left[0].size, first / second if second else math.nan
    if n < 2 or not np.isfinite(left).all() or not math.isfinite(whole):
        return Interval(whole, math.nan, math.nan, n)
    spread = np.cov(left, bias=True) * (n - 1) * float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) ** 2
    a, b, c = second**2 - spread[1, 1], first * second - spread[0, 1], first**2 - spread[0, 0]
    if a <= 0.0:
        return Interval(whole, -math.inf, math.inf, n)
    half = math.sqrt(max(b * b - a * c, 0.0))
    return Interval(whole, (b - half) / a, (b + half) / a, n)


def _interval(measure: Measure, weeks: tuple[int, int], whole: dict[str, Values], left: dict[str, Values], name: str) -> Interval:
    """Return the figure of a measure with its interval."""
    plain = jackknife(float(whole[name][0]), left[name])
    if measure.of == "median deaths":
        return Interval(plain.mean, math.nan, math.nan, plain.n)
    if measure.statistic not in {"ratio", "half-life"}:
        return plain
    one, other = measure.measures if measure.statistic == "ratio" else reversed(measure.measures)
    ratio = ratio_interval(float(whole[one][0]), float(whole[other][0]), (left[one], left[other]))
    if measure.statistic == "ratio":
        return ratio
    ends = [_half_life(weeks, share) for share in (ratio.low, ratio.high)]  # the more is left, the longer it lasts
    return Interval(plain.mean, ends[0], ends[1], plain.n)


def _half_life(weeks: tuple[int, int], share: float) -> float:
    """Weeks in which half of a gain is lost of which a share is left between two times; none if nothing is, for ever if all of it is."""
    if math.isnan(share):
        return math.nan
    return 0.0 if share <= 0.0 else math.inf if share >= 1.0 else (weeks[1] - weeks[0]) * math.log(0.5) / math.log(share)


def figures(trial: Trial, records: list[Record]) -> dict[str, float]:
    """Compute all measures of a trial from its worlds, without their intervals."""
    whole: dict[str, Any] = {}
    for name, measure in trial.file.measures.items():
        own = _derive(trial, measure, whole) if measure.derived else _estimator(trial, measure, records)(np.arange(len(records)))
        whole[name] = np.atleast_1d(own)
    return {name: float(value[0]) for name, value in whole.items()}


def findings(trial: Trial, records: list[Record]) -> list[Finding]:
    """Compute all measures of a trial from what was measured in its worlds.

    Parameters
    ----------
    trial : Trial
        The trial.
    records : list of Record
        One per seed.

    Returns
    -------
    list of Finding
        In the order of the file.
    """
    measures = trial.file.measures
    primary = {name: _estimator(trial, m, records) for name, m in measures.items() if not m.derived}
    every = np.arange(len(records))
    whole = {name: np.array([estimate(every)]) for name, estimate in primary.items()}
    left = {name: np.array([estimate(np.delete(every, w)) for w in every]) for name, estimate in primary.items()}
    studies = _studies(trial, records)
    out = []
    for name, measure in measures.items():
        if measure.derived:
            whole[name], left[name] = (_derive(trial, measure, values) for values in (whole, left))
            if all(of in studies for of in measure.measures):
                studies[name] = _derive(trial, measure, studies)
        interval = _interval(measure, _weeks(trial, measure), whole, left, name)
        drawn = studies.get(name)
        known = drawn[np.isfinite(drawn)] if drawn is not None else np.empty(0)
        study = (float(np.percentile(known, 2.5)), float(np.percentile(known, 97.5))) if known.size else None
        first = measure
        while first.derived:
            first = measures[first.measures[0]]
        counted = [
            (sum(record[p].values.shape[1] for record in records), trial.file.size_of(first, p.arm))
            for p in probes_of(trial, first)
            if p is not None
        ]
        persons, size = min(counted)
        out.append(Finding(name, interval, study, persons, size))
    return out


def _studies(trial: Trial, records: list[Record]) -> dict[str, Values]:
    """Draw studies of the field's own size: their figures, by measure. Each is done in as few worlds as have enough persons for it."""
    out: dict[str, Values] = {}
    for name, measure in trial.file.measures.items():
        if measure.derived:
            continue
        probes = [probe for probe in probes_of(trial, measure) if probe is not None]
        sizes = [trial.file.size_of(measure, probe.arm) for probe in probes]
        if not all(sizes):
            continue
        if measure.among == "residents":
            out[name] = np.array([_survey(measure, probes, records, k, sizes) for k in range(STUDIES)])
        elif measure.among == "region" and measure.sample:
            out[name] = np.array([_counted(measure, probes, records, k, sizes) for k in range(STUDIES)])
        elif measure.among in {*PERSONS, "ties", "ties made"}:
            errors = _errors(measure, probes, records)
            out[name] = np.array([_study(measure, probes, records, k, sizes, errors) for k in range(STUDIES)])
    return out


def _world(number: int, records: list[Record]) -> Record:
    """Return the world in which a study is done; the same for all its measures."""
    return records[int(np.random.default_rng([5, number]).permutation(len(records))[0])]


def _answers(number: int, probe: Probe, quantity: str) -> np.random.Generator:
    """Return the chance in a study's answers: the same wherever it asks the same persons for the same thing in the same week."""
    return np.random.default_rng([7, number, _sample_number(probe), name_key(quantity, str(probe.week))])


def _survey(measure: Measure, probes: list[Probe], records: list[Record], number: int, sizes: list[int]) -> float:
    """Return what one survey of residents finds, who differ from each other as the fixed survey model says."""
    record = _world(number, records)
    asked = []
    for probe, size in zip(probes, sizes, strict=True):
        error = RESIDENT_SPREAD / math.sqrt(size * RELIABILITY)
        asked.append(float(record[probe].values[0, 0]) + error * float(_answers(number, probe, measure.of).standard_normal()))
    return asked[0] if len(asked) == 1 else _contrast(measure, asked[0], asked[1], math.nan)


def _counted(measure: Measure, probes: list[Probe], records: list[Record], number: int, sizes: list[int]) -> float:
    """Return what one study of a share of the region finds: so many cases counted."""
    record = _world(number, records)
    shares = []
    for probe, size in zip(probes, sizes, strict=True):
        share = float(record[probe].values[0, 0])
        shares.append(_answers(number, probe, measure.of).binomial(size, share) / size if math.isfinite(share) else math.nan)
    return shares[0] if len(shares) == 1 else _contrast(measure, shares[0], shares[1], math.nan)


def _errors(measure: Measure, probes: list[Probe], records: list[Record]) -> Values:
    """Return the standard deviation of a survey's error in each quantity that is measured; 0 in what is counted."""
    every = np.arange(len(records))
    within = np.mean([_Moments(probe, records).variances(every) for probe in probes], axis=0)
    scaled = np.array([measure.among in PERSONS and PERSONAL[name].scale for name in probes[0].of])
    return np.where(scaled, np.sqrt(np.nan_to_num(within) * (1.0 / RELIABILITY - 1.0)), 0.0)


def _study(measure: Measure, probes: list[Probe], records: list[Record], number: int, sizes: list[int], errors: Values) -> float:
    """Return what one study of some size finds: persons drawn anew, their answers with a survey's errors of some standard deviations."""
    order = np.random.default_rng([5, number]).permutation(len(records))
    drawn = []
    for probe, size in zip(probes, sizes, strict=True):
        values = _drawn(_pooled([records[int(w)][probe] for w in order], size), size, number, probe)
        if values.shape[1] < 2:
            return math.nan
        for k, quantity in enumerate(probe.of):
            values[k] += errors[k] * _answers(number, probe, quantity).standard_normal(values.shape[1])
        drawn.append(values)
    means = [float(values[0].mean()) for values in drawn]
    if measure.statistic == "regression":
        return _coefficient(_scatter(drawn[0]))
    if measure.statistic == "hazard":
        return _hazard(means[0], measure.week)
    if len(drawn) == 1:
        return means[0]
    within = float(np.mean([values[0].var(ddof=1) for values in drawn]))
    found = _contrast(measure, means[0], means[1], within)
    return found / math.sqrt(RELIABILITY) if measure.statistic == "d" else found  # the error is in the answers already


def _sample_number(probe: Probe) -> int:
    """Return a number for the sample that a probe measures, the same for all that is measured of it."""
    return name_key(probe.among, probe.arm, str(probe.place))


def _chance(number: int, probe: Probe, among: str) -> np.random.Generator:
    """Return the chance in who is drawn into a study: the same for all that is measured of a sample, and for its twins."""
    return np.random.default_rng([11, number, name_key(among, probe.arm, str(probe.place.world))])


def _pooled(parts: list[Measured], size: int) -> Measured:
    """Put samples of as many worlds together as have enough units for a study, clusters of different worlds kept apart."""
    most = 1 + max(int(part.cluster.max(initial=0)) for part in parts)
    taken: list[Measured] = []
    for k, part in enumerate(parts):
        if sum(one.cluster.size for one in taken) >= size:
            break
        taken.append(Measured(part.values, part.cluster + k * most))
    return Measured(np.concatenate([one.values for one in taken], axis=1), np.concatenate([one.cluster for one in taken]))


def _drawn(measured: Measured, size: int, number: int, probe: Probe) -> Values:
    """Draw units with replacement; where they lie in clusters, first as many clusters as there are, then units of these.

    The clusters drawn are the same for all groups of a study: neighbours are asked in the towns in which the participants live.
    """
    n, chance = measured.cluster.size, _chance(number, probe, probe.among)
    clusters, at = np.unique(measured.cluster, return_inverse=True)
    if n == 0 or clusters.size == n:
        return measured.values[:, chance.integers(n, size=size)] if n else measured.values
    rows = np.split(np.argsort(at, kind="stable"), np.cumsum(np.bincount(at))[:-1])
    towns = _chance(number, probe, "clusters").integers(clusters.size, size=clusters.size)
    there = np.concatenate([rows[int(k)] for k in towns])
    return measured.values[:, there[chance.integers(there.size, size=size)]]


def _conduct(task: tuple[Trial, int]) -> Record:
    return conduct(*task)


def hold_trials(
    trials: list[Trial], processes: int | None = None, tick: Callable[[], None] = lambda: None
) -> list[tuple[Trial, list[Finding]]]:
    """Conduct trials on all their seeds, and compute what they found.

    Parameters
    ----------
    trials : list of Trial
        The trials.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    tick : callable
        Called after every seed of every trial.

    Returns
    -------
    list of (Trial, list of Finding)
    """
    sides: set[int] = set()
    for trial in trials:
        for world, _ in trial.worlds:
            try_out(world.scenario)
            if len(world.scenario.region.sides) not in sides:
                warm_up(world.scenario)
                sides.add(len(world.scenario.region.sides))
    tasks = [(trial, seed) for trial in trials for seed in trial.seeds]
    records = iter(mapped(_conduct, tasks, processes, tick))
    return [(trial, findings(trial, [next(records) for _ in trial.seeds])) for trial in trials]
