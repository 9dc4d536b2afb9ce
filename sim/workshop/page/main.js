// The page: what is played, what is shown of it, and what the room may change.

import { Chart } from "./chart.js";
import { RUNG_COLOURS, TIE, WorldMap, trustColour } from "./map.js";
import { readFrame, split, talk } from "./talk.js";
import { LANGUAGES, day, known, number, speak, t } from "./words.js";

const WORLDS = ["left", "right"];
const YEAR = 52;
const MOST_NEWS = 80;
const NEWS_FROM = 1; // rung from which incidents are news
const SHOCKS = [
  ["rhetoric", 0.7, 26], ["border_closure", 0.9, 26], ["spoiler_attack", 0.5, 4], ["election", 0.8, 12],
  ["funding_cut", 0.8, 52], ["downturn", 0.8, 52], ["disinformation", 0.8, 26],
];
const one = (id) => document.getElementById(id);
const state = { futures: null, drawn: {}, layout: null, frames: [[], []], events: new Map(), shown: -1, playing: false, waiting: 0, changes: null, presets: {} };
const maps = WORLDS.map((w) => new WorldMap(document.querySelector(`.${w} .map`)));
const charts = { trust: new Chart(one("trust"), { least: 0.05 }), force: new Chart(one("force"), { least: 2, from: 0 }), ties: new Chart(one("ties"), { least: 20, from: 0 }) };
let lines = null;
let dirty = false;

const ask = talk({ heard, seen, lost });

function heard(message) {
  const { say } = message;
  if (say === "hello") greet(message.scenarios);
  else if (say === "layout") layOut(message);
  else if (say === "events") state.events.set(message.week, message.events);
  else if (say === "changes") { if (state.changes && state.futures) futures(0); state.changes = message; programmes(); }
  else if (say === "presets") { state.presets = message.presets; programmes(); }
  else if (say === "back") forget(message.week);
  else if (say === "finished") setPlaying(false);
  else if (say === "futures") { state.futures = message; tellFutures(); dirty = true; }
  else if (say === "saved") hand(message.files);
  else if (say === "error") tell(message.text);
}

function greet(scenarios) {
  const select = one("region");
  select.replaceChildren(...scenarios.map(({ name, title: text }) => new Option(text, name)));
  const asked = new URLSearchParams(location.search), names = scenarios.map(({ name }) => name);
  select.value = [asked.get("region"), "quiet-border", names[0]].find((name) => names.includes(name));
  if (asked.get("seed")) one("seed").value = asked.get("seed");
  ask({ do: "presets" });
  begin();
}

const title = (name) => name.replaceAll("-", " ").replace(/^./, (c) => c.toUpperCase());

function begin() {
  setPlaying(false);
  ask({ do: "begin", scenario: one("region").value, seed: Number(one("seed").value) });
}

function layOut(layout) {
  Object.assign(state, { layout, frames: [[], []], events: new Map(), shown: -1, told: undefined, chosen: null, futures: null, drawn: {} });
  futures(0);
  predict(false);
  follow(null);
  lines = { trust: [[], []], force: [[], []], ties: [[], []] };
  maps.forEach((map) => map.begin(layout));
  const { force, ties } = layout.before;
  Object.assign(charts.force, { least: Math.max(2, 2 * force) });
  Object.assign(charts.ties, { least: Math.max(40, 2 * ties) });
  one("week").max = layout.weeks;
  one("news").replaceChildren();
  shocks();
  document.body.dataset.ready = "yes";
  ask({ do: "step" });
}

function seen(buffer) {
  const { layout } = state, frames = split(buffer).map((bytes) => readFrame(bytes, layout));
  frames.forEach((frame, k) => {
    state.frames[k].push(frame);
    const week = frame.week, reached = state.frames[k].slice(Math.max(0, week - YEAR + 1)).map((f) => f.series.reached_force);
    lines.trust[k].push(frame.series.community_trust);
    lines.force[k].push((reached.reduce((sum, v) => sum + v, 0) / Math.min(YEAR, week + 1)) * YEAR / layout.residents * 1e5);
    lines.ties[k].push(frame.series.live_ties);
  });
  const last = state.frames[0].length - 1;
  if (state.shown === last - 1) state.shown = last;
  state.waiting += 1;
  dirty = true;
}

function forget(week) {
  state.frames.forEach((frames) => { frames.length = Math.min(frames.length, week); });
  for (const name of Object.keys(lines)) lines[name].forEach((line) => { line.length = Math.min(line.length, week); });
  for (const at of [...state.events.keys()]) if (at >= week) state.events.delete(at);
  state.shown = week - 1;
  retell();
  dirty = true;
}

