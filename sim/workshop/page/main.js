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
const state = { wanted: false, playing: false, waiting: 0, changes: null, presets: {}, turned: null, turning: null };
const ask = talk({ heard, seen, lost });

function heard(message) {
  const { say } = message;
  if (say === "hello") greet(message.scenarios);
  else if (say === "layout") layOut(message);
  else if (say === "events") view.events.set(message.week, message.events);
  else if (say === "changes") { state.changes = message; programmes(); turning(); }
  else if (say === "presets") { Object.assign(state, message); programmes(); }
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
  const seed = Math.min(Math.max(0, Math.round(Number(one("seed").value) || 0)), Number(one("seed").max));
  one("seed").value = seed;
  ask({ do: "begin", scenario: one("region").value, seed });
}

function layOut(layout) {
  futures(0);
  predict(false);
  view.begin(layout);
  one("inside").hidden = true;
  shocks();
  document.body.dataset.ready = "yes";
  if (!state.wanted) return;
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

/** Ask for a change of the worlds, of which the futures that are shown then know nothing. */
function change(asked) {
  futures(0);
  ask(asked);
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

const MOST = 2_000_000, BY = 100_000;

function programmes() {
  WORLDS.forEach((world, k) => {
    const box = document.querySelector(`.${world} .programmes`);
    const running = state.changes ? state.changes.worlds[k].programmes : {};
    const names = [...new Set([...Object.keys(state.presets), ...Object.keys(running)])];
    const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    box.replaceChildren(...names.flatMap((name) => {
      const on = name in running && running[name].annual_budget > 0;
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.name = name;
      button.textContent = programmeName(name);
      button.setAttribute("aria-pressed", String(on));
      button.onclick = () => change({ do: "programme", world, name, levers: on ? null : { annual_budget: money(box) } });
      if (!on) return [button];
      const more = document.createElement("button");
      Object.assign(more, { type: "button", className: "more", textContent: "…", onclick: () => turn(world, name) });
      more.dataset.name = `${name} levers`;
      more.setAttribute("aria-label", t("levers_of", { name: programmeName(name), world: t(`${world}_world`) }));
      return [button, more];
    }), mechanismsButton(world), budget(world, running, box));
    if (focused) box.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
  });
}

const programmeName = (name) => (known(`programme_${name}`) ? t(`programme_${name}`) : title(name));

function mechanismsButton(world) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: t("mechanisms"), title: t("mechanisms_tip"), onclick: () => turn(world, null) });
  button.dataset.name = "mechanisms";
  return button;
}

/** Open what can be turned in a world: the levers of a programme, or (null) mechanisms. */
function turn(world, name) {
  state.turning = { world, name };
  turning();
  one("turn").showModal();
}

/** Show what is open anew, as it stands now. */
function turning() {
  if (!state.turning || !state.changes || !state.turned) return;
  const { world, name } = state.turning, now = state.changes.worlds[WORLDS.indexOf(world)], box = one("levers");
  const at = box.contains(document.activeElement) ? document.activeElement.dataset.lever : null;
  if (name === null) {
    one("turn_title").textContent = t("mechanisms_of", { world: t(`${world}_world`) });
    box.replaceChildren(...state.turned.mechanisms.map(({ name: key, meaning, on }) => {
      const input = Object.assign(document.createElement("input"), { type: "checkbox", checked: now.mechanisms[key] ?? on });
      input.onchange = () => change({ do: "switch", world, name: key, on: input.checked });
      return lever(key, meaning, input, "", null);
    }));
  } else {
    const levers = now.programmes[name];
    if (!levers) return;
    one("turn_title").textContent = t("levers_of", { name: programmeName(name), world: t(`${world}_world`) });
    const rows = (listed, values, wrap) => listed.map((row) => slider(row, values[row.name], (value) => change({ do: "programme", world, name, levers: wrap({ [row.name]: value }) })));
    const heading = (text) => Object.assign(document.createElement("h3"), { textContent: text });
    box.replaceChildren(
      heading(t("levers_own")), ...rows(state.turned.families[levers.family], levers[levers.family], (said) => ({ [levers.family]: said })),
      heading(t("levers_common")), ...rows(state.turned.common, levers, (said) => said),
    );
  }
  if (at) box.querySelector(`[data-lever="${CSS.escape(at)}"]`)?.focus();
}

/** One line: what a lever is, how it is turned, where it stands, and what it rests on. */
function lever(key, meaning, input, told, sources) {
  const line = document.createElement("label"), text = document.createElement("span"), output = document.createElement("output"), badge = document.createElement("span");
  line.className = "lever";
  text.textContent = known(`lever_${key}`) ? t(`lever_${key}`) : meaning;
  output.textContent = told;
  input.dataset.lever = key;
  line.append(text, input, output);
  if (sources) {
    const measured = sources.filter((id) => /^[ABD-HW]\d/.test(id)); // the others are claims of the texts
    const kind = measured.length ? "measured" : sources.length ? "claimed" : "assumed";
    badge.className = `badge ${kind}`;
    badge.textContent = t(`badge_${kind}`, { sources: sources.join(", ") });
    line.append(badge);
  }
  return line;
}

function slider({ name, meaning, unit, low, high, whole, sources }, value, turned) {
  const input = document.createElement("input");
  if (unit === "yes/no") {
    Object.assign(input, { type: "checkbox", checked: value >= 0.5 });
    input.onchange = () => turned(input.checked ? 1 : 0);
    return lever(name, meaning, input, "", sources);
  }
  const step = unit === "euro" ? 50_000 : whole ? 1 : (high - low) / 20;
  Object.assign(input, { type: "range", min: low, max: high, step, value });
  const write = (v) => number(v, unit === "euro" || whole ? 0 : 2) + (known(`unit_${unit}`) ? ` ${t(`unit_${unit}`)}` : "");
  const line = lever(name, meaning, input, write(value), sources);
  input.oninput = () => { line.querySelector("output").textContent = write(Number(input.value)); };
  input.onchange = () => turned(Number(input.value));
  return line;
}

function money(box) { return Number(box.querySelector("input").value); }

function budget(world, running, box) {
  const old = box.querySelector("input");
  const label = document.createElement("label"), input = document.createElement("input"), output = document.createElement("output");
  const write = () => { output.textContent = t("euro_a_year", { euro: number(Number(input.value)) }); };
  Object.assign(input, { type: "range", min: BY, max: MOST, step: BY, value: old ? old.value : 600_000 });
  input.dataset.name = "budget";
  input.setAttribute("aria-label", t("budget_each"));
  input.oninput = write;
  input.onchange = () => {
    for (const [name, levers] of Object.entries(running)) {
      if (levers.annual_budget > 0) change({ do: "programme", world, name, levers: { annual_budget: Number(input.value) } });
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
    button.onclick = () => change({ do: "shock", kind, size, weeks });
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
    if (one("predict").getAttribute("aria-pressed") !== "true" || !chart.box) return;
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

one("turn").onclose = () => { state.turning = null; };
one("play").onclick = play;
one("step").onclick = () => { if (view.shown < view.last) show(view.shown + 1); else { setPlaying(false); ask({ do: "step" }); } };
one("restart").onclick = () => { setPlaying(false); change({ do: "back", week: 0 }); ask({ do: "step" }); };
one("back").onclick = () => change({ do: "back", week: view.shown + 1 });
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
  turning();
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
