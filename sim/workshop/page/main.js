// The page of the workshop: what is played, and how what was played comes back when the connection was lost.

import { Controls } from "./controls.js";
import { legend } from "./legend.js";
import { Lesson } from "./lesson.js";
import { enlarge } from "./map.js";
import { picture } from "./picture.js";
import { FULL, readFrame, split, talk } from "./talk.js";
import { View, one } from "./view.js";
import { Vote } from "./vote.js";
import { LANGUAGES, language, number, speak, t } from "./words.js";

const FUTURES = 50;
const MANY = { trust: [100, 2], force: [1, 2], ties: [1, 1] }; // by how much a difference is multiplied to be read, and digits
const LARGER = 1.25;
const KEPT = "bridgework"; // what of this tab is kept, so that it comes back when it is loaded again
const LONGEST = 60_000; // of a message
const KEEP_EVERY = 500; // milliseconds
const view = new View();
const state = { met: false, wanted: false, playing: false, waiting: 0, record: null, resuming: false, kept: 0, arrived: {} };
const ask = talk({ heard, seen, lost });
const controls = new Controls(change, view);
const vote = new Vote(view, keep);
const lesson = new Lesson({ act, chose: (name) => (name === null ? keep() : ask({ do: "lesson", name })), week: () => view.last + 1 });

function heard(message) {
  const { say } = message;
  if (say === "hello") greet(message);
  else if (say === "layout") layOut(message);
  else if (say === "events") happened(message);
  else if (say === "changes") changed(message);
  else if (say === "presets") controls.offer(message);
  else if (say === "lesson") takeUp(message);
  else if (say === "back") { interrupt(); view.forget(message.week); lesson.back(message.week); }
  else if (say === "stopped") { delete state.until; setPlaying(false); arrive("stopped", true); }
  else if (say === "futures") { view.futures = message; tellFutures(); view.dirty = true; }
  else if (say === "follow") followed(message);
  else if (say === "followed") view.stories.set(message.week, message.worlds);
  else if (say === "saved") saved(message.files);
  else if (say === "error") wrong(message.text);
}

function happened({ week, events }) {
  view.events.set(week, events);
  if (events.flat().some(([code]) => code === "programme_over")) state.ended = true; // told when the week is drawn
}

function seen(buffer) {
  view.push(split(buffer).map((bytes) => readFrame(bytes, view.layout)));
  state.waiting += 1;
}

// Beginning, and taking up again

function greet({ version, scenarios, lessons }) {
  const select = one("region"), asked = new URLSearchParams(location.search), names = scenarios.map(({ name }) => name);
  const known = (record) => record && (record.lesson ? lessons.some(({ name }) => name === record.lesson) : names.includes(record.scenario));
  const record = state.met ? state.record : kept();
  hush();
  Object.assign(state, { met: true, version });
  lesson.offered = lessons;
  select.replaceChildren(...scenarios.map(({ name, title }) => new Option(title, name)));
  ask({ do: "presets" });
  if (known(record)) { resume(record); return; }
  select.value = [asked.get("region"), "quiet-border", names[0]].find((name) => names.includes(name));
  if (asked.get("seed")) one("seed").value = asked.get("seed");
  if (lessons.some(({ name }) => name === asked.get("lesson"))) ask({ do: "lesson", name: asked.get("lesson") });
  else begin({ scenario: select.value });
}

/** Ask for what was played before; the page may still have its weeks. */
function resume({ version, scenario, lesson: from, worlds, seed, changes, week, guide, step, passed, votes }) {
  const have = version === state.version && view.layout ? view.last + 1 : 0;
  const asked = { do: "begin", ...(from ? { lesson: from, worlds } : { scenario }), seed, changes, week: have || week, have };
  if (JSON.stringify(asked).length > LONGEST) { begin({ scenario }); return; }
  Object.assign(state, { asked, resuming: true });
  tell(t("taking_up"), true);
  ask(asked);
  vote.begin(votes);
  if (!guide || lesson.name === guide) return;
  Object.assign(state, { step, passed });
  ask({ do: "lesson", name: guide });
}

