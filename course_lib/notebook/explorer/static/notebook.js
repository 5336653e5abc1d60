// Explorers in a notebook: adds controls to the output that is already there. Where every state was recorded, the page
// answers by itself, as long as it is open; otherwise the kernel is asked for a picture. One question is on its way at
// a time, so a dragged slider never queues up work: when an answer comes, only the latest state is asked for.

const { FORMAT, Controls, Recorded, element, speaking } = courseExplorer;

// Arrow keys, space and letters belong to the control that has the focus, not to the notebook, which would
// move to another cell. Tab, Escape and what is typed with Ctrl, Alt, Meta or Shift+Enter go on as usual.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Escape"].includes(event.key)) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
}

// What was recorded, from its compressed JSON; null where there is none, or the browser cannot unpack it.
async function unpacked(bytes) {
  if (!bytes?.byteLength || typeof DecompressionStream === "undefined") return null;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const recording = await new Response(stream).json().catch(() => null);
  return recording?.format === FORMAT ? recording : null;
}

class Explorer {
  constructor(model, recording) {
    this.model = model;
    this.recording = recording;
    this.specification = model.get("controls");
    this.views = new Map(); // of each output: its controls, and where it is recorded, what draws it
    this.places = this.specification.map((control) => control.start);
    this.mounted = 0;
    this.asked = 0;
    this.waiting = null;
    this.stale = false;
  }

  moved(places) {
    this.places = places;
    for (const [root, { controls, recorded }] of this.views) {
      controls.places = places;
      if (recorded) {
        controls.show(recorded.draw(places));
        this.answered(root, ++this.asked);
      } else controls.show(() => true);
    }
    if (!this.recording) this.ask();
  }

  answered(root, number) {
    root.dataset.answered = number;
  }

  // --- what only the kernel can draw ------------------------------------------------------------------------

  ask() {
    if (this.waiting !== null) {
      this.stale = true;
      return;
    }
    this.stale = false;
    this.waiting = ++this.asked;
    this.started = performance.now();
    for (const root of this.views.keys()) root.setAttribute("aria-busy", "true");
    const places = Object.fromEntries(this.specification.map((control, k) => [control.name, this.places[k]]));
    this.model.send({ kind: "ask", asked: this.waiting, places });
  }

  async answer(content, buffers) {
    if (content.kind !== "answer" || content.asked !== this.waiting) return;
    this.waiting = null;
    if (this.stale) this.ask();
    const urls = buffers.map((file) => URL.createObjectURL(new Blob([file], { type: "image/png" })));
    for (const root of this.views.keys()) {
      if (urls.length) await this.draw(root.querySelector(".course-panels"), urls, content.widths);
      if (content.alt) root.querySelector("img").alt = content.alt;
      root.querySelector(".course-words").textContent = content.words;
      root.querySelector(".course-rows").innerHTML = content.rows;
      this.answered(root, content.asked);
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

  // --- outputs ----------------------------------------------------------------------------------------------

  mount(root) {
    if (root.courseOwner === this) return;
    root.courseOwner = this;
    const id = `course-${this.model.get("target")}-${this.mounted++}`;
    root.addEventListener("keydown", keepKeys);
    const controls = new Controls(id, this.specification, () => this.moved(controls.places));
    const place = root.querySelector(".course-controls"), words = speaking(root.querySelector(".course-words"));
    place.replaceChildren(element("style", { textContent: this.model.get("look") }), ...controls.nodes);
    this.views.set(root, { controls, recorded: this.recorded(id, root, words) });
    controls.places = this.places;
    if (this.recording) controls.show(this.views.get(root).recorded.draw(this.places));
    else controls.show(() => true);
    root.dataset.ready = "true";
    if (!this.recording && this.places.some((place, k) => place !== controls.start[k])) this.ask();
  }

  // The picture and the table that were saved make room for what draws them from now on.
  recorded(id, root, words) {
    if (!this.recording) return null;
    const rows = element("table"), stage = root.querySelector(".course-panels");
    root.querySelector(".course-rows").replaceChildren(rows);
    return new Recorded(id, root, this.recording, { stage, words, rows });
  }

  look() {
    for (const root of this.views.keys()) if (!root.isConnected) this.views.delete(root);
    const target = CSS.escape(this.model.get("target"));
    for (const root of document.querySelectorAll(`[data-course-explorer="${target}"]`)) this.mount(root);
  }

  // The kernel is gone, or the cell ran again. What was recorded goes on answering where it still stands.
  close() {
    if (this.recording) return;
    for (const root of this.views.keys()) {
      root.querySelector(".course-controls")?.replaceChildren();
      root.removeEventListener("keydown", keepKeys);
    }
  }
}

export default {
  async initialize({ model }) {
    const explorer = new Explorer(model, await unpacked(model.get("recording")));
    model.on("msg:custom", (content, buffers) => explorer.answer(content, buffers));
    explorer.look();
    // The output may be drawn after this, drawn again, or drawn in a second view of the notebook.
    const timer = setInterval(() => explorer.look(), 250);
    return () => {
      clearInterval(timer);
      explorer.close();
    };
  },
};
