// A lesson beside the two worlds: its steps one by one, what is done at each, and all of it on paper.

import { made, programmeName } from "./controls.js";
import { one } from "./view.js";
import { number, t } from "./words.js";

const YEAR = 52;
const CHANGING = new Set(["worlds", "play", "programme", "switch", "shock"]); // what happens to the worlds, and once only

const sets = (step) => step.do.some((act) => act.do === "worlds");

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
  /** `act` does what a step asks for, and tells whether it came to its end; `chose` is called with the name of a lesson, or null, that the room takes up; `week` tells how many weeks were lived. */
  constructor({ act, chose, week }) {
    Object.assign(this, { act, chose, week, offered: [], name: null, file: null, at: 0, passed: new Map() });
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
  open(name, file, at = 0, passed = [], worlds = Object.keys(file.worlds)[0]) {
    Object.assign(this, { name, file, performing: null, worlds });
    this.passed = new Map(passed.filter(([step, act]) => file.steps[step]?.do[act]).map(([step, act, week]) => [file.steps[step].do[act], week]));
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
    const mark = todo.dataset.busy ? "…" : this.isDone(at) ? "✓" : "▶";
    todo.replaceChildren(made("span", { textContent: mark }), made("span", {}, ...step.do.map((act) => made("div", { textContent: inWords(act) }))));
    todo.disabled = !todo.dataset.busy && this.isDone(at) && this.once(at);
    this.onStage();
    const notes = one("lesson_notes");
    notes.querySelector("div").replaceChildren(...paragraphs(step.notes));
    one("lesson_where").textContent = t("step_of", { step: number(at + 1), steps: number(file.steps.length) });
    one("lesson_back").disabled = at === 0;
    one("lesson_next").disabled = at === file.steps.length - 1;
  }

  /** Do what the step asks for that has not been done in these worlds yet; first whatever of earlier steps it builds upon. */
  async perform() {
    const { at } = this, todo = one("lesson_do"), mine = {};
    if (todo.dataset.busy) return; // pressed twice
    this.performing = mine; // whoever begins another step leaves this one where it is
    todo.dataset.busy = "yes";
    this.show();
    for (const act of this.todo(at)) {
      const done = await this.act(act);
      if (this.performing !== mine) return;
      if (!done) break; // interrupted: pressed again, it goes on from here
      if (act.do === "worlds") this.undo();
      this.passed.set(act, this.week());
    }
    delete todo.dataset.busy;
    this.show();
  }

  /** What is left to be done of a step, and of those before it on whose worlds it builds. */
  todo(at) {
    const { steps } = this.file, first = this.first(at), wanted = this.wanted(at), again = this.isDone(at);
    const own = steps[at].do.filter((act) => again || !this.passed.has(act));
    if (first === at && sets(steps[at])) return own;
    const before = steps.slice(first, at).flatMap((step) => step.do).filter((act) => CHANGING.has(act.do) && !this.passed.has(act));
    const begin = this.worlds !== wanted && !sets(steps[first]) ? [{ do: "worlds", name: wanted }] : [];
    return [...begin, ...before, ...own];
  }

  /** The last step up to this one that sets worlds up, or the first of all. */
  first(at) {
    let first = at;
    while (first > 0 && !sets(this.file.steps[first])) first -= 1;
    return first;
  }

  /** Name of the worlds that a step is about when it begins. */
  wanted(at) {
    const { steps, worlds } = this.file;
    return steps.slice(0, at).flatMap((step) => step.do).filter((act) => act.do === "worlds").at(-1)?.name ?? Object.keys(worlds)[0];
  }

  isDone(at) { const { do: acts } = this.file.steps[at]; return acts.length > 0 && acts.every((act) => this.passed.has(act)); }

  /** Whether a step that was done may be done again in the same worlds: what strikes or passes does so once. */
  once(at) { const step = this.file.steps[at]; return !sets(step) && step.do.some((act) => CHANGING.has(act.do)); }

  /** Nothing has happened yet in the worlds on stage. */
  undo() { for (const act of this.passed.keys()) if (CHANGING.has(act.do)) this.passed.delete(act); }

  /** The worlds have gone back: what came later has not happened. */
  back(week) {
    for (const [act, at] of this.passed) if (CHANGING.has(act.do) && (at > week || (at === week && act.do !== "play"))) this.passed.delete(act);
    this.show();
  }

  /** What was done, so that it can be kept: step, number, week. */
  get kept() { return this.file ? [...this.passed].map(([act, week]) => { const at = this.file.steps.findIndex((step) => step.do.includes(act)); return [at, at < 0 ? -1 : this.file.steps[at].do.indexOf(act), week]; }) : []; }

  /** Other worlds have begun: those of this name, or (null) worlds that are not the lesson's. */
  began(worlds) {
    if (!this.file || worlds === this.worlds) return;
    this.worlds = worlds;
    this.undo();
    this.show();
  }

  /** The room has begun anew by itself: nothing of what steps do has happened in these worlds. */
  anew() {
    this.passed.clear();
    this.show();
  }

  /** Say which worlds are on the maps, and offer those that a step is about where they are others. */
  onStage() {
    const { file, at, worlds } = this, wanted = this.wanted(at);
    one("lesson_stage").textContent = worlds ? t("on_stage", { about: file.worlds[worlds].about }) : t("others_on_stage");
    one("lesson_set").hidden = sets(file.steps[at]) || worlds === wanted;
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
