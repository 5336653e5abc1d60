// What the pages do by themselves: the switch between the tracks, predictions, quizzes. Everything that is shown is in
// the page already, and readable without this script.
"use strict";
// A page in a folder cannot ask for others, so its search lists titles without their first lines.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
(() => {
  const page = document.documentElement;
  const element = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  // A private window may refuse to remember.
  const memory = {
    get(key) { try { return localStorage.getItem(`lc.${key}`); } catch { return null; } },
    set(key, value) {
      try {
        if (value === null) localStorage.removeItem(`lc.${key}`); else localStorage.setItem(`lc.${key}`, value);
      } catch { /* then only this page knows */ }
    },
  };
  const copies = (node) => [...node.childNodes].map((child) => child.cloneNode(true));

  // --- one track ----------------------------------------------------------------------------------------
  const TRACKS = { pytorch: "PyTorch", keras: "Keras" };
  const switches = [];

  function tabsOf(track) {
    return [...document.querySelectorAll(`.sd-tab-label[data-sync-id="${track}"]`)].map((label) => document.getElementById(label.htmlFor));
  }

  function choose(track, held) {
    const before = held?.getBoundingClientRect().top;
    page.dataset.track = track;
    for (const input of tabsOf(track)) if (input) input.checked = true;
    for (const inputs of switches) inputs[track].checked = true;
    if (held) scrollBy({ top: held.getBoundingClientRect().top - before, behavior: "instant" });
  }

  function remember(track, held) {
    memory.set("track", track);
    choose(track, held);
  }

  for (const place of document.querySelectorAll(".lc-switch")) {
    const inputs = {};
    const rows = Object.entries(TRACKS).map(([track, name]) => {
      inputs[track] = element("input", { type: "radio", name: "lc-track", value: track });
      inputs[track].addEventListener("change", () => remember(track, place));
      return element("label", {}, inputs[track], name);
    });
    place.append(element("fieldset", {}, element("legend", { textContent: "Show the code in" }), ...rows));
    switches.push(inputs);
  }
  for (const track of Object.keys(TRACKS)) {
    for (const input of tabsOf(track)) {
      input?.addEventListener("change", () => remember(track, input.parentElement));
      input?.addEventListener("focus", () => input.nextElementSibling.classList.toggle("lc-focus", input.matches(":focus-visible")));
      input?.addEventListener("blur", () => input.nextElementSibling.classList.remove("lc-focus"));
    }
  }
  choose(page.dataset.track);

  // --- explorers: their script is for readers who come near one -------------------------------------------
  const explorers = document.querySelector("script[data-explorers]");
  if (explorers) {
    const near = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      near.disconnect();
      document.head.append(element("script", { src: explorers.src }));
    }, { rootMargin: "1200px" });
    for (const root of document.querySelectorAll(".course-explorer[data-recording]")) near.observe(root);
  }
  addEventListener("storage", (event) => { if (event.key === "lc.track" && event.newValue in TRACKS) choose(event.newValue); });

  // --- a question as a form -----------------------------------------------------------------------------
  let count = 0;
  function form(question, rows, word) {
    question.id ||= `lc-question-${++count}`;
    const name = `${question.id}-option`;
    const inputs = rows.map((_, place) => element("input", { type: "radio", name, value: place }));
    const labels = rows.map((row, place) => element("label", {}, inputs[place], element("span", {}, ...row)));
    const set = element("fieldset", {}, ...labels);
    set.setAttribute("aria-labelledby", question.id);
    const button = element("button", { type: "button", textContent: word, disabled: true });
    const said = element("div", { className: "lc-said" });
    said.setAttribute("role", "status");
    const whole = element("form", {}, set, button, said);
    whole.addEventListener("submit", (event) => { event.preventDefault(); if (!button.disabled) button.click(); });
    const chosen = () => inputs.findIndex((input) => input.checked);
    return { whole, set, inputs, labels, button, said, chosen };
  }

  // --- predictions: what follows waits, up to the next heading (see site.css) ----------------------------
  for (const root of document.querySelectorAll(".lc-predict")) {
    const key = root.dataset.key;
    const list = root.querySelector("ul");
    const rows = [...list.children].map(copies);
    const { whole, inputs, labels, button, said, chosen } = form(root.querySelector(".lc-question"), rows, "Commit");
    const waiting = element("p", { className: "lc-waiting", textContent: "Commit to an answer, and what happens and why appears here." });
    const answers = document.querySelectorAll(`.lc-answer[data-key="${CSS.escape(key)}"]`);

    function committed(place) {
      root.classList.add("lc-answered");
      inputs.forEach((input, other) => { input.disabled = true; input.checked = other === place; });
      labels.forEach((label, other) => label.classList.toggle("lc-chosen", other === place));
      said.textContent = `You said: ${labels[place].textContent}.`;
      button.textContent = "Answer again";
      button.disabled = false;
      for (const answer of answers) {
        answer.querySelector("em")?.remove();
        const right = answer.querySelector("span").textContent === labels[place].textContent;
        if (right) answer.append(element("em", { textContent: " (as you predicted)" }));
      }
    }

    function open() {
      root.classList.remove("lc-answered");
      inputs.forEach((input) => { input.disabled = false; input.checked = false; });
      labels.forEach((label) => label.classList.remove("lc-chosen"));
      said.textContent = "";
      button.textContent = "Commit";
      button.disabled = true;
      inputs[0].focus();
    }

    whole.addEventListener("change", () => { button.disabled = false; });
    button.addEventListener("click", () => {
      if (root.classList.contains("lc-answered")) {
        memory.set(`prediction.${key}`, null);
        open();
      } else {
        memory.set(`prediction.${key}`, chosen());
        committed(chosen());
      }
    });
    list.replaceWith(whole);
    root.append(waiting);
    const before = memory.get(`prediction.${key}`);
    if (before !== null && before in inputs) committed(Number(before));
  }

  // --- quizzes: nothing is said of an option before one is checked ---------------------------------------
  for (const root of document.querySelectorAll(".lc-quiz")) {
    const options = [...root.querySelectorAll("details")];
    const { whole, labels, button, said, chosen } = form(
      root.querySelector(".lc-question"), options.map((option) => copies(option.querySelector("summary"))), "Check");
    whole.addEventListener("change", () => { button.disabled = false; said.replaceChildren(); });
    button.addEventListener("click", () => {
      const place = chosen();
      const right = options[place].dataset.right === "1";
      said.replaceChildren(options[place].querySelector("p").cloneNode(true));
      said.dataset.right = right;
      labels[place].classList.add(right ? "lc-right" : "lc-wrong");
      if (memory.get(`quiz.${root.dataset.key}`) !== "right") memory.set(`quiz.${root.dataset.key}`, right ? "right" : "tried");
    });
    options.forEach((option) => option.remove());
    root.append(whole);
  }

  // An explorer whose states cannot be had shows its picture.
  document.addEventListener("error", ({ target }) => {
    if (target.matches?.("script[src*='/explorers/']")) page.classList.add("lc-undrawn");
  }, true);

  // --- tables of prose: on a narrow page their cells stand one below the other (see site.css) ---------------
  for (const table of document.querySelectorAll("table.docutils")) {
    if ([...table.rows].every((row) => row.textContent.length < 100)) continue;
    table.classList.add("lc-prose");
    const names = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent.trim());
    for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, place) => { cell.dataset.name = names[place] ?? ""; });
    // Cells that are no longer drawn as a table are still one for a screen reader.
    const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", th: "columnheader", td: "cell" };
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) part.setAttribute("role", roles[part.localName]);
  }

  // --- keyboards and screen readers ----------------------------------------------------------------------
  const reach = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0; else target.removeAttribute("tabindex");
    }
  });
  for (const wide of document.querySelectorAll(".highlight pre, .lc-text, .lc-scroll, .table-wrapper, .lc-formula")) {
    if (!wide.matches("pre") && !wide.hasAttribute("aria-label")) {
      wide.setAttribute("role", "group");
      wide.setAttribute("aria-label", wide.matches(".lc-formula") ? "Formula" : "Table");
    }
    reach.observe(wide);
  }
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
  page.classList.add("lc-ready");
})();
