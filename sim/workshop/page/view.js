// What is shown of two worlds: maps, charts, and what happened, in words. It does not know where weeks come from.

import { Chart } from "./chart.js";
import { RUNG_COLOURS, TIE, WorldMap, trustColour } from "./map.js";
import { day, known, number, t } from "./words.js";

export const WORLDS = ["left", "right"];
export const one = (id) => document.getElementById(id);
const LINES = [["trust", 1, 100], ["force", 1, 1], ["ties", 0, 1]]; // name, digits, by how much it is multiplied to be read
const YEAR = 52;
const MOST_NEWS = 80;
const NEWS_FROM = 1; // rung from which incidents are news
const CHARTS_EVERY = 90; // milliseconds
const TRACES = 20; // weeks before the one that is shown, of which marks are left

export class View {
  constructor() {
    this.maps = WORLDS.map((world) => new WorldMap(document.querySelector(`.${world} .map`)));
    this.charts = {
      trust: new Chart(one("trust"), { least: 0.05 }), force: new Chart(one("force"), { from: 0 }), ties: new Chart(one("ties"), { from: 0 }),
    };
    this.layout = null;
    Object.assign(this, { dirty: false, owed: false, charted: 0 }); // owed: charts that are still to be drawn
    this.maps.forEach((map) => { map.canvas.onclick = (event) => this.clicked(map, event); });
    one("everywhere").onclick = () => this.chose(null);
    this.chose = (whom) => this.follow(whom); // whoever needs to know that somebody is followed puts itself in between
    this.shocks = [];
    const resized = new ResizeObserver(() => { this.dirty = true; });
    for (const { canvas } of [...this.maps, ...Object.values(this.charts)]) resized.observe(canvas);
  }

  /** Begin with two new worlds. */
  begin(layout) {
    Object.assign(this, { layout, frames: [[], []], events: new Map(), shown: -1, told: undefined, chosen: null, futures: null, drawn: {}, stories: new Map() });
    this.lines = { trust: [[], []], force: [[], []], ties: [[], []] };
    this.sums = { trust: [[], []], force: [[], []], ties: [[], []] }; // of each line, up to each week
    this.maps.forEach((map) => map.begin(layout));
    this.charts.force.least = Math.max(2, 2 * layout.before.force);
    this.charts.ties.least = Math.max(40, 2 * layout.before.ties);
    one("week").max = layout.weeks;
    this.follow(null);
  }

  /** The last week that was lived. */
  get last() { return (this.frames?.[0].length ?? 0) - 1; }

  /** Take in the frames of another week; it is shown if the one before it was. */
  push(frames) {
    if (!this.frames[0].length) { WorldMap.stretch(frames[0].trust); key(); }
    frames.forEach((frame, k) => {
      const { week, series } = frame;
      this.frames[k].push(frame);
      const reached = this.frames[k].slice(Math.max(0, week - YEAR + 1)).map((f) => f.series.reached_force);
      this.lines.trust[k].push(series.community_trust);
      this.lines.force[k].push((reached.reduce((sum, v) => sum + v, 0) / Math.min(YEAR, week + 1)) * YEAR / this.layout.residents * 1e5);
      this.lines.ties[k].push(series.live_ties);
      for (const [name, sums] of Object.entries(this.sums)) sums[k].push((sums[k].at(-1) ?? 0) + this.lines[name][k].at(-1));
    });
    if (this.shown === this.last - 1) this.shown = this.last;
    this.dirty = true;
  }

  /** Forget a week and all after it. */
  forget(week) {
    this.frames.forEach((frames) => { frames.length = Math.min(frames.length, week); });
    for (const lines of [...Object.values(this.lines), ...Object.values(this.sums)]) lines.forEach((line) => { line.length = Math.min(line.length, week); });
    for (const kept of [this.events, this.stories]) for (const at of [...kept.keys()]) if (at >= week) kept.delete(at);
    this.show(week - 1);
    this.retell();
  }

  /** Show a week that was lived. */
  show(week) {
    this.shown = Math.max(Math.min(0, this.last), Math.min(week, this.last));
    this.dirty = true;
  }

  /** Draw what has changed; tell whether anything had. */
  draw() {
    if (!this.layout || !(this.dirty || this.owed)) return false;
    const { dirty, layout, frames, shown, lines } = this, now = performance.now(), due = now - this.charted > CHARTS_EVERY;
    if (!dirty && !due) return false;
    this.dirty = false;
    if (shown < 0 || !frames[0][shown]) return true;
    this.owed = !due;
    if (due) { this.charted = now; this.chart(); }
    if (!dirty) return false;
    WORLDS.forEach((world, k) => {
      const frame = frames[k][shown], { canvas } = this.maps[k];
      this.maps[k].draw(frame, frames[k].slice(Math.max(0, shown - TRACES), shown + 1), this.chosen);
      const text = t("told", {
        trust: number(100 * frame.series.community_trust, 1), force: number(lines.force[k][shown], 1), ties: number(frame.series.live_ties),
      });
      const output = document.querySelector(`.${world} .told`);
      if (output.textContent !== text) output.textContent = text;
      canvas.setAttribute("aria-label", `${t(`${world}_world`)}: ${text}`);
      if (!canvas.title) canvas.title = t("map_tip");
    });
    one("week").value = shown + 1;
    one("date").textContent = t("date", { day: day(layout.start, shown), week: shown + 1, weeks: layout.weeks });
    if (this.told !== shown) this.news(shown);
    return true;
  }

