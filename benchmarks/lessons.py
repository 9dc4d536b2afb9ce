"""Live every lesson in fifty futures, and write what they come to into its file: ``python benchmarks/lessons.py [NAME ...]``.

Each pair of prepared worlds is taken as the lesson plays it, live changes included, and lived to the end of its horizon.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from sim.about import MODEL_VERSION
from sim.scenario import library
from sim.workshop.futures import fans, future_of
from sim.workshop.lessons import load_lesson, rehearsed

SEEDS = range(1, 51)
FOUND = re.compile(r'^found = (?:""".*?"""|"")$', re.MULTILINE | re.DOTALL)
TIMES = {"ties": (1.0, 1), "force": (1.0, 2), "trust": (100.0, 2)}
WORDS = {
    "en": {
        "head": "{count} futures (chance no. {first} to {last}, ten years each, model version {version}). "
        "World B minus world A, means over all weeks, with 95 % intervals:",
        "worlds": "Worlds {number}",
        "ties": "ties {mean} ({low} to {high}), fewer in {less} futures, more in {more}",
        "force": "incidents of force per 100,000 residents and year {mean} ({low} to {high}; {left} in world A), less in {less}, more in {more}",
        "trust": "residents' trust in points of 100 {mean} ({low} to {high}), less in {less}, more in {more}",
        "rest": "In all others the two worlds are much the same: within 5 % for ties and force, within half a point for trust.",
    },
    "es": {
        "head": "{count} futuros (azar n.º {first} a {last}, diez años cada uno, versión del modelo {version}). "
        "Mundo B menos mundo A, medias de todas las semanas, con intervalos del 95 %:",
        "worlds": "Mundos {number}",
        "ties": "vínculos {mean} ({low} a {high}), menos en {less} futuros, más en {more}",
        "force": "incidentes de fuerza por 100 000 habitantes y año {mean} ({low} a {high}; {left} en el mundo A), menos en {less}, más en {more}",
        "trust": "confianza de los habitantes en puntos de 100 {mean} ({low} a {high}), menos en {less}, más en {more}",
        "rest": "En todos los demás los dos mundos son casi iguales: dentro del 5 % en vínculos y fuerza, de medio punto en confianza.",
    },
}


def differences(name: str, pool: ProcessPoolExecutor) -> list[dict[str, Any]]:
    """Return how the two worlds of each prepared pair differ over many futures."""
    played: dict[str, Any] = {}
    for _, worlds, session in rehearsed(load_lesson(name)):
        if worlds not in played or session.week >= played[worlds].week:
            played[worlds] = session
    found = []
    for session in played.values():
        left, right = (play.scenario.model_dump_json(exclude_none=True) for play in session.plays)
        lived = list(pool.map(future_of, [((left, right), seed) for seed in SEEDS]))
        found.append(fans(lived)["differences"])
    return found


def in_words(found: list[dict[str, Any]], language: str) -> str:
    """Say it."""
    words = WORDS[language]
    lines = [words["head"].format(count=len(SEEDS), first=SEEDS[0], last=SEEDS[-1], version=MODEL_VERSION), ""]
    for number, of in enumerate(found, 1):
        parts = []
        for name, (times, digits) in TIMES.items():
            signed = {key: _signed(times * of[name][key], digits) for key in ("mean", "low", "high")}
            parts.append(
                words[name].format(**signed, left=f"{of[name]['left']:.1f}", less=of[name]["less"], more=of[name]["more"])
            )
        lines.append(f"- {words['worlds'].format(number=number)}: {'; '.join(parts)}.")
    return "\n".join([*lines, "", words["rest"]])


def _signed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def main() -> None:
    """Measure, and write into the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lessons", nargs="*", help="names; all without")
    asked = parser.parse_args().lessons
    files = library.names("lessons")
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for name in asked or [name for name in files if "." not in name]:
            found = differences(name, pool)
            for path in (path for other, path in files.items() if other.split(".", maxsplit=1)[0] == name):
                text = path.read_text("utf-8")
                said = f'found = """\n{in_words(found, load_lesson(path).file.language)}\n"""'
                path.write_text(FOUND.sub(lambda _, said=said: said, text, count=1), "utf-8")  # type: ignore[misc]
            print(f"{name}\n{in_words(found, 'en')}\n", flush=True)


if __name__ == "__main__":
    main()
