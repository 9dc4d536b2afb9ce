// What the page says, in the language that was chosen. One file a language, in text/.

export const LANGUAGES = { en: "English", es: "Español" };
let words = {};
let spoken = "en";
const formats = {}; // made once: a new one for every number would take longer than to draw a map

/** The language that is spoken. */
export const language = () => spoken;

/** Load a language. */
export async function speak(name) {
  spoken = name in LANGUAGES ? name : "en";
  const answer = await fetch(`text/${spoken}.json`);
  write(spoken, await answer.json());
}

/** Take words over, and say with them what stands on the page. */
export function write(name, texts) {
  [spoken, words] = [name, texts];
  document.documentElement.lang = spoken;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  for (const element of document.querySelectorAll("[data-tip]")) element.title = t(element.dataset.tip);
}

/** Say something; {name} in a text is filled in. */
export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (_, name) => (name in values ? values[name] : `{${name}}`));
}

/** Whether there is a word for something. */
export function known(key) { return key in words; }

/** Write a number. */
export function number(value, digits = 0) {
  const kind = `${spoken}${digits}`;
  formats[kind] ??= new Intl.NumberFormat(spoken, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return formats[kind].format(Number(value.toFixed(digits)) + 0);
}

/** Write the day on which a week begins. */
export function day(start, week) {
  const date = new Date(`${start}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 7 * week);
  formats[spoken] ??= new Intl.DateTimeFormat(spoken, { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
  return formats[spoken].format(date);
}
