// The map of a world: communities by trust, crossings by tension, ties, incidents on their ladder, cohorts.

export const RUNG_COLOURS = ["#f2c14e", "#ee8434", "#d1352b", "#8c1c13", "#3b0a0a"];
export const TIE = "#12716e";
const CALM = [196, 202, 208], TENSE = [214, 96, 77];
const LOW = [242, 240, 247], HIGH = [63, 0, 125];
const FLATTEST = 0.4;
const MOST_STRETCHED = 1.8; // of a map of real places, one way against the other
const MARGINS = { x: 46, top: 40, bottom: 42 };
const SPREAD = 0.08; // of trust, beyond what is there at the start
const NAMED = 10;
const FADE = 14; // weeks in which the mark of an ended incident fades

const mix = (a, b, share) => `rgb(${a.map((v, i) => Math.round(v + (b[i] - v) * share)).join(",")})`;
const clamp = (v) => Math.max(0, Math.min(1, v));

/** Colour of trust, from pale (little) to violet (much). */
export const trustColour = (share) => mix(LOW, HIGH, clamp((share - WorldMap.scale[0]) / (WorldMap.scale[1] - WorldMap.scale[0])));

let unit = 1;

/** Size of text and signs: larger where the room asks for it. */
export const px = (size) => size * unit;

/** Draw text and signs so many times as large as usual. */
export function enlarge(times) { unit = times; }

/** Where everything stands on a canvas of this size. */
function placed(layout, width, height, margins) {
  const xs = layout.communities.map((c) => c.x), ys = layout.communities.map((c) => c.y);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const spanX = Math.max(x1 - x0, 1), spanY = Math.max(y1 - y0, 1);
  const w = width - 2 * margins.x, h = height - margins.top - margins.bottom;
  let sx = w / spanX, sy = h / spanY;
  if (!(layout.laid_out && spanY / spanX < FLATTEST)) [sx, sy] = [Math.min(sx, MOST_STRETCHED * sy), Math.min(sy, MOST_STRETCHED * sx)];
  const left = (width - sx * spanX) / 2, bottom = margins.top + (h + sy * (y1 - y0)) / 2;
  return layout.communities.map((c) => ({ x: left + (c.x - x0) * sx, y: bottom - (c.y - y0) * sy }));
}

export class WorldMap {
  constructor(canvas, margins = MARGINS) {
    this.canvas = canvas;
    this.margins = margins;
    this.layout = null;
    this.marks = [];
  }

  begin(layout) {
    this.layout = layout;
    this.size = "";
    this.written = null;
    const most = Math.max(...layout.communities.map((c) => c.population));
    this.crowd = Math.min(1, Math.sqrt(60 / layout.communities.length));
    this.radii = layout.communities.map((c) => (4 + 9 * Math.sqrt(c.population / most)) * this.crowd + 1);
    this.named = layout.communities.map((_, i) => i).sort((a, b) => layout.communities[b].population - layout.communities[a].population).slice(0, this.crowd < 1 ? 4 : NAMED);
  }

  /** Let colours tell apart what is there: trust of each community at the start (0 to 255), and some more on either side. */
  static stretch(trust) {
    WorldMap.scale = [Math.max(0, Math.min(...trust) / 255 - SPREAD), Math.min(1, Math.max(...trust) / 255 + SPREAD)];
  }

