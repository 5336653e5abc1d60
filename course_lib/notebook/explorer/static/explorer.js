// What an explorer has on a page and in a notebook: controls, and the view of what was recorded of each state, which
// panel.js draws. page.js or notebook.js, which follows in the same file, puts them on the page.
"use strict";
const courseExplorer = (() => {
  const { NARROW, Panel } = coursePanels;

  function element(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  // --- controls ---------------------------------------------------------------------------------------------

  class Controls {
    // `moved` is called when a place has changed, and has to end in `show`; the id is this explorer's alone on the page.
    constructor(id, specification, moved) {
      this.specification = specification;
      this.moved = moved;
      this.id = id;
      this.start = specification.map((control) => control.start);
      this.places = this.start;
      this.follow = [];
      this.boxes = specification.map((control, k) => this.control(control, k));
      const reset = element("button", { type: "button", textContent: "Reset" });
      reset.addEventListener("click", () => this.move(() => this.start));
      this.nodes = [...this.boxes, reset];
    }

    move(next) {
      const places = next(this.places).map((place, k) =>
        Math.max(0, Math.min(this.specification[k].texts.length - 1, place)));
      if (places.every((place, k) => place === this.places[k])) return;
      this.places = places;
      this.moved();
    }

    // Shows where the controls are, and those only that the state asks for.
    show(asked) {
      this.boxes.forEach((box, k) => { box.hidden = !asked(k); });
      for (const follow of this.follow) follow();
    }

    control({ kind, label, texts, steps }, k) {
      const id = `${this.id}-${k}`, text = element("label", { htmlFor: id, textContent: label });
      const to = (place) => this.move((places) => places.map((one, i) => (i === k ? place : one)));
      if (kind === "toggle") {
        const input = element("input", { type: "checkbox", id });
        input.addEventListener("change", () => to(Number(input.checked)));
        this.follow.push(() => { input.checked = this.places[k] === 1; });
        return element("span", { className: "course-control" }, input, text);
      }
      if (kind === "choice") {
        const input = element("select", { id }, ...texts.map((t, i) => element("option", { value: i, textContent: t })));
        input.addEventListener("change", () => to(Number(input.value)));
        this.follow.push(() => { input.value = this.places[k]; });
        return element("span", { className: "course-control" }, text, input);
      }
      const input = element("input", { type: "range", id, min: 0, max: texts.length - 1, step: 1 });
      const value = element("output", { htmlFor: id });
      value.setAttribute("aria-hidden", "true"); // the range says it itself, and the words say it again
      input.addEventListener("input", () => to(Number(input.value)));
      this.follow.push(() => {
        input.value = this.places[k];
        value.textContent = texts[this.places[k]];
        input.setAttribute("aria-valuetext", texts[this.places[k]]);
      });
      const buttons = (steps ? [[-1, "◀ back", "back"], [1, "next ▶", "next"]] : []).map(([way, shown, said]) => {
        const button = element("button", { type: "button", textContent: shown });
        button.setAttribute("aria-label", `${label}: ${said}`);
        button.addEventListener("click", () => to(this.places[k] + way));
        return button;
      });
      return element("span", { className: "course-control course-slider" }, text, input, value, ...buttons);
    }
  }

  // --- what was recorded ------------------------------------------------------------------------------------

  class Recorded {
    // The parts are elements: the stage is filled with panels, the words with text, the rows with a table's rows.
    constructor(id, root, recording, { stage, words, rows }) {
      Object.assign(this, { id, root, recording, stage, words, rows });
      this.said = recording.controls.map((control) => control.start);
      this.panels = [];
      stage.setAttribute("role", "img");
      this.narrow = root.clientWidth < NARROW;
      new ResizeObserver(() => {
        const narrow = root.clientWidth < NARROW;
        if (!root.clientWidth || narrow === this.narrow) return; // hidden, or as wide as before
        this.narrow = narrow;
        this.paint(this.picture);
      }).observe(root);
    }

    // From the root of the tree to a state, and the controls that are asked for on the way.
    state(places) {
      const asked = new Set();
      let node = this.recording.tree;
      while (Array.isArray(node)) {
        asked.add(node[0]);
        node = node[1 + places[node[0]]];
      }
      return [node, asked];
    }

    paint(picture) {
      while (this.panels.length < picture.length) {
        this.panels.push(new Panel(this.recording, `${this.id}-panel-${this.panels.length}`));
      }
      picture.forEach((panel, k) => this.panels[k].show(panel, this.narrow));
      this.stage.replaceChildren(...this.panels.slice(0, picture.length).map((panel) => panel.root));
      this.picture = picture;
    }

    // Shows a state, and returns which controls it asks for.
    draw(places) {
      const started = performance.now(), { recording } = this;
      const [state, asked] = this.state(places), of = (what) => recording.states[what][state];
      this.paint(recording.pictures[of("picture")]);
      this.stage.setAttribute("aria-label", recording.texts[of("alt")]);
      const changed = recording.controls.flatMap((control, k) => (places[k] === this.said[k] ? []
        : [`${control.label} ${control.said[places[k]]} (was ${control.said[this.said[k]]}).`]));
      this.said = places;
      this.words.textContent = [...changed, recording.texts[of("words")]].join(" ");
      this.rows.replaceChildren(...recording.rows[of("rows")].map(([name, value]) => {
        const head = element("th", { textContent: name, scope: "row" });
        return element("tr", {}, head, element("td", { textContent: value }));
      }));
      this.root.dataset.state = state;
      this.root.dataset.milliseconds = (performance.now() - started).toFixed(2);
      return (k) => asked.has(k);
    }
  }

  // Words that change are spoken.
  function speaking(words) {
    words.setAttribute("role", "status");
    words.setAttribute("aria-live", "polite");
    return words;
  }

  return { FORMAT: 1, Controls, Recorded, element, speaking };
})();
