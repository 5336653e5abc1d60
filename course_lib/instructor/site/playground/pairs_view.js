// The comparison of A and B over several seeds: its picture, with a row for each pair, A as a triangle and B as a diamond,
// and its buttons and words.

const SVG = "http://www.w3.org/2000/svg";
const PAIRS = 8;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A's triangle or B's diamond.
function mark(side, x, y) {
  return svg("path", { d: `M${x} ${y - 7}${side === "a" ? "l6.5 11.5h-13z" : "l7 7l-7 7l-7 -7z"}`, class: side });
}

// Draws the pairs that are done, and says in the picture's label what it shows.
function drawPairs(rows, width) {
  const losses = rows.flatMap(({ a, b }) => [a, b]).filter(Number.isFinite);
  const wide = Math.max(260, Math.min(620, width)), high = 26 * rows.length + 44, left = 64, right = wide - 14;
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, role: "img", class: "pairs" });
  if (!losses.length) return picture;
  let [low, most] = [Math.min(...losses), Math.max(...losses)];
  const pad = 0.06 * (most - low || Math.abs(most) || 1);
  [low, most] = [low - pad, most + pad];
  const px = (v) => left + ((right - left) * (v - low)) / (most - low), bottom = 26 * rows.length + 4;
  for (const v of ticks(low, most, (right - left) / 80)) {
    picture.append(svg("line", { x1: px(v), x2: px(v), y1: 2, y2: bottom, class: "grid" }));
    picture.append(svg("text", { x: px(v), y: bottom + 15, "text-anchor": "middle" }, number(v)));
  }
  const at = Math.max(4, Math.min((left + right) / 2 - 150, wide - 300)), under = bottom + 29; // the label of the axis, and after it the key
  picture.append(svg("text", { x: at, y: under + 4 }, "validation loss of the model you hold"));
  [["a", "A"], ["b", "B"]].forEach(([side, name], k) => {
    const x = at + 236 + 34 * k;
    picture.append(mark(side, x, under), svg("text", { x: x + 10, y: under + 4 }, name));
  });
  rows.forEach(({ seed, a, b }, k) => {
    const y = 26 * k + 15;
    picture.append(svg("text", { x: 4, y: y + 4 }, `seed ${seed}`));
    if (Number.isFinite(a) && Number.isFinite(b)) picture.append(svg("line", { x1: px(a), x2: px(b), y1: y, y2: y, class: "pair" }));
    if (Number.isFinite(a)) picture.append(mark("a", px(a), y));
    if (Number.isFinite(b)) picture.append(mark("b", px(b), y));
  });
  const said = rows.filter(({ b }) => b !== null).map(({ seed, a, b }) => `seed ${seed}: A ${rounded(a)}, B ${rounded(b)}`);
  picture.setAttribute("aria-label", `Validation losses of A and B in pairs. ${said.join("; ")}.`);
  return picture;
}

// Keeps the page's settings as A, and trains pairs in slices between two frames.
class Comparison {
  constructor(page) {
    this.page = page;
    this.pairs = null;
    find("keep").addEventListener("click", () => this.keep());
    find("compare").addEventListener("click", () => this.begin());
  }

  keep() {
    const { page } = this, { settings, run } = page;
    Object.assign(page, { kept: settings, keptCurve: null });
    if (run.epochs) {
      page.keptCurve = new Series();
      run.history.valLoss.forEach((loss, k) => page.keptCurve.push(k + 1, loss));
    }
    page.view.picture.extra.kept = page.keptCurve;
    page.view.dirty();
    this.show();
    page.write();
    page.say(differenceWords(settings, settings));
  }

  // What A and B are. A comparison of others is over with that.
  show() {
    const { kept, settings } = this.page;
    this.pairs = null;
    find("pair-progress").hidden = true;
    find("pair-words").textContent = kept ? differenceWords(kept, settings) : "Nothing is kept yet.";
    find("compare").disabled = !kept || !comparable(kept, settings);
    find("pair-result").replaceChildren();
  }

  begin() {
    const { page } = this;
    if (!page.hasData(() => this.begin())) return;
    page.start(false);
    this.pairs = new Pairs(page.kept, page.settings, PAIRS);
    find("compare").disabled = true;
  }

  train(milliseconds) {
    const { pairs } = this;
    if (!pairs) return;
    const end = performance.now() + milliseconds, left = pairs.jobs.length;
    while (!pairs.finished && performance.now() < end) pairs.step();
    const bar = find("pair-progress");
    bar.hidden = pairs.finished;
    bar.value = pairs.progress;
    if (left === pairs.jobs.length) return;
    const done = pairs.rows.filter(({ b }) => b !== null), result = compared(done);
    const words = element("p", { textContent: done.length > 1 ? pairWords(result) : "" });
    find("pair-result").replaceChildren(drawPairs(pairs.rows, find("pair-result").clientWidth), words);
    if (!pairs.finished) return;
    this.page.say(pairWords(result));
    this.pairs = null;
    find("compare").disabled = false;
  }
}
