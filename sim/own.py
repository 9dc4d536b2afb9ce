"""A researcher's own rules, shocks and professions, registered here and named in scenarios.

A file of one's own imports what it needs from this module, and nothing else of `sim` at its top, since what it registers becomes part of
the tables of parameters, series and outcomes that all other modules read. (Inside functions anything may be imported.) It is loaded by
``bridgework --import FILE``, by `load` or a plain ``import`` before the model is first used, or as an entry point of the group
``bridgework.rules``. What is registered does nothing until a scenario names it.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from sim.about import source_fingerprint
from sim.compiled import compiled, count_apart, inlined
from sim.declare import GROUPS, Declared, Family, InstitutionKind, Mechanism, Outcome, Series, declarations, number
from sim.draws import mix, name_key
from sim.errors import InputError
from sim.measures import last_year, mean, per_100k, ratio, total

__all__ = [
    "Declared", "Mechanism", "Outcome", "Series", "compiled", "family", "inlined", "kind_of", "last_year", "load", "mean", "mix",
    "name_key", "other_of", "per_100k", "ratio", "rule", "shock", "total",
]  # fmt: skip

VARIABLE = "BRIDGEWORK_RULES"
"""Environment variable that names the files to load, so that worker processes load them too."""
GROUP = "bridgework.rules"
"""Group of entry points."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule: what it does in a week, and where in the week it stands."""

    name: str
    live: Callable[[Any], None]
    where: str
    """``before``, ``after`` or ``instead_of``."""
    step: str


@dataclass(frozen=True, slots=True)
class OwnShock:
    """A shock: what it is, and what it does in each week of its life."""

    name: str
    meaning: str
    strike: Callable[..., None]


@dataclass(frozen=True, slots=True)
class OwnFamily:
    """A profession: its data, what it does in a week, its levers, and what funders can see of it."""

    family: Family
    live: Callable[[Any], None]
    levers: Any
    first: dict[str, str]
    results: Callable[..., float] | None
    weight: float
    shown: tuple[str, ...]


@dataclass(slots=True)
class Registered:
    """Everything that was registered."""

    rules: dict[str, OwnRule] = field(default_factory=dict)
    shocks: dict[str, OwnShock] = field(default_factory=dict)
    families: list[OwnFamily] = field(default_factory=list)
    rooms: dict[str, Any] = field(default_factory=dict)
    costs: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    mechanisms: dict[str, Mechanism] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """File that registered each name."""
    owners: dict[str, str] = field(default_factory=dict)
    """Name of the rule or profession with which each series, outcome and mechanism came."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.files)


_registry = Registered()
_state = {"sealed": False, "loading": ""}


def registered() -> Registered:
    """Return everything that was registered, loading first what the environment and entry points name; nothing can be added after this.

    Raises
    ------
    InputError
        If a file of one's own cannot be loaded, or uses the model before it has registered what it adds.
    """
    if _state["sealed"]:
        return _registry
    if _state["loading"]:
        raise InputError(
            "uses the model before it has registered what it adds",
            where=str(_state["loading"]),
            right="at the top of the file, of sim only `from sim.own import ...`; other imports of sim inside functions",
        )
    for path in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        _load(path)
    for point in entry_points(group=GROUP):
        with _told(f"entry point {point.name} = {point.value}"):
            point.load()
    _state["sealed"] = True
    if _registry.families:
        count_apart(_layout())
    return _registry


def load(file: str | Path) -> None:
    """Load a file of one's own rules; worker processes load it too.

    Parameters
    ----------
    file : str or pathlib.Path
        A Python file, or the name of a module that can be imported.

    Raises
    ------
    InputError
        If it cannot be loaded, or the model is in use already.
    """
    if _state["sealed"]:
        raise InputError(
            "the model is in use already", where=str(file), right="to load own rules first, before anything else of sim is used"
        )
    name = str(Path(file).resolve()) if str(file).endswith(".py") else str(file)
    _load(name)
    others = [path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path and path != name]
    os.environ[VARIABLE] = os.pathsep.join([*others, name])


def _load(name: str) -> None:
    if not name.endswith(".py"):
        if not all(part.isidentifier() for part in name.split(".")):
            right = "a Python file with rules of your own (FILE.py), or the name of a module"
            raise InputError("neither a Python file nor the name of a module", where="--import", value=name, right=right)
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        with _told(name):
            importlib.import_module(name)
        return
    path = Path(name)
    module_name = f"bridgework_rules_{path.stem}_{name_key(str(path)):x}"
    if module_name in sys.modules:
        return
    if not path.is_file():
        raise InputError(
            "no such file", where="--import", value=name, right="a Python file with rules of your own, or the name of a module"
        )
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        with _told(str(path)):
            spec.loader.exec_module(module)
    except InputError:
        del sys.modules[module_name]
        raise


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn whatever goes wrong in a file of one's own into an error that says where."""
    _state["loading"] = what
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == what]
        if isinstance(error, SyntaxError):
            lines.append(error.lineno)
        place = f"{what}: line {lines[-1]}" if lines else what
        raise InputError(
            f"cannot be loaded: {type(error).__name__}: {error}",
            where=place,
            right="Python that runs without an error when it is imported",
        ) from error
    finally:
        _state["loading"] = ""


