// The browser's half of the live plot. The kernel sends each number once; this keeps at most a few
// thousand buckets of each curve (lowest, highest and mean), so that memory stays flat and no spike is
// lost, and draws them on a canvas. Log scale, smoothing, the axis switch and the read-out need no kernel.
// What is drawn can be read: coursePoints() of the view's root, document.querySelector(".course-live").

const CAPACITY = 4096;
const LIGHT = { ink: "#333333", grid: "#e4e4e4", paper: "#ffffff", batch: "#5389B6", train: "#0072B2", val: "#B84A00" };
const DARK = { ink: "#dddddd", grid: "#3a3a3a", paper: "#111111", batch: "#5a819e", train: "#56B4E9", val: "#F0A030" };
const LEGEND_ROW = 18;
const SHAPES = { train: { dash: [], marker: "circle" }, val: { dash: [6, 4], marker: "square" } };

const STYLE = `
.course-live { max-width: 780px; color: var(--jp-ui-font-color1, inherit); font-size: 13px; }
.course-live canvas { display: block; width: 100%; border-radius: 2px; }
.course-live .course-bar { display: flex; flex-wrap: wrap; gap: .3em 1.2em; align-items: center; margin: .2em 0; }
.course-live .course-bar > span { display: inline-flex; align-items: center; gap: .4em; min-height: 26px; }
.course-live [hidden] { display: none !important; }
.course-live .course-status { min-height: 1.4em; font-variant-numeric: tabular-nums; margin: .2em 0; }
.course-live input[type=range] { width: 8em; accent-color: #0072B2; }
.course-live input[type=checkbox] { width: 16px; height: 16px; accent-color: #0072B2; }
.course-live button { font: inherit; min-height: 26px; padding: .1em .8em; color: var(--jp-ui-font-color1, #111);
  background: var(--jp-layout-color1, #fff); border: 1px solid var(--jp-ui-font-color2, #666); border-radius: 3px; }
.course-live :is(input, button, canvas):focus-visible { outline: 3px solid #E69F00; outline-offset: 2px; }
.course-live .course-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

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
    this.batches = 0;
    this.epochs = 0;
    this.lastBatch = this.lastTrain = this.lastVal = null;
    // Stretches of epochs with equally many batches: from batch b and epoch e on, n batches an epoch.
    this.stretches = [];
    this.epochEnd = 0;
    this.status = {};
  }

  start(all) {
    if (!all || all.n === undefined || all.run < this.run) return;
    if (all.run === this.run && all.n <= this.batches && (all.epochs.at(-1)?.e ?? 0) <= this.epochs) return;
    this.clear(all.run);
    const view = all.data;
    const values = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    for (const epoch of all.epochs) this.epoch(epoch);
    for (let i = 0, seen = 0; i < values.length; i += 3) {
      const count = Math.min(all.width, all.n - seen);
      this.batch.push(seen + count, values[i], values[i + 1], values[i + 2], count, seen + 1);
      seen += count;
      this.lastBatch = values[i + 2];
    }
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
    for (let i = this.batches - message.from; i < values.length; i++) {
      this.lastBatch = values[i];
      this.batch.push(++this.batches, values[i]);
    }
    for (const epoch of message.epochs) this.epoch(epoch);
    this.status = message.s;
    return true;
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

function ticks(low, high, most) {
  const raw = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step / 1e6 ? 0 : v);
  return out;
}

function logTicks(low, high) {
  const out = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++)
    for (const m of [1, 2, 5]) if (m * 10 ** p >= low && m * 10 ** p <= high) out.push(m * 10 ** p);
  return out.length > 9 ? out.filter((v) => Math.abs(Math.log10(v) % 1) < 1e-9) : out;
}

class Panel {
  constructor(context, box, x, y, log, colors) {
    Object.assign(this, { context, box, x, y, log, colors });
  }

  px(v) {
    return this.box.left + ((v - this.x[0]) / (this.x[1] - this.x[0] || 1)) * this.box.width;
  }

  py(v) {
    const f = this.log ? Math.log : (z) => z;
    const [low, high] = this.y.map(f);
    const share = (f(Math.max(v, this.log ? this.y[0] / 10 : -Infinity)) - low) / (high - low || 1);
    return this.box.top + this.box.height * (1 - share);
  }

  frame(label, below) {
    const { context: c, box, colors } = this;
    c.font = "12px system-ui, sans-serif";
    c.fillStyle = colors.ink;
    c.strokeStyle = colors.grid;
    c.lineWidth = 1;
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const v of this.log ? logTicks(...this.y) : ticks(...this.y, box.height / 40)) {
      c.beginPath();
      c.moveTo(box.left, this.py(v));
      c.lineTo(box.left + box.width, this.py(v));
      c.stroke();
      c.fillText(number(v), box.left - 6, this.py(v));
    }
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const v of ticks(...this.x, Math.min(10, this.x[1] - this.x[0], box.width / 60))) {
      c.beginPath();
      c.moveTo(this.px(v), box.top);
      c.lineTo(this.px(v), box.top + box.height);
      c.stroke();
      if (below) c.fillText(number(v), this.px(v), box.top + box.height + 5);
    }
    c.strokeStyle = colors.ink;
    c.strokeRect(box.left, box.top, box.width, box.height);
    if (below) c.fillText(below, box.left + box.width / 2, box.top + box.height + 21);
    c.save();
    c.translate(12, box.top + box.height / 2);
    c.rotate(-Math.PI / 2);
    c.textBaseline = "middle";
    c.fillText(label, 0, 0);
    c.restore();
  }

  clip(draw) {
    const { context: c, box } = this;
    c.save();
    c.beginPath();
    c.rect(box.left, box.top, box.width, box.height);
    c.clip();
    draw();
    c.restore();
  }

  // One vertical stroke for each pixel column, from the lowest to the highest value in it.
  envelope(series, place, color) {
    const c = this.context;
    c.strokeStyle = color;
    c.lineWidth = 1.3;
    c.beginPath();
    let column = -1, low = 0, high = 0, previous = null;
    const flush = () => {
      if (column < 0) return;
      const bottom = this.py(low), top = this.py(high);
      if (previous !== null) c.lineTo(column, (bottom + top) / 2);
      c.moveTo(column, bottom + 0.5);
      c.lineTo(column, top - 0.5);
      previous = column;
    };
    for (let i = 0; i < series.length; i++) {
      const at = Math.floor(this.px(place(series.x[i]))) + 0.5; // in the middle of a pixel, so that it is not half as dark
      if (at !== column) {
        flush();
        column = at;
        low = series.low[i];
        high = series.high[i];
      } else {
        low = Math.min(low, series.low[i]);
        high = Math.max(high, series.high[i]);
      }
    }
    flush();
    c.stroke();
  }

  line(series, shift, color, shape, width = 2, mark = true) {
    const c = this.context;
    c.strokeStyle = c.fillStyle = color;
    c.lineWidth = width;
    c.setLineDash(shape.dash);
    c.beginPath();
    for (let i = 0; i < series.length; i++) {
      const x = this.px(series.x[i] - shift), y = this.py(series.mean[i]);
      if (i) c.lineTo(x, y);
      else c.moveTo(x, y);
    }
    c.stroke();
    c.setLineDash([]);
    if (!mark) return;
    const every = Math.max(1, Math.floor(series.length / 24));
    for (let i = 0; i < series.length; i += every) marker(c, shape.marker, this.px(series.x[i] - shift), this.py(series.mean[i]), 3.5);
  }

  smooth(series, place, amount, color) {
    const c = this.context;
    c.strokeStyle = color;
    c.lineWidth = 1.6;
    c.beginPath();
    let sum = 0, weight = 0;
    for (let i = 0; i < series.length; i++) {
      // The bias correction keeps the average honest at its start. A bucket of n batches decays n times.
      const keep = amount ** series.count[i];
      sum = keep * sum + (1 - keep) * series.mean[i];
      weight = keep * weight + (1 - keep);
      const x = this.px(place(series.x[i])), y = this.py(sum / weight);
      if (i) c.lineTo(x, y);
      else c.moveTo(x, y);
    }
    c.stroke();
  }
}

function marker(c, kind, x, y, r) {
  c.beginPath();
  if (kind === "circle") c.arc(x, y, r, 0, 7);
  else if (kind === "square") c.rect(x - r, y - r, 2 * r, 2 * r);
  else for (let i = 0; i < 10; i++) {
    const angle = (i * Math.PI) / 5 - Math.PI / 2, reach = i % 2 ? r * 0.45 : r;
    c.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  c.fill();
}

class View {
  constructor(root, owner) {
    this.root = root;
    this.owner = owner;
    this.options = { log: false, ends: false, smoothing: 0 };
    this.cursor = null;
    this.spokenAt = 0;
    this.spokenEpoch = 0;
    this.frames = 0;
    this.build();
    this.observer = new ResizeObserver(() => this.dirty());
    this.observer.observe(root);
    this.dirty();
  }

  build() {
    const id = `course-live-${Math.random().toString(36).slice(2)}`;
    this.canvas = element("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.status = element("p", { className: "course-status" });
    this.readout = element("p", { className: "course-status course-readout" });
    this.spoken = element("p", { className: "course-spoken" });
    this.spoken.setAttribute("role", "status");
    this.spoken.setAttribute("aria-live", "polite");
    const bar = element("div", { className: "course-bar" });
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Live plot controls");
    const check = (name, text) => {
      const input = element("input", { type: "checkbox", id: `${id}-${name}` });
      input.addEventListener("change", () => { this.options[name] = input.checked; this.dirty(); });
      bar.append(element("span", {}, input, element("label", { htmlFor: input.id, textContent: text })));
    };
    check("log", "log scale");
    check("ends", "both on epoch ends");
    const range = element("input", { type: "range", id: `${id}-smoothing`, min: 0, max: 0.99, step: 0.01, value: 0 });
    const amount = element("output", { textContent: "off" });
    range.addEventListener("input", () => {
      this.options.smoothing = Number(range.value);
      amount.textContent = range.value === "0" ? "off" : range.value;
      this.dirty();
    });
    bar.append(element("span", {}, element("label", { htmlFor: range.id, textContent: "smoothing" }), range, amount));
    this.loop = element("span", { hidden: true });
    this.stop = element("button", { type: "button", textContent: "Stop" });
    this.stop.setAttribute("aria-label", "Stop training after this batch");
    this.stop.addEventListener("click", () => { this.stop.disabled = true; this.stop.textContent = "Stopping"; this.owner.send({ kind: "stop" }); });
    this.rate = element("input", { type: "range", id: `${id}-lr`, min: -2, max: 1, step: 0.05, value: 0 });
    this.rateText = element("output");
    this.rate.addEventListener("input", () => {
      const value = this.firstRate * 10 ** Number(this.rate.value);
      this.rateText.textContent = number(value);
      this.rate.setAttribute("aria-valuetext", number(value));
      this.owner.send({ kind: "lr", value });
    });
    this.rateBox = element("span", { hidden: true },
      element("label", { htmlFor: this.rate.id, textContent: "learning rate" }), this.rate, this.rateText);
    this.loop.append(this.stop);
    bar.append(this.loop, this.rateBox);
    this.root.classList.add("course-live");
    this.root.coursePoints = () => this.owner.data.points();
    this.root.addEventListener("keydown", keepKeys);
    this.root.replaceChildren(element("style", { textContent: STYLE }), bar, this.canvas, this.readout, this.status, this.spoken);
    this.canvas.addEventListener("pointermove", (event) => { this.cursor = this.at(event.offsetX); this.dirty(); });
    this.canvas.addEventListener("pointerleave", () => { this.cursor = null; this.dirty(); });
    this.canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      const last = this.owner.data.epochs;
      if (event.key === "Escape") this.cursor = null;
      else if (event.key === "Home") this.cursor = 1;
      else if (event.key === "End") this.cursor = last;
      else if (step) this.cursor = Math.max(1, Math.min(last, Math.round(this.cursor ?? last) + step));
      else return;
      event.preventDefault();
      this.dirty();
    });
  }

  at(offset) {
    if (!this.panel) return null;
    const { box, x } = this.panel;
    return x[0] + ((offset - box.left) / box.width) * (x[1] - x[0]);
  }

  get dark() {
    const theme = document.body.dataset.jpThemeLight;
    if (theme !== undefined) return theme === "false";
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }

  dirty() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = null;
      this.draw();
    });
  }

  range(data, place) {
    let low = Infinity, high = -Infinity;
    for (const series of [data.train, data.val]) for (let i = 0; i < series.length; i++) {
      low = Math.min(low, series.low[i]);
      high = Math.max(high, series.high[i]);
    }
    // A few wild batches must not flatten the curves: the highest two in a hundred may leave the picture.
    const tops = Float64Array.from(data.batch.high.subarray(0, data.batch.length)).sort();
    if (tops.length) high = Math.max(high, tops[Math.floor(0.98 * (tops.length - 1))]);
    for (let i = 0; i < data.batch.length; i++) low = Math.min(low, data.batch.low[i]);
    if (!Number.isFinite(low)) return this.options.log ? [0.1, 1] : [0, 1];
    if (this.options.log) return [Math.max(low, high / 1e6, 1e-12) * 0.9, Math.max(high, 1e-11) * 1.1];
    const pad = 0.05 * (high - low || Math.abs(high) || 1);
    return [low - pad, high + pad];
  }

  draw() {
    const data = this.owner.data, colors = this.dark ? DARK : LIGHT;
    const names = [...data.metrics.keys()];
    const width = Math.max(320, this.root.clientWidth || 640), below = names.length ? 150 : 0;
    const c = this.canvas.getContext("2d"), rows = this.legendRows(c, data, colors, width - 76);
    const head = 4 + LEGEND_ROW * rows.length, height = 290 + head + below;
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.height = `${height}px`;
    }
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = colors.paper;
    c.fillRect(0, 0, width, height);
    const place = (batch) => data.place(batch);
    const box = { left: 62, top: head, width: width - 76, height: 290 - (names.length ? 14 : 44) };
    const x = [0, Math.max(1, data.progress) * 1.02];
    const unit = data.byEpoch ? "epoch" : "batch";
    const panel = (this.panel = new Panel(c, box, x, this.range(data, place), this.options.log, colors));
    panel.frame("loss", names.length ? "" : unit);
    const shift = this.options.ends ? 0 : 0.5;
    panel.clip(() => {
      panel.envelope(data.batch, place, colors.batch);
      if (this.options.smoothing > 0) panel.smooth(data.batch, place, this.options.smoothing, colors.ink);
      panel.line(data.train, shift, colors.train, SHAPES.train);
      panel.line(data.val, 0, colors.val, SHAPES.val);
      if (data.best) {
        c.strokeStyle = colors.ink;
        c.lineWidth = 1;
        c.setLineDash([2, 3]);
        c.beginPath();
        c.moveTo(panel.px(data.best[0]), box.top);
        c.lineTo(panel.px(data.best[0]), box.top + box.height);
        c.stroke();
        c.setLineDash([]);
        c.fillStyle = colors.val;
        marker(c, "star", panel.px(data.best[0]), panel.py(data.best[1]), 9);
      }
      if (this.cursor !== null) {
        c.strokeStyle = colors.ink;
        c.lineWidth = 1;
        c.beginPath();
        c.moveTo(panel.px(this.cursor), box.top);
        c.lineTo(panel.px(this.cursor), box.top + box.height);
        c.stroke();
      }
    });
    this.legend(c, rows, box.left, colors);
    if (names.length) this.drawMetrics(c, names, data, x, shift, width, colors, unit, head + 298);
    this.words(data);
    this.root.dataset.frames = ++this.frames;
    this.root.dataset.batches = data.batches;
    this.root.dataset.epochs = data.epochs;
  }

  // Above the curves and never on them: the upper right is where a validation loss that rises ends.
  legendRows(c, data, colors, width) {
    const entries = [["each batch", colors.batch, [], null], ["training", colors.train, [], "circle"], ["validation", colors.val, [6, 4], "square"]];
    if (this.options.smoothing > 0) entries.splice(1, 0, ["batches, smoothed", colors.ink, [], null]);
    if (data.best) entries.push([`best epoch ${data.best[0]}: ${number(data.best[1])}`, colors.val, null, "star"]);
    c.font = "12px system-ui, sans-serif";
    const rows = [[]];
    let x = 0;
    for (const entry of entries) {
      const wide = 33 + c.measureText(entry[0]).width + 16;
      if (x > 0 && x + wide > width) {
        rows.push([]);
        x = 0;
      }
      rows.at(-1).push([x, ...entry]);
      x += wide;
    }
    return rows;
  }

  legend(c, rows, at, colors) {
    c.font = "12px system-ui, sans-serif";
    c.textAlign = "left";
    c.textBaseline = "middle";
    rows.forEach((row, i) => row.forEach(([x, text, color, dash, shape]) => {
      const left = at + x, y = 10 + i * LEGEND_ROW;
      c.strokeStyle = c.fillStyle = color;
      c.lineWidth = shape ? 2 : 1.4;
      if (dash) {
        c.setLineDash(dash);
        c.beginPath();
        c.moveTo(left, y);
        c.lineTo(left + 26, y);
        c.stroke();
        c.setLineDash([]);
      }
      if (shape) marker(c, shape, left + 13, y, shape === "star" ? 7 : 3.5);
      c.fillStyle = colors.ink;
      c.fillText(text, left + 33, y);
    }));
  }

  drawMetrics(c, names, data, x, shift, width, colors, unit, top) {
    const box = { left: 62, top, width: width - 76, height: 100 };
    let low = Infinity, high = -Infinity;
    for (const series of data.metrics.values()) for (let i = 0; i < series.length; i++) {
      low = Math.min(low, series.low[i]);
      high = Math.max(high, series.high[i]);
    }
    if (!Number.isFinite(low)) [low, high] = [0, 1];
    const pad = 0.08 * (high - low || Math.abs(high) || 1);
    const kinds = [...new Set(names.map((n) => n.replace(/^(train|val)_/, "")))];
    const panel = new Panel(c, box, x, [low - pad, high + pad], false, colors);
    panel.frame(kinds.join(", "), unit);
    panel.clip(() => {
      for (const name of names) {
        const val = name.startsWith("val_"), first = name.endsWith(kinds[0]);
        panel.line(data.metrics.get(name), val ? 0 : shift, val ? colors.val : colors.train, val ? SHAPES.val : SHAPES.train, first ? 2 : 1, first);
      }
    });
  }

  words(data) {
    const s = data.status, parts = [];
    const planned = s.E ? ` of ${s.E}` : "";
    parts.push(data.byEpoch ? `epoch ${Math.min(data.epochs + 1, s.E || Infinity)}${planned}` : `batch ${data.batches}`);
    const told = (name, value) => (value === null ? `no ${name} loss in epoch ${data.epochs}` : `${name} ${number(value)}`);
    if (data.train.length) parts.push(told("training", data.lastTrain));
    else if (data.batches && data.lastBatch !== null) parts.push(`batch loss ${number(data.lastBatch)}`);
    if (data.val.length) parts.push(told("validation", data.lastVal));
    if (data.best) parts.push(`best ${number(data.best[1])} at epoch ${data.best[0]}`);
    if (s.w) parts.push(`no better for ${s.w[0]} of ${s.w[1]} epochs`);
    if (s.t !== undefined) {
      parts.push(duration(s.t));
      const done = data.progress - data.before;
      if (s.E && data.byEpoch && done > 0 && data.progress < s.E) parts.push(`about ${duration((s.t / done) * (s.E - data.progress))} left`);
    }
    this.status.textContent = parts.join(" · ");
    this.canvas.setAttribute("aria-label", `Loss curves while training: ${parts.slice(0, 5).join(", ")}. Arrow keys read single epochs.`);
    if (s.c) {
      this.loop.hidden = false;
      if (s.c[1] !== null && s.c[1] !== undefined && this.firstRate === undefined) {
        this.firstRate = s.c[1];
        this.rateText.textContent = number(s.c[1]);
        this.rate.setAttribute("aria-valuetext", number(s.c[1]));
        this.rateBox.hidden = false;
      }
    }
    this.readAt(data);
    // Spoken at most every four seconds, so that a screen reader can keep up.
    if (data.epochs > this.spokenEpoch && performance.now() - this.spokenAt > 4000) {
      this.spokenAt = performance.now();
      this.spokenEpoch = data.epochs;
      this.spoken.textContent = `Epoch ${data.epochs}${planned} done: ${parts.slice(1).join(", ")}.`;
    }
  }

  readAt(data) {
    if (this.cursor === null || !data.epochs) {
      this.readout.textContent = "";
      return;
    }
    const epoch = Math.max(1, Math.min(data.epochs, Math.round(this.cursor)));
    const near = (series) => {
      const i = series.at(epoch);
      if (i === undefined) return "not shown";
      if (series.from[i] === series.x[i]) return number(series.mean[i]);
      return `${number(series.mean[i])} (mean of epochs ${series.from[i]} to ${series.x[i]})`;
    };
    const text = `epoch ${epoch}: training ${near(data.train)}, validation ${near(data.val)}`;
    if (text !== this.readout.textContent) this.readout.textContent = text;
    if (document.activeElement === this.canvas && text !== this.spoken.textContent) this.spoken.textContent = text;
  }

  close() {
    this.observer.disconnect();
    if (this.pending) cancelAnimationFrame(this.pending);
  }
}

// Arrow keys, space and letters belong to the control that has the focus, not to the notebook.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Escape"].includes(event.key)) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
}

class Live {
  constructor(model) {
    this.model = model;
    this.data = new Data();
    this.views = new Set();
    this.asked = false;
    this.data.start(model.get("start"));
    model.on("change:start", () => {
      this.data.start(model.get("start"));
      this.asked = false;
      this.dirty();
    });
    model.on("msg:custom", (message, buffers) => {
      if (message.kind !== "new") return;
      if (!this.data.add(message, buffers[0]) && !this.asked) {
        this.asked = true; // something was missed while this was loading
        this.send({ kind: "all" });
      }
      this.dirty();
    });
    this.look();
    // The first greetings may be sent before the kernel has a thread for them, and then wait with the cell.
    let greetings = 0;
    this.timer = setInterval(() => {
      this.look();
      if (!this.data.status.c && greetings < 40 && greetings++ % 2 === 0) this.send({ kind: "hello" });
    }, 250);
    this.send({ kind: "hello" });
  }

  send(message) {
    this.model.send(message);
  }

  dirty() {
    for (const view of this.views) view.dirty();
  }

  show(root) {
    const view = new View(root, this);
    this.views.add(view);
    return () => {
      view.close();
      this.views.delete(view);
    };
  }

  look() {
    for (const view of this.views) if (!view.root.isConnected && view.found) {
      view.close();
      this.views.delete(view);
    }
    const target = this.model.get("target");
    if (!target) return;
    for (const root of document.querySelectorAll(`[data-course-live="${CSS.escape(target)}"]`)) {
      if (root.courseOwner === this) continue;
      root.courseOwner = this;
      const view = new View(root, this);
      view.found = true;
      this.views.add(view);
    }
  }

  close() {
    clearInterval(this.timer);
    for (const view of this.views) view.close();
    this.views.clear();
  }
}

const open = new WeakMap();

export default {
  initialize({ model }) {
    const live = new Live(model);
    open.set(model, live);
    return () => live.close();
  },
  render({ model, el }) {
    const live = open.get(model) ?? new Live(model);
    open.set(model, live);
    const root = document.createElement("div");
    el.append(root);
    return live.show(root);
  },
};
