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
    one("votes").onclose = () => { this.closed?.(this.on in this.votes); this.closed = null; this.tell(); };
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

  /** Ask the room; resolved when the count is closed, with whether anybody voted. */
  open(on) {
    this.on = on;
    this.show();
    one("votes").showModal();
    return new Promise((resolve) => { this.closed = resolve; });
  }

  counted() { this.fill(); this.tell(); this.changed(); }

  /** What is seen so far, once there is something to see. */
  seen(name) { return this.view.last < Math.max(SOON, this.votes[name]?.week ?? 0) ? null : this.view.verdict(name); }

  /** What share of futures came out so, if many have been lived. */
  futures(choice) {
    const { futures } = this.view;
    if (!futures) return null;
    const { less, more } = futures.differences[this.on], { count } = futures;
    return { less, more, same: count - less - more }[choice] / count;
  }

  get now() { return this.votes[this.on] ?? { less: 0, same: 0, more: 0 }; }

  set(choice, count) {
    this.votes[this.on] = { ...this.now, [choice]: Math.max(0, Math.min(MOST, Math.round(count) || 0)), week: this.view.last + SOON };
    this.counted();
  }

  /** Lay out what is asked; what comes of it is filled in by `fill`, which leaves alone what somebody is typing. */
  show() {
    one("vote_on").replaceChildren(...LINES.map((name) => new Option(t(`line_${name}`), name, false, name === this.on)));
    one("votes_title").textContent = t("vote_title", { line: t(`line_${this.on}`) });
    this.rows = Object.fromEntries(CHOICES.map((choice) => {
      const count = made("input", { type: "number", min: 0, max: MOST });
      count.dataset.vote = choice;
      count.setAttribute("aria-label", t(`choice_${choice}`));
      count.oninput = () => this.set(choice, Number(count.value));
      count.onblur = () => this.fill();
      const step = (by, sign) => {
        const button = made("button", { type: "button", textContent: sign });
        button.dataset.vote = `${choice}${by}`;
        button.setAttribute("aria-label", `${t(`choice_${choice}`)} ${sign}1`);
        button.onclick = () => this.set(choice, this.now[choice] + by);
        return button;
      };
      return [choice, { count, less: step(-1, "−"), more: step(1, "+"), room: made("i", { className: "room" }), lived: made("i", { className: "lived" }), share: made("td"), seen: made("td", { className: "seen" }) }];
    }));
    one("vote_rows").replaceChildren(...Object.entries(this.rows).map(([choice, { count, less, more, room, lived, share, seen }]) => made("tr", {},
      made("th", { scope: "row", textContent: t(`choice_${choice}`) }), made("td", {}, less, count, more), made("td", {}, made("div", { className: "bars" }, room, lived)), share, seen)));
    this.fill();
  }

  fill() {
    if (!this.rows) return;
    const votes = this.now, all = Math.max(1, CHOICES.reduce((sum, name) => sum + votes[name], 0)), seen = this.seen(this.on);
    for (const [choice, row] of Object.entries(this.rows)) {
      const told = this.futures(choice);
      if (document.activeElement !== row.count) row.count.value = votes[choice];
      row.less.disabled = votes[choice] < 1;
      row.room.style.width = `${(100 * votes[choice]) / all}%`;
      row.lived.hidden = told === null;
      row.lived.style.width = `${100 * (told ?? 0)}%`;
      row.share.textContent = told === null ? "" : `${number(100 * told)} %`;
      row.seen.textContent = seen === choice ? t("vote_seen") : "";
    }
    one("vote_key").textContent = t(this.view.futures ? "vote_key_futures" : "vote_key");
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