  fit() {
    const box = this.canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    const size = `${Math.round(box.width)}x${Math.round(box.height)}x${ratio}x${px(1)}`;
    if (size !== this.size) {
      this.size = size;
      this.canvas.width = Math.max(1, Math.round(box.width * ratio));
      this.canvas.height = Math.max(1, Math.round(box.height * ratio));
      this.at = placed(this.layout, box.width, box.height, this.margins);
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    return [pen, box.width, box.height];
  }

  /** Draw a frame; `past` are the frames of the weeks before it, from which marks of what has just ended are taken. */
  draw(frame, past, chosen) {
    const [pen, width, height] = this.fit();
    const { communities, crossings } = this.layout, at = this.at;
    this.sides(pen, width, height);
    pen.lineCap = "round";
    crossings.forEach((x, i) => {
      const a = at[x.a], b = at[x.b], shut = frame.open[i] < 128;
      pen.strokeStyle = mix(CALM, TENSE, clamp((frame.tension[i] / 255 - 0.15) / 0.6));
      pen.lineWidth = 1 + 3.5 * x.exposure;
      pen.setLineDash(shut ? [3, 7] : []);
      pen.beginPath(); pen.moveTo(a.x, a.y); pen.lineTo(b.x, b.y); pen.stroke();
    });
    pen.setLineDash([]);
    crossings.forEach((x, i) => { if (frame.ties[i]) this.arc(pen, at[x.a], at[x.b], frame.ties[i]); });
    communities.forEach((c, i) => {
      pen.beginPath(); pen.arc(at[i].x, at[i].y, this.radii[i], 0, 7);
      pen.fillStyle = trustColour(frame.trust[i] / 255); pen.fill();
      pen.lineWidth = 1.2; pen.strokeStyle = "#4a5563"; pen.stroke();
      if (chosen && chosen.community === i) {
        pen.beginPath(); pen.arc(at[i].x, at[i].y, this.radii[i] + 4, 0, 7);
        pen.lineWidth = 2.5; pen.strokeStyle = "#ffb000"; pen.stroke();
      }
    });
    for (const cohort of frame.cohorts) this.cohort(pen, cohort);
    this.traces(pen, frame, past);
    const seen = new Map();
    for (const incident of frame.incidents) {
      const before = seen.get(incident.crossing) || 0;
      seen.set(incident.crossing, before + 1);
      this.ladder(pen, this.middle(incident.crossing), incident.rung, before);
    }
    this.names(pen, width, chosen);
  }

  middle(crossing, share = 0.5) {
    const { a, b } = this.layout.crossings[crossing];
    return { x: this.at[a].x + (this.at[b].x - this.at[a].x) * share, y: this.at[a].y + (this.at[b].y - this.at[a].y) * share };
  }

  arc(pen, a, b, ties) {
    const bow = 0.16, mx = (a.x + b.x) / 2 - (b.y - a.y) * bow, my = (a.y + b.y) / 2 + (b.x - a.x) * bow;
    pen.strokeStyle = TIE; pen.globalAlpha = 0.85;
    pen.lineWidth = 0.8 + 0.7 * Math.sqrt(ties);
    pen.beginPath(); pen.moveTo(a.x, a.y); pen.quadraticCurveTo(mx, my, b.x, b.y); pen.stroke();
    pen.globalAlpha = 1;
  }

  cohort(pen, { crossing, done }) {
    const { x, y } = this.middle(crossing, 0.32);
    pen.beginPath(); pen.arc(x, y, 7, 0, 7); pen.fillStyle = "#fff"; pen.fill();
    pen.lineWidth = 2; pen.strokeStyle = "#9bd3d0"; pen.stroke();
    pen.beginPath(); pen.arc(x, y, 7, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * done); pen.strokeStyle = TIE; pen.stroke();
    pen.fillStyle = TIE;
    for (const dx of [-2.4, 2.4]) { pen.beginPath(); pen.arc(x + dx, y, 1.7, 0, 7); pen.fill(); }
  }

  ladder(pen, { x, y }, rung, before) {
    const size = px(5) * this.crowd, wide = px(10) * this.crowd, left = x - wide / 2 + before * (wide + 3), foot = y + 2.4 * size;
    pen.fillStyle = "#ffffffd9"; pen.fillRect(left - 2, foot - 5 * size - 2, wide + 4, 5 * size + 4);
    for (let i = 0; i < RUNG_COLOURS.length; i++) {
      pen.fillStyle = i <= rung ? RUNG_COLOURS[rung] : "#dfe3e8";
      pen.fillRect(left, foot - (i + 1) * size + 1, wide, size - 1.5 * this.crowd);
    }
  }

  traces(pen, frame, past) {
    const from = Math.max(0, past.length - FADE);
    for (let i = from; i < past.length; i++) {
      const age = frame.week - past[i].week;
      if (age < 0 || age >= FADE) continue;
      for (const { crossing, rung, how } of past[i].ended) {
        const { x, y } = this.middle(crossing), settled = this.layout.stops[how] !== "by itself";
        if (!settled && rung < 2) continue;
        pen.globalAlpha = 1 - age / FADE;
        pen.lineWidth = 2; pen.strokeStyle = settled ? TIE : RUNG_COLOURS[rung];
        pen.beginPath(); pen.arc(x, y, 6 + age, 0, 7); pen.stroke();
        if (settled) { pen.beginPath(); pen.moveTo(x - 4, y); pen.lineTo(x - 1, y + 4); pen.lineTo(x + 5, y - 4); pen.stroke(); }
      }
    }
    pen.globalAlpha = 1;
  }

  sides(pen, width, height) {
    pen.font = `600 ${px(15)}px system-ui, 'DejaVu Sans', sans-serif`;
    pen.fillStyle = "#5d6874";
    const high = px(18), taken = [], free = (x, y) => taken.every(([tx, ty]) => Math.abs(tx - x) > px(110) || Math.abs(ty - y) > high);
    this.said = []; // boxes of what is written
    const middle = (points) => [points.reduce((sum, p) => sum + p.x, 0) / points.length, points.reduce((sum, p) => sum + p.y, 0) / points.length];
    this.layout.sides.forEach((name, side) => {
      const own = this.at.filter((_, i) => this.layout.communities[i].side === side);
      const others = this.at.filter((_, i) => this.layout.communities[i].side !== side);
      if (!own.length || !others.length) return;
      const [x, y] = middle(own), [ox, oy] = middle(others), beside = Math.abs(x - ox) > Math.abs(y - oy), right = beside && x > ox;
      pen.textAlign = right ? "right" : "left";
      const top = beside || y <= oy;
      pen.textBaseline = top ? "top" : "bottom";
      let at = right ? width - 4 : 4, line = top ? 2 : height - 2;
      if (!free(at, line)) { at = width - 4; pen.textAlign = "right"; }
      while (!free(at, line)) line += top ? high : -high;
      taken.push([at, line]);
      const wide = pen.measureText(name).width, x0 = pen.textAlign === "right" ? at - wide : at;
      this.said.push([x0, top ? line : line - high, x0 + wide, top ? line + high : line]);
      pen.fillText(name, at, line);
    });
  }

  /** Where the names of the largest places, and of the one that is followed, can be written without hiding anything. */
  places(pen, width, high, chosen) {
    const middle = this.at.reduce((sum, p) => sum + p.y, 0) / this.at.length, said = [...this.said], found = [];
    const first = chosen ? [chosen.community] : [];
    for (const i of [...first, ...this.named.filter((row) => row !== chosen?.community)]) {
      const { name } = this.layout.communities[i], half = pen.measureText(name).width / 2 + 2, away = this.radii[i] + high * 0.75;
      const x = Math.max(half, Math.min(width - half, this.at[i].x)), up = this.at[i].y <= middle;
      const y = [up ? -away : away, up ? away : -away].map((by) => this.at[i].y + by).find((at) => {
        const box = [x - half, at - high * 0.6, x + half, at + high * 0.6];
        return said.every(([x0, y0, x1, y1]) => box[2] < x0 || box[0] > x1 || box[3] < y0 || box[1] > y1)
          && this.at.every((p, k) => k === i || p.x + this.radii[k] < box[0] || p.x - this.radii[k] > box[2] || p.y + this.radii[k] < box[1] || p.y - this.radii[k] > box[3]);
      });
      if (y === undefined) continue;
      said.push([x - half, y - high * 0.6, x + half, y + high * 0.6]);
      found.push({ name, x, y });
    }
    return found;
  }

  names(pen, width, chosen) {
    const high = px(12), now = `${this.size} ${chosen?.community}`;
    pen.font = `${high}px system-ui, 'DejaVu Sans', sans-serif`;
    pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round";
    if (this.written?.now !== now) this.written = { now, places: this.places(pen, width, high, chosen) };
    for (const { name, x, y } of this.written.places) {
      pen.lineWidth = 3; pen.strokeStyle = "#ffffffcc"; pen.strokeText(name, x, y);
      pen.fillStyle = "#1d2733"; pen.fillText(name, x, y);
    }
  }

  /** The community nearest to a place on the canvas, if one is near. */
  communityAt(x, y) {
    let best = -1, least = 18;
    this.at.forEach((p, i) => { const d = Math.hypot(p.x - x, p.y - y); if (d < least) { least = d; best = i; } });
    return best;
  }
}

/** Between which shares trust is told apart by colour; the same in both worlds. */
WorldMap.scale = [0.1, 0.7];
