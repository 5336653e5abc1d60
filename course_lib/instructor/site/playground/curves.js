// The live plot of the notebooks, fed by a run of this page, with what only the playground has: the loss that noise alone
// costs, training rows measured again, and the curves of the run that was kept as A.

const AGAIN = { dash: [2, 3], marker: "diamond" };

class PlaygroundPicture extends Picture {
  constructor(canvas) {
    super(canvas);
    this.extra = { floor: 0, again: null, kept: null };
  }

  get dark() {
    return isDark();
  }

  entries(data, colors, options) {
    const entries = super.entries(data, colors, options), best = entries.pop(), { floor, again, kept } = this.extra;
    if (again?.length) entries.push(["training, after the epoch", colors.train, AGAIN.dash, AGAIN.marker]);
    if (floor > 0) entries.push(["noise alone", colors.ink, [1, 3], null]);
    if (kept) entries.push(["A, validation", colors.ink, [9, 3], null]);
    return [...entries, best];
  }

  curves(panel, data, options, shift, cursor) {
    const { floor, again, kept } = this.extra, { context: c, box, colors } = panel;
    super.curves(panel, data, options, shift, cursor);
    if (floor > 0) {
      c.strokeStyle = colors.ink;
      c.lineWidth = 1.4;
      c.setLineDash([1, 3]);
      c.beginPath();
      c.moveTo(box.left, panel.py(floor));
      c.lineTo(box.left + box.width, panel.py(floor));
      c.stroke();
      c.setLineDash([]);
    }
    if (kept) panel.line(kept, 0, colors.ink, { dash: [9, 3] }, 1.3, false);
    if (!again?.length) return;
    let length = 0;
    while (length < again.length && again.x[length] <= data.epochs) length++;
    panel.line(Object.assign(Object.create(again), { length }), 0, colors.train, AGAIN, 1.6);
  }
}

class PlaygroundView extends View {
  build() {
    const [style, bar, ...others] = super.build();
    this.picture = new PlaygroundPicture(this.canvas);
    others.splice(-1, 0, bar); // below the picture, which then stands right under the buttons of the run
    return [style, ...others];
  }

  // A new run takes the place of the one that was shown.
  begin() {
    Object.assign(this, { cursor: null, spokenEpoch: 0, said: "" });
    this.replay.pause();
    Object.assign(this.replay, { data: null, place: null });
    this.dirty();
  }

  // What is chosen above the picture, and its choice from elsewhere, such as a link.
  get look() {
    return { ...this.looks.options };
  }

  set look(look) {
    for (const name of ["log", "ends", "smoothing"]) {
      const input = this.looks.row.querySelector(`[id$="-${name}"]`), checks = input.type === "checkbox";
      input[checks ? "checked" : "value"] = look[name];
      input.dispatchEvent(new Event(checks ? "change" : "input"));
    }
  }
}

// Hands a run's numbers to the view: each batch and each epoch once.
class Feed {
  constructor(run, showsAccuracy) {
    this.run = run;
    this.data = new Data();
    this.again = new Series();
    this.shows = showsAccuracy && run.data.classes;
    this.data.status = { E: run.settings.epochs, S: run.stepsPerEpoch, M: this.shows };
  }

  update() {
    const { run, data, again } = this, { history, stopping } = run, each = run.stepsPerEpoch;
    while (data.batches < run.steps || data.epochs < run.epochs) {
      while (data.batches < run.steps && data.batches < (data.epochs + 1) * each) {
        data.lastBatch = history.batchLoss[data.batches];
        data.batch.push(++data.batches, data.lastBatch);
      }
      if (data.epochs === run.epochs) break;
      const k = data.epochs, m = this.shows ? { val_accuracy: history.valAccuracy[k] } : undefined;
      data.epoch({ e: k + 1, end: data.batches, t: history.trainLoss[k], v: history.valLoss[k], m });
      if (history.trainLossRemeasured.length > k) again.push(k + 1, history.trainLossRemeasured[k]);
    }
    const { best } = run;
    Object.assign(data.status, {
      b: best ? [best.epoch, best.loss] : null, done: Boolean(run.done),
      w: stopping && run.epochs ? [stopping.wait, stopping.patience] : undefined,
    });
  }
}
