// A picture of both worlds as they are shown: maps, charts, and how they stand against each other in words.

import { WORLDS, one } from "./view.js";
import { t } from "./words.js";

const WIDE = 1600, EDGE = 40, LINE = 34;
const COLOURS = ["#0b62a4", "#b84a00"];
const font = (size, bold) => `${bold ? "600 " : ""}${size}px system-ui, 'DejaVu Sans', sans-serif`;

/** Draw it; resolves to a PNG. */
export function picture(view) {
  view.chart();
  const half = (WIDE - 3 * EDGE) / 2, third = (WIDE - 4 * EDGE) / 3, charts = Object.entries(view.charts);
  const high = (canvas, wide) => (wide * canvas.height) / canvas.width;
  const maps = high(view.maps[0].canvas, half), below = high(charts[0][1].canvas, third);
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDE, height: Math.round(EDGE + 6.2 * LINE + maps + below + EDGE) });
  const pen = canvas.getContext("2d"), write = (text, x, y, size, colour = "#1d2733", bold = false) => {
    Object.assign(pen, { font: font(size, bold), fillStyle: colour });
    pen.fillText(text, x, y);
  };
  Object.assign(pen, { fillStyle: "#fff", textBaseline: "top" });
  pen.fillRect(0, 0, canvas.width, canvas.height);
  write(`${view.layout.title} · ${one("date").textContent}`, EDGE, EDGE * 0.6, 26, "#17324d", true);
  let top = EDGE * 0.6 + 1.3 * LINE;
  WORLDS.forEach((world, k) => {
    const x = EDGE + k * (half + EDGE);
    write(`${t(`${world}_world`)}: ${document.querySelector(`.${world} .told`).textContent}`, x, top, 20, COLOURS[k], true);
    pen.drawImage(view.maps[k].canvas, x, top + LINE, half, high(view.maps[k].canvas, half));
  });
  top += LINE + maps + 0.5 * LINE;
  write(one("versus").textContent, EDGE, top, 20, "#1d2733", true);
  top += 1.2 * LINE;
  charts.forEach(([name, chart], k) => {
    const x = EDGE + k * (third + EDGE);
    write(t(`chart_${name}`), x, top, 18, "#55606d");
    pen.drawImage(chart.canvas, x, top + 0.8 * LINE, third, high(chart.canvas, third));
  });
  write(t("replay_note"), EDGE, top + 1.1 * LINE + below, 16, "#55606d");
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}
