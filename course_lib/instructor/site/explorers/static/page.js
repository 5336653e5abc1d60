// Explorers on a page without a kernel: finds their figures, and loads what was recorded when one comes near.
"use strict";
(() => {
  const { FORMAT, Controls, Recorded, element, speaking } = courseExplorer;
  const waiting = new Map();
  let count = 0;

  function open(root, recording) {
    const id = `course-explorer-${count++}`;
    const stage = element("div", { className: "course-panels" });
    const words = speaking(element("p", { className: "course-words" }));
    const rows = element("table", { className: "course-rows" });
    const view = new Recorded(id, root, recording, { stage, words, rows });
    const controls = new Controls(id, recording.controls, () => controls.show(view.draw(controls.places)));
    const title = element("figcaption", { textContent: recording.title, id: `${id}-title` });
    const note = recording.note ? [element("p", { className: "course-note", textContent: recording.note })] : [];
    root.setAttribute("role", "group");
    root.setAttribute("aria-labelledby", title.id);
    controls.moved();
    const box = element("div", { className: "course-controls" }, ...controls.nodes);
    root.replaceChildren(title, box, stage, words, rows, ...note);
    root.dataset.ready = "true";
  }

  // A recording is a script that calls `register`: a page opened from a folder may run scripts, and fetch nothing.
  window.courseExplorers = {
    register(name, recording) {
      const roots = waiting.get(document.currentScript.src) ?? [];
      if (recording.format === FORMAT) for (const root of roots) open(root, recording);
      else console.error(`${name} is recorded in format ${recording.format}, explorer.js reads ${FORMAT}: build the site again`);
    },
  };

  function load(root) {
    const source = new URL(root.dataset.recording, document.baseURI).href;
    waiting.set(source, [...(waiting.get(source) ?? []), root]);
    if (waiting.get(source).length === 1) document.head.append(element("script", { src: source }));
  }

  function start() {
    const near = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        load(target);
      }
    }, { rootMargin: "600px" });
    for (const root of document.querySelectorAll(".course-explorer[data-recording]")) near.observe(root);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