  /** Draw the charts, and say how the worlds stand against each other: not at every week, since maps move faster than anybody reads. */
  chart() {
    const { layout, shown, lines } = this;
    for (const [name, digits, times] of LINES) {
      const fans = this.futures ? { bands: this.futures.fans[name], every: this.futures.every } : null;
      this.charts[name].draw(lines[name], layout.weeks, shown, (v) => number(v * times, name === "ties" ? 0 : 1), { years: t("years"), fans, drawn: this.drawn[name], shocks: this.shocks });
      const told = WORLDS.map((world, k) => `${t(`${world}_world`)} ${number(lines[name][k][shown] * times, digits)}`).join(", ");
      this.charts[name].canvas.setAttribute("aria-label", `${t(`chart_${name}`)}: ${told}`);
    }
    const versus = one("versus"), text = this.versus();
    if (versus.textContent !== text) versus.textContent = text;
  }

  /** Whether the years of a programme are over in one of the worlds. */
  over(k, name) {
    for (const [week, events] of this.events) if (week <= this.last && events[k].some(([code, about]) => code === "programme_over" && about.programme === name)) return true;
    return false;
  }

  /** Averages of a line over all weeks that are shown, in either world. */
  averages(name) { return this.sums[name].map((sums) => sums[this.shown] / (this.shown + 1)); }

  /** Whether there is less or more of something in world B than in world A so far, or much the same; null before there is anything to see. */
  verdict(name) {
    if (!this.layout || this.shown < 0) return null;
    const [a, b] = this.averages(name), [least, share] = this.layout.alike[name], near = Math.max(least, share * a);
    return b - a > near ? "more" : a - b > near ? "less" : "same";
  }

  /** Say how world B stands against world A. */
  versus() {
    const { shown } = this;
    if (LINES.every(([name]) => this.sums[name][0][shown] === this.sums[name][1][shown])) return t("versus_same");
    const parts = LINES.map(([name, , times]) => {
      const [a, b] = this.averages(name), verdict = this.verdict(name), by = Math.abs(b - a);
      if (verdict === "same") return t("versus_alike", { line: t(`line_${name}`) });
      return t(`versus_${verdict}_${name}`, { much: name === "force" ? number((100 * by) / a) : number(by * times, name === "trust" ? 1 : 0) });
    });
    return t("versus", { parts: parts.join("; ") });
  }

  /** Follow somebody, { what, row, community, title }, or (null) nobody. */
  follow(whom) {
    this.chosen = whom;
    this.stories = new Map();
    one("news_title").textContent = whom === null ? t("news") : whom.title ?? t("news_around", { where: this.place(whom.row) });
    one("everywhere").hidden = whom === null;
    this.retell();
    this.dirty = true;
  }

  clicked(map, event) {
    if (!this.layout) return;
    const box = map.canvas.getBoundingClientRect(), row = map.communityAt(event.clientX - box.left, event.clientY - box.top);
    this.chose(row < 0 || (this.chosen?.what === "community" && this.chosen.row === row) ? null : { what: "community", row, community: row });
  }

  place(row) { return this.layout.communities[row].name; }

  crossing(row) {
    const { a, b } = this.layout.crossings[row];
    return t("between", { a: this.place(a), b: this.place(b) });
  }

  /** Put an event into words. */
  sentence([code, about]) {
    const { layout } = this, values = { ...about };
    if ("crossing" in about && about.crossing >= 0) values.where = this.crossing(about.crossing);
    if (code === "project") values.where = t("between", { a: this.place(about.a), b: this.place(about.b) });
    if ("rung" in about) values.rung = t(`rung_${layout.rungs[about.rung]}`);
    if (code === "shock" || code === "shock_over") values.kind = t(`shock_${about.kind}`);
    else if ("kind" in about) values.kind = t(`kind_${layout.kinds[about.kind]}`);
    if ("family" in about && about.family >= 0) values.family = t(`family_${layout.families[about.family]}`);
    const why = `${code === "arose" ? "arose" : "why"}_${about.why}`;
    if (about.why) values.why = known(why) ? t(why) : about.why;
    if ("weeks" in about) values.weeks = t(about.weeks === 1 ? "one_week" : "some_weeks", { weeks: number(about.weeks) });
    if (about.because) values.because = t(`because_${about.because}`);
    if (about.of) values.of = t(`family_${about.of}`);
    if (code.startsWith("tie_")) values.where = this.place(about.a);
    if (about.how) values.how = known(`how_${about.how}`) ? t(`how_${about.how}`) : about.how;
    const special = (code === "climbed" && about.deaths > 0 && "climbed_deadly") || (code === "left_post" && about.lost === 0 && "left_post_alone");
    return t(special || code, values);
  }

