"""The server of the workshop: the page, its files, and one socket for each browser."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sim.about import MODEL_VERSION
from sim.errors import InputError
from sim.workshop.futures import Pool
from sim.workshop.lessons import Shelf
from sim.workshop.rooms import Room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from uvicorn import Config

PAGE = Path(__file__).parent / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}
MOST_ROOMS = 40
"""Sessions at a time."""
MOST_BYTES = 65_536
"""Of a message from a page."""
HERE = ("localhost", "127.0.0.1")
SAFE = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
THREADS = 2
"""Threads in which weeks are lived."""
FULL, REFUSED = 4001, 4003


def application(shelf: Shelf, hosts: Iterable[str] = HERE, most: int = MOST_ROOMS) -> Starlette:
    """Return the application.

    Parameters
    ----------
    shelf : Shelf
        What may be played.
    hosts : iterable of str
        Names under which it may be called; others are refused, so that no other page can reach it.
    most : int
        Sessions at a time.
    """
    names = {path.relative_to(PAGE).as_posix(): path for path in PAGE.rglob("*") if path.suffix in KINDS}
    files = {f"/{name}": path for name, path in names.items() if not name.startswith("replay.")}
    files["/"] = files["/index.html"]
    rooms: set[Room] = set()
    pool = Pool()
    offered = {"version": MODEL_VERSION, "scenarios": shelf.titles(), "lessons": shelf.lessons_told()}

    async def page(request: Request) -> Response:
        path = files.get(request.url.path)
        if path is None:
            return PlainTextResponse("Not here.", 404, SAFE)
        return Response(path.read_bytes(), media_type=KINDS[path.suffix], headers=SAFE)

    async def talk(socket: WebSocket) -> None:
        host = socket.headers.get("host", "")
        origin = socket.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            await socket.close(REFUSED)
            return
        await socket.accept()
        if len(rooms) >= most:
            await socket.close(FULL, "full")
            return

        async def send(what: str | bytes) -> None:
            await (socket.send_text(what) if isinstance(what, str) else socket.send_bytes(what))

        room = Room(shelf, send, pool)
        rooms.add(room)
        going = asyncio.create_task(room.run())
        try:
            await room.say("hello", **offered)
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                await room.hear(message.get("text") or "")
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            rooms.discard(room)
            room.close()
            going.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await going
            room.session = None
            await asyncio.to_thread(give_back)

    @contextlib.asynccontextmanager
    async def open_for_some_time(_: Starlette) -> AsyncIterator[None]:
        with ThreadPoolExecutor(THREADS) as threads:
            asyncio.get_running_loop().set_default_executor(threads)
            yield
            pool.close()

    return Starlette(
        lifespan=open_for_some_time,
        routes=[WebSocketRoute("/talk", talk), Route("/{path:path}", page)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
    )


def give_back() -> None:
    """Give memory that is free back to the system, where its allocator would keep it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    InputError
        If the port is taken, or there is no such address.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)  # whoever comes before all is ready waits
    except (OSError, OverflowError) as error:
        right = "another --port, or 0 for any that is free; --host 127.0.0.1 is this machine"
        raise InputError(f"cannot listen there: {error}", where="--host, --port", value=f"{host}:{port}", right=right) from None
    return listening


def local(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def configured(application: Starlette) -> Config:
    """Return how the application is served."""
    from uvicorn import Config

    return Config(
        application, log_level="warning", ws="websockets-sansio", ws_max_size=MOST_BYTES, lifespan="on", timeout_graceful_shutdown=2,
        ws_per_message_deflate=False,
    )  # fmt: skip


def serve(shelf: Shelf, listening: socket.socket, hosts: Iterable[str]) -> None:
    """Serve until Ctrl-C."""
    from uvicorn import Server

    Server(configured(application(shelf, hosts))).run(sockets=[listening])
