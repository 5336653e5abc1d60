// One view of a run in one output: controls, picture, words, and what the keys do.

class View {
  constructor(root, owner) {
    this.owner = owner;
    this.cursor = null;
    this.spokenAt = 0;
    this.spokenEpoch = 0;
    this.frames = 0;
    this.sizes = new ResizeObserver(() => this.dirty());
    // The kernel replaces the output when training ends; this is told before the next frame, so that nothing blinks.
    this.outputs = new MutationObserver(() => this.owner.look());
    this.parts = this.build();
    this.mount(root);
  }

  build() {
    const id = `course-live-${Math.random().toString(36).slice(2)}`, changed = () => this.dirty();
    this.canvas = element("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.picture = new Picture(this.canvas);
    this.status = element("p", { className: "course-status course-now" });
    this.readout = element("p", { className: "course-status course-readout" });
    this.spoken = element("p", { className: "course-spoken" });
    this.spoken.setAttribute("role", "status");
    this.spoken.setAttribute("aria-live", "polite");
    this.looks = new Looks(id, changed);
    this.loop = new Loop(id, (message) => this.owner.send(message));
    this.replay = new Replay(id, changed);
    const places = element("div", { className: "course-places" }, this.loop.row, this.replay.row);
    const bar = element("div", { className: "course-bar" }, this.looks.row, places);
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Live plot controls");
    this.canvas.addEventListener("pointermove", (event) => { this.cursor = this.picture.at(event.offsetX); this.dirty(); });
    this.canvas.addEventListener("pointerleave", () => { this.cursor = null; this.dirty(); });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    const parts = [element("style", { textContent: STYLE }), bar, this.canvas, this.readout, this.status, this.spoken];
    for (const part of parts) {
      part.addEventListener("focusin", (event) => { this.focused = event.target; });
      part.addEventListener("focusout", () => setTimeout(() => {
        if (this.focused?.isConnected && document.activeElement !== this.focused) this.focused = null;
      }));
    }
    return parts;
  }

  // Puts the parts into an output: in the place of the words in one that waits for them, and in one that holds the
  // saved picture before that, which then is not shown. The same parts move, with all that was set, and the focus.
  mount(root) {
    const { focused } = this;
    this.root = root;
    root.courseOwner = this.owner;
    root.courseView = this;
    root.coursePoints = () => this.shown.points();
    root.classList.remove("course-live-place");
    root.classList.add("course-live");
    root.addEventListener("keydown", keepKeys);
    const figure = root.querySelector("figure");
    if (figure) {
      this.alt = [...figure.querySelectorAll("img")].map((image) => image.alt).join(" ");
      this.caption = figure.querySelector("figcaption")?.textContent ?? "";
      figure.before(...this.parts);
    } else root.replaceChildren(...this.parts);
    this.host = root.closest(".jp-OutputArea") ?? root.parentElement;
    this.resume();
    this.draw();
    if (focused && document.activeElement === document.body) (focused.disabled ? this.replay.button : focused).focus({ preventScroll: true });
  }

  resume() {
    this.sizes.observe(this.root);
    if (this.host) this.outputs.observe(this.host, { childList: true, subtree: true });
    this.dirty();
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const last = this.owner.data.epochs;
    if (event.key === "Escape") this.cursor = null;
    else if (event.key === "Home") this.cursor = 1;
    else if (event.key === "End") this.cursor = last;
    else if (step) this.cursor = Math.max(1, Math.min(last, Math.round(this.cursor ?? last) + step));
    else return;
    event.preventDefault();
    this.dirty();
  }

  // What is drawn: all that there is, or what there was at the moment that the replay shows.
  get shown() {
    const { upto } = this.replay;
    return upto === null ? this.owner.data : grown(this.owner.data, upto);
  }

  dirty() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = null;
      this.draw();
    });
  }

  draw() {
    const whole = this.owner.data, done = Boolean(whole.status.done);
    const held = this.loop.row.contains(document.activeElement);
    this.replay.show(whole, done);
    this.loop.show(whole.status.c, done);
    if (held && done) this.replay.button.focus({ preventScroll: true });
    const data = this.shown;
    this.root.classList.toggle("course-narrow", this.root.clientWidth > 0 && this.root.clientWidth < NARROW);
    this.picture.draw(whole, data, this.looks.options, this.cursor, this.root.clientWidth);
    this.words(data, done);
    this.readAt(data);
    this.root.dataset.frames = ++this.frames;
    this.root.dataset.batches = data.batches;
    this.root.dataset.epochs = data.epochs;
    this.root.dataset.done = done;
  }

  words(data, done) {
    const s = data.status, parts = [], more = [], planned = s.E ? ` of ${s.E}` : "";
    const told = (name, value) => (value === null ? `no ${name} loss in epoch ${data.epochs}` : `${name} ${number(value)}`);
    const under = done ? data.epochs : data.epochs + 1;
    parts.push(data.byEpoch ? `epoch ${Math.min(under, s.E || Infinity)}${planned}` : `batch ${data.batches}`);
    if (data.train.length) parts.push(told("training", data.lastTrain));
    else if (data.batches && data.lastBatch !== null) parts.push(`batch loss ${number(data.lastBatch)}`);
    if (data.val.length) parts.push(told("validation", data.lastVal));
    if (data.best) more.push(`best ${number(data.best[1])} at epoch ${data.best[0]}`);
    if (s.w) more.push(`no better for ${s.w[0]} of ${s.w[1]} epochs`);
    if (s.t !== undefined) {
      more.push(duration(s.t));
      const ran = data.progress - data.before;
      if (s.E && data.byEpoch && ran > 0 && data.progress < s.E) more.push(`about ${duration((s.t / ran) * (s.E - data.progress))} left`);
    }
    const finished = done && this.replay.upto === null;
    if (finished && this.caption) this.say(this.caption);
    else this.say(parts.join(" · "), more.length ? ` · ${more.join(" · ")}` : "");
    this.canvas.setAttribute("aria-label", finished && this.alt ? `${this.alt} Arrow keys read single epochs.`
      : `Loss curves${done ? "" : " while training"}: ${[...parts, ...more].slice(0, 5).join(", ")}. Arrow keys read single epochs.`);
    if (done) this.speakEnd(finished ? this.caption : "");
    else this.speak(data, planned, [...parts.slice(1), ...more]);
  }

  // The first words and the others, in a row of their own where there is no room for both.
  say(first, others) {
    const narrow = this.root.classList.contains("course-narrow");
    const words = others === undefined ? [first] : [first, narrow ? others.replace(" · ", "") : others];
    if (this.said === words.join("|")) return;
    this.said = words.join("|");
    this.status.classList.toggle("course-line", others !== undefined);
    this.status.replaceChildren(...words.map((text) => (others === undefined ? text : element("span", { textContent: text }))));
  }

  // Spoken at most every four seconds, so that a screen reader can keep up.
  speak(data, planned, parts) {
    this.watched = true;
    if (data.epochs <= this.spokenEpoch || performance.now() - this.spokenAt <= 4000) return;
    this.spokenAt = performance.now();
    this.spokenEpoch = data.epochs;
    this.spoken.textContent = `Epoch ${data.epochs}${planned} done: ${parts.join(", ")}.`;
  }

  // Whoever heard a run begin hears how it ended, once; a page that is opened again says nothing.
  speakEnd(caption) {
    if (!caption || !this.watched) return;
    this.watched = false;
    this.spoken.textContent = caption;
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
    const ended = (series) => { // the rate of the epoch's last batch
      for (let i = series.length - 1; i >= 0; i--) if (data.place(series.x[i]) <= epoch + 1e-9) return number(series.mean[i]);
      return "not shown";
    };
    const rates = [...data.rates].map(([name, series], k) => `, ${k ? name : "learning rate"} ${ended(series)}`).join("");
    const text = `epoch ${epoch}: training ${near(data.train)}, validation ${near(data.val)}${rates}`;
    if (text !== this.readout.textContent) this.readout.textContent = text;
    if (document.activeElement === this.canvas && text !== this.spoken.textContent) this.spoken.textContent = text;
  }

  close() {
    this.sizes.disconnect();
    this.outputs.disconnect();
    if (this.pending) cancelAnimationFrame(this.pending);
    this.pending = null;
  }
}
