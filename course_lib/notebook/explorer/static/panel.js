// Panels of recorded explorers, as SVG in the colors of the page. Python recorded what matplotlib would draw
// (recording.py); nothing is worked out here but where things lie. explorer.js follows in the same file.
"use strict";
const coursePanels = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const ANCHOR = { center: "middle", right: "end" };
  // So many artists of a panel are kept, for when the same state comes back.
  const MOST_KEPT = 600;
  // In a figure narrower than NARROW, a panel wider than WIDE is drawn SLIM pixels wide, so that its texts stay readable.
  const NARROW = 560, WIDE = 480, SLIM = 390;

  function shape(tag, attributes = {}, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const name in attributes) if (attributes[name] !== undefined) node.setAttribute(name, attributes[name]);
    node.append(...children);
    return node;
  }

  // --- numbers from letters, as packing.py wrote them -------------------------------------------------------

  function unpacked(text) {
    const numbers = [];
    let now = 0, value = 0, shift = 0;
    for (const letter of text) {
      const six = LETTERS.indexOf(letter);
      value |= (six & 31) << shift;
      if (six & 32) { shift += 5; continue; }
      now += value & 1 ? -(value >> 1) : value >> 1;
      numbers.push(now);
      value = shift = 0;
    }
    return numbers;
  }

  function points(recording, primitive) {
    const [x, y] = (primitive.b ? recording.pools[primitive.q] : primitive.p).map(unpacked);
    const all = x.map((value, k) => [value, y[k]]);
    if (!primitive.b) return all;
    return all.filter((_, k) => (LETTERS.indexOf(primitive.b[Math.floor(k / 6)]) >> k % 6) & 1);
  }

  // --- one panel --------------------------------------------------------------------------------------------

  const paint = (color, as) => (color === undefined ? "none" : as ? color : `var(--course-${color.slice(1)}, ${color})`);
  const short = (number) => Math.round(number * 100) / 100;

  class Panel {
    constructor(recording, id) {
      this.recording = recording;
      this.id = id;
      this.kept = new Map();
      this.frames = new Map();
      this.root = shape("svg", { class: "course-panel", "aria-hidden": "true", focusable: "false" });
    }

    show([frame, ...artists], narrow) {
      if (this.kept.size > MOST_KEPT || narrow !== this.narrow) [this.kept, this.frames].forEach((kept) => kept.clear());
      this.narrow = narrow;
      const { width, height } = this.layout(frame);
      // One below the other, panels have no neighbor into whose margin the label of their y axis may reach.
      const { box, y } = this.recording.frames[frame], from = narrow ? Math.min(0, box[0] - y.d - y.lz) : 0;
      this.root.setAttribute("viewBox", `${short(from)} 0 ${short(width - from)} ${height}`);
      this.root.style.cssText = `flex-grow: ${width}; --wide: ${width}px`;
      if (!this.frames.has(frame)) this.frames.set(frame, this.frame(frame));
      const [under, spines] = this.frames.get(frame);
      this.root.replaceChildren(under, ...artists.map((artist) => (artist < 0 ? spines : this.artist(frame, artist))));
    }

    // The size of a panel, the box of its Axes, and by how much that is slimmer than matplotlib's.
    layout(frame) {
      const { size: [width, height], box: [left, top, wide, high] } = this.recording.frames[frame];
      const less = this.narrow && width > WIDE ? width - SLIM : 0;
      return { width: short(width - less), height, box: [left, top, short(wide - less), high], less };
    }

    artist(frame, artist) {
      const key = `${frame} ${artist}`;
      if (!this.kept.has(key)) {
        const { box: [left, top, width, height], less } = this.layout(frame);
        const parts = this.recording.artists[artist], clip = parts.some((part) => !part.o && !part.x);
        // A legend, which begins with its ground, keeps its width and the side where it is.
        const ground = less && parts[0].f && parts[0].o && parts.length > 1 ? unpacked(parts[0].p[0]) : null;
        const wide = ground ? width + less : width, shift = ground && Math.min(...ground) + Math.max(...ground) > 1000 ? less : 0;
        const place = ([x, y]) => [short(left + (x / 1000) * wide - shift), short(top + height - (y / 1000) * height)];
        const node = shape("g", { "clip-path": clip ? `url(#${this.id}-${frame})` : undefined, "data-artist": artist });
        node.append(...parts.flatMap((part) => this.primitive(part, place)));
        this.kept.set(key, node);
      }
      return this.kept.get(key);
    }

    primitive(part, place) {
      if (part.i) return cells(part, place);
      if (part.x !== undefined) {
        const [x, y] = place(part.p);
        const at = { x, y, "font-size": part.z, fill: paint(part.c, part.as), "text-anchor": ANCHOR[part.a] };
        return [shape("text", at, part.x)];
      }
      const look = { fill: paint(part.f, part.as), stroke: paint(part.s, part.as), "stroke-width": part.w,
        opacity: part.a, "stroke-dasharray": part.d?.join(" ") };
      const at = points(this.recording, part).map(place);
      if (part.m !== undefined) {
        const mark = this.recording.marks[part.m], paths = at.map(([x, y]) => `M${x} ${y}${mark}`);
        // Where a mark's edge has another color than its inside, each one covers those before it.
        return (part.f && part.f !== part.s ? paths : [paths.join("")]).map((d) => shape("path", { ...look, d }));
      }
      const line = `M${at.map((point) => point.join(" ")).join("L")}`;
      const drawn = [shape("path", { ...look, d: line, "stroke-linejoin": part.f ? undefined : "round" })];
      if (part.h) drawn.splice(1, 0, ...this.hatch(part, line, look));
      return drawn;
    }

    // Lines at 45 degrees, as close as matplotlib draws them, cut by the outline of what they fill.
    hatch(part, line, look) {
      const gap = 32 / part.h.length, id = `${this.id}-hatch-${part.hc.slice(1)}-${part.h.length}`;
      const lines = `M0 ${gap}L${gap} 0M${-gap / 2} ${gap / 2}L${gap / 2} ${-gap / 2}M${gap / 2} ${1.5 * gap}L${1.5 * gap} ${gap / 2}`;
      const tile = shape("pattern", { id, width: gap, height: gap, patternUnits: "userSpaceOnUse" },
        shape("path", { d: lines, stroke: paint(part.hc, part.as), "stroke-width": 1.33 }));
      return [tile, shape("path", { ...look, d: line, fill: `url(#${id})` })];
    }

    // What lies beneath the artists (grid, ticks, numbers, labels), and the frame's own lines, which lie among them.
    frame(number) {
      const { spines, x, y } = this.recording.frames[number], [left, top, width, height] = this.layout(number).box;
      const right = left + width, bottom = top + height, ink = paint("#333333");
      const under = shape("g", { class: "course-frame" });
      under.append(shape("clipPath", { id: `${this.id}-${number}` }, shape("rect", { x: left, y: top, width, height })));
      const line = (x1, y1, x2, y2, stroke, thick) =>
        under.append(shape("line", { x1, y1, x2, y2, stroke: paint(stroke), "stroke-width": thick }));
      const text = (words, attributes) => under.append(shape("text", { fill: ink, ...attributes }, words));
      const numbers = (axis, at, draw) => {
        for (const [place, words] of axis.k) draw(at(place), words, 4.67, 1.07, axis.g);
        for (const [place, words] of axis.m ?? []) draw(at(place), words, 2.67, 0.8, false);
      };
      numbers(x, (place) => short(left + (place / 1000) * width), (at, words, long, thick, grid) => {
        if (grid) line(at, top, at, bottom, "#e4e4e4", 0.93);
        line(at, bottom, at, bottom + long, "#333333", thick);
        words.split("\n").forEach((part, k) =>
          text(part, { x: at, y: short(bottom + x.b + k * x.n), "font-size": x.z, "text-anchor": "middle" }));
      });
      numbers(y, (place) => short(bottom - (place / 1000) * height), (at, words, long, thick, grid) => {
        if (grid) line(left, at, right, at, "#e4e4e4", 0.93);
        line(left, at, left - long, at, "#333333", thick);
        text(words, { x: short(left - 9.33), y: short(at + y.b), "font-size": y.z, "text-anchor": "end" });
      });
      const middle = short(top + height / 2);
      text(x.l, { x: short(left + width / 2), y: short(bottom + x.d), "font-size": x.lz, "text-anchor": "middle" });
      const turned = `translate(${short(left - y.d)} ${middle}) rotate(-90)`;
      text(y.l, { transform: turned, "font-size": y.lz, "text-anchor": "middle" });
      const corner = { l: `M${left} ${bottom}V`, b: `M${left} ${bottom}H`, r: `M${right} ${bottom}V`, t: `M${left} ${top}H` };
      const d = [...spines].map((side) => corner[side] + ("lr".includes(side) ? top : right)).join("");
      return [under, shape("path", { d, stroke: ink, "stroke-width": 1.07, "stroke-linecap": "square", fill: "none" })];
    }
  }

  // An image keeps its colors on every page: light and dark mean something in it.
  function cells(part, place) {
    const [left, top] = place(part.p.slice(0, 2)), [right, bottom] = place(part.p.slice(2));
    const rows = part.i.length, columns = part.i[0].length;
    const wide = (right - left) / columns, high = (bottom - top) / rows;
    return part.i.flatMap((row, i) => row.map((fill, k) => shape("rect", {
      x: short(left + k * wide), y: short(top + i * high), width: short(wide), height: short(high), fill,
      "shape-rendering": "crispEdges",
    })));
  }

  return { NARROW, Panel };
})();
