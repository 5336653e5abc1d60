// What the page says about runs, in sentences made of their own numbers.

function rounded(value) {
  return value === null || value === undefined || !Number.isFinite(value) ? "not a number" : number(value);
}

// The curves so far: where each stands, and whether the lowest validation loss lies behind.
function runWords(run) {
  const { history, epochs, best } = run;
  if (!epochs) return "No epoch is over yet.";
  const train = history.trainLoss.at(-1), val = history.valLoss.at(-1);
  const parts = [`After epoch ${epochs}: training loss ${rounded(train)}, the mean over the epoch's batches; validation loss ${rounded(val)}`];
  if (best && best.epoch < epochs) parts.push(`, which was lowest after epoch ${best.epoch} (${rounded(best.loss)})`);
  else parts.push(epochs > 1 ? ", its lowest so far" : "");
  return `${parts.join("")}.`;
}

// How it ended, and what model that leaves.
function endWords(run) {
  if (!run.done) return "";
  const { reason, message } = run.done, { held } = run;
  const how = {
    finished: `All ${run.epochs} epochs are done.`,
    early_stopping: `Early stopping after epoch ${run.epochs}: ${message.replace("val_loss", "validation loss")}.`,
    non_finite: `${message[0].toUpperCase()}${message.slice(1)}, so training stopped there. A learning rate that is too high does that.`,
  }[reason];
  if (!held) return `${how} The model is of no use now.`;
  const whose = held.epoch < run.epochs || reason === "non_finite"
    ? `The best weights are back: the model is that of epoch ${held.epoch}` : `The model is that of epoch ${held.epoch}`;
  const accuracy = held.accuracy === null ? "" : `, accuracy ${rounded(held.accuracy)}`;
  return `${how} ${whose}, with a validation loss of ${rounded(held.loss)}${accuracy}.`;
}

// What the network has learned, from the training rows at its present weights.
function modelWords(run) {
  const { train, outputs, classes } = run.data, { rows, y, flipped } = train;
  const output = run.network.forward(train.x, rows), loss = run.lossOf(output, y, rows, outputs);
  if (!Number.isFinite(loss)) return "The network's loss on the training rows is no longer a number.";
  if (!classes) {
    const error = Math.sqrt(loss / rows);
    return `On the training rows the fitted curve is off by ${rounded(error)} (root of the mean squared error); the noise is ± ${run.settings.noise}.`;
  }
  let right = 0, slips = 0, learned = 0;
  for (let r = 0; r < rows; r++) {
    const agrees = answerOf(output, r, outputs) === y[r];
    right += agrees;
    slips += flipped[r];
    learned += flipped[r] && agrees;
  }
  const memory = slips ? ` It repeats the wrong label on ${learned} of the ${slips} rows whose label is wrong.` : "";
  return `The network gives ${right} of ${rows} training rows their label.${memory}`;
}

function pairWords(result) {
  const left = result.left ? ` Left out: ${result.left} with a loss that became no number.` : "";
  if (result.pairs < 2) return `Too few pairs to compare.${left}`;
  const { mean, error, pairs, lower, unpaired } = result;
  return (
    `B minus A: ${signed(mean)} ± ${rounded(error)}, the mean of ${pairs} paired differences and its standard error. ` +
    `B is lower in ${lower} of ${pairs} pairs. Without pairs the same runs would say ± ${rounded(unpaired)}.${left}`
  );
}

function signed(value) {
  return value < 0 ? `−${rounded(-value)}` : `+${rounded(value)}`;
}

// How two settings differ.
function differenceWords(kept, settings) {
  const names = differing(kept, settings);
  if (!names.length) return "A is kept. Change a setting to make B.";
  if (kept.data !== settings.data) {
    return `A is on ${shown("data", kept)}, B on ${shown("data", settings)}: their losses are different quantities, so they are not compared.`;
  }
  return `A: ${names.map((name) => `${SETTINGS[name].label} ${shown(name, kept)}`).join(", ")}. ` +
    `B: ${names.map((name) => `${SETTINGS[name].label} ${shown(name, settings)}`).join(", ")}.`;
}