function tick() {
  if (dirty && state.layout) {
    dirty = false;
    draw();
    if (state.waiting) { ask({ do: "drawn", count: state.waiting }); state.waiting = 0; }
  }
  requestAnimationFrame(tick);
}

function draw() {
  const { layout, frames, shown } = state;
  if (shown < 0 || !frames[0][shown]) return;
  WORLDS.forEach((world, k) => {
    const frame = frames[k][shown];
    maps[k].draw(frame, frames[k].slice(Math.max(0, shown - 20), shown + 1), state.chosen);
    const told = {
      trust: number(100 * frame.series.community_trust, 1), force: number(lines.force[k][shown], 1), ties: number(frame.series.live_ties),
    };
    const text = t("told", told);
    const output = document.querySelector(`.${world} .told`);
    if (output.textContent !== text) output.textContent = text;
    maps[k].canvas.setAttribute("aria-label", `${t(`${world}_world`)}: ${text}`);
  });
  for (const [name, digits] of [["trust", 3], ["force", 1], ["ties", 0]]) {
    const fans = state.futures ? { bands: state.futures.fans[name], every: state.futures.every } : null;
    charts[name].draw(lines[name], layout.weeks, shown, (v, d) => number(v, Math.min(d, 4)), { fans, drawn: state.drawn[name] });
    charts[name].canvas.setAttribute("aria-label", `${t(`chart_${name}`)}: ${WORLDS.map((w, k) => `${t(`${w}_world`)} ${number(lines[name][k][shown], digits)}`).join(", ")}`);
  }
  one("week").value = shown + 1;
  one("date").textContent = t("date", { day: day(layout.start, shown), week: shown + 1, weeks: layout.weeks });
  one("back").hidden = shown >= frames[0].length - 1;
  if (state.told !== shown) news(shown);
}

// News

function place(row) { return state.layout.communities[row].name; }

function crossing(row) {
  const { a, b } = state.layout.crossings[row];
  return t("between", { a: place(a), b: place(b) });
}

function sentence([code, about]) {
  const { layout } = state;
  const values = { ...about };
  if ("crossing" in about && about.crossing >= 0) values.where = crossing(about.crossing);
  if (code === "project") values.where = t("between", { a: place(about.a), b: place(about.b) });
  if ("rung" in about) values.rung = t(`rung_${layout.rungs[about.rung]}`);
  if (code === "shock" || code === "shock_over") values.kind = t(`shock_${about.kind}`);
  else if ("kind" in about) values.kind = t(`kind_${layout.kinds[about.kind]}`);
  if ("family" in about && about.family >= 0) values.family = t(`family_${layout.families[about.family]}`);
  if (about.why) values.why = known(`why_${about.why}`) ? t(`why_${about.why}`) : about.why;
  if (about.how) values.how = known(`how_${about.how}`) ? t(`how_${about.how}`) : about.how;
  const deadly = code === "climbed" && about.deaths > 0;
  return t(deadly ? "climbed_deadly" : code, values);
}

function near(about) {
  if (!state.chosen) return true;
  const { row } = state.chosen, x = about.crossing >= 0 ? state.layout.crossings[about.crossing] : about;
  return about.crossing === undefined ? about.a === undefined || about.a === row || about.b === row : x.a === row || x.b === row;
}

function worthTelling([code, about]) {
  if (!near(about)) return false;
  if (state.chosen) return true;
  if (code === "arose") return false;
  if (code === "ended") return about.rung >= 2 || (about.rung >= NEWS_FROM && about.how !== "by itself");
  if (code === "climbed") return about.rung >= NEWS_FROM;
  return true;
}

function news(week) {
  if (state.told !== undefined && week !== state.told + 1) { retell(); return; }
  state.told = week;
  const found = state.events.get(week);
  if (found) entry(week, found);
}

function entry(week, [left, right]) {
  const list = one("news");
  const key = (event) => JSON.stringify(event);
  const there = new Set(right.map(key));
  const both = left.filter((event) => there.has(key(event)));
  const shared = new Set(both.map(key));
  const rows = [
    ...both.map((event) => ["both", event]),
    ...left.filter((event) => !shared.has(key(event))).map((event) => ["left", event]),
    ...right.filter((event) => !shared.has(key(event))).map((event) => ["right", event]),
  ].filter(([, event]) => worthTelling(event));
  for (const [which, event] of rows.reverse()) {
    const item = document.createElement("li");
    if (event[0] === "climbed" && event[1].rung >= 2) item.className = "grave";
    const who = document.createElement("span");
    who.className = `${which}-world`;
    who.textContent = which === "both" ? t("both_worlds") : t(`${which}_world`);
    item.append(`${t("week_short", { week: week + 1 })}, `, who, `: ${sentence(event)}`);
    list.prepend(item);
  }
  while (list.children.length > MOST_NEWS) list.lastChild.remove();
}

