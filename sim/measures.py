"""Ways to make one number of a run out of its weekly series: each a function of (series, residents)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Weekly = dict[str, NDArray[np.float64]]
"""Weekly values over the horizon, by name of the series."""
Measure = Callable[[Weekly, float], float]
"""From weekly values and the region's residents to one number."""


def mean(name: str) -> Measure:
    """Take the mean over the horizon."""
    return lambda s, _: float(s[name].mean())


def last_year(name: str) -> Measure:
    """Take the mean of the last year."""
    return lambda s, _: float(s[name][-52:].mean())


def total(name: str) -> Measure:
    """Sum over the horizon."""
    return lambda s, _: float(s[name].sum())


def per_100k(*names: str) -> Measure:
    """Count per 100,000 residents and year."""
    return lambda s, residents: float(sum(s[n].sum() for n in names) / (len(s[names[0]]) / 52.0) / residents * 1e5)


def ratio(top: str, bottom: str) -> Measure:
    """Divide one sum by another."""

    def measure(s: Weekly, _: float) -> float:
        below = s[bottom].sum()
        return float(s[top].sum() / below) if below > 0 else float("nan")

    return measure


def share(part: str, rest: str) -> Measure:
    """Take one sum as a share of two."""

    def measure(s: Weekly, _: float) -> float:
        whole = s[part].sum() + s[rest].sum()
        return float(s[part].sum() / whole) if whole > 0 else float("nan")

    return measure


def per(top: str, bottom: str, unit: float) -> Measure:
    """Count so many of one for so many of another."""
    of = ratio(top, bottom)
    return lambda s, residents: unit * of(s, residents)


def force_in_shocks(s: Weekly, residents: float) -> float:
    """Count incidents of force per 100,000 residents and year in the weeks of shocks."""
    weeks = s["shock"] > 0
    return float(s["reached_force"][weeks].sum() / (weeks.sum() / 52.0) / residents * 1e5) if weeks.any() else float("nan")


def force_in_last_shock(s: Weekly, residents: float) -> float:
    """Count them in the last shock, or in the last ones that followed each other without a break."""
    weeks = np.flatnonzero(s["shock"] > 0)
    if weeks.size == 0:
        return float("nan")
    first = int(weeks[np.flatnonzero(np.diff(weeks, prepend=-2) > 1)[-1]])
    span = slice(first, int(weeks[-1]) + 1)
    return float(s["reached_force"][span].sum() / ((span.stop - first) / 52.0) / residents * 1e5)


def misread_share(s: Weekly, _: float) -> float:
    """Take the share of security incidents misread among those that no warning stopped."""
    told = s["incidents_security"].sum() - s["warnings"].sum()
    return float(s["misread"].sum() / told) if told > 0 else float("nan")


def spiral_size(s: Weekly, _: float) -> float:
    """Count security incidents for each one that was no echo."""
    arisen, echoes = s["incidents_security"].sum(), s["echoes_security"].sum()
    return float(arisen / (arisen - echoes)) if arisen > echoes else float("nan")


def per_1000(name: str) -> Measure:
    """Count per 1,000 residents and year."""
    return lambda s, residents: float(s[name].sum() / (len(s[name]) / 52.0) / residents * 1e3)


def tie_survival(s: Weekly, _: float) -> float:
    """Take the share of ties alive a year after they began."""
    born = s["ties_born"][:-52].sum()
    return float(s["ties_survived"][52:].sum() / born) if born > 0 else float("nan")


def one_less(measure: Measure) -> Measure:
    """Take one less a measure."""
    return lambda s, residents: 1.0 - measure(s, residents)


def weeks_to_mobilise(s: Weekly, _: float) -> float:
    """Take the mean time from call to joint campaign, lapsed calls included."""
    calls = s["campaigns"].sum() + s["campaigns_lapsed"].sum()
    return float(s["mobilise_weeks"].sum() / calls) if calls > 0 else float("nan")


nonviolent_share = one_less(ratio("flashpoints", "protests"))


RECOVERED_FOR = 8
"""Weeks for which services must be back until they count as recovered (fixed)."""


def weeks_to_recover(s: Weekly, _: float) -> float:
    """Weeks from the start of the last disaster until services are back for eight weeks, to a hundredth of their mean the year before."""
    weeks = np.flatnonzero(s["disaster"] > 0)
    if weeks.size == 0:
        return float("nan")
    first = int(weeks[np.flatnonzero(np.diff(weeks, prepend=-2) > 1)[-1]])
    services = s["services"]
    usual = services[max(first - 52, 0) : max(first, 1)].mean()
    back = np.convolve(services[first:] >= usual - 0.01, np.ones(RECOVERED_FOR), "valid") >= RECOVERED_FOR - 0.5
    low = np.flatnonzero(services[first:] < usual - 0.01)
    if low.size == 0:
        return 0.0
    after = np.flatnonzero(back[low[0] :]) if back.size > low[0] else low[:0]
    return float(low[0] + after[0]) if after.size else float(services.size - first)


def queue_peak(s: Weekly, residents: float) -> float:
    """Find how many households per 1,000 residents wait in the worst week of twenty."""
    return float(np.quantile(s["waiting"], 0.95) / residents * 1e3)


def turnover(family: str) -> Measure:
    """Take the share of a profession that leaves in a year."""

    def measure(s: Weekly, _: float) -> float:
        leavers, posts = s[f"leavers_{family}"], s[f"staff_{family}"].mean()
        return float(leavers.sum() / (len(leavers) / 52.0) / posts) if posts > 0 else float("nan")

    return measure


def weeks_with(name: str) -> Measure:
    """Take the share of weeks in which something happens."""
    return lambda s, _: float((s[name] > 0).mean())


def per_resident(name: str) -> Measure:
    """Sum per resident and year."""
    return lambda s, residents: float(s[name].sum() / (len(s[name]) / 52.0) / residents)


def yearly(events: str, exposed: str) -> Measure:
    """Count events in a year, as a share of those exposed."""
    return lambda s, _: float(s[events].sum() / max(s[exposed].sum() / 52.0, 1e-9))


def last_two_years(name: str) -> Measure:
    """Sum of a year, mean of the last two."""
    return lambda s, _: float(s[name][-104:].sum() / 2.0)


def dip(name: str) -> Measure:
    """Find the deepest fall below the level in week 0."""
    return lambda s, _: float(s[name][0] - s[name].min())


def evenness(s: Weekly, _: float) -> float:
    """Take how evenly enrolments fall on residents, at the end."""
    return float(s["evenness"][-1]) if s["enrolments"].any() else float("nan")
