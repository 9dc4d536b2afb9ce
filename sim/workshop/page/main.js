// The page of the workshop: what is played, and what the room may change.

import { readFrame, split, talk } from "./talk.js";
import { View, WORLDS, one } from "./view.js";
import { LANGUAGES, known, language, number, speak, t } from "./words.js";

const SHOCKS = [
  ["rhetoric", 0.7, 26], ["border_closure", 0.9, 26], ["spoiler_attack", 0.5, 4], ["election", 0.8, 12],
  ["funding_cut", 0.8, 52], ["downturn", 0.8, 52], ["disinformation", 0.8, 26],
];
const FULL = 4001;
const view = new View();
const state = { wanted: false, playing: false, waiting: 0, changes: null, presets: {} };
const ask = talk({ heard, seen, lost });

function heard(message) {
  const { say } = message;
  if (say === "hello") greet(message.scenarios);
  else if (say === "layout") layOut(message);
  else if (say === "events") view.events.set(message.week, message.events);
  else if (say === "changes") { if (state.changes) futures(0); state.changes = message; programmes(); }
  else if (say === "presets") { state.presets = message.presets; programmes(); }
  else if (say === "back") view.forget(message.week);
  else if (say === "finished") setPlaying(false);
  else if (say === "futures") { view.futures = message; tellFutures(); view.dirty = true; }
  else if (say === "follow") followed(message);
  else if (say === "followed") view.stories.set(message.week, message.worlds);
  else if (say === "saved") hand(message.files);
  else if (say === "error") tell(message.text);
}

function seen(buffer) {
  view.push(split(buffer).map((bytes) => readFrame(bytes, view.layout)));
  state.waiting += 1;
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
  if (!state.wanted) setPlaying(false);
  state.changes = null;
  ask({ do: "begin", scenario: one("region").value, seed: Number(one("seed").value) });
}

function layOut(layout) {
  futures(0);
  predict(false);
  view.begin(layout);
  one("inside").hidden = true;
  shocks();
  document.body.dataset.ready = "yes";
  if (!state.wanted) { ask({ do: "step" }); return; }
  Object.assign(state, { wanted: false, playing: false });
  play();
}

function tick() {
  if (view.draw()) {
    one("back").hidden = view.shown >= view.last;
    if (state.waiting) { ask({ do: "drawn", count: state.waiting }); state.waiting = 0; }
  }
  requestAnimationFrame(tick);
}

view.chose = (whom) => ask({ do: "follow", what: whom?.what ?? null, row: whom?.row ?? 0 });

/** Show whom the room follows, and whom it may follow next. */
function followed({ what, row, inside, week, worlds }) {
  const box = one("inside"), community = what === "community" ? row : inside.community;
  const kind = inside.kind && t(`institution_${inside.kind}`);
  const titles = {
    community: () => t("news_around", { where: view.place(row) }),
    institution: () => t("news_institution", { kind, where: view.place(community) }),
    worker: () => t("news_worker", { number: inside.workers.indexOf(row) + 1, kind, where: view.place(community) }),
  };
  view.follow(what === null ? null : { what, row, community, title: titles[what]() });
  if (what !== null) view.stories.set(week, worlds);
  const link = (text, next, at, pressed) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    if (pressed) button.setAttribute("aria-pressed", "true");
    button.onclick = () => ask({ do: "follow", what: next, row: at });
    return button;
  };
  const buttons = [];
  for (const one of inside.institutions ?? []) buttons.push(link(t(`institution_${one.kind}`), "institution", one.row));
  if (inside.workers) {
    buttons.push(link(`‹ ${view.place(community)}`, "community", community), link(kind, "institution", inside.institution, what === "institution"));
    inside.workers.forEach((at, k) => buttons.push(link(t("post", { number: k + 1 }), "worker", at, what === "worker" && at === row)));
  }
  box.replaceChildren(...buttons);
  box.hidden = what === null;
  view.retell();
}

