// The picture of the model: on two moons the classes it gives, on the sine the curve it has fitted, on digits what it says.

const LOOK = { // of two classes, as in lesson 04, and the fitted curve
  light: { upper: "#00714F", lower: "#9C4378", fit: "#00714F", tint: [[0, 113, 79], [156, 67, 120]] },
  dark: { upper: "#3FC795", lower: "#E58AC0", fit: "#3FC795", tint: [[0, 158, 115], [204, 121, 167]] },
};
const MOONS = { x: [-1.7, 2.7], y: [-1.25, 1.75], across: 56, up: 38 };
const SINE = { x: [-1.05, 1.05], y: [-2.1, 2.1], points: 211 };

class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.grid = document.createElement("canvas");
    this.digits = new DigitsScene();
  }

  // The canvas, empty, at this size in pixels of the page.
  blank(wide, high, colors) {
    const c = this.canvas.getContext("2d"), ratio = devicePixelRatio || 1;
    const pixels = [Math.round(wide * ratio), Math.round(high * ratio)];
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) [this.canvas.width, this.canvas.height] = pixels;
    this.canvas.style.height = `${high}px`;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = colors.paper;
    c.fillRect(0, 0, wide, high);
    return c;
  }

  draw(run, { dark, which, width }) {
    const colors = dark ? DARK : LIGHT, wide = Math.max(260, Math.min(width, 460)), high = Math.round(wide * 0.72);
    if (run.settings.data === "digits") {
      const c = this.blank(wide, Math.ceil(this.digits.height(wide)), colors);
      this.digits.draw(c, run, { which, width: wide, colors, dark });
      return;
    }
    const area = run.data.classes ? MOONS : SINE, c = this.blank(wide, high + 26, colors);
    const box = { left: 34, top: 6, width: wide - 42, height: high - 12 };
    const panel = new Panel(c, box, area.x, area.y, false, colors), look = LOOK[dark ? "dark" : "light"];
    panel.frame("", "");
    this.axes(panel, area);
    panel.clip(() => (run.data.classes ? this.moons(panel, run, look, which) : this.sine(panel, run, look, which)));
  }

  axes(panel, { x }) {
    const { context: c, box } = panel;
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const v of ticks(...x, 5)) c.fillText(number(v), panel.px(v), box.top + box.height + 5);
  }

  // The probability of the second class on a grid of points, row by row from the top.
  probabilities(run) {
    const { x, y, across, up } = MOONS;
    if (!this.points) {
      this.points = new Float64Array(2 * across * up);
      for (let j = 0, k = 0; j < up; j++) for (let i = 0; i < across; i++) {
        this.points[k++] = x[0] + ((x[1] - x[0]) * i) / (across - 1);
        this.points[k++] = y[1] - ((y[1] - y[0]) * j) / (up - 1);
      }
      this.chances = new Float64Array(across * up);
    }
    const logits = run.network.forward(this.points, across * up);
    for (let k = 0; k < across * up; k++) this.chances[k] = 1 / (1 + Math.exp(logits[2 * k] - logits[2 * k + 1]));
    return this.chances;
  }

  moons(panel, run, look, which) {
    const { context: c, box } = panel, { across, up } = MOONS, chances = this.probabilities(run);
    [this.grid.width, this.grid.height] = [across, up];
    const small = this.grid.getContext("2d"), image = small.createImageData(across, up);
    chances.forEach((p, k) => {
      const sure = Math.abs(2 * p - 1);
      image.data.set([...look.tint[p > 0.5 ? 1 : 0], Number.isNaN(p) ? 0 : 20 + 95 * sure], 4 * k);
    });
    small.putImageData(image, 0, 0);
    c.imageSmoothingEnabled = true;
    // Half a grid step more on every side: the outer points lie on the frame.
    const [dx, dy] = [box.width / (across - 1), box.height / (up - 1)];
    c.drawImage(this.grid, box.left - dx / 2, box.top - dy / 2, box.width + dx, box.height + dy);
    this.border(panel, chances, 0.5, 2.2, []);
    for (const level of [0.1, 0.9]) this.border(panel, chances, level, 1, [2, 3]);
    const { x, y, rows, flipped } = run.data[which], r = which === "train" ? (rows > 500 ? 2.6 : 4) : 2.6;
    for (let k = 0; k < rows; k++) {
      const at = [panel.px(x[2 * k]), panel.py(x[2 * k + 1])];
      c.fillStyle = panel.colors.paper;
      marker(c, y[k] ? "diamond" : "triangle", ...at, r + 1);
      c.fillStyle = y[k] ? look.lower : look.upper;
      marker(c, y[k] ? "diamond" : "triangle", ...at, r - 0.2);
      if (!flipped[k] || which !== "train") continue;
      c.strokeStyle = panel.colors.ink;
      c.lineWidth = 1.4;
      c.beginPath();
      c.arc(...at, r + 4.5, 0, 7);
      c.stroke();
    }
  }

  // The line along which the probability has this value, piece by piece from cell to cell of the grid.
  border(panel, chances, level, width, dash) {
    const { context: c, box } = panel, { across, up } = MOONS;
    const px = (i) => box.left + (box.width * i) / (across - 1), py = (j) => box.top + (box.height * j) / (up - 1);
    c.strokeStyle = panel.colors.ink;
    c.lineWidth = width;
    c.setLineDash(dash);
    c.beginPath();
    for (let j = 0; j < up - 1; j++) for (let i = 0; i < across - 1; i++) {
      const k = j * across + i, corners = [[i, j, k], [i + 1, j, k + 1], [i + 1, j + 1, k + across + 1], [i, j + 1, k + across]];
      const cuts = [];
      corners.forEach(([x0, y0, a], side) => {
        const [x1, y1, b] = corners[(side + 1) % 4], [p, q] = [chances[a], chances[b]];
        if (p < level === q < level) return;
        const share = (level - p) / (q - p);
        cuts.push([px(x0 + (x1 - x0) * share), py(y0 + (y1 - y0) * share)]);
      });
      for (let n = 0; n + 1 < cuts.length; n += 2) {
        c.moveTo(...cuts[n]);
        c.lineTo(...cuts[n + 1]);
      }
    }
    c.stroke();
    c.setLineDash([]);
  }

  sine(panel, run, look, which) {
    const { context: c, colors } = panel, { points } = SINE;
    const places = Float64Array.from({ length: points }, (_, i) => -1.05 + (2.1 * i) / (points - 1));
    const { x, y, rows } = run.data[which];
    c.fillStyle = which === "train" ? colors.train : colors.val;
    c.globalAlpha = rows > 300 ? 0.55 : 0.85;
    for (let k = 0; k < rows; k++) marker(c, which === "train" ? "circle" : "square", panel.px(x[k]), panel.py(y[k]), rows > 300 ? 2 : 3.2);
    c.globalAlpha = 1;
    this.curve(panel, places, places.map(truth), colors.ink, 1.6, [2, 4]);
    this.curve(panel, places, run.network.forward(places, points), look.fit, 2.6, []);
  }

  curve(panel, x, y, color, width, dash) {
    const c = panel.context;
    c.strokeStyle = color;
    c.lineWidth = width;
    c.setLineDash(dash);
    c.beginPath();
    for (let i = 0; i < x.length; i++) c.lineTo(panel.px(x[i]), panel.py(y[i]));
    c.stroke();
    c.setLineDash([]);
  }
}
