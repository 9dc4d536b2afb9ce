"""``study.json``: what a study asks, completely enough to do it again, and by which its runs are known."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sim.errors import StorageError
from sim.lab.experiment import Experiment
from sim.lab.points import Laid
from sim.lab.run import NUMERIC, provenance, scenario_text
from sim.lab.store import write_whole
from sim.outcomes import OUTCOMES

STUDY_FORMAT = "study/2"
_IDENTITY = ("scenarios", "design", "first_seed", "series_every", "incidents", "outcomes")


def manifest_of(experiment: Experiment) -> dict[str, Any]:
    """Describe what an experiment asks, completely enough to do it again; but for its points, which are in a table."""
    file = experiment.file
    body: dict[str, Any] = {
        "format": STUDY_FORMAT,
        "name": experiment.name,
        "title": file.title,
        "question": file.question,
        "reference": file.reference,
        "labels": experiment.labels,
        "seeds": file.seeds,
        "first_seed": file.first_seed,
        "until": None if file.until is None else file.until.model_dump(),
        "series_every": file.series_every,
        "incidents": file.incidents,
        "outcomes": [outcome.name for outcome in OUTCOMES],
        "design": experiment.design_asked(),
        "provenance": provenance(),
        "scenarios": {arm: json.loads(scenario_text(scenario)) for arm, scenario in experiment.scenarios.items()},
    }
    return body | {"identity": identity_of(body)}


def default_folder(experiment: Experiment) -> Path:
    """Return where an experiment's study is kept unless it is said otherwise."""
    return Path("results") / f"{experiment.name}-{manifest_of(experiment)['identity'][:8]}"


def identity_of(body: dict[str, Any]) -> str:
    """Hash what the numbers of a study's runs depend on, apart from how many there are."""
    made = {name: body["provenance"][name] for name in ("sources", "machine", *NUMERIC)}
    asked = {name: body[name] for name in _IDENTITY}
    asked["scenarios"] = {arm: plain_scenario(scenario) for arm, scenario in body["scenarios"].items()}
    return hash_of(asked | made)


def plain_scenario(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario without its texts, which change no number."""
    return {key: value for key, value in scenario.items() if key not in {"title", "description", "about"}}


def hash_of(table: dict[str, Any]) -> str:
    """Hash a table, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read ``study.json``.

    Raises
    ------
    StorageError
        If there is none, or it is damaged, or of another format.
    """
    try:
        manifest = json.loads((folder / "study.json").read_text("utf-8"))
        claimed, actual = manifest.pop("hash"), hash_of(manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise StorageError(f"{folder}: no study here (no study.json)") from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise StorageError(f"{folder / 'study.json'}: damaged: {error}") from None
    if manifest.get("format") != STUDY_FORMAT:
        raise StorageError(f"{folder}: format {manifest.get('format')!r}; this version reads {STUDY_FORMAT!r}")
    if actual != claimed or identity_of(manifest) != manifest["identity"]:
        raise StorageError(f"{folder / 'study.json'}: damaged: its hash does not match its contents")
    return dict(manifest)


def make(folder: Path, manifest: dict[str, Any], laid: Laid | None) -> None:
    """Make a study directory in one step."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder if folder.exists() else folder.parent
    with tempfile.TemporaryDirectory(dir=beside, prefix=f".making-{folder.name[:40]}-") as making:
        made = Path(making) / "study"
        for part in ("runs", "series", "incidents", "failures", "points"):
            (made / part).mkdir(parents=True)
        said: dict[str, Any] | None = None
        if laid is not None:
            raw = laid.parquet()
            name = f"points-{hashlib.sha256(raw).hexdigest()[:16]}.parquet"
            write_whole(made / "points" / name, raw)
            said = {"file": name, "count": len(laid.values), "refused": int(laid.refused.sum()), "replaced": laid.replaced}
        else:
            (made / "points").rmdir()
        write_manifest(made, manifest | {"points": said})
        if not folder.exists():
            try:
                made.replace(folder)
            except OSError:  # another process was faster
                if not (folder / "study.json").exists():
                    raise
            return
        for path in sorted(made.iterdir(), key=lambda path: path.name == "study.json"):
            if not (folder / path.name).exists():
                shutil.move(path, folder / path.name)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write ``study.json`` with the hash of what it says."""
    text = json.dumps(manifest | {"hash": hash_of(manifest)}, indent=1, ensure_ascii=False)
    write_whole(folder / "study.json", text.encode())


def differing(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Say in what two studies differ."""
    made = [
        f"{name} {there['provenance'].get(name)}, now {here['provenance'].get(name)}"
        for name in ("bridgework", "sources", "machine", *NUMERIC)
        if there["provenance"].get(name) != here["provenance"].get(name)
    ]
    asked = [name.replace("_", " ") for name in _IDENTITY if there.get(name) != here.get(name)]
    if asked == ["scenarios"]:
        arms = [
            arm
            for arm in {**there["scenarios"], **here["scenarios"]}
            if there["scenarios"].get(arm) != here["scenarios"].get(arm)
        ]
        asked = [f"the scenario of {', '.join(arms[:5])}"]
    return "; ".join([*made, *asked])