/** Begin with new worlds: those of a region, or of a lesson. */
function begin(worlds, seed = null) {
  if (!state.wanted) setPlaying(false);
  controls.begin();
  interrupt();
  state.asked = { ...worlds, seed: seed ?? typed() };
  state.beginning = arrived("begun");
  ask({ do: "begin", ...state.asked });
}

/** The number of chance that was typed, put right where it is none. */
function typed() {
  const seed = Math.min(Math.max(0, Math.round(Number(one("seed").value) || 0)), Number(one("seed").max));
  one("seed").value = seed;
  return seed;
}

function layOut(layout) {
  futures(0);
  if (layout.have) view.forget(layout.have);
  else { predict(false); view.begin(layout); one("inside").hidden = true; }
  state.record = { version: state.version, scenario: layout.scenario, lesson: layout.lesson, worlds: layout.worlds, seed: layout.seed, changes: [{}, {}], week: layout.week };
  if (state.resuming) hush();
  state.resuming = false;
  const region = one("region"), chance = one("seed"), { seed, scenario = layout.scenario } = state.asked;
  if (![...region.options].some(({ value }) => value === layout.scenario)) region.append(new Option(layout.title, layout.scenario));
  if (layout.seed === seed && layout.scenario === scenario) { // unless others are on their way, or are being typed
    region.value = scenario;
    if (document.activeElement !== chance) chance.value = seed;
  }
  controls.shocks();
  lesson.began(layout.lesson === lesson.name ? layout.worlds : null);
  keep();
  if (layout.have && view.chosen) view.chose(view.chosen);
  vote.stage(layout.lesson ? `${layout.lesson}/${layout.worlds}` : layout.scenario);
  document.body.dataset.ready = "yes";
  arrive("begun", true);
  arrive("layout", true);
  if (!state.wanted) return;
  Object.assign(state, { wanted: false, playing: false });
  play();
}

function changed(message) {
  if (state.record) state.record.changes = message.worlds.map(({ changes }) => changes);
  view.shocks = message.shocks;
  view.dirty = true;
  controls.stand(message);
  keep();
}

/** Keep what is played with this tab. */
function keep() {
  if (!state.record) return;
  Object.assign(state, { kept: performance.now(), unkept: false });
  Object.assign(state.record, { week: view.last + 1, step: lesson.at, passed: lesson.kept, votes: vote.all, guide: lesson.name });
  try { sessionStorage.setItem(KEPT, JSON.stringify(state.record)); } catch { /* where nothing may be kept, nothing is */ }
}

function kept() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
}

/** Wait for something that the server says. */
const arrived = (what) => new Promise((resolve) => { state.arrived[what] = resolve; });
function arrive(what, whole) { state.arrived[what]?.(whole); delete state.arrived[what]; }

/** What a lesson lets pass does not come to its end: somebody has done otherwise. */
function interrupt() { delete state.until; arrive("stopped", false); }

// Lessons

function takeUp({ name, lesson: file }) {
  const { step } = state; // of a lesson that was open before
  delete state.step;
  if (step !== undefined) lesson.open(name, file, step, state.passed, state.record?.lesson === name ? state.record.worlds : null);
  else lesson.open(name, file);
  if (step === undefined) begin({ lesson: name, worlds: Object.keys(file.worlds)[0] }, Object.values(file.worlds)[0].seed);
}

/** Do one thing that a lesson asks for; tell, when it has come about, whether it came to its end. */
async function act(asked) {
  const { do: what, ...more } = asked;
  if (what === "worlds") {
    begin({ lesson: lesson.name, worlds: more.name }, lesson.file.worlds[more.name].seed);
    return arrived("layout");
  }
  await state.beginning; // worlds that are on their way
  if (what === "play") {
    view.show(view.last);
    one("speed").value = [...one("speed").options].map(({ value }) => Number(value)).findLast((speed) => speed <= more.speed) ?? 2;
    if (view.last + 1 >= more.until) return true; // they are past already
    state.until = more.until;
    run(more.speed);
    return arrived("stopped");
  }
  if (what === "vote") return vote.open(more.on);
  if (what === "draw") predict(true);
  else if (what === "follow") {
    const row = view.layout.communities.findIndex(({ name }) => name === more.community);
    if (row >= 0) view.chose({ what: "community", row, community: row });
  } else if (what === "futures") {
    futures(more.count);
    return arrived("futures");
  } else change(asked);
  return true;
}

