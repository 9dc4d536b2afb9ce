"""One browser's session: what it asks for, and what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError

from sim.errors import BridgeworkError, InputError
from sim.scenario.programme import changed_programme
from sim.scenario.schema import Scenario
from sim.workshop import requests as asked
from sim.workshop.frames import layout_of, paired, shocks_of
from sim.workshop.futures import Pool, fans
from sim.workshop.lessons import Shelf
from sim.workshop.presets import preset, presets, turned
from sim.workshop.replay import replay_of
from sim.workshop.session import WORLDS, Session

IN_FLIGHT = 3
"""Weeks that are sent before the page has said that it has drawn the first of them."""
SHORTEST = 0.001
"""Seconds for which it is not worth waiting."""
LATE = 0.1
"""Seconds that are made up for where weeks came late."""
BETWEEN = 1.0
"""Seconds between two messages on many futures."""

Send = Callable[[str | bytes], Awaitable[None]]


class Room:
    """A session of two worlds, and the page that looks at it.

    Parameters
    ----------
    shelf : Shelf
        What may be played.
    send : callable
        Sends a text or bytes to the page.
    pool : Pool
        Lives many futures.
    """

    def __init__(self, shelf: Shelf, send: Send, pool: Pool) -> None:
        self.shelf, self.send, self.pool = shelf, send, pool
        self.many: asyncio.Task[None] | None = None
        self.session: Session | None = None
        self.speed = 0.0
        self.until = 0
        self.unseen = 0
        self.due = 0.0
        self.stirred = asyncio.Event()
        self.turn = asyncio.Lock()

    async def hear(self, text: str) -> None:
        """Do what the page asks for; tell it what was wrong, if something was."""
        try:
            request = asked.REQUEST.validate_json(text)
            if isinstance(request, asked.Drawn):  # told even while a week is lived
                self.unseen = max(0, self.unseen - request.count)
            elif isinstance(request, asked.Pause):
                self.speed = 0.0
            else:
                async with self.turn:
                    await self._do(request)
        except ValidationError as error:
            fault = error.errors()[0]
            await self.say("error", text=f"not understood: {'.'.join(map(str, fault['loc']))}: {fault['msg']}")
        except BridgeworkError as error:
            await self.say("error", text=str(error))
        self.stirred.set()

    async def say(self, said: str, /, **more: Any) -> None:
        """Tell the page something."""
        await self.send(json.dumps({"say": said} | more, separators=(",", ":")))

    async def run(self) -> None:
        """Live weeks as fast as is asked for, and no faster than the page draws them."""
        while True:
            self.stirred.clear()
            session = self.session
            if session is None or not self.speed or session.finished or self.unseen >= IN_FLIGHT:
                await self.stirred.wait()
                continue
            left = self.due - time.monotonic()
            if left > SHORTEST:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stirred.wait(), left)
                continue
            async with self.turn:
                if self.speed and self.session is not None:
                    self.due = max(self.due, time.monotonic() - LATE) + 1.0 / self.speed
                    await self._live(self.session)

    async def _live(self, session: Session) -> None:
        """Live one week, and send it."""
        if session.week >= session.weeks:
            return
        try:
            await asyncio.to_thread(session.live)
        except Exception as fault:
            self.speed = 0.0
            text = f"unexpected fault in week {session.week}: {type(fault).__name__}: {fault}; load the page again"
            await self.say("error", text=text)
            raise
        week = session.week - 1
        left, right = session.plays
        if left.told is not None:
            await self.say("followed", week=week, worlds=[left.told, right.told])
        await self._show(session, week)
        if self.speed and session.week >= min(self.until, session.weeks):
            self.speed = 0.0
            await self.say("stopped", week=session.week)

    async def _show(self, session: Session, week: int) -> None:
        """Send what happened in a week, and how it looks then."""
        events = [play.events[week] for play in session.plays]
        if any(events):
            await self.say("events", week=week, events=events)
        self.unseen += 1
        left, right = session.plays
        await self.send(paired((left.frames[week], right.frames[week])))

    async def _do(self, request: asked.Request) -> None:
        if isinstance(request, asked.Begin):
            await self._begin(request)
            return
        if isinstance(request, asked.Presets):
            await self.say("presets", presets={name: preset(name) for name in presets()}, turned=turned())
            return
        if isinstance(request, asked.Lesson):
            await self.say("lesson", name=request.name, lesson=self.shelf.lesson(request.name).file.model_dump(mode="json"))
            return
        session = self.session
        if session is None:
            raise InputError("nothing is played yet", where="do", value=request.do, right='"begin" first')
        match request:
            case asked.Play():
                self.speed, self.due, self.until = request.speed, time.monotonic(), request.until
                if session.week >= min(request.until, session.weeks):
                    self.speed = 0.0
                    await self.say("stopped", week=session.week)
            case asked.Step():
                self.speed = 0.0
                await self._live(session)
            case asked.Back():
                self.speed = 0.0
                await asyncio.to_thread(session.rewind, request.week)
                self.unseen = 0
                await self.say("back", week=request.week)
            case asked.Turn():
                await asyncio.to_thread(session.programme, WORLDS.index(request.world), request.name, request.levers)
            case asked.Switch():
                await asyncio.to_thread(session.switch, WORLDS.index(request.world), request.name, on=request.on)
            case asked.Strike():
                await asyncio.to_thread(session.shock, request.kind, request.size, request.weeks, request.sides)
            case _:
                await self._hand_over(session, request)
        if isinstance(request, asked.Back | asked.Turn | asked.Switch | asked.Strike):
            await self._tell_changes(session)

    async def _hand_over(self, session: Session, request: asked.Request) -> None:
        match request:
            case asked.Futures():
                self._call_off()
                if request.count:
                    self.many = asyncio.create_task(self._futures(session, request.count))
            case asked.Follow():
                found = await asyncio.to_thread(session.follow, request.what, request.row)
                left, right = session.plays
                past = [[week, left.past[week], right.past[week]] for week in left.past.keys() & right.past.keys()]
                told = [play.told for play in session.plays]
                await self.say(
                    "follow", what=request.what, row=request.row, inside=found, week=session.week - 1, worlds=told, past=past
                )
            case asked.Replay():
                html = await asyncio.to_thread(replay_of, session, request.language)
                await self.say("saved", files={"replay.html": html})
            case asked.Save():
                files = {f"world-{letter}.toml": text for letter, text in zip("ab", session.saved(), strict=True)}
                await self.say("saved", files=files)

    def _call_off(self) -> None:
        if self.many is not None:
            self.many.cancel()
            self.many = None

    def close(self) -> None:
        """Call off what is still under way."""
        self._call_off()

    async def _futures(self, session: Session, count: int) -> None:
        """Live many futures, and send how they are spread, now and then."""
        found: list[Any] = []
        told = 0.0
        left, right = (play.scenario for play in session.plays)
        try:
            async for future in self.pool.futures((left, right), range(session.seed, session.seed + count)):
                found.append(future)
                if len(found) == count or time.monotonic() - told > BETWEEN:
                    told = time.monotonic()
                    await self.say("futures", of=count, **fans(found))
        except BridgeworkError as error:
            await self.say("error", text=str(error))

    async def _begin(self, request: asked.Begin) -> None:
        opening = self.shelf.opening(request.scenario, request.lesson, request.worlds)
        seed = opening.seed if request.seed is None else request.seed
        left, right = request.changes or ({}, {})
        self._call_off()
        self.speed, self.session = 0.0, None
        session = await asyncio.to_thread(Session.begin, opening.base, seed, opening.prepared, (left, right))
        await asyncio.to_thread(session.live_until, max(request.week, 1))
        self.session = session
        have = min(request.have, session.week)
        self.unseen = 0
        await self.say(
            "layout",
            scenario=opening.scenario,
            lesson=request.lesson,
            worlds=opening.worlds,
            seed=seed,
            have=have,
            week=session.week,
            before=session.plays[0].before,
            **layout_of(session.plays[0].world),
        )
        await self._tell_changes(session)
        for week in range(have, session.week):
            await self._show(session, week)

    async def _tell_changes(self, session: Session) -> None:
        """Tell how programmes and mechanisms stand in either world."""
        worlds = [
            {
                "programmes": {name: _levers(play.scenario, name) for name in play.scenario.programmes},
                "mechanisms": _switches(play.scenario),
                "changes": play.changes,
            }
            for play in session.plays
        ]
        await self.say("changes", week=session.week, worlds=worlds, shocks=shocks_of(session.plays[0].scenario))


def _levers(scenario: Scenario, name: str) -> dict[str, Any]:
    """Return all levers of a programme as they stand after all edits; its profession's own in a table of their own."""
    programme = scenario.programmes[name]
    for _, edit in scenario.dated_edits():
        if name in edit.programmes:
            programme = changed_programme(programme, edit.programmes[name])
    own = programme.family_levers()._asdict()
    return programme.levers()._asdict() | {"family": programme.family, programme.family: own}


def _switches(scenario: Scenario) -> dict[str, bool]:
    """Return the mechanisms that are switched otherwise than usual, after all edits."""
    said: dict[str, bool] = {}
    layers: list[Any] = [scenario, *(edit for _, edit in scenario.dated_edits())]
    for layer in layers:
        if layer.mechanisms is not None:
            said |= layer.mechanisms.model_dump(exclude_none=True)
    return said
