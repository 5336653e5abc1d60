// The browser's half of an explorer: adds controls to the output that is already there, asks the kernel
// for a picture when one moves, and puts the answer in place. One question is on its way at a time, so a
// dragged slider never queues up work: when an answer comes, only the latest state is asked for.

const STYLE = `
.course-explorer .course-controls { display: flex; flex-wrap: wrap; gap: .4em 1.4em; align-items: center; margin: .3em 0 .6em; }
.course-explorer .course-control { display: inline-flex; align-items: center; gap: .5em; min-height: 28px; }
.course-explorer label { font-weight: 600; }
.course-explorer output { min-width: 3.5em; font-variant-numeric: tabular-nums; }
.course-explorer input[type=range] { width: 11em; accent-color: #0072B2; }
.course-explorer input[type=checkbox] { width: 18px; height: 18px; accent-color: #0072B2; }
.course-explorer select, .course-explorer button { font: inherit; min-height: 28px; padding: .1em .7em;
  color: var(--jp-ui-font-color1, #111); background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-ui-font-color2, #666); border-radius: 3px; }
.course-explorer :is(input, select, button):focus-visible { outline: 3px solid #E69F00; outline-offset: 2px; }
.course-explorer .course-words { min-height: 2.6em; max-width: 46em; margin: .4em 0; }
`;

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Arrow keys, space and letters belong to the control that has the focus, not to the notebook, which would
// move to another cell. Tab, Escape and what is typed with Ctrl, Alt, Meta or Shift+Enter go on as usual.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Escape"].includes(event.key)) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
}

class Controls {
  constructor(model) {
    this.model = model;
    this.specification = model.get("controls");
    this.places = Object.fromEntries(this.specification.map((c) => [c.name, c.start]));
    this.roots = new Set();
    this.asked = 0;
    this.waiting = null;
    this.stale = false;
  }

  ask() {
    if (this.waiting !== null) {
      this.stale = true;
      return;
    }
    this.stale = false;
    this.waiting = ++this.asked;
    this.started = performance.now();
    for (const root of this.roots) root.setAttribute("aria-busy", "true");
    this.model.send({ kind: "ask", asked: this.waiting, places: this.places });
  }

  async answer(content, buffers) {
    if (content.kind !== "answer" || content.asked !== this.waiting) return;
    this.waiting = null;
    if (this.stale) this.ask();
    const urls = buffers.map((file) => URL.createObjectURL(new Blob([file], { type: "image/png" })));
    for (const root of this.roots) {
      if (urls.length) await this.draw(root.querySelector(".course-panels"), urls, content.widths);
      if (content.alt) root.querySelector("img").alt = content.alt;
      root.querySelector(".course-words").textContent = content.words;
      root.querySelector(".course-rows").innerHTML = content.rows;
      root.dataset.answered = content.asked;
      root.dataset.milliseconds = (performance.now() - this.started).toFixed(1);
      if (this.waiting === null) root.removeAttribute("aria-busy");
    }
    for (const url of this.urls ?? []) URL.revokeObjectURL(url);
    this.urls = urls;
  }

  // Puts one image a panel in place, all at once. A state may have a panel more than the one before.
  async draw(box, urls, widths) {
    const images = urls.map((url, i) => {
      const image = (box.children[i] ?? box.lastElementChild).cloneNode();
      image.src = url;
      image.width = widths[i];
      if (i > 0) image.alt = "Second panel of the same figure.";
      return image;
    });
    await Promise.all(images.map((image) => image.decode().catch(() => {})));
    box.replaceChildren(...images);
  }

  move(name, place) {
    const control = this.specification.find((c) => c.name === name);
    const next = Math.max(0, Math.min(control.texts.length - 1, place));
    if (next === this.places[name]) return;
    this.places[name] = next;
    this.show();
    this.ask();
  }

  reset() {
    for (const control of this.specification) this.places[control.name] = control.start;
    this.show();
    this.ask();
  }

  show() {
    for (const root of this.roots) for (const follow of root.courseFollow ?? []) follow();
  }

  control(root, specification, index) {
    const { name, label, texts, kind } = specification;
    const id = `${this.model.get("target")}-${index}-${this.roots.size}`;
    const text = element("label", { htmlFor: id, textContent: label });
    const box = element("span", { className: "course-control" });
    if (kind === "toggle") {
      const input = element("input", { type: "checkbox", id });
      input.addEventListener("change", () => this.move(name, input.checked ? 1 : 0));
      root.courseFollow.push(() => { input.checked = this.places[name] === 1; });
      box.append(input, text);
    } else if (kind === "choice") {
      const input = element("select", { id }, ...texts.map((t, i) => element("option", { value: i, textContent: t })));
      input.addEventListener("change", () => this.move(name, Number(input.value)));
      root.courseFollow.push(() => { input.value = this.places[name]; });
      box.append(text, input);
    } else {
      const input = element("input", { type: "range", id, min: 0, max: texts.length - 1, step: 1 });
      const value = element("output", { htmlFor: id });
      input.addEventListener("input", () => this.move(name, Number(input.value)));
      root.courseFollow.push(() => {
        input.value = this.places[name];
        value.textContent = texts[this.places[name]];
        input.setAttribute("aria-valuetext", texts[this.places[name]]);
      });
      box.append(text, input, value);
      if (specification.steps) {
        const back = element("button", { type: "button", textContent: "◀ back" });
        const next = element("button", { type: "button", textContent: "next ▶" });
        back.setAttribute("aria-label", `${label}: back`);
        next.setAttribute("aria-label", `${label}: next`);
        back.addEventListener("click", () => this.move(name, this.places[name] - 1));
        next.addEventListener("click", () => this.move(name, this.places[name] + 1));
        box.append(back, next);
      }
    }
    return box;
  }

  mount(root) {
    if (root.courseOwner === this) return;
    root.courseOwner = this;
    root.courseFollow = [];
    root.addEventListener("keydown", keepKeys);
    const place = root.querySelector(".course-controls");
    const reset = element("button", { type: "button", textContent: "Reset" });
    reset.addEventListener("click", () => this.reset());
    place.replaceChildren(element("style", { textContent: STYLE }),
      ...this.specification.map((c, i) => this.control(root, c, i)), reset);
    const words = root.querySelector(".course-words");
    words.setAttribute("role", "status");
    words.setAttribute("aria-live", "polite");
    this.roots.add(root);
    this.show();
    root.dataset.ready = "true";
    if (this.specification.some((c) => this.places[c.name] !== c.start)) this.ask();
  }

  look() {
    for (const root of this.roots) if (!root.isConnected) this.roots.delete(root);
    const target = CSS.escape(this.model.get("target"));
    for (const root of document.querySelectorAll(`[data-course-explorer="${target}"]`)) this.mount(root);
  }

  close() {
    for (const root of this.roots) {
      root.querySelector(".course-controls")?.replaceChildren();
      root.removeEventListener("keydown", keepKeys);
    }
  }
}

export default {
  initialize({ model }) {
    const controls = new Controls(model);
    model.on("msg:custom", (content, buffers) => controls.answer(content, buffers));
    controls.look();
    // The output may be drawn after this, drawn again, or drawn in a second view of the notebook.
    const timer = setInterval(() => controls.look(), 250);
    return () => {
      clearInterval(timer);
      controls.close();
    };
  },
};
