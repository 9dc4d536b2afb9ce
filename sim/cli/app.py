"""The command itself: its options, and what all its parts use."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from sim.about import __version__
from sim.errors import EXIT_CODES, InputError, StorageError

T = TypeVar("T")


class StudyInterruptedError(Exception):
    """Ctrl-C during a study, part of which is kept; its text says how much."""


CODES = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."

app = typer.Typer(
    name="bridgework",
    help="Simulate what professional exchange across a border does to trust and escalation.",
    epilog=CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
settings: dict[str, int] = {"verbose": 0, "quiet": 0}

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Study directory; by default results/NAME-HASH.")]
Processes = Annotated[
    int | None,
    typer.Option("--processes", "-p", min=1, help="Worker processes; all cores by default. Results do not depend on it."),
]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Also write the tables as CSV into the study directory.")]
SeedsOption = Annotated[int | None, typer.Option("--seeds", "-n", help="Replicates, instead of the file's.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"bridgework {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; shows the trace of an unexpected fault.")
    ] = 0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors; before or after the command.")
    ] = False,
    imported: Annotated[  # noqa: ARG001  (taken from the command line before this is read)
        list[str] | None,
        typer.Option("--import", help="Load a Python file with rules of your own first; before or after the command."),
    ] = None,
) -> None:
    settings.update(verbose=verbose, quiet=quiet)


PICTURES = ("png", "pdf", "svg", "eps", "jpg", "jpeg", "webp", "tif", "tiff")
"""Endings of files into which pictures can be drawn."""


def picture_file(path: Path | None) -> Path | None:
    """Check at once, before any work, that a picture can be drawn into a file of this name.

    Raises
    ------
    InputError
        If its ending names no kind of picture.
    """
    if path is not None and path.suffix.lower().lstrip(".") not in PICTURES:
        right = f"a name that ends in one of: {', '.join('.' + kind for kind in PICTURES)}"
        raise InputError("no kind of picture", where="--picture", value=str(path), right=right)
    return path


def say(text: str) -> None:
    """Tell the user something on standard error, unless asked to be quiet."""
    if not settings["quiet"]:
        print(text, file=sys.stderr, flush=True)


def write_file(path: Path, write: Callable[[Path], T]) -> T:
    """Let something be written into a file, in a folder that is made if need be; return what `write` returns.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return write(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None


def ready_workers(processes: int | None) -> None:
    """Let worker processes, if there will be several, be made ready while this one still imports what it needs and reads its files."""
    from sim.lab.parallel import make_ready

    make_ready(processes)


def announce_compile() -> None:
    """Tell the user that rules are about to be compiled, if they are."""
    from sim.compiled import is_warm

    if not is_warm():
        say("Preparing the rules for this machine; this happens once and takes about a minute ...")


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
