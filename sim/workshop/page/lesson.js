// A lesson beside the two worlds: its steps one by one, what is done at each, and all of it on paper.

import { made, programmeName } from "./controls.js";
import { one } from "./view.js";
import { number, t } from "./words.js";

const YEAR = 52;

/** Paragraphs of a text; lines that begin with a dash become a list. */
function paragraphs(text) {
  return text.trim().split(/\n\s*\n/).filter(Boolean).flatMap((part) => {
    const lines = part.split("\n").map((line) => line.trim()), out = [];
    let list = null, words = [];
    const flush = () => { if (words.length) out.push(made("p", { textContent: words.join(" ") })); words = []; };
    for (const line of lines) {
      if (line.startsWith("- ")) {
        flush();
        if (!list) { list = made("ul"); out.push(list); }
        list.append(made("li", { textContent: line.slice(2) }));
      } else if (list) list.lastChild.textContent += ` ${line}`;
      else words.push(line);
    }
    flush();
    return out;
  });
}

/** A week in words: years where it is a whole number of them. */
const when = (week) => (week % YEAR ? t("at_week", { week: number(week) }) : t("at_year", { year: number(week / YEAR) }));

function levers(said) {
  const flat = Object.entries(said).flatMap(([name, value]) => (typeof value === "object" ? Object.entries(value) : [[name, value]]));
  return flat.map(([name, value]) => `${name.replaceAll("_", " ")} ${number(value, Number.isInteger(value) ? 0 : 1)}`).join(", ");
}

/** What a step does, in words. */
function inWords(act) {
  const world = act.world && t(`${act.world}_world`);
  switch (act.do) {
    case "worlds": return t("act_worlds");
    case "play": return t("act_play", { when: when(act.until) });
    case "vote": return t("act_vote", { on: t(`line_${act.on}`) });
    case "draw": return t("act_draw");
    case "follow": return t("act_follow", { community: act.community });
    case "programme": {
      const off = act.levers === null || act.levers.annual_budget === 0;
      return t(off ? "act_programme_off" : "act_programme", { name: programmeName(act.name), world, levers: off ? "" : levers(act.levers) });
    }
    case "switch": return t(act.on ? "act_switch_on" : "act_switch_off", { name: act.name.replaceAll("_", " "), world });
    case "shock": return t("act_shock", { kind: t(`shock_${act.kind}`), weeks: number(act.weeks) });
    case "futures": return t("act_futures", { count: number(act.count) });
    default: return act.do;
  }
}

const minutes = (lesson) => lesson.steps.reduce((sum, step) => sum + step.minutes, 0);

/** Everything that a step says, for the panel or for paper. */
function stepParts(step, number_, onPaper) {
  const parts = [made("h3", { textContent: `${number_}. ${step.title}` }), made("p", { className: "small", textContent: t("minutes", { minutes: number(step.minutes) }) }), ...paragraphs(step.text)];
  if (onPaper && step.do.length) parts.push(made("p", { className: "acts", textContent: `→ ${step.do.map(inWords).join(" · ")}` }));
  if (step.question) parts.push(made("div", { className: "question" }, made("b", { textContent: t("for_the_room") }), ...paragraphs(step.question)));
  return parts;
}

export class Lesson {
  /** `act` does what a step asks for; `chose` is called with the name of a lesson, or null, that the room takes up. */
  constructor({ act, chose }) {
    Object.assign(this, { act, chose, offered: [], name: null, file: null, at: 0, done: new Set() });
    one("lessons").onclick = () => { this.list(); one("lesson_list").showModal(); };
    one("lesson_close").onclick = () => this.close();
    one("lesson_all").onclick = () => this.simple(one("lesson_all").getAttribute("aria-pressed") === "true");
    one("lesson_print").onclick = () => { this.paper(); window.print(); };
    one("lesson_back").onclick = () => this.go(this.at - 1);
    one("lesson_next").onclick = () => this.go(this.at + 1);
    one("lesson_do").onclick = () => this.perform();
  }

  /** Which lessons there are, those in the language that is spoken first. */
  list() {
    const mine = (lesson) => lesson.language === document.documentElement.lang;
    const rows = [...this.offered].sort((a, b) => Number(mine(b)) - Number(mine(a)));
    one("lesson_rows").replaceChildren(...rows.map(({ name, title, minutes: long, asks, language }) => {
      const button = made("button", { type: "button", className: "choice", lang: language },
        made("b", { textContent: title }), made("span", { className: "small", textContent: t("minutes", { minutes: number(long) }) }), made("span", { textContent: asks }));
      button.dataset.lesson = name;
      button.onclick = () => { one("lesson_list").close(); this.chose(name); };
      return button;
    }));
  }

  /** Take up a lesson at one of its steps. */
  open(name, file, at = 0) {
    Object.assign(this, { name, file, done: new Set(), performing: null, worlds: Object.keys(file.worlds)[0] });
    delete one("lesson_do").dataset.busy;
    document.querySelector("main").classList.add("with-lesson");
    one("lesson").hidden = false;
    this.simple(true);
    this.go(at);
  }

