// One pair of axes on a canvas.

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

  // A thin line from bottom to top.
  upright(at) {
    const { context: c, box, colors } = this;
    c.strokeStyle = colors.ink;
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(this.px(at), box.top);
    c.lineTo(this.px(at), box.top + box.height);
    c.stroke();
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
    let column = -1, low = 0, high = 0, previous = null, drawn = 0;
    const flush = () => {
      if (column < 0) return;
      const bottom = this.py(low), top = this.py(high);
      if (previous !== null) c.lineTo(column, (bottom + top) / 2);
      if (++drawn % 4 === 0) { // one path of all columns takes six times as long to draw
        c.stroke();
        c.beginPath();
      }
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

  // Stairs: a rate holds for the whole of a batch, and changes between two.
  stairs(series, place, color, dash) {
    const c = this.context;
    c.strokeStyle = color;
    c.lineWidth = 1.6;
    c.setLineDash(dash);
    c.beginPath();
    for (let i = 0; i < series.length; i++) {
      const y = this.py(series.mean[i]), from = this.px(place(series.from[i] - 1));
      if (i) c.lineTo(from, y);
      else c.moveTo(from, y);
      c.lineTo(this.px(place(series.x[i])), y);
    }
    c.stroke();
    c.setLineDash([]);
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
  else if (kind === "diamond" || kind === "triangle") {
    const corners = kind === "diamond" ? [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]] : [[0, -1.3], [1.3, 1], [-1.3, 1]];
    for (const [across, down] of corners) c.lineTo(x + across * r, y + down * r);
  } else for (let i = 0; i < 10; i++) {
    const angle = (i * Math.PI) / 5 - Math.PI / 2, reach = i % 2 ? r * 0.45 : r;
    c.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  c.fill();
}
