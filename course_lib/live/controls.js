// The controls above the picture: two rows. In the second one the controls of the loop give their place to those
// of the replay when training is over, so that nothing below them moves.

const STYLE = `
.course-live { max-width: 780px; color: var(--jp-ui-font-color1, inherit); font-size: 13px; }
.course-live canvas { display: block; width: 100%; border-radius: 2px; }
.course-live > figure { display: none; }
.course-live .course-bar { display: grid; gap: 0; }
.course-live .course-row { display: flex; flex-wrap: wrap; column-gap: 1.2em; align-content: start; min-height: 30px; }
.course-live.course-narrow .course-bar > .course-row { min-height: 60px; }
.course-live .course-row > span { display: inline-flex; align-items: center; gap: .4em; height: 30px; }
.course-live .course-places > * { grid-area: 1 / 1; }
.course-live .course-places { display: grid; }
.course-live .course-places > * { flex-wrap: nowrap; white-space: nowrap; overflow: hidden; padding: 0 4px; margin: 0 -4px; }
.course-live.course-narrow .course-places { font-size: 12px; }
.course-live.course-narrow .course-places input[type=range] { width: 6em; }
.course-live .course-away { visibility: hidden; }
.course-live output { min-width: 4.5em; font-variant-numeric: tabular-nums; }
.course-live [hidden] { display: none !important; }
.course-live .course-status { min-height: 20px; line-height: 20px; margin: 0; font-variant-numeric: tabular-nums; }
.course-live.course-narrow .course-now { min-height: 40px; }
.course-live :is(.course-line, .course-line > span) { overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.course-live.course-narrow .course-line > span { display: block; }
.course-live input[type=range] { width: 8em; accent-color: #0072B2; }
.course-live input[type=checkbox] { width: 16px; height: 16px; accent-color: #0072B2; }
.course-live button { font: inherit; min-height: 26px; min-width: 5.5em; padding: .1em .6em; color: var(--jp-ui-font-color1, #111);
  background: var(--jp-layout-color1, #fff); border: 1px solid var(--jp-ui-font-color2, #666); border-radius: 3px; }
.course-live :is(input, button, canvas):focus-visible { outline: 3px solid #E69F00; outline-offset: 2px; }
.course-live .course-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

// Arrow keys, space and letters belong to the control that has the focus, not to the notebook.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Escape"].includes(event.key)) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
}

function labelled(id, text, input, ...more) {
  input.id = id;
  return element("span", {}, element("label", { htmlFor: id, textContent: text }), input, ...more);
}

// How the curves are looked at; this needs no kernel.
class Looks {
  constructor(id, changed) {
    this.options = { log: false, ends: false, smoothing: 0 };
    const check = (name, text) => {
      const input = element("input", { type: "checkbox", id: `${id}-${name}` });
      input.addEventListener("change", () => { this.options[name] = input.checked; changed(); });
      return element("span", {}, input, element("label", { htmlFor: input.id, textContent: text }));
    };
    const range = element("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: 0 });
    const amount = element("output", { textContent: "off" });
    range.addEventListener("input", () => {
      this.options.smoothing = Number(range.value);
      amount.textContent = range.value === "0" ? "off" : range.value;
      changed();
    });
    this.row = element("div", { className: "course-row" },
      check("log", "log scale"), check("ends", "both on epoch ends"), labelled(`${id}-smoothing`, "smoothing", range, amount));
  }
}

// Stop and learning rate: shown once a message has come through while the cell runs, gone when it is over.
class Loop {
  constructor(id, send) {
    this.stop = element("button", { type: "button", textContent: "Stop" });
    this.stop.setAttribute("aria-label", "Stop training after this batch");
    this.stop.addEventListener("click", () => {
      if (this.stop.textContent === "Stopping") return;
      this.stop.textContent = "Stopping"; // and not disabled, which would take the focus away
      send({ kind: "stop" });
    });
    this.rate = element("input", { type: "range", min: -2, max: 1, step: 0.05, value: 0 });
    this.rateText = element("output");
    this.rate.addEventListener("input", () => {
      this.tell(this.first * 10 ** Number(this.rate.value));
      send({ kind: "lr", value: this.first * 10 ** Number(this.rate.value) });
    });
    this.box = element("span", { className: "course-away" }, this.stop);
    this.rateBox = labelled(`${id}-lr`, "learning rate", this.rate, this.rateText);
    this.rateBox.classList.add("course-away");
    this.row = element("div", { className: "course-row" }, this.box, this.rateBox);
  }

  tell(value) {
    this.rateText.textContent = number(value);
    this.rate.setAttribute("aria-valuetext", number(value));
  }

  // `works` is what the kernel says of its controls: whether they work, and the learning rate, if there is one to set.
  show(works, done) {
    if (works && !done) {
      this.box.classList.remove("course-away");
      if (this.first === undefined && works[1] !== null && works[1] !== undefined) {
        this.first = works[1];
        this.tell(works[1]);
        this.rateBox.classList.remove("course-away");
      }
    }
    if (!done) return;
    for (const box of [this.box, this.rateBox]) box.classList.add("course-away");
    this.stop.disabled = this.rate.disabled = true;
  }
}

// Grows the curves again, by hand with the slider or by itself with the button.
class Replay {
  constructor(id, changed) {
    this.changed = changed;
    this.place = null; // null: all of it
    this.button = element("button", { type: "button" });
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
    this.range = element("input", { type: "range", min: 0, max: 1, step: 1, value: 1 });
    this.range.addEventListener("input", () => { this.pause(); this.to(Number(this.range.value)); });
    this.text = element("output");
    this.row = element("div", { className: "course-row course-away" },
      element("span", {}, this.button), labelled(`${id}-replay`, "replay", this.range, this.text));
    this.pause();
  }

  // Called with all that there is when training is over, before each drawing.
  show(data, done) {
    this.row.classList.toggle("course-away", !done);
    this.button.disabled = this.range.disabled = !done;
    if (!done || this.data === data) return;
    this.data = data;
    // A stop at each epoch's end, and between them where the epochs are few and hold batches.
    const finer = data.batch.length ? Math.max(1, Math.ceil(60 / Math.max(1, data.progress))) : 1;
    this.each = data.byEpoch ? finer : 1 / Math.max(1, Math.ceil(data.progress / 200));
    this.range.max = this.last = Math.max(1, Math.ceil(data.progress * this.each - 1e-9));
    this.to(this.last);
  }

  // The moment that is shown, as `grown` takes it; null where all is shown.
  get upto() {
    return this.place === null ? null : Math.min(this.data.progress, this.place / this.each);
  }

  to(place) {
    this.place = place >= this.last ? null : place;
    this.range.value = Math.min(place, this.last);
    const { data } = this, unit = data.byEpoch ? "epoch" : "batch";
    const at = this.upto ?? data.progress;
    this.text.textContent = `${unit} ${data.byEpoch ? Math.round(at * 10) / 10 : Math.round(at)}`;
    this.range.setAttribute("aria-valuetext", `${this.text.textContent} of ${Math.round(data.progress * 10) / 10}`);
    this.changed();
  }

  play() {
    const from = this.place ?? 0, began = performance.now(), whole = 8000; // milliseconds for all of it
    this.button.textContent = "Pause";
    const step = (now) => {
      const place = from + Math.max(0, now - began) / whole * this.last;
      this.timer = requestAnimationFrame(step);
      if (!this.range.isConnected || place >= this.last) this.pause();
      this.to(Math.floor(place));
    };
    this.timer = requestAnimationFrame(step);
  }

  pause() {
    cancelAnimationFrame(this.timer);
    this.timer = null;
    this.button.textContent = "Replay";
  }
}
