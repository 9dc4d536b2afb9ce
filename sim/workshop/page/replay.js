// A replay: weeks that were lived in a workshop, shown from a file of its own.

import { readFrame } from "./talk.js";
import { View, one } from "./view.js";
import { t, write } from "./words.js";

const KEPT = JSON.parse(one("kept").textContent);
const view = new View();
const state = { playing: false, before: 0 };

/** Unpack what was kept, as text or bytes. */
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
}

function setPlaying(on) {
  state.playing = on;
  one("play").textContent = t(on ? "pause" : "play");
}

function tick(now) {
  if (state.playing && now - state.before > 1000 / Number(one("speed").value)) {
    state.before = now;
    view.show(view.shown + 1);
    if (view.shown >= view.last) setPlaying(false);
  }
  view.draw();
  requestAnimationFrame(tick);
}

write(KEPT.language, KEPT.words);
view.begin(KEPT.layout);
view.shocks = KEPT.shocks;
const bytes = await unpacked(KEPT.frames), sizes = new DataView(bytes.buffer);
for (let at = 0; at < bytes.length;) {
  const frames = [0, 1].map(() => {
    const size = sizes.getUint32(at, true), frame = readFrame(bytes.slice(at + 4, at + 4 + size), view.layout);
    at += 4 + size;
    return frame;
  });
  view.push(frames);
}
JSON.parse(new TextDecoder().decode(await unpacked(KEPT.events))).forEach((events, week) => view.events.set(week, events));
one("title").textContent = KEPT.layout.title;
for (const [world, files] of Object.entries(KEPT.files)) document.querySelector(`.${world} pre`).textContent = files;
one("play").onclick = () => { if (view.shown >= view.last) view.show(0); setPlaying(!state.playing); };
one("week").oninput = (event) => { setPlaying(false); view.show(Number(event.target.value) - 1); };
document.addEventListener("keydown", (event) => {
  if (event.target.closest("select, input") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.tagName !== "BUTTON") { event.preventDefault(); one("play").click(); }
  if (event.key === "ArrowRight") view.show(view.shown + 1);
  if (event.key === "ArrowLeft") view.show(view.shown - 1);
});
one("week").max = view.last + 1;
view.show(0);
setPlaying(false);
document.body.dataset.ready = "yes";
requestAnimationFrame(tick);
