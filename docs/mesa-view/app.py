"""A border in Mesa's own visualisation: ``solara run docs/mesa-view/app.py``, with what ``requirements.txt`` beside it pins."""

import solara
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

import sim


@solara.component
def border(model: sim.BorderModel) -> None:
    """Draw communities by their trust in the other side, crossings by tension, live ties by number."""
    update_counter.get()  # draw anew after each week
    towns, crossings = model.agents_by_type[sim.CommunityAgent], model.world.crossings
    at = [(town.x, town.y) for town in towns]
    ends = [(at[a], at[b]) for a, b in zip(crossings.a, crossings.b, strict=True)]
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.add_collection(LineCollection(ends, array=crossings.tension.copy(), cmap="Reds", clim=(0.0, 1.0), linewidths=2))
    axes.add_collection(LineCollection(ends, colors="teal", linewidths=0.7 * crossings.bridged**0.5, zorder=2))
    trust = [float(town.trust.mean()) for town in towns]
    dots = axes.scatter(*zip(*at, strict=True), c=trust, s=160, cmap="Purples", vmin=0.1, vmax=0.6, edgecolors="black", zorder=3)
    figure.colorbar(dots, label="trust in the other side")
    axes.set_title(f"Week {model.week}. Red: tense. Teal: ties.")
    axes.set_axis_off()
    solara.FigureMatplotlib(figure)


model = sim.BorderModel("twin-towns", rng=7)
page = SolaraViz(
    model,
    components=[
        border,
        make_plot_component("community_trust"),
        make_plot_component("live_ties"),
        make_plot_component("reached_force"),
    ],
    model_params={
        "scenario": {
            "type": "Select",
            "label": "Region",
            "value": "twin-towns",
            "values": ["twin-towns", "quiet-border", "contested-city", "troubled-decade"],
        },
        "rng": {"type": "SliderInt", "label": "Seed", "value": 7, "min": 1, "max": 99, "step": 1},
    },
    name="Bridgework in Mesa",
)
