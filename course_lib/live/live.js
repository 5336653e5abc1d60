// The browser's half of the live plot. The kernel sends each number once; this draws the curves in the output of the
// running cell, and goes on in the output with the saved picture when training is over. Log scale, smoothing, the axis
// switch, the read-out and the replay need no kernel. What is drawn can be read: coursePoints() of the view's root,
// document.querySelector(".course-live"). `course_lib/live/place.py` puts this file behind the others of the folder.

class Live {
  constructor(model) {
    this.model = model;
    this.data = new Data();
    this.views = new Set();
    this.asked = false;
    this.data.start(model.get("start"));
    model.on("change:start", () => {
      this.data.start(model.get("start"));
      this.asked = false;
      this.dirty();
    });
    model.on("msg:custom", (message, buffers) => {
      if (message.kind !== "new") return;
      if (!this.data.add(message, buffers[0]) && !this.asked) {
        this.asked = true; // something was missed while this was loading
        this.send({ kind: "all" });
      }
      this.dirty();
    });
    this.look();
    // The first greetings may be sent before the kernel has a thread for them, and then wait with the cell.
    let greetings = 0;
    const wanted = () => !this.data.status.c && !this.data.status.done && greetings < 40;
    this.timer = setInterval(() => {
      this.look();
      if (wanted() && greetings++ % 2 === 0) this.send({ kind: "hello" });
    }, 250);
    if (wanted()) this.send({ kind: "hello" });
  }

  send(message) {
    this.model.send(message);
  }

  dirty() {
    for (const view of this.views) view.dirty();
  }

  show(root) {
    const view = new View(root, this);
    this.views.add(view);
    return () => {
      view.close();
      this.views.delete(view);
    };
  }

  // Finds the outputs of this run: new ones, one that took the place of another, and those that came back after the
  // notebook had taken their cell out of the page.
  look() {
    const target = this.model.get("target");
    if (!target) return;
    const lost = [...this.views].filter((view) => !view.root.isConnected);
    for (const root of document.querySelectorAll(`[data-course-live="${CSS.escape(target)}"]`)) {
      if (root.courseOwner === this) {
        if (!this.views.has(root.courseView)) {
          this.views.add(root.courseView);
          root.courseView.resume();
        }
        continue;
      }
      const place = lost.findIndex((view) => view.host?.isConnected && view.host.contains(root));
      if (place >= 0) lost.splice(place, 1)[0].mount(root);
      else this.views.add(new View(root, this));
    }
    for (const view of lost) {
      view.close();
      this.views.delete(view);
    }
  }

  // The widget is gone: its cell ran again, or the kernel was restarted. A picture that is complete needs neither.
  close() {
    clearInterval(this.timer);
    if (this.data.status.done) return;
    for (const view of this.views) view.close();
    this.views.clear();
  }
}

// One for the page, and not one a run, which it would keep for as long as the page is there.
if (!window.courseLiveThemes) {
  window.courseLiveThemes = new MutationObserver(() => {
    for (const root of document.querySelectorAll(".course-live")) root.courseView?.dirty();
  });
  window.courseLiveThemes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
}

const open = new WeakMap();

export default {
  initialize({ model }) {
    const live = new Live(model);
    open.set(model, live);
    return () => live.close();
  },
  render({ model, el }) {
    const live = open.get(model) ?? new Live(model);
    open.set(model, live);
    const root = document.createElement("div");
    el.append(root);
    return live.show(root);
  },
};
