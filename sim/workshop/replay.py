"""The take-away: what was played, as one page that opens from disk and asks nobody for anything."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

from sim.workshop.frames import layout_of, paired, shocks_of
from sim.workshop.session import WORLDS, Session

PAGE = Path(__file__).parent / "page"
MODULES = ("words", "map", "chart", "talk", "view", "replay")
"""Scripts of the page that a replay needs, those first that others import."""


def replay_of(session: Session, language: str) -> str:
    """Return the page.

    Parameters
    ----------
    session : Session
        What was played, of which every week is kept.
    language : str
        Of the page's words, such as ``"en"``; English if there is no such.
    """
    texts = PAGE / "text" / f"{language}.json"
    spoken = language if language.isalpha() and texts.is_file() else "en"
    left, right = session.plays
    kept: dict[str, Any] = {
        "language": spoken,
        "words": json.loads((PAGE / "text" / f"{spoken}.json").read_text("utf-8")),
        "layout": layout_of(left.world) | {"before": left.before},
        "frames": _packed(b"".join(paired(frames) for frames in zip(left.frames, right.frames, strict=True))),
        "events": _packed(json.dumps(list(zip(left.events, right.events, strict=True)), separators=(",", ":")).encode()),
        "shocks": shocks_of(left.scenario),
        "files": dict(zip(WORLDS, session.saved(), strict=True)),
    }
    page = (PAGE / "replay.html").read_text("utf-8")
    parts = {
        "style": (PAGE / "style.css").read_text("utf-8"),
        "kept": json.dumps(kept, separators=(",", ":")).replace("<", "\\u003c"),
        "code": bundle().replace("</script", "<\\/script"),
    }
    return re.sub(r"/\* (style|kept|code) \*/", lambda found: parts[found[1]], page)


def bundle() -> str:
    """Return the scripts as one: what they import from each other stands above."""
    code = "\n".join((PAGE / f"{name}.js").read_text("utf-8") for name in MODULES)
    return re.sub(r"^export ", "", re.sub(r"^import .*\n", "", code, flags=re.MULTILINE), flags=re.MULTILINE)


def _packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 9)).decode()
