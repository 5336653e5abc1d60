// The page: one run at a time, trained in slices between two frames, and everything that shows it.

const SLICE = { most: 8, least: 3, late: 0.02 }; // milliseconds of training in a frame; the rest of 16 is for drawing
const SPEEDS = { slow: { batches: 8 }, normal: { epochs: 10 }, fast: { batches: Infinity } }; // a second
const WAITING = "Press Start. Every setting may be changed at any time: the run then starts over with the same seed.";
const PICTURES = {
  moons: "The classes that the network gives, and the rows",
  sine: "The curve that the network has fitted, and the rows",
  digits: "Forty digits, and what the network says each is",
};
const find = (id) => document.getElementById(id);

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

class Playground {
  constructor() {
    this.playing = false;
    this.owed = 0;
    this.slice = SLICE.most;
    this.kept = null;
    this.keptCurve = null;
    this.controls = new Controls(find("controls"), (name, value) => this.set(name, value));
    this.scene = new Scene(find("scene"));
    this.sceneAt = this.sceneCost = 0;
    this.looks = startOf(LOOKS);
    this.settings = startOf(SETTINGS);
    this.renew();
    this.view = new PlaygroundView(find("curves"), this);
    this.view.looks.row.append(find("accuracy").parentElement);
    this.view.looks.row.addEventListener("input", () => this.looked());
    this.view.looks.row.addEventListener("change", () => this.looked());
    this.comparison = new Comparison(this);
    this.buttons();
    new ResizeObserver(() => this.drawScene()).observe(find("scene").parentElement);
    for (const moved of ["hashchange", "popstate"]) addEventListener(moved, () => {
      if (location.hash.slice(1) !== this.written) this.follow();
    });
    this.follow();
    requestAnimationFrame((now) => this.frame(now));
  }

  // The view asks for the data of its owner, and tells it what only notebooks need.
  get data() {
    return this.feed.data;
  }

  send() {}

  look() {}