  /** Show only what a lesson needs, or all that can be changed. */
  simple(on) {
    document.querySelector("main").classList.toggle("simple", on);
    one("lesson_all").setAttribute("aria-pressed", String(!on));
    window.dispatchEvent(new Event("resize"));
  }

  close() {
    if (this.name === null) return;
    Object.assign(this, { name: null, file: null, at: 0 });
    document.querySelector("main").classList.remove("with-lesson");
    this.simple(false);
    one("lesson").hidden = true;
    one("lessons").focus();
    window.dispatchEvent(new Event("resize"));
    this.chose(null);
  }

  go(at) {
    this.at = Math.max(0, Math.min(at, this.file.steps.length - 1));
    one("lesson_notes").open = false;
    delete one("lesson_do").dataset.busy; // what it did goes on, but is no more this step's
    this.performing = null;
    this.show();
    one("lesson_step").focus();
    one("lesson_body").scrollTop = 0;
    window.dispatchEvent(new Event("resize"));
  }

  show() {
    if (!this.file) return;
    const { file, at } = this, step = file.steps[at], todo = one("lesson_do");
    one("lesson").lang = file.language;
    one("lesson_title").textContent = file.title;
    const [head, ...rest] = stepParts(step, at + 1, false);
    one("lesson_step").textContent = head.textContent;
    const question = rest.findIndex((part) => part.className === "question");
    one("lesson_text").replaceChildren(...(question < 0 ? rest : rest.slice(0, question)));
    one("lesson_question").replaceChildren(...(question < 0 ? [] : rest.slice(question)));
    todo.hidden = !step.do.length;
    const mark = todo.dataset.busy ? "…" : this.done.has(at) ? "✓" : "▶";
    todo.replaceChildren(made("span", { textContent: mark }), made("span", {}, ...step.do.map((act) => made("div", { textContent: inWords(act) }))));
    this.onStage();
    const notes = one("lesson_notes");
    notes.querySelector("div").replaceChildren(...paragraphs(step.notes));
    one("lesson_where").textContent = t("step_of", { step: number(at + 1), steps: number(file.steps.length) });
    one("lesson_back").disabled = at === 0;
    one("lesson_next").disabled = at === file.steps.length - 1;
  }

  async perform() {
    const { at, file } = this, todo = one("lesson_do"), mine = {};
    this.performing = mine; // whoever begins another step leaves this one where it is
    todo.dataset.busy = "yes";
    this.show();
    for (const act of file.steps[at].do) {
      await this.act(act);
      if (this.performing !== mine) return;
    }
    delete todo.dataset.busy;
    this.done.add(at);
    this.show();
  }

  /** Other worlds have begun: those of this name, or (null) worlds that are not the lesson's. */
  began(worlds) {
    if (!this.file || worlds === this.worlds) return;
    this.worlds = worlds;
    this.show();
  }

  /** The room has begun anew by itself: nothing of what steps do has happened in these worlds. */
  anew() {
    this.done.clear();
    this.show();
  }

  /** Say which worlds are on the maps, and offer those that a step is about where they are others. */
  onStage() {
    const { file, at, worlds } = this, step = file.steps[at], names = Object.keys(file.worlds);
    const set = (steps) => steps.flatMap((one) => one.do).filter((act) => act.do === "worlds").at(-1)?.name;
    const wanted = set(file.steps.slice(0, at)) ?? names[0], sets = step.do.some((act) => act.do === "worlds");
    one("lesson_stage").textContent = worlds ? t("on_stage", { about: file.worlds[worlds].about }) : t("others_on_stage");
    one("lesson_set").hidden = sets || worlds === wanted;
    one("lesson_set").onclick = () => this.act({ do: "worlds", name: wanted });
  }

  /** Write all of the lesson where the printer finds it. */
  paper() {
    const { file } = this, told = (key, text) => (text ? [made("h2", { textContent: t(key) }), ...paragraphs(text)] : []);
    const worlds = Object.values(file.worlds).flatMap(({ about, region, seed }, k) => [
      made("h3", { textContent: t("worlds_number", { number: k + 1, region, seed }) }), ...paragraphs(about),
    ]);
    const steps = file.steps.map((step, k) => {
      const parts = stepParts(step, k + 1, true);
      if (step.notes) parts.push(made("div", { className: "notes" }, made("b", { textContent: t("for_the_facilitator") }), ...paragraphs(step.notes)));
      return made("section", {}, ...parts);
    });
    one("handout").lang = file.language;
    one("handout").replaceChildren(
      made("h1", { textContent: file.title }), made("p", { className: "small", textContent: t("minutes", { minutes: number(minutes(file)) }) }),
      ...told("lesson_aim", file.aim), ...told("lesson_before", file.before), made("h2", { textContent: t("lesson_worlds") }), ...worlds,
      made("h2", { textContent: t("lesson_steps") }), ...steps, ...told("lesson_found", file.found), ...told("lesson_rests_on", file.rests_on),
      made("p", { className: "small", textContent: t("codes") }),
    );
  }
}