/** Hand files over to be kept. */
function hand(files) {
  for (const [name, text] of Object.entries(files)) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: name.endsWith(".html") ? "text/html" : "application/toml" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
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
}

// Many futures, and what the room expects

const FUTURES = 50;

/** Ask for many futures, or (0) call them off: they are those of the worlds as they are changed now. */
function futures(count) {
  const was = one("many").getAttribute("aria-pressed") === "true";
  if (!count && !was) return;
  ask({ do: "futures", count });
  view.futures = null;
  one("many").setAttribute("aria-pressed", String(count > 0));
  one("many_told").textContent = count ? t("many_coming", { of: count }) : "";
  view.dirty = true;
}

function tellFutures() {
  const { count, of, differences } = view.futures, { force } = differences;
  const range = force.low === null ? "" : t("interval", { low: number(force.low, 1), high: number(force.high, 1) });
  one("many_told").textContent = t("many_told", { count, of, less: force.less, more: force.more, same: count - force.less - force.more, mean: number(force.mean, 1), range });
}

function predict(on) {
  one("predict").setAttribute("aria-pressed", String(on));
  document.querySelector(".charts").classList.toggle("predicting", on);
}

for (const [name, chart] of Object.entries(view.charts)) {
  let last = null;
  const draw = (event) => {
    const box = chart.canvas.getBoundingClientRect(), [week, value] = chart.at(event.clientX - box.left, event.clientY - box.top);
    const line = (view.drawn[name] ??= new Array(view.layout.weeks).fill(NaN));
    const [from, start] = last ?? [week, value], step = Math.sign(week - from) || 1;
    for (let w = from; w !== week + step; w += step) line[w] = from === week ? value : start + (value - start) * (w - from) / (week - from);
    last = [week, value];
    view.dirty = true;
  };
  chart.canvas.onpointerdown = (event) => {
    if (one("predict").getAttribute("aria-pressed") !== "true" || !chart.at || !chart.box) return;
    chart.canvas.setPointerCapture(event.pointerId);
    view.drawn[name] = undefined;
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
  if (!view.layout) { state.wanted = !state.wanted; setPlaying(state.wanted); return; } // it begins when the worlds are there
  if (state.playing) { ask({ do: "pause" }); setPlaying(false); return; }
  view.show(view.last);
  ask({ do: "play", speed: Number(one("speed").value) });
  setPlaying(true);
}

function show(week) {
  if (state.playing) { ask({ do: "pause" }); setPlaying(false); }
  view.show(week);
}

function lost(code) { tell(t(code === FULL ? "full" : "lost"), true); setPlaying(false); }

let hush = 0;
function tell(text, stay = false) {
  const message = one("message");
  message.textContent = text;
  message.hidden = false;
  clearTimeout(hush);
  if (!stay) hush = setTimeout(() => { message.hidden = true; }, 8000);
}

one("play").onclick = play;
one("step").onclick = () => { if (view.shown < view.last) show(view.shown + 1); else { setPlaying(false); ask({ do: "step" }); } };
one("restart").onclick = () => { setPlaying(false); ask({ do: "back", week: 0 }); ask({ do: "step" }); };
one("back").onclick = () => ask({ do: "back", week: view.shown + 1 });
one("save").onclick = () => ask({ do: "save" });
one("replay").onclick = () => ask({ do: "replay", language: language() });
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
  if (event.key === "ArrowLeft") show(view.shown - 1);
});

function localize() {
  setPlaying(state.playing);
  if (!view.layout) return;
  view.localize();
  if (view.chosen) view.chose(view.chosen);
  if (view.futures) tellFutures();
  shocks();
  programmes();
}

const first = (new URLSearchParams(location.search).get("language") || navigator.language || "en").slice(0, 2);
one("language").value = first in LANGUAGES ? first : "en";
await speak(one("language").value);
localize();
requestAnimationFrame(tick);
