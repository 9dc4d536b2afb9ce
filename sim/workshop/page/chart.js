// A line for each of the two worlds over the whole horizon.

import { px } from "./map.js";

const COLOURS = ["#0b62a4", "#b84a00"];
const GUESS = "#6a1b9a";
const EDGES = { left: 44, right: 8, top: 6, bottom: 18 };
const STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers between two ends. */
function ticks(low, high, count = 3) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * STEPS.find((s) => s * power >= rough);
  const out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step) out.push(v);
  return out;
}

export class Chart {
  constructor(canvas, { least = 0, from = null } = {}) {
    this.canvas = canvas;
    this.least = least; // the smallest range that the axis shows
    this.from = from; // where the axis begins, if not at the data
  }

  /** Draw values of both worlds, week by week; `week` is the one that is shown. */
  draw(lines, weeks, week, write, { years: unit = "", fans = null, drawn = null, shocks = [] } = {}) {
    const box = this.canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) { this.canvas.width = Math.max(1, w); this.canvas.height = Math.max(1, h); }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    const edge = this.edge = Object.fromEntries(Object.entries(EDGES).map(([side, wide]) => [side, px(wide)]));
    const bands = fans ? fans.bands.flat(2) : [];
    const values = [...lines.flat(), ...bands, ...(drawn || [])].filter(Number.isFinite);
    if (!values.length) return;
    let low = this.from ?? Math.min(...values), high = Math.max(...values);
    if (high - low < this.least) {
      const middle = (low + high) / 2;
      [low, high] = this.from === null ? [middle - this.least / 2, middle + this.least / 2] : [low, low + this.least];
    }
    const pad = (high - low) * 0.06;
    high += pad;
    if (this.from === null) low -= pad;
    if (this.frozen) ({ low, high } = this); // while somebody draws
    const x = (i) => edge.left + (i / Math.max(weeks - 1, 1)) * (box.width - edge.left - edge.right);
    const y = (v) => box.height - edge.bottom - ((v - low) / (high - low)) * (box.height - edge.top - edge.bottom);
    pen.font = `${px(11.5)}px system-ui, 'DejaVu Sans', sans-serif`;
    const marks = ticks(low, high);
    pen.textAlign = "right"; pen.textBaseline = "middle";
    for (const v of marks) {
      pen.strokeStyle = "#e6e9ed"; pen.lineWidth = 1;
      pen.beginPath(); pen.moveTo(edge.left, y(v)); pen.lineTo(box.width - edge.right, y(v)); pen.stroke();
      pen.fillStyle = "#55606d"; pen.fillText(write(v), edge.left - 4, y(v));
    }
    pen.textBaseline = "top"; pen.textAlign = "right";
    const foot = box.height - edge.bottom + 3, years = weeks / 52, wide = pen.measureText("100").width;
    const every = [1, 2, 5, 10, 20].find((step) => (step / years) * (box.width - edge.left - edge.right) > wide) ?? 20;
    pen.fillText(unit, edge.left - px(8), foot);
    pen.textAlign = "center";
    for (let year = 0; year <= years; year += every) pen.fillText(String(year), Math.min(x(year * 52), box.width - wide / 3), foot);
    pen.fillStyle = "#aa33331f";
    for (const { week: from, weeks: long } of shocks) if (from < weeks) pen.fillRect(x(from), edge.top, Math.max(2, x(Math.min(from + long, weeks)) - x(from)), box.height - edge.top - edge.bottom);
    Object.assign(this, { x, y, box, low, high, weeks });
    if (fans) fans.bands.forEach((band, k) => this.fan(pen, band, fans.every, COLOURS[k]));
    if (drawn) this.guess(pen, drawn);
    lines.forEach((line, k) => {
      pen.strokeStyle = COLOURS[k]; pen.lineWidth = k ? 1.8 : 3.2;
      pen.beginPath();
      line.forEach((v, i) => { if (Number.isFinite(v)) pen.lineTo(x(i), y(v)); });
      pen.stroke();
    });
    pen.strokeStyle = "#1d273388"; pen.lineWidth = 1; pen.setLineDash([2, 3]);
    pen.beginPath(); pen.moveTo(x(week), edge.top); pen.lineTo(x(week), box.height - edge.bottom); pen.stroke();
    pen.setLineDash([]);
  }

  /** Shade where nine of ten and five of ten futures lie. */
  fan(pen, [least, low, middle, high, most], every, colour) {
    for (const [below, above, share] of [[least, most, 0.16], [low, high, 0.2]]) {
      pen.globalAlpha = share; pen.fillStyle = colour;
      pen.beginPath();
      above.forEach((v, i) => pen.lineTo(this.x(i * every), this.y(v)));
      for (let i = below.length - 1; i >= 0; i--) pen.lineTo(this.x(i * every), this.y(below[i]));
      pen.fill();
    }
    pen.globalAlpha = 0.9; pen.strokeStyle = colour; pen.lineWidth = 1.2; pen.setLineDash([5, 3]);
    pen.beginPath(); middle.forEach((v, i) => pen.lineTo(this.x(i * every), this.y(v))); pen.stroke();
    pen.globalAlpha = 1; pen.setLineDash([]);
  }

  /** Draw what the room expects. */
  guess(pen, drawn) {
    pen.strokeStyle = GUESS; pen.lineWidth = 3; pen.setLineDash([2, 5]); pen.lineCap = "round";
    pen.beginPath();
    let on = false;
    drawn.forEach((v, i) => {
      if (!Number.isFinite(v)) { on = false; return; }
      if (on) pen.lineTo(this.x(i), this.y(v)); else pen.moveTo(this.x(i), this.y(v));
      on = true;
    });
    pen.stroke();
    pen.setLineDash([]); pen.lineCap = "butt";
  }

  /** The week and value at a place on the canvas. */
  at(px, py) {
    const { box, low, high, weeks, edge } = this;
    const week = Math.round(((px - edge.left) / (box.width - edge.left - edge.right)) * Math.max(weeks - 1, 1));
    const value = low + ((box.height - edge.bottom - py) / (box.height - edge.top - edge.bottom)) * (high - low);
    return [Math.max(0, Math.min(weeks - 1, week)), value];
  }
}
