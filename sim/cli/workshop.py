"""The workshop: serve the live page."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.app import announce_compile, app, say
from sim.errors import InputError


@app.command(
    epilog="Examples: [bold]bridgework workshop[/]   [bold]bridgework workshop my-region.toml my-lesson.toml --port 9000[/]   "
    "[bold]bridgework workshop --host 0.0.0.0 --name trainer.local[/] (others in the room may join)"
)
def workshop(
    files: Annotated[
        list[str] | None, typer.Argument(help="Scenario and lesson files of your own, to be played beside the built-in ones.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port to listen on; 0 for any that is free.")] = 8700,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; with this one, only this machine can.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A name or address by which others call this machine; may be repeated.")
    ] = None,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Show a room how trust is built and lost: two worlds side by side on a page that is alive. Ctrl-C ends it."""
    try:
        from sim.workshop import server
        from sim.workshop.lessons import Shelf
    except ImportError as error:
        right = 'pip install "bridgework[workshop]"'
        raise InputError(f"{error.name} is not installed", where="workshop", right=right) from None
    from sim.lab.warmup import warm_up
    from sim.scenario.reading import load_scenario

    shelf = Shelf.of(files or [])
    listening = server.bound(host, port)
    if not server.local(host) and not name:
        right = "--name NAME, the name or address by which others call this machine"
        raise InputError("by what name will others call it?", where="--name", right=right)
    announce_compile()
    warm_up(load_scenario("quiet-border"))
    address = f"http://{'localhost' if server.local(host) else (name or [host])[0]}:{listening.getsockname()[1]}/"
    say(f"The workshop is open at {address}  (Ctrl-C ends it; what is played is not kept)")
    if browser:
        import webbrowser

        webbrowser.open(address)
    server.serve(shelf, listening, [*server.HERE, *(name or [])])
