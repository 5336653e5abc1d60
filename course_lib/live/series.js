// What the kernel has sent: at most a few thousand buckets of each curve (lowest, highest and mean), so that memory
// stays flat and no spike is lost; and what had been sent by a moment of the run, for watching it again.

const CAPACITY = 4096;

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "not a number";
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5) ? value.toExponential(2) : String(Number(value.toPrecision(3)));
}

function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

// A curve of any length in a bounded number of buckets. When they are full, neighbours are merged.
// A bucket reaches from its first batch or epoch, from, to its last, x.
class Series {
  constructor() {
    this.from = new Float64Array(CAPACITY);
    this.x = new Float64Array(CAPACITY);
    this.low = new Float64Array(CAPACITY);
    this.high = new Float64Array(CAPACITY);
    this.mean = new Float64Array(CAPACITY);
    this.count = new Float64Array(CAPACITY);
    this.clear();
  }

  clear() {
    this.length = 0;
    this.width = 1;
  }

  push(x, low, high = low, mean = low, count = 1, from = x) {
    if (!Number.isFinite(mean)) return;
    const i = this.length - 1;
    if (i >= 0 && this.count[i] + count <= this.width) {
      const n = this.count[i] + count;
      this.mean[i] += ((mean - this.mean[i]) * count) / n;
      this.low[i] = Math.min(this.low[i], low);
      this.high[i] = Math.max(this.high[i], high);
      this.x[i] = x;
      this.count[i] = n;
      return;
    }
    if (this.length === CAPACITY) this.merge();
    const k = this.length++;
    this.from[k] = from;
    this.x[k] = x;
    this.low[k] = low;
    this.high[k] = high;
    this.mean[k] = mean;
    this.count[k] = count;
  }

  merge() {
    const half = this.length >> 1;
    for (let k = 0; k < half; k++) {
      const a = 2 * k, b = a + 1, n = this.count[a] + this.count[b];
      this.mean[k] = (this.mean[a] * this.count[a] + this.mean[b] * this.count[b]) / n;
      this.low[k] = Math.min(this.low[a], this.low[b]);
      this.high[k] = Math.max(this.high[a], this.high[b]);
      this.from[k] = this.from[a];
      this.x[k] = this.x[b];
      this.count[k] = n;
    }
    this.length = half;
    this.width *= 2;
  }

  // The bucket that holds this epoch, undefined where there is none.
  at(x) {
    for (let i = 0; i < this.length; i++) if (this.x[i] >= x) return this.from[i] <= x ? i : undefined;
    return undefined;
  }

  table(place) {
    return Array.from({ length: this.length }, (_, i) => ({
      from: this.from[i], to: this.x[i], at: place(this.x[i]),
      low: this.low[i], high: this.high[i], mean: this.mean[i], count: this.count[i],
    }));
  }
}

// Adds n batches that came as (lowest, highest, mean) of every so many, the width, to an empty series.
function spread(series, values, width, n) {
  for (let i = 0, seen = 0; i < values.length; i += 3) {
    const count = Math.min(width, n - seen);
    series.push(seen + count, values[i], values[i + 1], values[i + 2], count, seen + 1);
    seen += count;
  }
}

class Data {
  constructor() {
    this.batch = new Series();
    this.train = new Series();
    this.val = new Series();
    this.early = []; // messages that came before what they follow
    this.clear(0);
  }

  clear(run) {
    this.run = run;
    for (const series of [this.batch, this.train, this.val]) series.clear();
    this.metrics = new Map();
    this.rates = new Map(); // of each group of parameters, batch by batch, once there is something to see
    this.batches = 0;
    this.epochs = 0;
    this.lastBatch = this.lastTrain = this.lastVal = null;
    // Stretches of epochs with equally many batches: from batch b and epoch e on, n batches an epoch.
    this.stretches = [];
    this.epochEnd = 0;
    this.status = {};
  }

  start(all) {
    if (all?.s && all.n === undefined) this.status = all.s; // what is known before the first batch
    if (!all || all.n === undefined || all.run < this.run) return;
    if (all.run === this.run && all.n <= this.batches && (all.epochs.at(-1)?.e ?? 0) <= this.epochs) {
      if (all.s?.done) this.status = all.s; // nothing new but that it is over
      return;
    }
    this.clear(all.run);
    const view = all.data;
    const values = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    for (const epoch of all.epochs) this.epoch(epoch);
    const names = all.r?.names ?? [], each = values.length / (1 + names.length);
    const series = [this.batch, ...names.map((name) => this.rate(name))];
    series.forEach((one, k) => spread(one, values.subarray(k * each, (k + 1) * each), all.width, all.n));
    if (each) this.lastBatch = values[each - 1];
    this.batches = all.n;
    this.status = all.s;
    const early = this.early;
    this.early = [];
    for (const [message, buffer] of early) this.add(message, buffer);
  }

  // Returns false where something before this message has not come yet.
  add(message, buffer) {
    if (message.run < this.run) return true;
    const same = message.run === this.run;
    if (message.from > (same ? this.batches : 0) || message.after > (same ? this.epochs : 0)) {
      if (this.early.length === 100) this.early.shift();
      this.early.push([message, buffer]);
      return false;
    }
    if (!same) this.clear(message.run);
    const values = new Float32Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
    // Losses first, then rates by group; when rates are told for the first time, those of the batches before come last.
    const names = message.r?.names ?? [], count = message.r?.n ?? values.length;
    const end = count * (1 + names.length), each = (values.length - end) / (names.length || 1);
    names.forEach((name, k) => {
      const known = this.rates.has(name), rate = this.rate(name);
      if (!known && each) spread(rate, values.subarray(end + k * each, end + (k + 1) * each), message.r.width, message.from);
      for (let i = known ? this.batches - message.from : 0; i < count; i++) rate.push(message.from + i + 1, values[(k + 1) * count + i]);
    });
    for (let i = this.batches - message.from; i < count; i++) {
      this.lastBatch = values[i];
      this.batch.push(++this.batches, values[i]);
    }
    for (const epoch of message.epochs) this.epoch(epoch);
    this.status = message.s;
    return true;
  }