  buttons() {
    find("start").addEventListener("click", () => this.start(!this.playing));
    find("step").addEventListener("click", () => this.advance(() => this.run.step()));
    find("epoch").addEventListener("click", () => this.advance(() => {
      const { epochs } = this.run;
      while (!this.run.done && this.run.epochs === epochs) this.run.step();
    }));
    find("reset").addEventListener("click", () => this.reset(false));
    find("copy").addEventListener("click", () => this.copy());
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault(); // the address holds the state, and no place in the page
      find("main").focus();
    });
    find("which").addEventListener("change", () => this.drawScene());
    for (const name of ["speed", "accuracy"]) {
      const input = find(name);
      input.addEventListener("change", () => {
        this.looks[name] = input.type === "checkbox" ? input.checked : input.value;
        if (name === "accuracy") this.refeed();
        this.write();
      });
    }
  }

  // ------------------------------------------------------------------ settings and links

  set(name, value) {
    this.settings = { ...this.settings, [name]: value };
    if (["seed", "data"].includes(name)) this.keptCurve = null; // it would be another pair's
    this.controls.show(this.settings);
    this.comparison.show();
    this.reset(this.playing || Boolean(this.run.done && this.wasPlaying));
    this.write();
  }

  // Goes where the address says.
  follow(fragment = location.hash.slice(1)) {
    const read = readFragment(fragment);
    clearTimeout(this.writing);
    const { settings, looks, kept, told } = read;
    Object.assign(this, { settings, looks, kept, keptCurve: null });
    find("told").replaceChildren(...told.slice(0, 8).map((textContent) => element("li", { textContent })));
    find("told-box").hidden = !told.length;
    find("speed").value = looks.speed;
    find("accuracy").checked = looks.accuracy;
    this.controls.show(settings);
    this.view.look = looks;
    this.task(fragment);
    this.reset(false);
    this.comparison.show();
    this.write();
  }

  looked() {
    Object.assign(this.looks, this.view.look);
    this.write();
  }

  // Brings the address up to date, a moment later: browsers take only so many changes of it in a while.
  write() {
    this.written = writeFragment(this);
    find("link").value = location.href.split("#")[0] + (this.written && `#${this.written}`);
    clearTimeout(this.writing);
    this.writing = setTimeout(() => {
      if (this.written !== location.hash.slice(1)) history.replaceState(null, "", find("link").value);
    }, 150);
  }

  // The question of the lesson that sent somebody here. It stays while they change what it tells them to.
  task(fragment) {
    const state = fragment && Object.values(STATES).find((one) => one.fragment === fragment);
    find("task").hidden = !state;
    if (!state) return;
    find("task").replaceChildren(
      element("p", {}, element("strong", { textContent: `${state.title}. ` }), state.ask),
      element("details", {}, element("summary", { textContent: "What there is to see" }), element("p", { textContent: state.watch })),
    );
  }

  async copy() {
    const link = find("link");
    try {
      await navigator.clipboard.writeText(link.value);
    } catch {
      link.select();
      document.execCommand("copy");
    }
    this.say("The link is copied. It opens this state, and gives this very run.");
  }

  // ------------------------------------------------------------------ the run

  // Whether the rows are here. The digits are a script that is loaded when it is first needed; `then` is called after.
  hasData(then) {
    const here = this.settings.data !== "digits" || typeof DIGITS !== "undefined";
    find("run").disabled = !here;
    if (here || this.loading) return here;
    this.playing = false;
    this.loading = element("script", { src: "playground/digits.js" });
    const over = () => { this.loading = null; };
    this.loading.addEventListener("load", () => { over(); then(); });
    this.loading.addEventListener("error", () => {
      over();
      this.say("The digits could not be loaded; here are the moons.");
      this.set("data", "moons");
    });
    document.head.append(this.loading);
    return false;
  }

  renew() {
    this.run = new Run(this.settings);
    this.refeed();
  }

  // All that the run has recorded, for a view that starts over.
  refeed() {
    this.feed = new Feed(this.run, this.looks.accuracy);
    this.feed.update();
    if (!this.view) return;
    this.view.picture.extra = { floor: noiseFloor(this.settings), again: this.feed.again, kept: this.keptCurve };
    this.view.begin();
  }

  reset(goesOn) {
    if (!this.hasData(() => this.reset(goesOn))) return;
    this.renew();
    this.owed = 0;
    this.start(goesOn);
    this.drawScene();
    this.tell();
  }

  start(playing) {
    if (playing && this.run.done) this.renew();
    this.playing = playing;
    this.wasPlaying = playing;
    find("start").textContent = playing ? "Pause" : this.run.done ? "Start again" : this.run.steps ? "Go on" : "Start";
    this.tell();
  }

  // By hand: one batch or one epoch, and a pause.
  advance(move) {
    if (this.run.done) this.renew();
    move();
    this.start(false);
    this.update(true);
    const { batchLoss, batchRows } = this.run.history;
    this.say(`Batch ${this.run.steps}: ${batchRows.at(-1)} rows, loss ${rounded(batchLoss.at(-1))} before its step. ${runWords(this.run)}`);
  }

  frame(now) {
    requestAnimationFrame((next) => this.frame(next));
    const passed = Math.min(0.1, (now - (this.before ?? now)) / 1000);
    this.before = now;
    // Where frames come late, less is trained in each, so that the page goes on answering.
    this.slice = Math.max(SLICE.least, Math.min(SLICE.most, this.slice + (passed > SLICE.late ? -1 : 0.25)));
    this.comparison.train(this.slice);
    if (!this.playing) return;
    const speed = SPEEDS[this.looks.speed], end = performance.now() + this.slice;
    this.owed = Math.min(this.owed + passed * (speed.batches ?? speed.epochs * this.run.stepsPerEpoch), 1e9);
    this.drawing = !this.drawing && this.sceneDue; // a frame draws the model or trains, and not both
    while (this.owed >= 1 && !this.run.done && !this.drawing && performance.now() < end) {
      this.run.step();
      this.owed -= 1;
    }
    if (!(this.owed < 1e9)) this.owed = 0;
    if (performance.now() >= end) this.owed = Math.min(this.owed, 1); // too slow for this speed: nothing piles up
    this.update(Boolean(this.run.done), this.drawing);
  }

  update(now, drawing = now) {
    this.feed.update();
    this.view.dirty();
    if (now || drawing) this.drawScene();
    if (now || performance.now() - (this.toldAt ?? 0) > 250) this.tell();
    if (this.run.done && this.playing) {
      this.playing = false;
      find("start").textContent = "Start again";
      this.say(endWords(this.run));
    }
  }

  // The picture of the model is drawn ten times a second, and takes at most a fifth of the time.
  get sceneDue() {
    return performance.now() - this.sceneAt >= Math.max(100, 5 * this.sceneCost);
  }

  drawScene() {
    const began = performance.now(), width = find("scene").parentElement.clientWidth;
    this.scene.draw(this.run, { dark: isDark(), which: find("which").value, width });
    document.documentElement.dataset.kind = this.run.settings.data;
    this.sceneAt = performance.now();
    this.sceneCost = this.sceneAt - began;
  }

  // The words below the pictures.
  tell() {
    this.toldAt = performance.now();
    const { run } = this, model = modelWords(run);
    find("summary").textContent = run.done ? endWords(run) : this.playing ? "" : run.epochs ? runWords(run) : WAITING;
    find("model-words").textContent = model;
    find("scene").setAttribute("aria-label", `${PICTURES[run.settings.data]}. ${model}`);
  }

  // For a screen reader, and for everybody who just pressed something.
  say(text) {
    find("said").textContent = text;
  }
}

function themes() {
  const root = document.documentElement, button = find("theme"), next = { auto: "dark", dark: "light", light: "auto" };
  const show = () => { button.textContent = `Theme: ${root.dataset.theme}`; };
  button.addEventListener("click", () => {
    root.dataset.theme = next[root.dataset.theme];
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {} // a page without storage keeps it until it is left
    show();
    window.playground.view.dirty();
    window.playground.drawScene();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    window.playground.view.dirty();
    window.playground.drawScene();
  });
  show();
}

function lessons() {
  find("lessons").replaceChildren(...Object.entries(STATES).sort().map(([lesson, { title, fragment, ask }]) =>
    element("li", {}, element("a", { href: `#${fragment}` }, element("span", { className: "number", textContent: lesson }), title),
      element("p", { textContent: ask }))));
  find("lessons").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault(); // to the top, also where the address has this state already
    history.pushState(null, "", link.href);
    window.playground.follow();
    scrollTo(0, 0);
    find("start").focus({ preventScroll: true });
  });
}

lessons();
window.playground = new Playground();
themes();
