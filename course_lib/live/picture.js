// The picture on the canvas: the panel of losses, its legend above, and the panels of metrics and of rates below.

const LIGHT = { ink: "#333333", grid: "#e4e4e4", paper: "#ffffff", batch: "#5389B6", train: "#0072B2", val: "#B84A00" };
const DARK = { ink: "#dddddd", grid: "#3a3a3a", paper: "#111111", batch: "#5a819e", train: "#56B4E9", val: "#F0A030" };
const LEGEND_ROW = 18;
const LOSSES = 290;
const PANEL = 150; // the first panel below that of the losses, and each further one
const FURTHER = 114;
const RATE_DASHES = [[], [7, 3], [2, 2], [8, 3, 2, 3]];
const METRICS = ["circle", "square", "diamond", "triangle", "star"]; // the markers of several metrics in one panel
const SHAPES = { train: { dash: [], marker: "circle" }, val: { dash: [6, 4], marker: "square" } };

// Below this many pixels controls and words take more rows; `course_lib/live/place.py` knows the heights, too.
const NARROW = 640;

class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.panel = null;
  }

  get dark() {
    const theme = document.body.dataset.jpThemeLight;
    if (theme !== undefined) return theme === "false";
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }

  // The number of the epoch, or batch, below a point of the canvas.
  at(offset) {
    if (!this.panel) return null;
    const { box, x } = this.panel;
    return x[0] + ((offset - box.left) / box.width) * (x[1] - x[0]);
  }

  // Axes that hold the `whole` run, and on them the curves of `data`, which is all of it or its beginning.
  draw(whole, data, options, cursor, outer) {
    const colors = this.dark ? DARK : LIGHT, names = [...whole.metrics.keys()];
    const metrics = names.length > 0 || Boolean(whole.status.M);
    const rates = whole.rates.size > 0 || Boolean(whole.status.R), below = metrics + rates;
    this.log = options.log;
    const width = Math.max(320, outer || 640), c = this.canvas.getContext("2d");
    const rows = this.legendRows(c, data, colors, width - 76, options, [...whole.rates.keys()]);
    const head = 4 + LEGEND_ROW * Math.max(rows.length, width < NARROW ? 3 : 1);
    this.size(c, width, LOSSES + head + [0, PANEL, PANEL + FURTHER][below]);
    c.fillStyle = colors.paper;
    c.fillRect(0, 0, width, this.height);
    const box = { left: 62, top: head, width: width - 76, height: LOSSES - (below ? 14 : 44) };
    const x = [0, Math.max(1, whole.progress) * 1.02];
    const unit = whole.byEpoch ? "epoch" : "batch", shift = options.ends ? 0 : 0.5;
    const panel = (this.panel = new Panel(c, box, x, this.range(whole), this.log, colors));
    panel.frame("loss", below ? "" : unit);
    panel.clip(() => this.curves(panel, data, options, shift, cursor));
    this.legend(c, rows, box.left, colors);
    const under = { left: box.left, width: box.width, height: 100, top: head + 298 };
    if (metrics) this.drawMetrics(c, names, whole, data, x, shift, under, colors, rates ? "" : unit);
    if (rates) this.drawRates(c, whole, data, x, { ...under, top: under.top + (metrics ? FURTHER : 0) }, colors, unit);
  }

  size(c, width, height) {
    const ratio = devicePixelRatio || 1;
    this.height = height;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.height = `${height}px`;
    }
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  curves(panel, data, options, shift, cursor) {
    const { context: c, colors } = panel, place = (batch) => data.place(batch);
    panel.envelope(data.batch, place, colors.batch);
    if (options.smoothing > 0) panel.smooth(data.batch, place, options.smoothing, colors.ink);
    panel.line(data.train, shift, colors.train, SHAPES.train);
    panel.line(data.val, 0, colors.val, SHAPES.val);
    if (data.best) {
      c.setLineDash([2, 3]);
      panel.upright(data.best[0]);
      c.setLineDash([]);
      c.fillStyle = colors.val;
      marker(c, "star", panel.px(data.best[0]), panel.py(data.best[1]), 9);
    }
    if (cursor !== null) panel.upright(cursor);
  }

  range(data) {
    let low = Infinity, high = -Infinity;
    for (const series of [data.train, data.val]) for (let i = 0; i < series.length; i++) {
      low = Math.min(low, series.low[i]);
      high = Math.max(high, series.high[i]);
    }
    // A few wild batches must not flatten the curves: the highest two in a hundred may leave the picture.
    const tops = Float64Array.from(data.batch.high.subarray(0, data.batch.length)).sort();
    if (tops.length) high = Math.max(high, tops[Math.floor(0.98 * (tops.length - 1))]);
    for (let i = 0; i < data.batch.length; i++) low = Math.min(low, data.batch.low[i]);
    if (!Number.isFinite(low)) return this.log ? [0.1, 1] : [0, 1];
    if (this.log) return [Math.max(low, high / 1e6, 1e-12) * 0.9, Math.max(high, 1e-11) * 1.1];
    const pad = 0.05 * (high - low || Math.abs(high) || 1);
    return [low - pad, high + pad];
  }

  // What the legend names: text, color, dashes (null: no line) and marker.
  entries(data, colors, options) {
    const entries = [["each batch", colors.batch, [], null], ["training", colors.train, [], "circle"], ["validation", colors.val, [6, 4], "square"]];
    if (options.smoothing > 0) entries.splice(1, 0, ["batches, smoothed", colors.ink, [], null]);
    entries.push([data.best ? `best epoch ${data.best[0]}: ${number(data.best[1])}` : "", colors.val, null, data.best ? "star" : null]);
    return entries;
  }

  // Above the curves and never on them: the upper right is where a validation loss that rises ends. The best
  // epoch has its place from the start, so that nothing moves when there is one.
  legendRows(c, data, colors, width, options, rates = []) {
    const entries = this.entries(data, colors, options);
    if (rates.length > 1) rates.forEach((name, k) => entries.push([name, colors.ink, RATE_DASHES[k % 4], null]));
    c.font = "12px system-ui, sans-serif";
    const rows = [[]], widest = c.measureText("best epoch 100: 0.0000").width;
    let x = 0;
    for (const entry of entries) {
      const wide = 33 + Math.max(c.measureText(entry[0]).width, entry[1] === colors.val && !entry[2] ? widest : 0) + 16;
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

  // The rate that each batch was used with.
  drawRates(c, whole, data, x, box, colors, unit) {
    let low = Infinity, high = -Infinity;
    for (const series of whole.rates.values()) for (let i = 0; i < series.length; i++) {
      low = Math.min(low, series.low[i]);
      high = Math.max(high, series.high[i]);
    }
    if (!Number.isFinite(low)) [low, high] = [0, 1];
    const log = this.log && low > 0, pad = 0.08 * (high - low || Math.abs(high) || 1);
    const panel = new Panel(c, box, x, log ? [low / 1.3, high * 1.3] : [Math.min(0, low), high + pad], log, colors);
    panel.frame("learning rate", unit);
    const dashes = [...whole.rates.keys()];
    panel.clip(() => {
      for (const [name, series] of data.rates)
        panel.stairs(series, (batch) => data.place(batch), colors.ink, RATE_DASHES[dashes.indexOf(name) % 4]);
    });
  }

  drawMetrics(c, names, whole, data, x, shift, box, colors, unit) {
    let low = Infinity, high = -Infinity;
    for (const series of whole.metrics.values()) for (let i = 0; i < series.length; i++) {
      low = Math.min(low, series.low[i]);
      high = Math.max(high, series.high[i]);
    }
    if (!Number.isFinite(low)) [low, high] = [0, 1];
    const pad = 0.08 * (high - low || Math.abs(high) || 1);
    // Validation columns come in the order in which the metrics were asked for; training columns may not.
    const inOrder = [...names].sort((a, b) => b.startsWith("val_") - a.startsWith("val_"));
    const kind = (name) => name.replace(/^(train|val)_/, ""), kinds = [...new Set(inOrder.map(kind))];
    const several = kinds.length > 1;
    const panel = new Panel(c, box, x, [low - pad, high + pad], false, colors);
    panel.frame(several ? "metrics" : kinds.join(""), unit);
    panel.clip(() => {
      for (const [name, series] of data.metrics) {
        const val = name.startsWith("val_"), shape = val ? SHAPES.val : SHAPES.train;
        const marked = several ? { ...shape, marker: METRICS[kinds.indexOf(kind(name)) % METRICS.length] } : shape;
        panel.line(series, val ? 0 : shift, val ? colors.val : colors.train, marked, several ? 1.4 : 2);
      }
    });
    if (several) this.metricNames(c, kinds, box, colors);
  }

  // Above their panel, where no curve is: a label on its side has no room for several names.
  metricNames(c, kinds, box, colors) {
    c.font = "12px system-ui, sans-serif";
    c.textAlign = "left";
    c.textBaseline = "middle";
    c.fillStyle = colors.ink;
    let x = box.left;
    kinds.forEach((kind, k) => {
      marker(c, METRICS[k % METRICS.length], x + 4, box.top - 11, 3.5);
      c.fillText(kind, x + 12, box.top - 11);
      x += 12 + c.measureText(kind).width + 16;
    });
  }
}
