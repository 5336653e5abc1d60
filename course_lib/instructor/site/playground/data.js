// Rows as in course_lib.data: two moons and handwritten digits, of which some labels are wrong, and a noisy sine. Fewer
// rows are the first of more rows, and the validation rows do not depend on how many training rows there are.

const VALIDATION_ROWS = 400;
const DIGIT_ROWS = 1000;
const MOON_NOISE = 0.2; // standard deviation of the points around their moon

// x holds a row after the other. A flipped row carries the other class's label; on the sine none does.
function moons(rows, flipped, seed, stream, flips) {
  const random = new Random(seed, stream), x = new Float64Array(2 * rows), y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const lower = i % 2, t = Math.PI * random.uniform();
    x[2 * i] = (lower ? 1 - Math.cos(t) : Math.cos(t)) + MOON_NOISE * random.normal();
    x[2 * i + 1] = (lower ? 0.5 - Math.sin(t) : Math.sin(t)) + MOON_NOISE * random.normal();
    y[i] = lower;
  }
  const wrong = new Random(seed, flips).permutation(rows).subarray(0, Math.round(flipped * rows));
  for (const i of wrong) y[i] = 1 - y[i];
  const marks = new Uint8Array(rows);
  for (const i of wrong) marks[i] = 1;
  return { x, y, rows, flipped: marks };
}

function truth(x) {
  return Math.sin(4 * x);
}

function sine(rows, noise, seed, stream) {
  const random = new Random(seed, stream), x = new Float64Array(rows), y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    x[i] = 2 * random.uniform() - 1;
    y[i] = truth(x[i]) + noise * random.normal();
  }
  return { x, y, rows, flipped: new Uint8Array(rows) };
}

// Real digits, which lie in a script of their own: those of `chosen`, with pixels from 0 to 1. A wrong label is one of the
// other nine, each equally likely.
function digits(chosen, wrong, seed, stream) {
  const rows = chosen.length, x = new Float64Array(64 * rows), y = new Float64Array(rows), marks = new Uint8Array(rows);
  chosen.forEach((row, i) => {
    y[i] = Number(DIGITS.labels[row]);
    for (let p = 0; p < 64; p++) x[64 * i + p] = (DIGITS.pixels.charCodeAt(64 * row + p) - 97) / 16;
  });
  const random = new Random(seed, stream);
  for (const i of random.permutation(rows).subarray(0, Math.round(wrong * rows))) {
    y[i] = (y[i] + 1 + Math.floor(9 * random.uniform())) % 10;
    marks[i] = 1;
  }
  return { x, y, rows, flipped: marks };
}

// How many training rows there are: of digits not more than are not kept for validation.
function rowsOf({ data, rows }) {
  return data === "digits" ? Math.min(rows, DIGIT_ROWS - VALIDATION_ROWS) : rows;
}

// What a run trains on: train and val rows, the number of features and of outputs, and whether these are classes.
function makeData(settings) {
  const { data, rows, noise, seed } = settings;
  if (data === "digits") {
    const order = new Random(seed, STREAMS.valRows).permutation(DIGIT_ROWS);
    return {
      train: digits(order.subarray(VALIDATION_ROWS, VALIDATION_ROWS + rowsOf(settings)), noise, seed, STREAMS.trainFlips),
      val: digits(order.subarray(0, VALIDATION_ROWS), noise, seed, STREAMS.valFlips),
      features: 64, outputs: 10, classes: true,
    };
  }
  if (data === "sine") {
    return {
      train: sine(rows, noise, seed, STREAMS.trainRows), val: sine(VALIDATION_ROWS, noise, seed, STREAMS.valRows),
      features: 1, outputs: 1, classes: false,
    };
  }
  return {
    train: moons(rows, noise, seed, STREAMS.trainRows, STREAMS.trainFlips),
    val: moons(VALIDATION_ROWS, noise, seed, STREAMS.valRows, STREAMS.valFlips),
    features: 2, outputs: 2, classes: true,
  };
}

// The loss that the noise alone costs a model which knows the truth: in nats for wrong labels, as a mean squared error
// for the sine. On average no model gets below it on new rows.
function noiseFloor({ data, noise }) {
  if (data === "sine") return noise * noise;
  const others = data === "digits" ? 9 : 1; // labels that a wrong one may be
  return noise > 0 && noise < 1 ? -noise * Math.log(noise / others) - (1 - noise) * Math.log(1 - noise) : 0;
}