function tick(now) {
  if (view.draw()) {
    one("back").hidden = view.shown >= view.last;
    vote.tell();
    controls.striking();
    if (state.ended) { state.ended = false; controls.programmes(); }
    if (state.waiting) { ask({ do: "drawn", count: state.waiting }); state.waiting = 0; }
    state.unkept = true;
  }
  if (state.unkept && now - state.kept > KEEP_EVERY) keep();
  requestAnimationFrame(tick);
}

// Following somebody

view.chose = (whom) => {
  if (whom === null || whom.what === "community") view.follow(whom); // at once; what happened to it follows
  ask({ do: "follow", what: whom?.what ?? null, row: whom?.row ?? 0 });
};

/** Show whom the room follows, and whom it may follow next. */
function followed({ what, row, inside, week, worlds, past }) {
  const box = one("inside"), community = what === "community" ? row : inside.community;
  const kind = inside.kind && t(`institution_${inside.kind}`);
  const titles = {
    community: () => t("news_around", { where: view.place(row) }),
    institution: () => t("news_institution", { kind, where: view.place(community) }),
    worker: () => t("news_worker", { number: inside.workers.indexOf(row) + 1, kind, where: view.place(community) }),
  };
  view.follow(what === null ? null : { what, row, community, title: titles[what]() });
  for (const [at, ...told] of past) view.stories.set(at, told);
  if (what !== null && !view.stories.has(week)) view.stories.set(week, worlds);
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

/** Ask for a change of the worlds from the week on that is shown; the futures that are shown know nothing of it. */
function change(asked) {
  futures(0);
  if (view.shown < view.last && asked.do !== "back") {
    ask({ do: "back", week: view.shown + 1 });
    tell(t("lived_on", { week: number(view.shown + 2) }));
  }
  ask(asked);
}

/** Hand over what the server has saved; scenario files with a picture of what is shown. */
async function saved(files) {
  hand("replay.html" in files ? files : { ...files, "worlds.png": await picture(view) });
}

/** Hand files over to be kept. */
function hand(files) {
  const names = Object.keys(files).join(", ");
  tell(t(names.endsWith(".html") ? "handed_replay" : "handed_files", { names, weeks: number(view.last + 1) }));
  for (const [name, text] of Object.entries(files)) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(text instanceof Blob ? text : new Blob([text], { type: name.endsWith(".html") ? "text/html" : "application/toml" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

// Many futures, and what the room expects

/** Ask for many futures, or (0) call them off: they are those of the worlds as they are changed now. */
function futures(count) {
  const was = one("many").getAttribute("aria-pressed") === "true";
  if (!count && !was) return;
  ask({ do: "futures", count });
  view.futures = null;
  if (!count) arrive("futures", false);
  one("many").setAttribute("aria-pressed", String(count > 0));
  one("many_told").textContent = count ? t("many_coming", { of: count }) : "";
  for (const name of Object.keys(MANY)) one(`many_${name}`).replaceChildren();
  view.dirty = true;
}

/** Say above each chart in how many futures there is less, much the same or more in B, and by how much on average. */
function tellFutures() {
  const { count, of, differences } = view.futures;
  one("many_told").textContent = t(count < of ? "many_so_far" : "many_all", { count, of });
  for (const [name, [times, digits]] of Object.entries(MANY)) {
    const { less, more, mean, low, high } = differences[name], shares = { less, same: count - less - more, more };
    const sign = (value) => (Number((times * value).toFixed(digits)) > 0 ? "+" : "") + number(times * value, digits);
    const bar = document.createElement("div"), told = document.createElement("span");
    bar.append(...Object.entries(shares).map(([kind, share]) => { const part = document.createElement("i"); part.className = kind; part.style.flexGrow = share; return part; }));
    const said = Object.entries(shares).filter(([, share]) => share).map(([kind, share]) => t(`many_${kind}`, { share: share === count ? t("many_every", { count }) : share }));
    told.textContent = t("many_line", { said: said.join(", "), mean: sign(mean), range: low === null ? "" : t("interval", { low: sign(low), high: sign(high) }), unit: t(`many_${name}`) });
    one(`many_${name}`).replaceChildren(bar, told);
  }
  if (one("votes").open) vote.fill();
  if (count === of) arrive("futures", true);
}

function predict(on) {
  if (on) tell(t("predict_hint"));
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
    chart.frozen = true;
    draw(event);
  };
  chart.canvas.onpointermove = (event) => { if (last) draw(event); };
  chart.canvas.onpointerup = () => { last = null; chart.frozen = false; };
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
  if (state.playing) { interrupt(); ask({ do: "pause" }); setPlaying(false); return; }
  view.show(view.last);
  run(Number(one("speed").value));
}

/** Let the weeks pass, up to the week in which a lesson stops. */
function run(speed) {
  predict(false);
  ask({ do: "play", speed, ...("until" in state && { until: state.until }) });
  setPlaying(true);
}

function show(week) {
  if (state.playing) { interrupt(); ask({ do: "pause" }); setPlaying(false); }
  view.show(week);
}

// What is wrong

function lost(code) {
  if (state.record) state.record.week = view.last + 1;
  state.waiting = 0;
  interrupt();
  arrive("futures", false);
  tell(t(code === FULL ? "full" : "lost"), true);
  setPlaying(false);
}

function wrong(text) {
  if (state.resuming) { state.resuming = false; begin({ scenario: one("region").value }); }
  if (state.playing && view.last < 0) setPlaying(false);
  tell(text);
}

let hushing = 0;
function hush() { one("message").hidden = true; }
function tell(text, stay = false) {
  const message = one("message");
  message.textContent = text;
  message.hidden = false;
  clearTimeout(hushing);
  if (!stay) hushing = setTimeout(hush, 8000);
}

// Buttons and keys

one("play").onclick = play;
one("step").onclick = () => { if (view.shown < view.last) show(view.shown + 1); else { setPlaying(false); ask({ do: "step" }); } };
one("restart").onclick = () => { setPlaying(false); lesson.anew(); change({ do: "back", week: 0 }); ask({ do: "step" }); tell(t("restarted")); };
one("back").onclick = () => change({ do: "back", week: view.shown + 1 });
one("save").onclick = () => ask({ do: "save" });
one("replay").onclick = () => ask({ do: "replay", language: language() });
one("legend").onclick = legend;
one("larger").onclick = () => {
  const on = one("larger").getAttribute("aria-pressed") !== "true";
  one("larger").setAttribute("aria-pressed", String(on));
  document.documentElement.classList.toggle("larger", on);
  enlarge(on ? LARGER : 1);
  view.dirty = true;
};
one("week").oninput = (event) => show(Number(event.target.value) - 1);
one("speed").onchange = () => { if (state.playing) run(Number(one("speed").value)); };
one("region").onchange = () => { lesson.anew(); begin({ scenario: one("region").value }); };
one("seed").onchange = () => {
  const { lesson: from, worlds, scenario } = state.record ?? {};
  lesson.anew();
  begin(from ? { lesson: from, worlds } : { scenario: scenario ?? one("region").value });
};
one("language").replaceChildren(...Object.entries(LANGUAGES).map(([name, label]) => new Option(label, name)));
one("language").onchange = async (event) => { await speak(event.target.value); localize(); };
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.target.closest("select, input[type=number]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && !event.target.closest("button, summary")) { event.preventDefault(); play(); }
  if (event.target.type === "range") return;
  if (event.key === "ArrowRight") one("step").click();
  if (event.key === "ArrowLeft") show(view.shown - 1);
});

window.addEventListener("pagehide", keep);

function localize() {
  setPlaying(state.playing);
  controls.localize();
  lesson.show();
  vote.tell();
  if (!view.layout) return;
  view.localize();
  if (view.chosen) view.chose(view.chosen);
  if (view.futures) tellFutures();
}

const first = (new URLSearchParams(location.search).get("language") || navigator.language || "en").slice(0, 2);
one("language").value = first in LANGUAGES ? first : "en";
await speak(one("language").value);
localize();
requestAnimationFrame(tick);
