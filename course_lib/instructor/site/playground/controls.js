// The controls of the page, made from the tables of settings.

// One control: its element, and `show(settings)`, which brings it to what is set.
function control(name, table, changed) {
  const { choices, ladder, whole, yes, label } = table[name], id = `set-${name}`;
  const text = element("label", { htmlFor: id, textContent: label });
  if (yes) {
    const input = element("input", { type: "checkbox", id });
    input.addEventListener("change", () => changed(name, input.checked));
    return { box: element("div", { className: "control check" }, input, text), show: (values) => { input.checked = values[name]; } };
  }
  if (choices) {
    const options = Object.entries(choices).map(([value, textContent]) => element("option", { value, textContent }));
    const input = element("select", { id }, ...options);
    input.addEventListener("change", () => changed(name, input.value));
    return { box: element("div", { className: "control" }, text, input), show: (values) => { input.value = values[name]; } };
  }
  if (whole) {
    const input = element("input", { type: "number", id, min: whole[0], max: whole[1], step: 1 });
    input.addEventListener("change", () => {
      const value = valueOf(table[name], input.value.trim());
      if (value === undefined) input.setCustomValidity(`Expected ${possible(table[name])}.`);
      else {
        input.setCustomValidity("");
        changed(name, value);
      }
      input.reportValidity();
    });
    const next = element("button", { type: "button", textContent: "another" });
    next.setAttribute("aria-label", "Another seed");
    next.addEventListener("click", () => changed(name, (Number(input.value) + 1) % (whole[1] + 1)));
    const show = (values) => {
      input.value = values[name];
      input.setCustomValidity("");
    };
    return { box: element("div", { className: "control" }, text, element("span", { className: "seed" }, input, next)), show };
  }
  const input = element("input", { type: "range", id, min: 0, max: ladder.length - 1, step: 1 });
  const output = element("output", { htmlFor: id });
  output.setAttribute("aria-live", "off"); // the slider itself says its value
  input.addEventListener("input", () => changed(name, ladder[Number(input.value)]));
  const show = (settings) => {
    input.value = ladder.indexOf(settings[name]);
    output.textContent = shown(name, settings);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  return { box: element("div", { className: "control range" }, text, output, input), show };
}

const GROUPS = {
  "Rows": ["data", "rows", "noise", "seed"],
  "Two hidden layers": ["width", "dropout"],
  "Training": ["optimizer", "lr", "batch", "decay", "epochs", "remeasure"],
  "Early stopping": ["patience", "restore"],
};

class Controls {
  constructor(form, changed) {
    this.all = Object.entries(GROUPS).flatMap(([legend, names]) => {
      const made = names.map((name) => control(name, SETTINGS, changed));
      form.append(element("fieldset", {}, element("legend", { textContent: legend }), ...made.map(({ box }) => box)));
      return made;
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  show(settings) {
    for (const { show } of this.all) show(settings);
  }
}
