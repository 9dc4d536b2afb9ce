"""Lessons: guided sessions for a room, each a file with prepared worlds, text, questions, and notes for the facilitator.

::

    lesson file ──> LessonFile (checked) ──> Lesson ──> Shelf, with all scenarios and lessons that may be played
                                                │
                                                └──> rehearsed: lived through from start to end, as a room would
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from sim.errors import InputError
from sim.scenario import library
from sim.scenario.faults import validated
from sim.scenario.reading import find, load_scenario, overlay, read_toml, scenario_layers
from sim.scenario.schema import MechanismSwitches, ParameterOverrides
from sim.scenario.tables import Name, Strict, check_line, check_text
from sim.workshop import requests as asked
from sim.workshop.session import WORLDS, Both, Session, alike, scenario_of

Line = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(check_line)]
Text = Annotated[str, Field(max_length=4000), AfterValidator(check_text)]
Shown = Literal["trust", "force", "ties"]


class SetOut(Strict):
    """Begin with other prepared worlds."""

    do: Literal["worlds"]
    name: Name


class PlayUntil(Strict):
    """Play up to a week."""

    do: Literal["play"]
    until: Annotated[int, Field(ge=1, le=2080, description="week at whose beginning to stop")]
    speed: Annotated[float, Field(gt=0, le=asked.FASTEST, description="weeks a second")] = 15.0


class Vote(Strict):
    """Ask the room what it expects of world B against world A."""

    do: Literal["vote"]
    on: Shown


class DrawOn(Strict):
    """Ask somebody to draw on the charts what the room expects."""

    do: Literal["draw"]


class Look(Strict):
    """Follow a community."""

    do: Literal["follow"]
    community: Line


Act = Annotated[
    SetOut | PlayUntil | Vote | DrawOn | Look | asked.Turn | asked.Switch | asked.Strike | asked.Futures,
    Field(discriminator="do"),
]


class Step(Strict):
    """One step of a lesson."""

    title: Line
    minutes: Annotated[int, Field(ge=1, le=60)] = 5
    text: Annotated[Text, Field(description="for the room")]
    question: Annotated[Text, Field(description="for the room to talk about")] = ""
    notes: Annotated[Text, Field(description="for the facilitator")] = ""
    do: Annotated[list[Act], Field(max_length=12, default_factory=list, description="what its button does, in this order")]


class WorldTable(Strict):
    """What is different in one of the two worlds from the start: part of a scenario file."""

    programmes: Annotated[dict[str, Any], Field(default_factory=dict)]
    shocks: Annotated[dict[str, Any], Field(default_factory=dict)]
    edits: Annotated[dict[str, Any], Field(default_factory=dict)]
    parameters: ParameterOverrides | None = None
    mechanisms: MechanismSwitches | None = None


class Prepared(Strict):
    """Two worlds as they stand at the start."""

    region: Annotated[Line, Field(description="a built-in scenario, or the path of one, relative to the lesson")]
    seed: Annotated[int, Field(ge=0, le=asked.LARGEST_SEED)] = 1
    about: Annotated[Text, Field(description="how the two worlds differ, in words")]
    both: Annotated[WorldTable, Field(default_factory=WorldTable)]
    left: Annotated[WorldTable, Field(default_factory=WorldTable)]
    right: Annotated[WorldTable, Field(default_factory=WorldTable)]


class LessonFile(Strict):
    """A lesson as its file says it."""

    bridgework: Literal["lesson/1"] = Field(description='format of this file: "lesson/1"')
    title: Line
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "en"
    place: Annotated[int, Field(ge=0, le=999, description="where it stands in a list of lessons")] = 100
    asks: Annotated[Line, Field(description="what it is about, as a question that does not tell the answer")]
    aim: Annotated[Text, Field(description="what the room takes home")]
    before: Annotated[Text, Field(description="what the facilitator prepares")] = ""
    rests_on: Annotated[Text, Field(description="what is measured, what is claimed, what is assumed")] = ""
    found: Annotated[Text, Field(description="what many futures of the prepared worlds come to")] = ""
    worlds: Annotated[dict[Name, Prepared], Field(min_length=1, max_length=12)]
    steps: Annotated[list[Step], Field(min_length=1, max_length=40)]


@dataclass(frozen=True)
class Opening:
    """Two worlds that may be begun.

    Attributes
    ----------
    scenario : str
        What the region is called.
    base : str
        Built-in name or path of its scenario.
    worlds : str or None
        Name of the prepared worlds of a lesson.
    prepared : tuple of dict
        What is different in either world from the start.
    seed : int
        Unless another is asked for.
    """

    scenario: str
    base: str
    worlds: str | None = None
    prepared: Both = ({}, {})
    seed: int = 1


@dataclass(frozen=True)
class Lesson:
    """A lesson that was read.

    Attributes
    ----------
    name : str
        What it is called: its file's name, without the ending.
    file : LessonFile
        What it says.
    path : pathlib.Path
        Where it lies.
    table : dict
        Its prepared worlds, as they are written.
    """

    name: str
    file: LessonFile
    path: Path
    table: dict[str, Any]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(step.minutes for step in self.file.steps)

    @cached_property
    def openings(self) -> dict[str, Opening]:
        """Its prepared worlds; both of each are sound, and can stand beside each other."""
        return {name: self._opening(name, said, self.table[name]) for name, said in self.file.worlds.items()}

    def _opening(self, name: str, said: Prepared, table: dict[str, Any]) -> Opening:
        where = f"{self.path}: worlds.{name}"
        file = find("scenarios", said.region, self.path, f"worlds.{name}.region")
        builtin = library.names("scenarios").get(said.region) == file
        base = said.region if builtin else str(file.resolve())
        both = table.get("both", {})
        left, right = (overlay(both, table.get(world, {})) for world in WORLDS)
        alike(scenario_of(base, left, {}, f"{where}.left"), scenario_of(base, right, {}, f"{where}.right"), where)
        return Opening(said.region, base, name, (left, right), said.seed)


def load_lesson(name: str | Path) -> Lesson:
    """Read and check a lesson.

    Parameters
    ----------
    name : str or pathlib.Path
        A path ending in ``.toml``, or the name of a built-in lesson.

    Raises
    ------
    InputError
        If anything is wrong with it or its prepared worlds. That its steps can be walked is what `rehearsed` finds out.
    """
    lesson = _read(name)
    _ = lesson.openings
    return lesson


def _read(name: str | Path) -> Lesson:
    """Read a lesson, without building its worlds."""
    path = find("lessons", name)
    table = read_toml(path)
    parent = table.pop("extend", None)
    if parent is not None:
        if not isinstance(parent, str):
            raise InputError("must be text", where=f"{path}: extend", value=parent, right="the name or path of a lesson")
        above = read_toml(find("lessons", parent, path))
        if "extend" in above:
            right = "a lesson that extends none"
            raise InputError("a lesson may extend one that stands by itself", where=f"{path}: extend", value=parent, right=right)
        table = overlay(above, table)
    file = validated(LessonFile, table, str(path))
    _names_known(path, file)
    return Lesson(path.stem, file, path, table["worlds"])


def _names_known(path: Path, file: LessonFile) -> None:
    for number, step in enumerate(file.steps, 1):
        for act in step.do:
            if isinstance(act, SetOut) and act.name not in file.worlds:
                right = f"one of: {', '.join(file.worlds)}"
                raise InputError("no such worlds are prepared", where=f"{path}: steps.{number}.do", value=act.name, right=right)


def rehearsed(lesson: Lesson) -> Iterator[tuple[int, str, Session]]:
    """Walk through a lesson as a room would; after each step yield its number, the name of the worlds that are played, and these.

    Raises
    ------
    InputError
        If a step cannot be done; it says which.
    """
    name, opening = next(iter(lesson.openings.items()))
    session = Session.begin(opening.base, opening.seed, opening.prepared)
    for number, step in enumerate(lesson.file.steps, 1):
        for act in step.do:
            name = act.name if isinstance(act, SetOut) else name
            try:
                session = _done(lesson, session, act)
            except InputError as error:
                where = f"{lesson.name}: step {number} ({step.title}): {error.where}"
                raise InputError(error.what, where=where, value=error.value, right=error.right) from None
        yield number, name, session


def _done(lesson: Lesson, session: Session, act: Any) -> Session:
    """Do one thing that a step asks for; return the worlds, which may be others."""
    match act:
        case SetOut():
            opening = lesson.openings[act.name]
            return Session.begin(opening.base, opening.seed, opening.prepared)
        case PlayUntil():
            if not session.week < act.until <= session.weeks:
                right = f"a week after {session.week}, up to {session.weeks}"
                raise InputError("cannot be played up to", where="until", value=act.until, right=right)
            session.live_until(act.until)
        case Look():
            names = session.plays[0].world.community_names
            if act.community not in names:
                right = f"one of: {', '.join(names)}"
                raise InputError("no such community", where="community", value=act.community, right=right)
            session.follow("community", names.index(act.community))
        case asked.Turn():
            session.programme(WORLDS.index(act.world), act.name, act.levers)
        case asked.Switch():
            session.switch(WORLDS.index(act.world), act.name, on=act.on)
        case asked.Strike():
            session.shock(act.kind, act.size, act.weeks, act.sides)
    return session


@dataclass(frozen=True)
class Shelf:
    """All that may be played.

    Attributes
    ----------
    scenarios : dict of str to str
        Name to a built-in name or a path.
    lessons : dict of str to Lesson
        Those that were named, then the built-in ones.
    """

    scenarios: dict[str, str]
    lessons: dict[str, Lesson]

    @classmethod
    def of(cls, files: list[str]) -> Shelf:
        """Return what may be played: the files that are named, and all that come with bridgework.

        Raises
        ------
        InputError
            If one of them is not sound.
        """
        scenarios, lessons = {}, {}
        for file in files:
            if file in library.names("lessons") or _is_lesson(file):
                lesson = load_lesson(file)
                lessons[lesson.name] = lesson
            else:
                load_scenario(file)
                scenarios[Path(file).stem if file.endswith(".toml") else file] = file
        scenarios |= {name: name for name in library.names("scenarios") if name not in scenarios}
        built_in = [_read(name) for name in library.names("lessons") if name not in lessons]
        lessons |= {lesson.name: lesson for lesson in sorted(built_in, key=lambda lesson: lesson.file.place)}
        return cls(scenarios, lessons)

    def titles(self) -> list[dict[str, str]]:
        """Return name and title of each scenario."""
        return [{"name": name, "title": _title(file)} for name, file in self.scenarios.items()]

    def lessons_told(self) -> list[dict[str, Any]]:
        """Return what a list of lessons says of each."""
        keys = {"title", "language", "asks"}
        return [{"name": x.name, "minutes": x.minutes, **x.file.model_dump(include=keys)} for x in self.lessons.values()]

    def lesson(self, name: str | None) -> Lesson:
        """Return a lesson.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        return self._found(self.lessons, "lesson", name)

    def opening(self, scenario: str | None, lesson: str | None, worlds: str | None) -> Opening:
        """Return two worlds that may be begun: those of a scenario, or those that a lesson has prepared (the first ones, unless named).

        Raises
        ------
        InputError
            If there are none of this name.
        """
        if lesson is None:
            return Opening(str(scenario), self._found(self.scenarios, "region", scenario))
        openings = self.lesson(lesson).openings
        return next(iter(openings.values())) if worlds is None else self._found(openings, "worlds", worlds)

    @staticmethod
    def _found(among: dict[str, Any], what: str, name: str | None) -> Any:
        if name not in among:
            raise InputError(f"no such {what}", where=what, value=name, right=f"one of: {', '.join(among)}")
        return among[name]


def _is_lesson(file: str) -> bool:
    return file.endswith(".toml") and str(read_toml(Path(file)).get("bridgework", "")).startswith("lesson/")


def _title(file: str) -> str:
    return str(next(layer.table["title"] for layer in scenario_layers(file) if "title" in layer.table))
