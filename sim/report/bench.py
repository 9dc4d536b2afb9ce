"""What ``bridgework bench`` shows: one table."""

from __future__ import annotations

import math
import os
import platform
from typing import Any

from sim.about import MODEL_VERSION
from sim.lab.bench import Line


def number(value: float) -> str:
    """Write a figure with three digits that matter."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> str:
    """Name the machine, as far as it can be told."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, model {MODEL_VERSION}"


def bench_table(lines: list[Line]) -> Any:
    """Make a table of all figures."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=machine(), title_justify="left", title_style="bold")
    for name, justify in (("", "left"), ("", "left"), ("", "right"), ("", "left"), ("", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    last = ""
    for line in lines:
        if last and line.part != last:
            table.add_section()
        cells = ("" if line.part == last else line.part, line.what, number(line.value), line.unit, line.note)
        table.add_row(*[Text(cell) for cell in cells])
        last = line.part
    return table


def bench_lines(lines: list[Line]) -> str:
    """Write all figures as a table in Markdown."""
    rows = ["| | | | | |", "| --- | --- | ---: | --- | --- |"]
    rows += [f"| {line.part} | {line.what} | {number(line.value)} | {line.unit} | {line.note} |" for line in lines]
    return "\n".join(rows)
