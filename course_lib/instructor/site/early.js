// In the head, before anything is laid out: forms are on their way, and this is the track that was chosen last. Run
// later, both tracks would flash up, and figures of the other one would be loaded.
"use strict";
document.documentElement.classList.add("js");
document.documentElement.dataset.track = "pytorch";
try {
  if (localStorage.getItem("lc.track") === "keras") document.documentElement.dataset.track = "keras";
} catch { /* a browser that remembers nothing */ }
