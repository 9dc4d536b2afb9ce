"""What a page may ask for; anything else is refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from sim.scenario.tables import Strict

FASTEST = 240.0
"""Weeks a second, at most."""
LARGEST_SEED = 2**53 - 1
"""Of those that a page can write without loss."""
MOST_FUTURES = 200
World = Literal["left", "right"]
Text = Annotated[str, Field(max_length=200)]


def _changes(said: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(said.keys() - CHANGES):
        raise ValueError(f"{unknown[0]} is none of {', '.join(CHANGES)}")
    return said


CHANGES = ("programmes", "shocks", "edits")
"""What of a scenario can be changed while it is played."""
Changes = Annotated[dict[str, dict[str, Any]], AfterValidator(_changes)]


class Begin(Strict):
    """Begin anew with two worlds of a region, or those that a lesson has prepared; or take up again what was played before."""

    do: Literal["begin"]
    scenario: Text | None = None
    lesson: Text | None = None
    worlds: Text | None = None
    seed: Annotated[int | None, Field(ge=0, le=LARGEST_SEED)] = None
    changes: Annotated[list[Changes] | None, Field(min_length=2, max_length=2)] = None
    week: Annotated[int, Field(ge=0, le=100_000, description="up to which it had been lived")] = 0
    have: Annotated[int, Field(ge=0, le=100_000, description="weeks of which the page still has the frames")] = 0

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.scenario is None) == (self.lesson is None):
            raise ValueError("either a scenario or a lesson")
        return self


class Play(Strict):
    """Live week after week, so many a second, up to the end or a week."""

    do: Literal["play"]
    speed: Annotated[float, Field(gt=0, le=FASTEST)] = 15.0
    until: Annotated[int, Field(ge=0, le=100_000)] = 100_000


class Pause(Strict):
    """Stop after the week in hand."""

    do: Literal["pause"]


class Step(Strict):
    """Live one week."""

    do: Literal["step"]


class Drawn(Strict):
    """So many weeks that were sent are drawn."""

    do: Literal["drawn"]
    count: Annotated[int, Field(ge=1, le=1000)] = 1


class Back(Strict):
    """Go back to the beginning of a week, and forget what came later."""

    do: Literal["back"]
    week: Annotated[int, Field(ge=0, le=100_000)]


class Turn(Strict):
    """Switch a programme on, turn its levers, or (null) end its money, in one world."""

    do: Literal["programme"]
    world: World
    name: Text
    levers: Annotated[dict[str, Any] | None, Field(max_length=60)]


class Switch(Strict):
    """Switch a mechanism on or off in one world."""

    do: Literal["switch"]
    world: World
    name: Text
    on: bool


class Strike(Strict):
    """Let a shock strike both worlds."""

    do: Literal["shock"]
    kind: Text
    size: Annotated[float, Field(ge=0, le=1)] = 0.5
    weeks: Annotated[int, Field(ge=1, le=520)] = 26
    sides: Annotated[list[Text] | None, Field(max_length=20)] = None


class Presets(Strict):
    """Tell which programmes can be switched on with one click."""

    do: Literal["presets"]


class Follow(Strict):
    """Follow a community, an institution or a worker, or (null) nobody."""

    do: Literal["follow"]
    what: Literal["community", "institution", "worker"] | None
    row: Annotated[int, Field(ge=0, le=10**8)] = 0


class Save(Strict):
    """Hand over both worlds as scenario files."""

    do: Literal["save"]


class Replay(Strict):
    """Hand over all that was played, as one page."""

    do: Literal["replay"]
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "en"


class Futures(Strict):
    """Live both worlds, as they are changed now, on many seeds; 0 calls it off."""

    do: Literal["futures"]
    count: Annotated[int, Field(ge=0, le=MOST_FUTURES)] = 50


class Lesson(Strict):
    """Tell all of a lesson."""

    do: Literal["lesson"]
    name: Text


Request = (
    Lesson | Begin | Play | Pause | Step | Drawn | Back | Turn | Switch | Strike | Presets | Follow | Save | Replay | Futures
)
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="do")])