def fresh(what: str, there: Iterable[str], named: Iterable[str]) -> None:
    """Check that names that were registered are not taken already.

    Raises
    ------
    InputError
        If one is; `what` says what it would be a name of.
    """
    taken = set(there)
    for name in named:
        if name in taken:
            owner = _registry.owners.get(name, name)
            where = f"{_registry.files.get(owner, GROUP)}: {owner}"
            raise InputError(f"a {what} of a name that is taken", where=where, value=name, right="a name of its own")
        taken.add(name)


def known(what: str, there: Iterable[str], named: dict[str, Iterable[str]]) -> None:
    """Check that what was registered names only what there is: name to the names that it uses.

    Raises
    ------
    InputError
        If something is not there; `what` says what it would have to be.
    """
    there = set(there)
    for name, used in named.items():
        for one in used:
            if one not in there:
                near = difflib.get_close_matches(one, there, 1)
                right = f'did you mean "{near[0]}"?' if near else f"a {what} that is declared"
                owner = _registry.owners.get(name, name)
                raise InputError(f"no such {what}", where=f"{_registry.files.get(owner, GROUP)}: {name}", value=one, right=right)


def _layout() -> str:
    """Hash what constants of compiled rules depend on: the professions, which series and kinds of incidents are counted by."""
    names = [f"{own.family.name}={own.family.incident}" for own in _registry.families]
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()[:8]


def fingerprint() -> str:
    """Hash what was registered with the files that did; empty if nothing was."""
    if not _registry:
        return ""
    digest = hashlib.sha256()
    for name, file in sorted(_registry.files.items()):
        digest.update(f"{name}\x1f".encode())
        if Path(file).is_file():
            digest.update(Path(file).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def sources() -> str:
    """Fingerprint of everything that can change a number of a run: the simulation's own sources and what was registered."""
    own = fingerprint()
    return f"{source_fingerprint()}-{own}" if own else source_fingerprint()


def _add(
    name: str,
    function: Callable[..., Any],
    parameters: Any = None,
    series: tuple[Series, ...] = (),
    outcomes: tuple[Outcome, ...] = (),
    mechanisms: dict[str, Mechanism] | None = None,
) -> None:
    """Check a name, and register what comes with it."""
    file = function.__code__.co_filename
    series, outcomes = _several(series, Series), _several(outcomes, Outcome)
    if _state["sealed"]:
        raise InputError(
            "registered too late: the model is in use already",
            where=f"{file}: {name}",
            right="to import this file first; at its top, of sim only `from sim.own import ...`",
        )
    if not _NAME.fullmatch(name):
        right = "small letters, digits and underscores, beginning with a letter, at most 40"
        raise InputError("not a name for a rule, shock or profession", where=file, value=name, right=right)
    if name in _registry.files:
        raise InputError(
            "registered twice", where=f"{file}: {name}", right=f"a name of its own; {_registry.files[name]} has it already"
        )
    _registry.files[name] = file
    if parameters is not None:
        try:
            declarations(name, parameters)
        except (TypeError, ValueError, AttributeError) as error:
            right = "a NamedTuple class each of whose fields is Annotated[float, Declared(...)] with a default in its range"
            raise InputError(f"not a room of parameters: {error}", where=f"{file}: {name}", right=right) from None
        _registry.rooms[name] = parameters
    for outcome in outcomes:
        if outcome.better not in (-1, 0, 1):
            right = "1 if more is better, -1 if less is, 0 if neither"
            raise InputError(
                f"outcome {outcome.name} in no direction", where=f"{file}: {name}", value=outcome.better, right=right
            )
        if outcome.group not in GROUPS:
            right = f"one of: {', '.join(GROUPS)}"
            raise InputError(f"outcome {outcome.name} in no group", where=f"{file}: {name}", value=outcome.group, right=right)
    _registry.series += series
    _registry.outcomes += outcomes
    _registry.mechanisms |= mechanisms or {}
    for added in [one.name for one in series] + [one.name for one in outcomes]:
        _registry.owners.setdefault(added, name)
    _registry.owners |= dict.fromkeys(mechanisms or {}, name)


def _several(given: Any, cls: type) -> tuple[Any, ...]:
    """Take one thing for a tuple of one."""
    return (given,) if isinstance(given, cls) else tuple(given)


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
        _add(name, function, parameters, series, outcomes, mechanisms)
        ((where, step),) = given.items()
        _registry.rules[name] = OwnRule(name, function, where, step)
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
        _add(name, function)
        _registry.shocks[name] = OwnShock(name, meaning, function)
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
        for kind, words in institutions.items():
            if not (isinstance(words, tuple) and len(words) == 2):
                where = f"{function.__code__.co_filename}: {name}"
                right = "its plural in words and what its workers are called, as a tuple of two texts"
                raise InputError(f"institution {kind} without its words", where=where, value=words, right=right)
        _add(name, function, parameters, series, outcomes, mechanisms)
        kinds = tuple(InstitutionKind(kind, *words) for kind, words in institutions.items())
        data = Family(name, "", kinds, incident, flow, f"incident_rate_{incident}", damper)
        paths = {f"{name}.{lever}": outcome for lever, outcome in first.items()}
        missing = [row.name for row in declarations(name, levers) if row.path not in paths]
        if missing:
            where = f"{function.__code__.co_filename}: {name}"
            raise InputError(
                "a lever that moves no outcome", where=where, value=missing[0], right="`first` names an outcome for each lever"
            )
        _registry.families.append(OwnFamily(data, function, levers, paths, results, weight, shown))
        if costs is not None:
            _registry.costs |= {row.name: (number(row.declared), row.default) for row in declarations("costs", costs)}
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
