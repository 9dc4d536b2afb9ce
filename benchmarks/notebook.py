"""Write and execute the notebook of a first sweep, ``experiments/first-sweep.ipynb``.

It needs two packages that nothing else does: ``pip install nbclient ipykernel``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CELLS = (
    """# A first sweep, in Python

What does a vocational exchange do within three years, over forty combinations of budget, cohort size and assumptions about contact? The experiment is
`first-sweep`; `bridgework scenarios copy first-sweep mine.toml` copies it out.
Everything below takes about half a minute, and a second time a second: the study goes on from what it holds.""",
    """import matplotlib.pyplot as plt

import sim

study = sim.sweep("first-sweep", "results/first-sweep")
study""",
    "Forty **points**, each one value for everything that varies, spread evenly over all ranges:",
    'study.points.drop(columns="refused").describe().loc[["min", "mean", "max"]].T.round(3)',
    "One row a **run**. Arms of the same point and seed share all chance that the programme does not touch, so they can be compared pair by pair:",
    'study.runs[["arm", "point", "seed", "force_rate", "community_trust", "live_ties", "spend"]].head()',
    "**Effects**: the mean over points of the difference between the arms, and how sure that mean is. Whether it matters is another question:",
    'study.effects(["force_rate", "community_trust", "live_ties", "spend"]).round(4)',
    "At each point by itself, and beside what was varied there:",
    """each = sim.paired_effects(study.runs, study.reference, ["live_ties"], by_point=True)
each = each.join(study.points, on="point")
figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for ax, name in zip(axes, ["exchange.annual_budget", "contact.tie_decay"], strict=True):
    ax.scatter(each[name], each["effect"])
    ax.set_xlabel(name)
axes[0].set_ylabel("live ties across the border, more than without")
figure.tight_layout()""",
    "**Series** are kept for every half year: counts summed, levels as they are at its end.",
    """series = study.series_of("live_ties").groupby(["week", "arm"], observed=True)["live_ties"].mean().unstack()
series.index = series.index / 52
series.plot(xlabel="years", ylabel="live ties", figsize=(6, 3.2));""",
    """In which futures does it **fail**, here to leave forty ties? Rules found on two thirds of the futures are told by the last third.
Forty futures are few for that, as the intervals show:""",
    """found = study.discover("live_ties", least=40)
found.base, [(box.limits, box.futures, box.density) for box in found.boxes[:2]]""",
    "What is **left out** of all tables above, should anything have failed:",
    'study.left_out() or "nothing"',
)


def main() -> None:
    """Execute the cells and write the notebook."""
    import nbformat
    from nbclient import NotebookClient

    code = ("import ", "study.", "each ", "series ", "found ")
    cells: list[Any] = [
        nbformat.v4.new_code_cell(text) if text.startswith(code) else nbformat.v4.new_markdown_cell(text) for text in CELLS
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    book = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    )
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(book, timeout=600, resources={"metadata": {"path": folder}}).execute()
    for cell in cells:
        cell["metadata"].pop("execution", None)
    book["metadata"].pop("language_info", None)
    nbformat.write(book, ROOT / "experiments" / "first-sweep.ipynb")


if __name__ == "__main__":
    main()
