// What the room may change in the worlds: programmes and their levers, mechanisms, shocks.

import { WORLDS, one } from "./view.js";
import { known, number, t } from "./words.js";

const SHOCKS = [
  ["rhetoric", 0.7, 26], ["border_closure", 0.9, 26], ["spoiler_attack", 0.5, 4], ["election", 0.8, 12],
  ["funding_cut", 0.8, 52], ["downturn", 0.8, 52], ["disinformation", 0.8, 26],
];
const TWICE = 500; // milliseconds
const MOST = 2_000_000, BY = 100_000, USUAL = 600_000; // euro a year

const title = (name) => name.replaceAll("-", " ").replace(/^./, (c) => c.toUpperCase());

/** What a programme is called. */
export const programmeName = (name) => (known(`programme_${name}`) ? t(`programme_${name}`) : title(name));

/** Make an element, with what it is. */
export function made(kind, what = {}, ...inside) {
  const element = Object.assign(document.createElement(kind), what);
  element.append(...inside);
  return element;
}

export class Controls {
  /** `change` asks the server for a change of the worlds. */
  constructor(change, view) {
    Object.assign(this, { change, view });
    this.changes = null; // how the worlds stand
    this.presets = {};
    this.turned = null; // all that can be turned
    this.turning = null; // what of it is open
    one("turn").onclose = () => { this.turning = null; };
  }

  /** Forget how the worlds stood. */
  begin() { this.changes = null; }

  /** Show how the worlds stand now. */
  stand(changes) {
    this.changes = changes;
    this.programmes();
    this.open();
    this.striking();
  }

  /** Show what there is to be changed. */
  offer({ presets, turned }) {
    Object.assign(this, { presets, turned });
    this.programmes();
  }

  localize() {
    this.open();
    this.shocks();
    this.programmes();
  }

  programmes() {
    WORLDS.forEach((world, k) => {
      const box = document.querySelector(`.${world} .programmes`);
      const running = this.changes ? this.changes.worlds[k].programmes : {};
      const own = Object.keys(running).filter((name) => !(name in this.presets)), names = [...own, ...Object.keys(this.presets)];
      const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.dataset.name : null;
      box.replaceChildren(...names.flatMap((name) => this.programme(world, name, running[name], box)), this.mechanisms(world, k), this.budget(world, running, box));
      if (focused) box.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
    });
  }

  programme(world, name, levers, box) {
    const on = levers !== undefined && levers.annual_budget > 0, over = on && this.view.over(WORLDS.indexOf(world), name);
    const button = made("button", { type: "button", textContent: programmeName(name), title: t(on ? "programme_off_tip" : "programme_on_tip"), disabled: over });
    if (over) Object.assign(button, { className: "over", textContent: t("programme_is_over", { name: programmeName(name) }), title: "" });
    button.dataset.name = name;
    button.setAttribute("aria-pressed", String(on));
    button.onclick = () => this.change({ do: "programme", world, name, levers: on ? null : { annual_budget: money(box) } });
    const more = made("button", { type: "button", className: on && !over ? "more" : "more none", textContent: "…", onclick: () => this.turn(world, name) });
    more.dataset.name = `${name} levers`;
    more.title = t("levers_of", { name: programmeName(name), world: t(`${world}_world`) });
    more.setAttribute("aria-label", more.title);
    return [button, more];
  }

  mechanisms(world, k) {
    const off = Object.entries(this.changes?.worlds[k].mechanisms ?? {}).filter(([, on]) => !on).map(([name]) => name);
    const text = off.length ? t("mechanisms_off", { names: off.map((name) => name.replaceAll("_", " ")).join(", ") }) : t("mechanisms");
    const button = made("button", { type: "button", textContent: text, title: t("mechanisms_tip"), onclick: () => this.turn(world, null) });
    if (off.length) button.className = "changed";
    button.dataset.name = "mechanisms";
    return button;
  }

  budget(world, running, box) {
    const old = box.querySelector("input"), label = document.createElement("label"), output = document.createElement("output");
    const input = made("input", { type: "range", min: BY, max: MOST, step: BY, value: old ? old.value : USUAL });
    const write = () => { output.textContent = t("euro_a_year", { euro: number(Number(input.value)) }); };
    input.dataset.name = "budget";
    input.setAttribute("aria-label", t("budget_each"));
    input.oninput = write;
    input.onchange = () => {
      for (const [name, levers] of Object.entries(running)) {
        if (levers.annual_budget > 0) this.change({ do: "programme", world, name, levers: { annual_budget: Number(input.value) } });
      }
    };
    write();
    label.append(t("each"), input, output);
    return label;
  }

