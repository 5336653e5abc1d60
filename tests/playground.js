// Runs the playground's scripts without a page: `node playground.js JOB SCRIPT...` loads the scripts in their order, does
// what JOB asks with the cases on standard input, and prints the answers as JSON.
const fs = require("node:fs"), vm = require("node:vm");

const [job, ...scripts] = process.argv.slice(2);
for (const script of scripts) vm.runInThisContext(fs.readFileSync(script, "utf8"), { filename: script });
const cases = JSON.parse(fs.readFileSync(0, "utf8"));

// NaN and infinities, which JSON does not have, as Python's json reads them.
const spell = (value) => JSON.stringify(value, (_, v) =>
  typeof v === "number" && !Number.isFinite(v) ? `@${Number.isNaN(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity"}@`
    : ArrayBuffer.isView(v) ? Array.from(v) : v).replace(/"@(-?\w+)@"/g, "$1");

const JOBS = vm.runInThisContext(`({
  // Trains; what is given beside the settings takes the place of what the playground would draw itself.
  train: ({ settings, data, weights, orders, masks }) => {
    const typed = (rows) => ({ ...rows, x: Float64Array.from(rows.x), y: Float64Array.from(rows.y) });
    const drawn = [], given = {};
    if (data) given.data = { ...data, train: typed(data.train), val: typed(data.val) };
    if (weights) given.weights = weights;
    if (orders) given.order = (epoch) => Uint32Array.from(orders[epoch - 1]);
    if (masks) given.masks = (step) => masks[step].map((mask) => Float64Array.from(mask));
    const run = new Run(settings, given), first = run.network.weights.slice(), order = run.orderOf, factors = run.masksOf;
    const taken = [];
    run.orderOf = (epoch) => { const rows = order(epoch); taken.push(Array.from(rows)); return rows; };
    run.masksOf = (step, rows) => {
      const out = factors(step, rows);
      drawn.push(out.map((mask) => Array.from(mask.subarray(0, rows * settings.width))));
      return out;
    };
    while (!run.done) run.step();
    return { history: run.history, done: run.done, held: run.held, best: run.best, weights: run.network.weights,
             first, orders: taken, masks: drawn, data: run.data };
  },
  // The gradient that backward works out, beside differences of the loss.
  gradient: ({ settings }) => {
    const run = new Run(settings), { train, outputs } = run.data, { network } = run;
    const masks = settings.dropout > 0 ? [0, 1].map((_, l) => run.drawMasks(train.rows)[l].slice()) : null;
    const loss = () => run.lossOf(network.forward(train.x, train.rows, masks), train.y, train.rows, outputs) / train.rows;
    run.lossOf(network.forward(train.x, train.rows, masks), train.y, train.rows, outputs, network.deltas.at(-1));
    network.backward(train.x, train.rows, masks);
    const worked = network.gradient.slice(), h = 1e-6;
    const differences = worked.map((_, i) => {
      const before = network.weights[i];
      network.weights[i] = before + h;
      const above = loss();
      network.weights[i] = before - h;
      const below = loss();
      network.weights[i] = before;
      return (above - below) / (2 * h);
    });
    return { worked, differences };
  },
  // The curves of a link's run, with some of its settings changed, from its seed or further on.
  curves: ({ fragment, change, further = 0 }) => {
    const { settings, kept, told } = readFragment(fragment);
    const run = new Run({ ...settings, seed: settings.seed + further, ...change });
    const memory = () => {
      const { train, outputs } = run.data, output = run.network.forward(train.x, train.rows);
      return train.flipped.reduce((sum, slip, r) => sum + (slip && answerOf(output, r, outputs) === train.y[r]), 0);
    };
    const learned = [];
    while (!run.done) {
      const { epochs } = run;
      run.step();
      if (run.epochs > epochs) learned.push(memory());
    }
    return { history: run.history, done: run.done, held: run.held, best: run.best, kept, told, learned,
             words: [runWords(run), endWords(run), modelWords(run)] };
  },
  pairs: ({ fragment, count }) => {
    const { settings, kept } = readFragment(fragment), pairs = new Pairs(kept, settings, count);
    while (!pairs.finished) pairs.step();
    return { ...compared(pairs.rows), rows: pairs.rows, words: pairWords(compared(pairs.rows)), differ: differenceWords(kept, settings),
             comparable: comparable(kept, settings) };
  },
  say: ({ rows }) => pairWords(compared(rows)),
  data: ({ settings }) => makeData(settings),
  link: ({ fragment }) => {
    const read = readFragment(fragment);
    return { ...read, written: writeFragment(read) };
  },
  numbers: ({ words, count }) => {
    const random = new Random(...words);
    return { uniform: Array.from({ length: count }, () => random.uniform()),
             normal: Array.from({ length: count }, () => random.normal()), order: random.permutation(count) };
  },
  seconds: ({ settings, epochs }) => {
    const run = new Run(settings);
    while (run.epochs < epochs[0]) run.step();
    const began = performance.now();
    while (run.epochs < epochs[0] + epochs[1]) run.step();
    return (performance.now() - began) / 1000 / epochs[1];
  },
})`);
console.log(spell(cases.map(JOBS[job])));