  /** Whether an event is near the community that is followed. */
  near(about) {
    if (!this.chosen) return true;
    if (this.chosen.what !== "community") return false;
    const { row } = this.chosen, ends = about.crossing >= 0 ? this.layout.crossings[about.crossing] : about;
    return ends.a === undefined || ends.a === row || ends.b === row;
  }

  worthTelling([code, about]) {
    if (!this.near(about)) return false;
    if (this.chosen) return true;
    if (code === "arose") return false;
    if (code === "ended") return about.rung >= 2 || (about.rung >= NEWS_FROM && about.how !== "by itself");
    if (code === "climbed") return about.rung >= NEWS_FROM;
    return true;
  }

  news(week) {
    if (this.told === undefined || week !== this.told + 1) { this.retell(); return; }
    this.told = week;
    this.entries(week);
    this.card();
    this.hint();
  }

  entries(week) {
    if (this.events.has(week)) this.entry(week, this.events.get(week).map((events) => events.filter((event) => this.worthTelling(event))));
    if (this.stories.has(week)) this.entry(week, this.stories.get(week).map((world) => world.events));
  }

  /** Write down what happened in a week; what happened in both worlds alike, once. */
  entry(week, [left, right]) {
    const list = one("news"), name = (event) => JSON.stringify(event);
    const there = new Set(right.map(name)), both = left.filter((event) => there.has(name(event))), shared = new Set(both.map(name));
    const rows = [
      ...both.map((event) => ["both", event]),
      ...left.filter((event) => !shared.has(name(event))).map((event) => ["left", event]),
      ...right.filter((event) => !shared.has(name(event))).map((event) => ["right", event]),
    ];
    for (const [which, event] of rows) {
      const item = document.createElement("li"), who = document.createElement("span");
      if (event[0] === "climbed" && event[1].rung >= 2) item.className = "grave";
      who.className = `${which}-world`;
      who.textContent = which === "both" ? t("both_worlds") : t(`${which}_world`);
      item.append(`${t("week_short", { week: week + 1 })}, `, who, `: ${this.sentence(event)}`);
      list.prepend(item);
    }
    while (list.children.length > MOST_NEWS) list.lastChild.remove();
  }

  retell() {
    if (!this.layout) return;
    one("news").replaceChildren();
    this.told = this.shown;
    for (let week = Math.max(0, this.shown - 2 * YEAR); week <= this.shown; week++) {
      this.entries(week);
    }
    this.card();
    this.hint();
  }

  /** Say what to do first, as long as there is nothing to tell. */
  hint() {
    const list = one("news"), old = list.querySelector(".hint");
    if (old && list.children.length > 1) old.remove();
    if (list.children.length) return;
    const hint = document.createElement("li");
    hint.className = "hint";
    hint.textContent = t(this.chosen ? "nothing_yet" : "hint");
    list.append(hint);
  }

  /** Show how the one who is followed fares. */
  card() {
    const told = this.stories.get(this.shown), card = one("card");
    card.hidden = !told;
    if (!told) return;
    const names = Object.keys(told[0].card), write = (name, value) => (name === "ties" ? number(value) : number(100 * value, 1));
    const cell = (kind, text, scope) => { const made = document.createElement(kind); made.textContent = text; if (scope) made.scope = scope; return made; };
    const line = (...cells) => { const made = document.createElement("tr"); made.append(...cells); return made; };
    const head = line(cell("td", ""), ...names.map((name) => cell("th", t(`state_${name}`), "col")));
    const rows = WORLDS.map((world, k) => {
      const first = cell("th", t(`${world}_world`), "row");
      first.className = `${world}-world`;
      return line(first, ...names.map((name) => cell("td", write(name, told[k].card[name]))));
    });
    card.replaceChildren(head, ...rows);
  }

  /** Say all anew, in another language. */
  localize() {
    if (!this.layout) return;
    const { stories } = this;
    this.follow(this.chosen);
    this.stories = stories;
    this.retell();
    key();
    this.dirty = true;
  }
}

/** Explain what the map's colours mean. */
function key() {
  const swatch = (colour, text, line) => {
    const item = document.createElement("li"), mark = document.createElement("i");
    mark.style.background = colour;
    if (line) mark.className = "line";
    item.append(mark, text);
    return item;
  };
  const [low, high] = WorldMap.scale;
  one("key").replaceChildren(
    ...[0, 0.5, 1].map((at) => low + at * (high - low)).map((share, k) => swatch(trustColour(share), t(k ? "key_percent" : "key_trust", { percent: number(100 * share) }))),
    swatch("#d6604d", t("key_tense"), true),
    swatch(TIE, t("key_ties"), true), swatch(RUNG_COLOURS[0], t("key_friction")), swatch(RUNG_COLOURS[1], t("key_threats")), swatch(RUNG_COLOURS[2], t("key_force")), swatch(RUNG_COLOURS[3], t("key_lethal")),
  );
}
