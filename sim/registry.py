"""What a researcher's own files have registered: rules, shocks and professions; how those files are loaded, and what they add to the model.

Everything that the model reads as a table (parameters, series, outcomes, kinds of institutions) asks `registered` for what to add,
once, when it is first imported. After that the registry is sealed.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from sim.about import source_fingerprint
from sim.compiled import count_apart
from sim.declare import Family, Mechanism, Outcome, Series, declarations
from sim.draws import name_key
from sim.errors import InputError

VARIABLE = "BRIDGEWORK_RULES"
"""Environment variable that names the files to load, so that worker processes load them too."""
GROUP = "bridgework.rules"
"""Group of entry points."""


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
    _note(name)


def _note(name: str) -> None:
    """Name a file to the processes that will be started."""
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
    if module_name in sys.modules or name in {str(Path(file).resolve()) for file in _registry.files.values()}:
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
    """Turn whatever goes wrong in a file of one's own into an error that says where; nothing of it stays registered then."""
    _state["loading"] = what
    before = {name: copy.copy(getattr(_registry, name)) for name in Registered.__dataclass_fields__}
    sound = False
    try:
        yield
        sound = True
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
        for name in before if not sound else ():
            setattr(_registry, name, before[name])


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


def own_paths() -> dict[str, str]:
    """Map each parameter that was registered, as ``room.name``, to the rule or profession with which it came."""
    own = registered()
    out = {row.path: room for room, cls in own.rooms.items() for row in declarations(room, cls)}
    out |= {f"costs.{name}": own.owners[name] for name in own.costs}
    return out | {f"incidents.{f.family.incident}_weight": f.family.name for f in own.families}


def entered(name: str, file: str) -> Registered:
    """Return the registry, with a new name in it.

    Raises
    ------
    InputError
        If it is sealed, or the name is taken.
    """
    if _state["sealed"]:
        raise InputError(
            "registered too late: the model is in use already",
            where=f"{file}: {name}",
            right="to import this file first; at its top, of sim only `from sim.own import ...`",
        )
    if name in _registry.files:
        raise InputError(
            "registered twice", where=f"{file}: {name}", right=f"a name of its own; {_registry.files[name]} has it already"
        )
    _registry.files[name] = file
    if not _state["loading"] and Path(file).is_file():  # a plain import, which other processes do not repeat
        _note(str(Path(file).resolve()))
    return _registry
