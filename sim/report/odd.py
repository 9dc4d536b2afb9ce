"""Keep the tables of the ODD document in step with the declarations.

``python -m sim.report.odd docs/*.md`` renews them; a test holds them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from sim.acts import ACTS
from sim.claims import CLAIMS, trace
from sim.columns import columns
from sim.declare import Declaration
from sim.errors import EXIT_CODES
from sim.evidence.quantities import EVENTS, INSTITUTIONS, PERSONAL, REGION, RESIDENTS, TIES
from sim.evidence.trial_file import AMONG, STATISTICS, Assignment, Measure, TrialFile
from sim.families import FAMILIES
from sim.levers import FIRST, all_levers
from sim.mechanisms import MECHANISMS
from sim.outcomes import OUTCOMES
from sim.parameters import all_parameters
from sim.registry import registered
from sim.report.forest import CSV_COLUMNS
from sim.rivals import RIVALS, Rival
from sim.scenario import library
from sim.scenario.region import CLIMATE, Layout, Region
from sim.scenario.schema import SHOCKS
from sim.series import SERIES
from sim.week.schedule import WEEK
from sim.world import tables as world_tables

MARK = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)
STATE_TABLES = ("Communities", "Institutions", "Workers", "Ties", "Crossings", "Incidents", "LethalEvents", "Projects", "Towns", "Pilots",
    "Welfare", "Cases", "Movements", "Campaigns", "Rumours")  # fmt: skip


def _rows(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _declared(rows: list[Declaration], *, cost: bool) -> str:
    head = ("name", "meaning", "unit", "default", "range", "costs" if cost else "source", "moves first" if cost else "grade")
    out = []
    for row in rows:
        d = row.declared
        tail = (d.cost or "–", f"`{FIRST[row.path]}`") if cost else (d.source, d.grade)
        out.append((f"`{row.path}`", d.meaning, d.unit, f"{row.default:g}", f"{d.low:g} to {d.high:g}", *tail))
    return _rows(head, out)


def _states() -> str:
    parts = []
    for name in STATE_TABLES:
        cls = getattr(world_tables, name)
        rows = [
            (
                f"`{field}`",
                c.meaning,
                c.unit + {"others": ", for each other side", "kinds": ", by kind", "slots": ", one per tie"}.get(c.width, ""),
            )
            for field, c in columns(cls).items()
        ]
        parts.append(f"**{name}**\n\n" + _rows(("column", "meaning", "unit"), rows))
    return "\n\n".join(parts)


def _columns(mechanism: str) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(name for names in ACTS.get(mechanism, {}).values() for name in names))


def _keys(model: Any) -> str:
    out = []
    for name, field in model.model_fields.items():
        default = "" if field.is_required() or field.default is None or field.default_factory else _default(field.default)
        out.append((f"`{name}`", field.description or "", default))
    return _rows(("key", "meaning", "if not given"), out)


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value) if isinstance(value, str | list) else ""


def _quantities() -> str:
    groups = (
        ("participants, neighbours, workers", PERSONAL),
        ("residents", RESIDENTS),
        ("institutions", INSTITUTIONS),
        ("ties, ties made", TIES),
        ("lethal events", EVENTS),
        ("region", REGION),
    )
    rows = [
        (among, f"`{name}`", q.meaning, q.unit, "yes" if q.scale else "") for among, known in groups for name, q in known.items()
    ]
    return _rows(("among", "`of`", "what it is", "unit", "rated on a scale"), rows)


def _claims() -> str:
    def listed(names: tuple[str, ...]) -> str:
        return ", ".join(f"`{name}`" for name in names) or "–"

    rows = [
        (
            claim,
            CLAIMS[claim].text,
            listed(t.levers),
            listed(t.parameters),
            listed(t.mechanisms),
            listed(t.rules),
            listed(t.outcomes),
        )
        for claim, t in trace().items()
    ]
    return _rows(("", "claim", "levers", "parameters", "mechanisms", "rules", "shows on"), rows)


def _regions() -> str:
    parts = []
    for name, path in library.names("scenarios").items():
        table = tomllib.loads(path.read_text("utf-8"))
        if "about" in table:
            said = " ".join(table["description"].split())
            about = table["about"]
            lines = [f"**Typical.** {about['typical']}", f"**To try.** {about['to_try']}", f"**Shaped by.** {about['shaped_by']}"]
            parts.append("\n\n".join([f"### {table['title']} (`{name}`)", said, *lines]))
    return "\n\n".join(parts)


def _own() -> str:
    own = registered()
    rows = [
        (f"`{r.name}`", "rule", f"{r.where.replace('_', ' ')} {r.step}", Path(own.files[r.name]).name) for r in own.rules.values()
    ]
    rows += [(f"`{s.name}`", "shock", s.meaning, Path(own.files[s.name]).name) for s in own.shocks.values()]
    rows += [
        (f"`{f.family.name}`", "profession", f"owns {f.family.incident} incidents", Path(own.files[f.family.name]).name)
        for f in own.families
    ]
    return (
        _rows(("registered", "what", "where or what it does", "file"), rows) if rows else "Nothing is registered; see --import."
    )


def generated() -> dict[str, str]:
    """Make every table, by name."""
    outcome_rows = [
        (
            f"`{o.name}`{' (primary)' if o.primary else ''}",
            o.definition,
            o.unit,
            {1: "more is better", -1: "less is better", 0: "–"}[o.better],
            f"{o.matters:g}{'' if o.absolute else ' of the level'}" if o.interval else "no interval",
        )
        for o in OUTCOMES
    ]
    return {
        "week": "\n".join(
            [f"{i}. {name} (`{rule.__module__}`)" for i, (name, rule) in enumerate(WEEK, 1)]
            + [
                f"- `{r.name}`, where a scenario names it, {r.where.replace('_', ' ')}: {r.step}"
                for r in registered().rules.values()
            ]
        ),
        "parameters": _declared(all_parameters(), cost=False),
        "levers": _declared(all_levers(), cost=True),
        "mechanisms": _rows(
            ("mechanism", "meaning", "default", "carried by", "acts first on"),
            [
                (
                    f"`{n}`",
                    m.meaning,
                    "on" if m.on else "off",
                    ", ".join(f"`{p}`" for p in m.neutral),
                    _columns(n),
                )
                for n, m in MECHANISMS.items()
            ],
        ),
        "outcomes": _rows(("outcome", "definition", "unit", "direction", "smallest effect that matters"), outcome_rows),
        "series": _rows(
            ("series", "meaning", "unit", "kind"),
            [(f"`{s.name}`", s.meaning, s.unit, "count in the week" if s.flow else "level at its end") for s in SERIES],
        ),
        "shocks": _rows(("shock", "what it does"), [(f"`{n}`", text) for n, text in SHOCKS.items()]),
        "families": _rows(
            ("family", "institutions", "incident it owns"),
            [(f"`{f.name}`", ", ".join(f"`{k.name}`" for k in f.institutions), f.incident) for f in FAMILIES],
        ),
        "states": _states(),
        "region": _keys(Region),
        "layout": _keys(Layout),
        "climate": _rows(("key", "meaning", "if not given"), [(f"`{n}`", m, f"{level:g}") for n, (level, m) in CLIMATE.items()]),
        "institutions": _rows(
            ("kind", "family", "who works there"),
            [(f"`{k.name}`", f"`{f.name}`", k.workers) for f in FAMILIES for k in f.institutions],
        ),
        "trial": _keys(TrialFile),
        "assignment": _keys(Assignment),
        "measure": _keys(Measure),
        "among": _rows(("among", "who or what that is"), [(f"`{name}`", text) for name, text in AMONG.items()]),
        "statistics": _rows(("statistic", "what is computed"), [(f"`{name}`", text) for name, text in STATISTICS.items()]),
        "findings": _rows(
            ("column", "what it is"),
            [(", ".join(f"`{c}`" for c in names.split(", ")), text) for names, text in CSV_COLUMNS.items()],
        ),
        "quantities": _quantities(),
        "claims": _claims(),
        "regions": _regions(),
        "own": _own(),
        "rivals": _rows(
            ("rival", "the model assumes", "the rival assumes", "where it comes from", "switches and sets"),
            [(f"`{name}`", r.instead_of, r.words, r.who, _laid(r)) for name, r in RIVALS.items()],
        ),
        "exit_codes": _rows(("code", "meaning"), [(code, text) for code, text in EXIT_CODES.items()]),
    }


def _laid(rival: Rival) -> str:
    """Write what a rival lays over a scenario."""
    switched = [f"`{name}` {'on' if on else 'off'}" for name, on in rival.mechanisms.items()]
    return ", ".join(
        [*switched, *(f"`{room}.{name}` = {value:g}" for room, own in rival.parameters.items() for name, value in own.items())]
    )


def renewed(text: str) -> str:
    """Return a document with its tables renewed.

    Raises
    ------
    KeyError
        If the document asks for a table that does not exist.
    """
    made = generated()
    return MARK.sub(lambda match: f"<!-- table: {match[1]} -->\n{made[match[1]]}\n<!-- end -->", text)


def main() -> None:
    """Renew the tables of the documents named on the command line."""
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
