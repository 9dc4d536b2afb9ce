// What the room expects of world B against world A, counted by show of hands, and what came of it.

import { made } from "./controls.js";
import { one } from "./view.js";
import { number, t } from "./words.js";

export const LINES = ["trust", "force", "ties"];
const MOST = 999;
const SOON = 4; // weeks before there is something to see
const CHOICES = ["less", "same", "more"];

export class Vote {
  /** `view` has what is seen; `changed` is called when somebody has voted. */
  constructor(view, changed) {
    Object.assign(this, { view, changed, on: "force" });
    this.begin();
    one("vote").onclick = () => this.open(this.on);
    one("vote_on").onchange = (event) => { this.on = event.target.value; this.show(); };
    one("vote_clear").onclick = () => { delete this.votes[this.on]; this.counted(); };
    one("votes").onclose = () => { this.closed?.(); this.closed = null; this.tell(); };
  }

  /** Take up the votes that were counted before, by the worlds that they are about. */
  begin(all = {}) {
    this.all = all;
    this.stage("");
  }

  /** Other worlds are on stage; what was voted on them before still counts. */
  stage(worlds) {
    this.votes = (this.all[worlds] ??= {});
    this.tell();
  }

  /** Ask the room; resolved when the count is closed. */
  open(on) {
    this.on = on;
    this.show();
    one("votes").showModal();
    return new Promise((resolve) => { this.closed = resolve; });
  }

  counted() { this.show(); this.tell(); this.changed(); }

  /** What is seen so far, once there is something to see. */
  seen(name) { return this.view.last < Math.max(SOON, this.votes[name]?.week ?? 0) ? null : this.view.verdict(name); }

  /** What share of futures came out so, if many have been lived. */
  futures(choice) {
    const { futures } = this.view;
    if (!futures) return null;
    const { less, more } = futures.differences[this.on], { count } = futures;
    return { less, more, same: count - less - more }[choice] / count;
  }

  show() {
    const votes = (this.votes[this.on] ?? { less: 0, same: 0, more: 0 }), all = Math.max(1, CHOICES.reduce((sum, name) => sum + votes[name], 0));
    one("vote_on").replaceChildren(...LINES.map((name) => new Option(t(`line_${name}`), name, false, name === this.on)));
    const focused = document.activeElement?.dataset.vote, seen = this.seen(this.on);
    one("votes_title").textContent = t("vote_title", { line: t(`line_${this.on}`) });
    one("vote_rows").replaceChildren(...CHOICES.map((choice) => {
      const set = (count) => { this.votes[this.on] = { ...votes, [choice]: Math.max(0, Math.min(MOST, Math.round(count) || 0)), week: this.view.last + SOON }; this.counted(); };
      const count = made("input", { type: "number", min: 0, max: MOST, value: votes[choice] });
      count.dataset.vote = choice;
      count.setAttribute("aria-label", t(`choice_${choice}`));
      count.onchange = () => set(Number(count.value));
      const step = (by, sign) => {
        const button = made("button", { type: "button", textContent: sign, disabled: votes[choice] + by < 0 });
        button.dataset.vote = `${choice}${by}`;
        button.setAttribute("aria-label", `${t(`choice_${choice}`)} ${sign}1`);
        button.onclick = () => set(votes[choice] + by);
        return button;
      };
      const bar = (share, kind) => {
        const made_ = made("i", { className: kind });
        made_.style.width = `${100 * share}%`;
        return made_;
      };
      const told = this.futures(choice), bars = made("div", { className: "bars" }, bar(votes[choice] / all, "room"), ...(told === null ? [] : [bar(told, "lived")]));
      const row = made("tr", {}, made("th", { scope: "row", textContent: t(`choice_${choice}`) }), made("td", {}, step(-1, "−"), count, step(1, "+")), made("td", {}, bars),
        made("td", { textContent: told === null ? "" : `${number(100 * told)} %` }), made("td", { className: "seen", textContent: seen === choice ? t("vote_seen") : "" }));
      return row;
    }));
    one("vote_key").textContent = t(this.view.futures ? "vote_key_futures" : "vote_key");
    if (focused) one("votes").querySelector(`[data-vote="${focused}"]`)?.focus();
  }

  /** Say on the page what was voted, and what is seen so far. */
  tell() {
    const told = LINES.filter((name) => this.votes[name]).map((name) => {
      const { less, same, more } = this.votes[name], seen = this.seen(name);
      return t("vote_told", { on: t(`line_${name}`), less, same, more, seen: seen ? t(`choice_${seen}`).toLowerCase() : "–" });
    });
    const output = one("vote_told"), text = told.join(" ");
    if (output.textContent !== text) output.textContent = text;
    output.hidden = !text;
  }
}
