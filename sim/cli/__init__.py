"""The command ``bridgework``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from sim.cli import analyses, bench, calibrate, evidence, files, fit, rivals, runs, sweeps, workshop  # noqa: F401  (their commands)
from sim.cli.app import StudyInterruptedError, app, settings
from sim.errors import BridgeworkError, InputError
from sim.interrupts import heed_ctrl_c

INTERRUPTED = 130
ANYWHERE = {"-q", "--quiet", "-v", "-vv", "--verbose"}
"""Options of the command itself that may stand behind its parts, too."""


def _interrupted() -> int:
    print("Interrupted; nothing of what was under way is kept.", file=sys.stderr)
    return INTERRUPTED


def _guarded(call: Callable[..., Any]) -> int:
    """Call the command and turn whatever happens into an exit code."""
    try:
        code = call(standalone_mode=False)
        sys.stdout.flush()
        return _interrupted() if code == INTERRUPTED else code if isinstance(code, int) else 0
    except StudyInterruptedError as stop:
        print(stop, file=sys.stderr)
        return INTERRUPTED
    except typer.Exit as stop:
        return stop.exit_code
    except BridgeworkError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as stop:
        # the command line's own answer to a reader who has seen enough, as in `| head`
        left = type(sys.stdout).__name__ == "PacifyFlushWrapper"
        return 0 if left else stop.code if isinstance(stop.code, int) else 1
    except OSError as error:
        print(f"error: cannot read or write: {error}; what was done before is kept", file=sys.stderr)
        return 4
    except Exception as error:
        show = getattr(error, "show", None)
        if show is not None:  # an argument that the command line does not know
            show()
            return int(getattr(error, "exit_code", 2))
        if settings["verbose"]:
            raise
        text = f"error: unexpected fault in bridgework: {type(error).__name__}: {error}"
        print(f"{text}\n  Run again with -v before the command for the trace.", file=sys.stderr)
        return 1


def _imported(words: list[str]) -> list[str]:
    """Load the files that ``--import`` names, wherever it stands; return the other words, with what goes for all commands first."""
    left: list[str] = []
    first: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in ANYWHERE:
            first.append(word)
        elif word == "--import" or word.startswith("--import="):
            file = word.partition("=")[2] or next(rest, "")
            if not file or file.startswith("-"):
                right = "--import FILE, a Python file with rules of your own"
                raise InputError("names no file", where="--import", value=file or None, right=right)
            from sim.registry import load

            load(file)
        else:
            left.append(word)
    return [*first, *left]


def _command(**options: Any) -> Any:
    return app(_imported(sys.argv[1:]), prog_name="bridgework", **options)


def main() -> None:
    """Run the command and exit with a code from `sim.errors.EXIT_CODES`."""
    heed_ctrl_c()
    sys.exit(_guarded(_command))