  // The rates of a group of parameters.
  rate(name) {
    if (!this.rates.has(name)) this.rates.set(name, new Series());
    return this.rates.get(name);
  }

  epoch({ e, end, t, v, m }) {
    if (e <= this.epochs) return;
    const skipped = e - this.epochs;
    const each = (end - this.epochEnd) / skipped;
    const stretch = this.stretches.at(-1);
    if (each > 0 && (!stretch || stretch.n !== each)) this.stretches.push({ b: this.epochEnd, e: this.epochs, n: each });
    if (this.stretches.length > 2000) this.halve();
    this.epochEnd = end;
    this.epochs = e;
    this.lastTrain = t;
    this.lastVal = v;
    if (t !== null) this.train.push(e, t);
    if (v !== null) this.val.push(e, v);
    for (const [name, value] of Object.entries(m ?? {})) {
      if (!this.metrics.has(name)) this.metrics.set(name, new Series());
      if (value !== null) this.metrics.get(name).push(e, value);
    }
  }

  // Merges two stretches into one with the mean number of batches, so that both its ends keep their place.
  halve() {
    const ends = this.stretches.filter((_, i) => i % 2 === 0);
    this.stretches = ends.map(({ b, e, n }, i) => {
      const next = ends[i + 1];
      return { b, e, n: next ? (next.b - b) / (next.e - e) : n };
    });
  }

  // The best epoch and its validation loss, as the history has it: early stopping may have its own idea.
  get best() {
    return this.status.b ?? null;
  }

  // How far the run that goes on here had come before.
  get before() {
    const [batches, epochs] = this.status.before ?? [0, 0];
    if (!this.byEpoch) return batches;
    return batches ? Math.max(epochs, this.place(batches)) : epochs;
  }

  points() {
    const epoch = (e) => e;
    return {
      run: this.run, batches: this.batches, epochs: this.epochs, best: this.best, progress: this.progress,
      batch: this.batch.table((batch) => this.place(batch)), train: this.train.table(epoch), val: this.val.table(epoch),
      metrics: Object.fromEntries([...this.metrics].map(([name, series]) => [name, series.table(epoch)])),
      rates: Object.fromEntries([...this.rates].map(([name, series]) => [name, series.table((batch) => this.place(batch))])),
    };
  }

  get byEpoch() {
    return this.epochs > 0 || Boolean(this.status.S);
  }

  // Where a batch stands on the axis: in epochs where their length is known, in batches otherwise.
  place(batch) {
    if (!this.byEpoch) return batch;
    if (batch > this.epochEnd || !this.stretches.length) {
      const each = this.status.S || this.stretches.at(-1)?.n || 1;
      return this.epochs + (batch - this.epochEnd) / Math.max(each, this.batches - this.epochEnd);
    }
    let k = this.stretches.length - 1;
    while (k > 0 && this.stretches[k].b >= batch) k--;
    const { b, e, n } = this.stretches[k];
    return e + (batch - b) / n;
  }

  get progress() {
    return this.byEpoch ? this.place(this.batches) : this.batches;
  }
}

// What had come by a moment of the run: the same curves, cut off there. A moment is a number of epochs, with a
// fraction, or of batches where nobody said how many make an epoch.
function grown(data, upto) {
  const by = upto + 1e-9, part = Object.create(data);
  const count = (series, place) => {
    let n = 0;
    while (n < series.length && place(series.x[n]) <= by) n++;
    return n;
  };
  const shorter = (series, length) => Object.assign(Object.create(series), { length });
  const epochs = (series) => shorter(series, count(series, (epoch) => epoch));
  const last = (series) => (series.length ? series.mean[series.length - 1] : null);
  part.batch = shorter(data.batch, count(data.batch, (batch) => data.place(batch)));
  part.train = epochs(data.train);
  part.val = epochs(data.val);
  part.epochs = data.byEpoch ? Math.min(data.epochs, Math.floor(by)) : 0;
  part.batches = part.batch.length ? part.batch.x[part.batch.length - 1] : 0;
  part.metrics = new Map(part.epochs ? [...data.metrics].map(([name, series]) => [name, epochs(series)]) : []);
  const byBatch = (series) => shorter(series, count(series, (batch) => data.place(batch)));
  part.rates = new Map([...data.rates].map(([name, series]) => [name, byBatch(series)]));
  [part.lastBatch, part.lastTrain, part.lastVal] = [part.batch, part.train, part.val].map(last);
  part.status = { E: data.status.E, S: data.status.S };
  const all = data.best && data.best[0] <= part.epochs;
  const here = { place: (batch) => data.place(batch), best: all ? data.best : lowest(part.val), byEpoch: data.byEpoch, progress: upto };
  for (const [name, value] of Object.entries(here)) Object.defineProperty(part, name, { value });
  return part;
}

function lowest(series) {
  let best = null;
  for (let i = 0; i < series.length; i++) if (best === null || series.low[i] < best[1]) best = [series.x[i], series.low[i]];
  return best;
}
