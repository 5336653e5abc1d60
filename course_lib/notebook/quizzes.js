// Makes forms of the quizzes in a lesson's text cells: choose, check, and only then read. What the form shows is in
// the cell already, an option as a <details> element; in print, on a code host and without a kernel it stays so.

const STYLE = `
.course-quiz details[hidden] { display: none; }
.course-quiz fieldset { border: 0; margin: 0; padding: 0; max-width: 46em; }
.course-quiz label { display: flex; gap: .6em; align-items: baseline; min-height: 28px; }
.course-quiz input { accent-color: #0072B2; }
.course-quiz button { font: inherit; min-height: 30px; margin: .3em 0 .6em; padding: .1em 1em;
  color: var(--jp-ui-font-color1, #111); background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-ui-font-color2, #666); border-radius: 3px; }
.course-quiz button:disabled { opacity: .6; }
.course-quiz :is(input, button, summary):focus-visible { outline: 3px solid #E69F00; outline-offset: 2px; }
.course-quiz details[data-chosen] > summary { font-weight: 600; }
@media print { .course-quiz form { display: none; } .course-quiz details[hidden] { display: block; } }
`;

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Arrow keys, Space and Enter belong to the form, not to the notebook, which would move to another cell or edit this one.
function keepKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Escape"].includes(event.key)) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
}

// What was chosen outlives the elements: a text cell is drawn again whenever it is edited or scrolled into view.
const answers = new Map();

class Question {
  constructor(root) {
    this.root = root;
    this.options = [...root.querySelectorAll("details")];
    this.words = root.querySelector("p");
    this.key = this.words.textContent;
    this.words.id ||= `course-quiz-${[...this.key].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1e9, 7)}`;
  }

  mount() {
    this.root.dataset.ready = "true";
    this.root.addEventListener("keydown", keepKeys);
    this.root.addEventListener("dblclick", (event) => event.stopPropagation());
    const answer = answers.get(this.key);
    if (answer?.checked) return this.show(answer.place);
    const button = element("button", { type: "button", textContent: "Check", disabled: answer === undefined });
    const rows = this.options.map((option, place) => {
      const input = element("input", { type: "radio", name: this.words.id, checked: answer?.place === place });
      input.addEventListener("change", () => {
        answers.set(this.key, { place, checked: false });
        button.disabled = false;
      });
      const text = element("span");
      text.append(...[...option.querySelector("summary").childNodes].map((node) => node.cloneNode(true)));
      option.hidden = true;
      option.open = false;
      return element("label", {}, input, text);
    });
    const choice = element("fieldset", {}, ...rows);
    choice.setAttribute("aria-labelledby", this.words.id);
    this.form = element("form", {}, choice, button);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    button.addEventListener("click", () => this.check());
    this.options[0].before(this.form);
  }

  check() {
    const place = answers.get(this.key).place;
    answers.set(this.key, { place, checked: true });
    this.form.remove();
    this.show(place);
    this.options[place].querySelector("summary").focus({ preventScroll: true });
  }

  show(place) {
    this.options.forEach((option, other) => {
      option.hidden = false;
      option.open = other === place;
    });
    const chosen = this.options[place];
    if (chosen.dataset.chosen) return;
    chosen.dataset.chosen = "true";
    chosen.querySelector("summary").append(" (your answer)");
  }
}

function look() {
  for (const root of document.querySelectorAll(".course-quiz:not([data-ready])")) {
    if (!root.querySelector("details > summary") || !root.querySelector("p")) continue;
    if (!document.getElementById("course-quiz-style")) {
      document.head.append(element("style", { id: "course-quiz-style", textContent: STYLE }));
    }
    new Question(root).mount();
  }
}

export default {
  initialize() {
    look();
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  },
};
