"""What the command shows in a terminal: a progress bar, and tables."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from sim.outcomes import BY_NAME, OUTCOMES, Outcome
from sim.report.words import LEADING, interval, number, verdict

if TYPE_CHECKING:
    import pandas as pd

    from sim.lab.study import Study


LEFT_COLUMNS = 50
ARM_COLUMN = 34
"""Characters that the first two columns, and one arm, take in a table of effects."""


def console(*, stderr: bool = False) -> Any:
    """Return a console, wide enough for tables where the output is no terminal."""
    from rich.console import Console

    wide = 130 if not sys.stdout.isatty() and "COLUMNS" not in os.environ else None
    return Console(stderr=stderr, width=wide, highlight=False)


def plain(text: object) -> Any:
    """Keep square brackets in names from being read as markup."""
    from rich.text import Text

    return Text(str(text))


class Bar:
    """A progress bar in a terminal, a line now and then in a log, nothing if quiet."""

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.what, self.began, self.last, self.count = what, time.monotonic(), 0.0, 0
        self.bar: Any = None
        if sys.stderr.isatty() and not self.quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            speed = TextColumn("{task.fields[speed]}")
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), speed, TimeRemainingColumn())
            self.bar = Progress(*columns, console=console(stderr=True))
            self.task = self.bar.add_task(what, total=None, speed="")

    def counting(self, total: int) -> Callable[[], None]:
        """Show that nothing is done of a total yet; return what is to be called after each piece."""
        self.show(0, total)

        def tick() -> None:
            self.count += 1
            self.show(self.count, total)

        return tick

    def __enter__(self) -> Self:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def show(self, done: int, total: int, failed: int = 0, rate: float = 0.0) -> None:
        """Show how far it is; `rate` is what is done in a minute."""
        text = self.what + (f" ({failed} failed)" if failed else "")
        if self.bar:
            speed = f"{rate:,.0f} a minute" if rate else ""
            self.bar.update(self.task, completed=done + failed, total=total, description=text, speed=speed)
            return
        now = time.monotonic()
        if self.quiet:
            return
        if done + failed == total or now - self.last > 10:
            self.last = now
            left = (total - done - failed) / rate * 60.0 if rate else 0.0
            pace = f", {rate:,.0f} a minute" + (f", {duration(left)} left" if left else "") if rate else ""
            print(f"{text}: {done:,} of {total:,}, {now - self.began:.0f} s{pace}", file=sys.stderr, flush=True)

    def waits(self, text: str) -> None:
        """Tell once that something is waited for."""
        if self.bar:
            self.bar.update(self.task, description=text)
        elif not self.quiet:
            print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Tell a length of time in words."""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.{1 if seconds < 10 * size else 0}f} {unit}"
    return f"{seconds:.0f} s"


def outcome_table(title: str, row: pd.Series | Mapping[str, float], *, everything: bool = False) -> None:
    """Print the outcomes of one run."""
    from rich.table import Table

    table = Table(title=plain(title), title_justify="left")
    for name, justify in (("outcome", "left"), ("value", "right"), ("unit", "left"), ("what it is", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for outcome in OUTCOMES:
        if outcome.name in LEADING or everything:
            table.add_row(outcome.name, number(row[outcome.name], outcome), outcome.unit, outcome.definition)
    console().print(table)


def _cell(row: pd.Series, outcome: Outcome) -> str:
    word = verdict(row, outcome)
    if outcome.better == 0 or row["n"] == 0:
        return number(row["level"], outcome)
    style = {"better": "green", "worse": "red"}.get(word.split(",")[0], "dim")
    return f"{number(row['effect'], outcome, sign=True)}  ({interval(row, outcome)})\n[{style}]{word}[/]"


def effect_table(study: Study, effects: pd.DataFrame) -> None:
    """Print paired effects, one row an outcome and one column an arm; as many tables as the width asks for."""
    from rich.table import Table

    level = f"{100 * study.confidence:.4g} %"
    title = (
        f'{study.manifest["title"]}\nDifferences from "{study.labels[study.reference]}", paired by world, with {level} intervals'
    )
    screen = console()
    arms = [arm for arm in study.arms if arm != study.reference]
    at_once = max(1, (screen.width - LEFT_COLUMNS) // ARM_COLUMN)
    for first in range(0, len(arms), at_once):
        some = arms[first : first + at_once]
        table = Table(title=plain(title), title_justify="left")
        table.add_column("outcome")
        table.add_column(plain(study.labels[study.reference]), justify="right", max_width=14)
        for arm in some:
            table.add_column(plain(study.labels[arm]), min_width=ARM_COLUMN - 4)
        for name, group in effects.groupby("outcome", sort=False):
            outcome = BY_NAME[str(name)]
            cells = [_cell(group[group["arm"] == arm].iloc[0], outcome) for arm in some]
            head = f"{outcome.name}{' *' if outcome.primary else ''}\n[dim]{outcome.unit}[/]"
            table.add_row(head, number(group.iloc[0]["reference"], outcome), *cells, end_section=True)
        screen.print(table)
    print(
        '* primary outcome. "Too small to matter": less than 0.01 on a scale or share, less than 5 % of the level otherwise, fixed beforehand.'
    )
    print(
        'No correction for the number of comparisons. "Rough": fewer than ten pairs differ. Deaths have no interval: their tail is too heavy.'
    )
