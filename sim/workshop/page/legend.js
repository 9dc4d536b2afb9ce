// How to read the map: each sign drawn as the map draws it, with what it means.

import { made } from "./controls.js";
import { WorldMap } from "./map.js";
import { one } from "./view.js";
import { t } from "./words.js";

const place = (x, y, population, side) => ({ name: "", x, y, population, side });
const PAIR = [place(0, 0, 1000, 0), place(2, 0, 1000, 1)];
const calm = { week: 0, tension: [70], open: [255], ties: [0], incidents: [], ended: [], cohorts: [] };

/** A small map of one or more pairs of places in a row. */
function sample(layout, frame, past = []) {
  const map = new WorldMap(document.createElement("canvas"), { x: 22, top: 14, bottom: 14 });
  map.canvas.className = "sample";
  map.begin({ sides: [], laid_out: false, crossings: [{ a: 0, b: 1, exposure: 0.3 }], communities: PAIR, stops: ["mediated", "by itself"], ...layout });
  return { canvas: map.canvas, draw: () => map.draw({ ...calm, trust: [110, 110], ...frame }, past, null) };
}

/** Places one above the other in a row of columns. */
const columns = (count) => ({
  communities: Array.from({ length: count }, (_, k) => [place(3 * k, 0, 1000, 0), place(3 * k, 4, 1000, 1)]).flat(),
  crossings: Array.from({ length: count }, (_, k) => ({ a: 2 * k, b: 2 * k + 1, exposure: 0.3 })),
});
const even = (count, value) => Array.from({ length: count }, () => value);

function rows() {
  const two = columns(2), three = columns(3), five = columns(5);
  const [low, high] = WorldMap.scale.map((share) => 255 * share), spread = (k) => low + ((high - low) * k) / 4;
  return [
    ["legend_size", sample({ communities: [place(0, 0, 300, 0), place(2, 0, 1000, 0), place(4, 0, 4000, 0)], crossings: [] }, { trust: [110, 110, 110], tension: [], open: [], ties: [] })],
    ["legend_trust", sample({ communities: Array.from({ length: 5 }, (_, k) => place(2 * k, 0, 1000, 0)), crossings: [] }, { trust: [0, 1, 2, 3, 4].map(spread), tension: [], open: [], ties: [] })],
    ["legend_crossing", sample({ ...three, crossings: three.crossings.map((x, k) => ({ ...x, exposure: k === 1 ? 1 : 0.2 })) }, { trust: even(6, 110), tension: [50, 50, 190], open: even(3, 255), ties: even(3, 0) })],
    ["legend_closed", sample({}, { open: [20] })],
    ["legend_ties", sample(two, { trust: even(4, 110), tension: even(2, 60), open: even(2, 255), ties: [1, 30] })],
    ["legend_ladder", sample(five, { trust: even(10, 110), tension: even(5, 60), open: even(5, 255), ties: even(5, 0), incidents: [0, 1, 2, 3, 4].map((k) => ({ crossing: k, rung: k, kind: 0, number: k })) })],
    ["legend_settled", sample({}, { week: 5 }, [{ week: 3, ended: [{ crossing: 0, rung: 1, how: 0 }] }])],
    ["legend_ended", sample({}, { week: 5 }, [{ week: 3, ended: [{ crossing: 0, rung: 2, how: 1 }] }])],
    ["legend_cohort", sample({}, { cohorts: [{ crossing: 0, family: 0, done: 0.4 }] })],
  ];
}

/** Open the legend. */
export function legend() {
  const samples = rows();
  one("how_rows").replaceChildren(...samples.map(([key, { canvas }]) => made("div", { className: "how" }, canvas, made("span", { textContent: t(key) }))));
  one("how").showModal();
  for (const [, { draw }] of samples) draw();
}