  /** Open what can be turned in a world: the levers of a programme, or (null) mechanisms. */
  turn(world, name) {
    this.turning = { world, name };
    this.open();
    one("turn").showModal();
  }

  /** Show what is open anew, as it stands now. */
  open() {
    if (!this.turning || !this.changes || !this.turned) return;
    const { world, name } = this.turning, now = this.changes.worlds[WORLDS.indexOf(world)], box = one("levers");
    const at = box.contains(document.activeElement) ? document.activeElement.dataset.lever : null;
    if (name === null) {
      one("turn_title").textContent = t("mechanisms_of", { world: t(`${world}_world`) });
      box.replaceChildren(...this.turned.mechanisms.map(({ name: key, meaning, on }) => {
        const input = made("input", { type: "checkbox", checked: now.mechanisms[key] ?? on });
        input.onchange = () => this.change({ do: "switch", world, name: key, on: input.checked });
        return lever(key, worded(`mechanism_${key}`, meaning), input, "", null);
      }));
    } else {
      const levers = now.programmes[name];
      if (!levers) return;
      one("turn_title").textContent = t("levers_of", { name: programmeName(name), world: t(`${world}_world`) });
      const turned = (wrap) => (key) => (value) => this.change({ do: "programme", world, name, levers: wrap({ [key]: value }) });
      const rows = (room, listed, values, wrap) => listed.map((row) => slider(room, row, values[row.name], turned(wrap)(row.name)));
      box.replaceChildren(
        made("h3", { textContent: t("levers_own") }),
        ...rows(levers.family, this.turned.families[levers.family], levers[levers.family], (said) => ({ [levers.family]: said })),
        made("h3", { textContent: t("levers_common") }), ...rows("programme", this.turned.common, levers, (said) => said),
      );
    }
    if (at) box.querySelector(`[data-lever="${CSS.escape(at)}"]`)?.focus();
  }

  shocks() {
    one("shocks").replaceChildren(...SHOCKS.map(([kind, size, weeks]) => {
      const button = made("button", { type: "button", textContent: t(`shock_${kind}`), title: `${t(`about_${kind}`)} ${t("shock_tip", { weeks })}` });
      button.dataset.shock = kind;
      button.onclick = ({ timeStamp }) => {
        if (timeStamp - (this.struck ?? -TWICE) < TWICE) return; // a double click strikes once
        this.struck = timeStamp;
        this.change({ do: "shock", kind, size, weeks });
      };
      return button;
    }));
    this.striking();
  }

  /** Mark the shocks that last in the week that is shown. */
  striking() {
    const now = this.view.shown + 1, shocks = this.changes?.shocks ?? [];
    for (const button of one("shocks").children) {
      button.classList.toggle("lasting", shocks.some(({ kind, week, weeks }) => kind === button.dataset.shock && week <= now && now < week + weeks));
    }
  }
}

const worded = (key, meaning) => (known(key) ? t(key) : meaning);

function money(box) { return Number(box.querySelector("input").value); }

/** One line: what a lever is, how it is turned, where it stands, and what it rests on. */
function lever(key, text, input, told, sources) {
  const line = made("label", { className: "lever" });
  input.dataset.lever = key;
  line.append(made("span", { textContent: text }), input, made("output", { textContent: told }));
  if (sources) {
    const measured = sources.filter((id) => /^[ABD-HW]\d/.test(id)); // the others are claims of the texts
    const kind = measured.length ? "measured" : sources.length ? "claimed" : "assumed";
    line.append(made("span", { className: `badge ${kind}`, textContent: t(`badge_${kind}`, { sources: sources.join(", ") }), title: t(`badge_${kind}_tip`) }));
  }
  return line;
}

function slider(room, { name, meaning, unit, low, high, whole, sources }, value, turned) {
  const text = worded(`lever_${room}_${name}`, meaning);
  if (unit === "yes/no") {
    const box = made("input", { type: "checkbox", checked: value >= 0.5 });
    box.onchange = () => turned(box.checked ? 1 : 0);
    return lever(name, text, box, "", sources);
  }
  const step = unit === "euro" ? 50_000 : whole ? 1 : (high - low) / 20;
  const input = made("input", { type: "range", min: low, max: high, step, value });
  const write = (v) => number(v, unit === "euro" || whole ? 0 : 2) + (known(`unit_${unit}`) ? ` ${t(`unit_${unit}`)}` : "");
  const line = lever(name, text, input, write(value), sources);
  input.oninput = () => { line.querySelector("output").textContent = write(Number(input.value)); };
  input.onchange = () => turned(Number(input.value));
  return line;
}
