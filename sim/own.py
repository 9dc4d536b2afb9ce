"""A researcher's own rules, shocks and professions, registered here and named in scenarios.

A file of one's own imports what it needs from this module, and nothing else of `sim` at its top, since what it registers becomes part of
the tables of parameters, series and outcomes that all other modules read. (Inside functions anything may be imported.) It is loaded by
``bridgework --import FILE``, by `load` or a plain ``import`` before the model is first used, or as an entry point of the group
``bridgework.rules``. What is registered does nothing until a scenario names it.
"""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from sim.compiled import compiled, inlined
from sim.declare import GROUPS, Declared, Family, InstitutionKind, Mechanism, Outcome, Series, declarations, number
from sim.draws import mix, name_key
from sim.errors import InputError
from sim.measures import last_year, mean, per_100k, ratio, total
from sim.registry import OwnFamily, OwnRule, OwnShock, Registered, entered, load

__all__ = [
    "Declared", "Mechanism", "Outcome", "Series", "compiled", "family", "inlined", "kind_of", "last_year", "load", "mean", "mix",
    "name_key", "other_of", "per_100k", "ratio", "rule", "shock", "total",
]  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PRICED = ("euro/year", "euro/head")
"""Units of costs that levers name: what stands all year, and what is paid by the head as a cohort begins."""
MOST_WEIGHT = 3.0
F = TypeVar("F", bound=Callable[..., Any])


def _add(
    name: str,
    function: Callable[..., Any],
    parameters: Any = None,
    series: tuple[Series, ...] = (),
    outcomes: tuple[Outcome, ...] = (),
    mechanisms: dict[str, Mechanism] | None = None,
) -> Registered:
    """Check a name, and register what comes with it."""
    file = function.__code__.co_filename
    series, outcomes = (_several(given, cls, f"{file}: {name}") for given, cls in ((series, Series), (outcomes, Outcome)))
    _check_name("rule, shock or profession", file, name)
    registry = entered(name, file)
    if parameters is not None:
        try:
            declarations(name, parameters)
        except (TypeError, ValueError, AttributeError) as error:
            right = "a NamedTuple class each of whose fields is Annotated[float, Declared(...)] with a default in its range"
            raise InputError(f"not a room of parameters: {error}", where=f"{file}: {name}", right=right) from None
        registry.rooms[name] = parameters
    for outcome in outcomes:
        if outcome.better not in (-1, 0, 1):
            right = "1 if more is better, -1 if less is, 0 if neither"
            raise InputError(
                f"outcome {outcome.name} in no direction", where=f"{file}: {name}", value=outcome.better, right=right
            )
        if outcome.group not in GROUPS:
            right = f"one of: {', '.join(GROUPS)}"
            raise InputError(f"outcome {outcome.name} in no group", where=f"{file}: {name}", value=outcome.group, right=right)
    for mechanism in mechanisms or {}:
        if mechanism in registry.mechanisms:
            _taken("mechanism", file, name, mechanism)
    registry.series += series
    registry.outcomes += outcomes
    registry.mechanisms |= mechanisms or {}
    for added in [one.name for one in series] + [one.name for one in outcomes]:
        registry.owners.setdefault(added, name)
    registry.owners |= dict.fromkeys(mechanisms or {}, name)
    return registry


def _check_name(what: str, where: str, name: Any) -> None:
    if not (isinstance(name, str) and _NAME.fullmatch(name)) or keyword.iskeyword(name):
        right = "small letters, digits and underscores, beginning with a letter, at most 40, and no word of Python's own"
        raise InputError(f"not a name for a {what}", where=where, value=name, right=right)


def _taken(what: str, file: str, owner: str, name: str) -> NoReturn:
    raise InputError(f"a {what} of a name that is taken", where=f"{file}: {owner}", value=name, right="a name of its own")


def _several(given: Any, cls: type, where: str) -> tuple[Any, ...]:
    """Take one thing for a tuple of one."""
    several = (given,) if isinstance(given, cls) else tuple(given) if isinstance(given, (tuple, list)) else (None,)
    if not all(isinstance(one, cls) for one in several):
        what = cls.__name__
        raise InputError(f"not {what}", where=where, value=given, right=f"a tuple of {what}(...), each of its own fields")
    return several


