// The browser's half of a prediction: turns the options that are already in the output into a group of radio
// buttons with a Commit button, and tells the kernel what was chosen. Without it the question can be read.

const STYLE = `
.course-prediction fieldset { border: 0; margin: 0; padding: 0; max-width: 46em; }
.course-prediction legend { font-weight: 600; padding: 0; margin-bottom: .3em; }
.course-prediction label { display: flex; gap: .6em; align-items: baseline; min-height: 28px; }
.course-prediction input { accent-color: #0072B2; }
.course-prediction button { font: inherit; min-height: 30px; margin-top: .3em; padding: .1em 1em;
  color: var(--jp-ui-font-color1, #111); background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-ui-font-color2, #666); border-radius: 3px; }
.course-prediction button:disabled { opacity: .6; }
.course-prediction :is(input, button):focus-visible { outline: 3px solid #E69F00; outline-offset: 2px; }
`;

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Arrow keys and Space belong to the radio buttons, not to the notebook, which would move to another cell.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Escape"].includes(event.key)) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
}

class Question {
  constructor(model) {
    this.model = model;
    this.options = model.get("controls");
    this.target = model.get("target");
    this.chosen = null;
    this.committed = false;
  }

  mount(root) {
    if (root.courseOwner === this || this.committed) return;
    root.courseOwner = this;
    root.addEventListener("keydown", keepKeys);
    const button = element("button", { type: "button", textContent: "Commit", disabled: this.chosen === null });
    const rows = this.options.map((text, place) => {
      const input = element("input", { type: "radio", name: this.target, value: place, checked: this.chosen === place });
      input.addEventListener("change", () => {
        this.chosen = place;
        button.disabled = false;
      });
      return element("label", {}, input, element("span", { textContent: text }));
    });
    button.addEventListener("click", () => {
      this.committed = true;
      this.model.send({ kind: "commit", place: this.chosen });
      this.focusWhenAnswered();
    });
    root.querySelector(".course-options").replaceChildren(
      element("style", { textContent: STYLE }),
      element("fieldset", {}, element("legend", { textContent: "Your prediction" }), ...rows), button);
    root.dataset.ready = "true";
  }

  // The kernel redraws the question with the answer in it: the focus goes there, not to the top of the page.
  focusWhenAnswered() {
    const selector = `[data-course-prediction="${CSS.escape(this.target)}"][data-answered]`;
    const seek = () => {
      const root = document.querySelector(selector);
      if (!root) return;
      observer.disconnect();
      root.tabIndex = -1;
      root.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(seek);
    observer.observe(document.body, { childList: true, subtree: true });
    seek();
  }

  look() {
    const target = CSS.escape(this.target);
    for (const root of document.querySelectorAll(`[data-course-prediction="${target}"]`)) this.mount(root);
  }
}

export default {
  initialize({ model }) {
    const question = new Question(model);
    question.look();
    // The output may be drawn after this, drawn again, or drawn in a second view of the notebook.
    const timer = setInterval(() => question.look(), 250);
    return () => clearInterval(timer);
  },
};
