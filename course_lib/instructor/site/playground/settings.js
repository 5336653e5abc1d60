// What can be set, and a link's fragment that says it: read with care, since anybody can write a link.

const SETTINGS = {
  data: { label: "data", choices: { moons: "two moons", sine: "noisy sine", digits: "digits" }, start: "moons" },
  rows: { label: "training rows", ladder: [10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000], start: 100 },
  noise: { label: "label noise", ladder: [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5], start: 0.1 },
  seed: { label: "seed", whole: [0, 9999], start: 0 },
  width: { label: "width", ladder: [1, 2, 4, 8, 16, 32, 64, 128], start: 32 },
  dropout: { label: "dropout", ladder: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], start: 0 },
  optimizer: { label: "optimizer", choices: { sgd: "SGD", momentum: "SGD, momentum 0.9", adam: "Adam", adamw: "AdamW" }, start: "adam" },
  lr: {
    label: "learning rate",
    ladder: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], start: 0.005,
  },
  batch: { label: "batch size", ladder: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048], start: 16 },
  decay: { label: "weight decay", ladder: [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], start: 0 },
  epochs: { label: "epochs", ladder: [1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500], start: 100 },
  patience: { label: "patience", ladder: [0, 1, 2, 3, 5, 10, 15, 20, 30, 50], start: 0 },
  restore: { label: "restore the best weights", yes: true, start: true },
  remeasure: { label: "measure the training rows again after each epoch", yes: true, start: false },
};

// How it is looked at; none of these changes the run.
const LOOKS = {
  speed: { label: "speed", choices: { slow: "slow", normal: "normal", fast: "fast" }, start: "normal" },
  accuracy: { label: "accuracy", yes: true, start: false },
  log: { label: "log scale", yes: true, start: false },
  ends: { label: "both on epoch ends", yes: true, start: false },
  smoothing: { label: "smoothing", range: [0, 0.99], start: 0 },
};

const LONGEST = 2000; // characters of a fragment
const NUMBER = /^-?\d{1,9}(\.\d{1,9})?(e-?\d{1,2})?$/i;

function startOf(table) {
  return Object.fromEntries(Object.entries(table).map(([name, { start }]) => [name, start]));
}

// What is possible, in words.
function possible({ choices, ladder, whole, range }) {
  if (choices) return `one of ${Object.keys(choices).join(", ")}`;
  if (ladder) return `one of ${ladder.join(", ")}`;
  if (whole) return `a whole number from ${whole[0]} to ${whole[1]}`;
  return range ? `a number from ${range[0]} to ${range[1]}` : "0 or 1";
}

// The value that a text stands for, undefined where it stands for none.
function valueOf(setting, text) {
  if (setting.choices) return Object.hasOwn(setting.choices, text) ? text : undefined;
  if (setting.yes) return { 0: false, 1: true }[text];
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (setting.ladder) return setting.ladder.includes(value) ? value : undefined;
  const [low, high] = setting.whole ?? setting.range;
  return value >= low && value <= high && (!setting.whole || Number.isInteger(value)) ? value : undefined;
}

function shortened(text) {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

// Returns settings, looks, those of run A where the link has a pair, and a sentence about each thing that was no good.
function readFragment(fragment) {
  const settings = startOf(SETTINGS), looks = startOf(LOOKS), kept = {}, told = [], seen = new Set();
  if (fragment.length > LONGEST) {
    told.push(`The link has ${fragment.length} characters; expected at most ${LONGEST}. None of it was used.`);
    return { settings, looks, kept: null, told };
  }
  for (const part of fragment.split("&").filter(Boolean)) {
    const [name, text] = /^([^=]*)=?(.*)$/s.exec(part).slice(1).map((piece) => {
      try {
        return decodeURIComponent(piece);
      } catch {
        return piece;
      }
    });
    const ofA = name.startsWith("a."), key = ofA ? name.slice(2) : name;
    const table = ofA && key === "seed" ? null : Object.hasOwn(SETTINGS, key) ? SETTINGS : !ofA && Object.hasOwn(LOOKS, key) ? LOOKS : null;
    if (!table) {
      told.push(`The link sets “${shortened(name)}”, which this page does not have.`);
      continue;
    }
    if (seen.has(name)) {
      told.push(`The link sets ${name} more than once; the first value was used.`);
      continue;
    }
    seen.add(name);
    const value = valueOf(table[key], text);
    if (value !== undefined) (ofA ? kept : table === SETTINGS ? settings : looks)[key] = value;
    else told.push(`The link says ${name}=“${shortened(text)}”; expected ${possible(table[key])}. ` +
      (ofA ? "A does not differ there." : `Used ${spelled(table[key].start)}.`));
  }
  return { settings, looks, kept: Object.keys(kept).length ? { ...settings, ...kept } : null, told };
}

function spelled(value) {
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

// The shortest fragment that says all this: what is as at the start is left out, and of A what is as in B.
function writeFragment({ settings, looks, kept }) {
  const parts = [];
  for (const [table, values] of [[SETTINGS, settings], [LOOKS, looks]])
    for (const name of Object.keys(table)) if (values[name] !== table[name].start) parts.push(`${name}=${spelled(values[name])}`);
  for (const name of differing(kept ?? settings, settings)) parts.push(`a.${name}=${spelled(kept[name])}`);
  return parts.join("&");
}

// In which settings A and B differ; the seed is that of B for both.
function differing(kept, settings) {
  return Object.keys(SETTINGS).filter((name) => name !== "seed" && kept[name] !== settings[name]);
}

// A setting's value as the page writes it.
function shown(name, settings) {
  const value = settings[name], { choices } = SETTINGS[name];
  if (choices) return choices[value];
  if (name === "patience") return value ? `${value} epoch${value > 1 ? "s" : ""}` : "off";
  if (name === "rows") return value > rowsOf(settings) ? `all ${rowsOf(settings)}` : String(value);
  if (name === "batch") return value >= rowsOf(settings) ? `all ${rowsOf(settings)} rows` : String(value);
  if (name === "noise") return settings.data === "sine" ? `± ${value}` : `${Math.round(100 * value)} % wrong`;
  if (name === "dropout") return value ? `${Math.round(100 * value)} %` : "off";
  if (name === "decay") return value ? String(value) : "off";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}