def _takes(function: Callable[..., Any], name: str, count: int) -> None:
    """Check how many arguments a function takes."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        where = f"{function.__code__.co_filename}: {name}"
        right = "a function of the world" if count == 1 else "a function of (world, shock, sides, first)"
        raise InputError(
            "called with other arguments than it takes", where=where, value=str(inspect.signature(function)), right=right
        ) from None


def rule(
    name: str,
    *,
    before: str = "",
    after: str = "",
    instead_of: str = "",
    parameters: Any = None,
    series: tuple[Series, ...] = (),
    outcomes: tuple[Outcome, ...] = (),
    mechanisms: dict[str, Mechanism] | None = None,
) -> Callable[[F], F]:
    """Register a rule of one's own: a function of the world that is called once a week.

    Parameters
    ----------
    name : str
        As scenarios write it: ``rules = ["night_markets"]``.
    before, after, instead_of : str
        Step of the week beside which, or in whose place, it stands; exactly one of them.
    parameters : NamedTuple class, optional
        What can be varied, each field declared; the rule reads ``world.parameters.<name>``, a scenario sets ``[parameters.<name>]``.
    series, outcomes : tuple
        Weekly series that it counts with ``world.count``, and outcomes made of them.
    mechanisms : dict, optional
        Switches: name to `Mechanism`.
    """
    given = {where: step for where, step in (("before", before), ("after", after), ("instead_of", instead_of)) if step}

    def register(function: F) -> F:
        if len(given) != 1:
            where = f"{function.__code__.co_filename}: {name}"
            said = "stands nowhere in the week" if not given else f"stands in {len(given)} places: {', '.join(given)}"
            raise InputError(said, where=where, right="one of before, after or instead_of, with a step's name")
        _takes(function, name, 1)
        registry = _add(name, function, parameters, series, outcomes, mechanisms)
        ((where, step),) = given.items()
        registry.rules[name] = OwnRule(name, function, where, step)
        return function

    return register


def shock(name: str, meaning: str) -> Callable[[F], F]:
    """Register a shock of one's own: a function of (world, shock, sides, first) that is called in each week of its life.

    Parameters
    ----------
    name : str
        As scenarios write it: ``kind = "curfew"``.
    meaning : str
        One plain sentence.
    """

    def register(function: F) -> F:
        _takes(function, name, 4)
        _add(name, function).shocks[name] = OwnShock(name, meaning, function)
        return function

    return register


def family(
    name: str,
    *,
    institutions: dict[str, Any],
    incident: str,
    flow: str,
    damper: str,
    levers: Any,
    first: dict[str, str],
    costs: Any = None,
    parameters: Any = None,
    series: tuple[Series, ...] = (),
    outcomes: tuple[Outcome, ...] = (),
    mechanisms: dict[str, Mechanism] | None = None,
    results: Callable[..., float] | None = None,
    weight: float = 0.5,
    shown: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Register a profession of one's own by its work rule: a function of the world that is called once a week.

    It takes part in a scenario whose region has one of its institutions. Money, recruitment, cohorts, contact, ties, alumni, turnover,
    mediation on duty and the course of incidents are the same for all professions.

    Parameters
    ----------
    name : str
        As scenarios write it: ``family = "press"``.
    institutions : dict
        Kind of institution to (its plural in words, what its workers are called).
    incident : str
        The kind of incident that it owns.
    flow, damper : str
        Outcomes that show what its ties carry and what dampens when it works.
    levers : NamedTuple class
        Its own levers, each field declared.
    first : dict
        Lever to the outcome that it moves first.
    costs : NamedTuple class, optional
        What its levers cost, each field declared with the unit that says when it falls due.
    parameters, series, outcomes, mechanisms
        As in `rule`.
    results : callable, optional
        From (world, programme) to what funders can see, 0 to 1.
    weight : float
        Weight of its incidents among everyday ones.
    shown : tuple of str
        Outcomes that comparisons show besides.
    """

    def register(function: F) -> F:
        _takes(function, name, 1)
        place = f"{function.__code__.co_filename}: {name}"
        _check_name("kind of incident", place, incident)
        if not 0.0 <= weight <= MOST_WEIGHT:
            raise InputError("a weight out of its range", where=place, value=weight, right=f"0 to {MOST_WEIGHT:g}")
        for kind, words in institutions.items():
            _check_name("kind of institution", place, kind)
            if not (isinstance(words, tuple) and len(words) == 2):
                where = f"{function.__code__.co_filename}: {name}"
                right = "its plural in words and what its workers are called, as a tuple of two texts"
                raise InputError(f"institution {kind} without its words", where=where, value=words, right=right)
        registry = _add(name, function, parameters, series, outcomes, mechanisms)
        kinds = tuple(InstitutionKind(kind, *words) for kind, words in institutions.items())
        data = Family(name, "", kinds, incident, flow, f"incident_rate_{incident}", damper)
        paths = {f"{name}.{lever}": outcome for lever, outcome in first.items()}
        missing = [row.name for row in declarations(name, levers) if row.path not in paths]
        if missing:
            where = f"{function.__code__.co_filename}: {name}"
            raise InputError(
                "a lever that moves no outcome", where=where, value=missing[0], right="`first` names an outcome for each lever"
            )
        for row in declarations("costs", costs) if costs is not None else ():
            if row.name in registry.costs:
                _taken("cost", function.__code__.co_filename, name, row.name)
            if row.declared.unit not in PRICED and row.name in {lever.declared.cost for lever in declarations(name, levers)}:
                right = f"one of: {', '.join(PRICED)}; or a cost that no lever names, which the rule itself pays"
                raise InputError(
                    f"cost {row.name} of a lever falls due at no time", where=place, value=row.declared.unit, right=right
                )
            registry.costs[row.name] = (number(row.declared), row.default)
            registry.owners[row.name] = name
        registry.families.append(OwnFamily(data, function, levers, paths, results, weight, shown))
        return function

    return register


def kind_of(incident: str) -> int:
    """Return the number of a kind of incident, as columns of crossings hold it."""
    from sim.families import KINDS

    if incident not in KINDS:
        raise InputError("no such kind of incident", where="kind_of", value=incident, right=f"one of: {', '.join(KINDS)}")
    return KINDS.index(incident)


def other_of(world: Any, here: Any, there: Any) -> Any:
    """Return the place of the side of `there` among the other sides of the side of `here`: columns for each other side count so.

    Parameters
    ----------
    world : World
        The world.
    here, there : int or array of int
        Communities on different sides.
    """
    side = world.communities.side
    return (side[there] - side[here] - 1) % world.sides