function retell() {
  if (!state.layout) return;
  one("news").replaceChildren();
  state.told = state.shown;
  for (let week = Math.max(0, state.shown - 2 * YEAR); week <= state.shown; week++) {
    const found = state.events.get(week);
    if (found) entry(week, found);
  }
}

/** Follow a community, or (null) none. */
function follow(row) {
  state.chosen = row === null ? null : { what: "community", row };
  one("news_title").textContent = row === null ? t("news") : t("news_around", { where: place(row) });
  one("everywhere").hidden = row === null;
  retell();
  dirty = true;
}

/** Hand files over to be kept. */
function hand(files) {
  for (const [name, text] of Object.entries(files)) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

// What the room may change

const LEAST = 0, MOST = 2_000_000, BY = 100_000;

function programmes() {
  WORLDS.forEach((world, k) => {
    const box = document.querySelector(`.${world} .programmes`);
    const running = state.changes ? state.changes.worlds[k].programmes : {};
    const names = [...new Set([...Object.keys(state.presets), ...Object.keys(running)])];
    const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    box.replaceChildren(...names.map((name) => {
      const on = name in running && running[name].annual_budget > 0;
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.name = name;
      button.textContent = known(`programme_${name}`) ? t(`programme_${name}`) : title(name);
      button.setAttribute("aria-pressed", String(on));
      button.onclick = () => ask({ do: "programme", world, name, levers: on ? null : { annual_budget: money(box) } });
      return button;
    }), budget(world, running, box));
    if (focused) box.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
  });
}

function money(box) { return Number(box.querySelector("input").value); }

function budget(world, running, box) {
  const old = box.querySelector("input");
  const label = document.createElement("label"), input = document.createElement("input"), output = document.createElement("output");
  const write = () => { output.textContent = t("euro_a_year", { euro: number(Number(input.value)) }); };
  Object.assign(input, { type: "range", min: LEAST + BY, max: MOST, step: BY, value: old ? old.value : 600_000 });
  input.dataset.name = "budget";
  input.setAttribute("aria-label", t("budget_each"));
  input.oninput = write;
  input.onchange = () => {
    for (const [name, levers] of Object.entries(running)) {
      if (levers.annual_budget > 0) ask({ do: "programme", world, name, levers: { annual_budget: Number(input.value) } });
    }
  };
  write();
  label.append(t("each"), input, output);
  return label;
}

function shocks() {
  one("shocks").replaceChildren(...SHOCKS.map(([kind, size, weeks]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.shock = kind;
    button.textContent = t(`shock_${kind}`);
    button.title = t("shock_tip", { weeks });
    button.onclick = () => ask({ do: "shock", kind, size, weeks });
    return button;
  }));
  const swatch = (colour, text, line) => {
    const item = document.createElement("li"), mark = document.createElement("i");
    mark.style.background = colour;
    if (line) mark.className = "line";
    item.append(mark, text);
    return item;
  };
  one("key").replaceChildren(
    swatch(trustColour(0.2), t("key_low_trust")), swatch(trustColour(0.6), t("key_high_trust")), swatch("#d6604d", t("key_tense"), true),
    swatch(TIE, t("key_ties"), true), swatch(RUNG_COLOURS[0], t("key_friction")), swatch(RUNG_COLOURS[2], t("key_force")), swatch(RUNG_COLOURS[3], t("key_lethal")),
  );
}

// Many futures, and what the room expects

const FUTURES = 50;

/** Ask for many futures, or (0) call them off: they are those of the worlds as they are changed now. */
function futures(count) {
  const was = one("many").getAttribute("aria-pressed") === "true";
  if (!count && !was) return;
  ask({ do: "futures", count });
  state.futures = null;
  one("many").setAttribute("aria-pressed", String(count > 0));
  one("many_told").textContent = count ? t("many_coming", { of: count }) : "";
  dirty = true;
}

function tellFutures() {
  const { count, of, differences } = state.futures, { force } = differences;
  const range = force.low === null ? "" : t("interval", { low: number(force.low, 1), high: number(force.high, 1) });
  one("many_told").textContent = t("many_told", { count, of, less: force.less, more: force.more, same: count - force.less - force.more, mean: number(force.mean, 1), range });
}

function predict(on) {
  one("predict").setAttribute("aria-pressed", String(on));
  document.querySelector(".charts").classList.toggle("predicting", on);
}

for (const [name, chart] of Object.entries(charts)) {
  let last = null;
  const draw = (event) => {
    const box = chart.canvas.getBoundingClientRect(), [week, value] = chart.at(event.clientX - box.left, event.clientY - box.top);
    const line = (state.drawn[name] ??= new Array(state.layout.weeks).fill(NaN));
    const [from, start] = last ?? [week, value], step = Math.sign(week - from) || 1;
    for (let w = from; w !== week + step; w += step) line[w] = from === week ? value : start + (value - start) * (w - from) / (week - from);
    last = [week, value];
    dirty = true;
  };
  chart.canvas.onpointerdown = (event) => {
    if (one("predict").getAttribute("aria-pressed") !== "true" || !chart.at || !chart.box) return;
    chart.canvas.setPointerCapture(event.pointerId);
    state.drawn[name] = undefined;
    last = null;
    draw(event);
  };
  chart.canvas.onpointermove = (event) => { if (last) draw(event); };
  chart.canvas.onpointerup = () => { last = null; };
}
one("many").onclick = () => futures(one("many").getAttribute("aria-pressed") === "true" ? 0 : FUTURES);
one("predict").onclick = () => predict(one("predict").getAttribute("aria-pressed") !== "true");

// Playing

function setPlaying(on) {
  state.playing = on;
  one("play").textContent = t(on ? "pause" : "play");
}

function play() {
  if (!state.layout) return;
  if (state.playing) { ask({ do: "pause" }); setPlaying(false); return; }
  if (state.shown < state.frames[0].length - 1) state.shown = state.frames[0].length - 1;
  ask({ do: "play", speed: Number(one("speed").value) });
  setPlaying(true);
}

function show(week) {
  if (state.playing) { ask({ do: "pause" }); setPlaying(false); }
  state.shown = Math.max(0, Math.min(week, state.frames[0].length - 1));
  dirty = true;
}

function lost(code) { tell(t(code === 4001 ? "full" : "lost"), true); setPlaying(false); }

let hush = 0;
function tell(text, stay = false) {
  const message = one("message");
  message.textContent = text;
  message.hidden = false;
  clearTimeout(hush);
  if (!stay) hush = setTimeout(() => { message.hidden = true; }, 8000);
}

one("play").onclick = play;
one("step").onclick = () => { if (state.shown < state.frames[0].length - 1) show(state.shown + 1); else { setPlaying(false); ask({ do: "step" }); } };
one("restart").onclick = () => { setPlaying(false); ask({ do: "back", week: 0 }); ask({ do: "step" }); };
one("back").onclick = () => ask({ do: "back", week: state.shown + 1 });
one("save").onclick = () => ask({ do: "save" });
one("everywhere").onclick = () => follow(null);
WORLDS.forEach((world, k) => {
  maps[k].canvas.onclick = (event) => {
    if (!state.layout) return;
    const box = maps[k].canvas.getBoundingClientRect(), row = maps[k].communityAt(event.clientX - box.left, event.clientY - box.top);
    follow(row < 0 || state.chosen?.row === row ? null : row);
  };
});
one("week").oninput = (event) => show(Number(event.target.value) - 1);
one("speed").onchange = () => { if (state.playing) ask({ do: "play", speed: Number(one("speed").value) }); };
one("region").onchange = begin;
one("seed").onchange = begin;
one("language").replaceChildren(...Object.entries(LANGUAGES).map(([name, label]) => new Option(label, name)));
one("language").onchange = async (event) => { await speak(event.target.value); localize(); };
document.addEventListener("keydown", (event) => {
  if (event.target.closest("select, input[type=number]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.tagName !== "BUTTON") { event.preventDefault(); play(); }
  if (event.target.type === "range") return;
  if (event.key === "ArrowRight") one("step").click();
  if (event.key === "ArrowLeft") show(state.shown - 1);
});
window.addEventListener("resize", () => { dirty = true; });

function localize() {
  setPlaying(state.playing);
  if (!state.layout) return;
  follow(state.chosen ? state.chosen.row : null);
  if (state.futures) tellFutures();
  shocks();
  programmes();
  retell();
  dirty = true;
}

const first = (new URLSearchParams(location.search).get("language") || navigator.language || "en").slice(0, 2);
one("language").value = first in LANGUAGES ? first : "en";
await speak(one("language").value);
localize();
requestAnimationFrame(tick);
