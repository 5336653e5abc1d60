// Two settings on the same seeds: each pair has the same rows, the same order of batches, and where the widths agree
// the same first weights. What differs within a pair is then due to the settings.

class Pairs {
  constructor(kept, settings, count) {
    this.rows = Array.from({ length: count }, (_, k) => ({ seed: (settings.seed + k) % 10000, a: null, b: null }));
    this.jobs = this.rows.flatMap(({ seed }, pair) => [[pair, "a", { ...kept, seed }], [pair, "b", { ...settings, seed }]]);
    this.total = this.jobs.length;
    this.run = null;
  }

  get finished() {
    return this.jobs.length === 0;
  }

  get progress() {
    const part = this.run ? this.run.epochs / this.run.settings.epochs : 0;
    return (this.total - this.jobs.length + part) / this.total;
  }

  // Trains on one batch of the run that is its turn.
  step() {
    if (this.finished) return;
    const [pair, side, settings] = this.jobs[0];
    this.run ??= new Run(settings);
    this.run.step();
    if (!this.run.done) return;
    this.rows[pair][side] = this.run.held?.loss ?? NaN;
    this.jobs.shift();
    this.run = null;
  }
}

// Whether a comparison says anything: losses on other data are other quantities.
function comparable(kept, settings) {
  return kept.data === settings.data && differing(kept, settings).length > 0;
}

function meanAndError(values) {
  const n = values.length, mean = values.reduce((sum, v) => sum + v, 0) / n;
  const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  return { mean, error: spread / Math.sqrt(n) };
}

// The differences B minus A in numbers, and what the same runs would say as two separate groups. Pairs with a loss that
// is no number are left out and counted.
function compared(rows) {
  const whole = rows.filter(({ a, b }) => Number.isFinite(a) && Number.isFinite(b));
  const left = rows.length - whole.length;
  if (whole.length < 2) return { pairs: whole.length, left };
  const paired = meanAndError(whole.map(({ a, b }) => b - a));
  const [a, b] = ["a", "b"].map((side) => meanAndError(whole.map((row) => row[side])));
  return {
    pairs: whole.length, left, ...paired, meanA: a.mean, meanB: b.mean,
    unpaired: Math.hypot(a.error, b.error), lower: whole.filter((row) => row.b < row.a).length,
  };
}
