// Before anything is painted: forms are on their way, and this is the track that was chosen last.
"use strict";
document.documentElement.classList.add("js");
document.documentElement.dataset.track = "pytorch";
try {
  if (localStorage.getItem("lc.track") === "keras") document.documentElement.dataset.track = "keras";
} catch { /* a browser that remembers nothing */ }
// A page in a folder cannot ask for others, so its search lists titles without their first lines.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
