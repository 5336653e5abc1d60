// One training run, a batch at a time: the loop of course_lib.pytorch.fit, with the course's early stopping. A test
// holds both against each other, step by step.

// A loss that is no number, as Python writes it.
function notFinite(loss) {
  return Number.isNaN(loss) ? "nan" : loss > 0 ? "inf" : "-inf";
}

// Stops after `patience` epochs without a new lowest validation loss; a loss that is no number stops at once.
class Stopping {
  constructor(patience) {
    Object.assign(this, { patience, best: null, bestEpoch: null, wait: 0, weights: null, reason: "" });
  }

  // Takes the validation loss of the next epoch, and says whether to stop.
  step(loss, epoch, weights) {
    if (!Number.isFinite(loss)) {
      this.reason = `val_loss became ${notFinite(loss)} in epoch ${epoch}`;
      return true;
    }
    this.wait += 1;
    if (this.best === null || loss < this.best) {
      Object.assign(this, { best: loss, bestEpoch: epoch, wait: 0, weights: weights.slice() });
      return false;
    }
    if (this.wait < this.patience) return false;
    this.reason = `val_loss has not improved for ${this.wait} epochs since epoch ${this.bestEpoch}`;
    return true;
  }
}

// `given` may bring its own data, first weights, order(epoch) of the training rows, and masks(step, rows) of dropout.
class Run {
  constructor(settings, given = {}) {
    this.settings = settings;
    this.data = given.data ?? makeData(settings);
    const { features, outputs, classes } = this.data, { width, optimizer, seed, patience } = settings;
    this.network = new Network([features, width, width, outputs]);
    if (given.weights) this.network.weights.set(given.weights);
    else this.network.initialize(new Random(seed, STREAMS.weights));
    this.optimizer = OPTIMIZERS[optimizer](this.network.weights.length, settings);
    this.lossOf = classes ? crossEntropy : squaredError;
    this.orderOf = given.order ?? ((epoch) => new Random(seed, STREAMS.order, epoch).permutation(this.data.train.rows));
    this.dropout = new Random(seed, STREAMS.dropout);
    this.masksOf = given.masks ?? ((step, rows) => this.drawMasks(rows));
    this.stopping = patience > 0 ? new Stopping(patience) : null;
    this.batchSize = Math.min(settings.batch, this.data.train.rows);
    this.stepsPerEpoch = Math.ceil(this.data.train.rows / this.batchSize);
    this.batchX = new Float64Array(this.batchSize * features);
    this.batchY = new Float64Array(this.batchSize);
    this.masks = [0, 1].map(() => new Float64Array(this.batchSize * width));
    this.history = { batchLoss: [], batchRows: [], trainLoss: [], valLoss: [], valAccuracy: [], trainLossRemeasured: [] };
    this.done = null; // why it is over
    this.sum = this.taken = 0; // of this epoch: the sum of losses, and its rows so far
  }

  get epochs() {
    return this.history.valLoss.length;
  }

  get steps() {
    return this.history.batchLoss.length;
  }

  // Factors for each unit: 0 for those that are dropped, and 1 / (1 - p) for the others, as in torch.
  drawMasks(rows) {
    const p = this.settings.dropout, { width } = this.settings;
    for (const mask of this.masks)
      for (let k = 0; k < rows * width; k++) mask[k] = this.dropout.uniform() < p ? 0 : 1 / (1 - p);
    return this.masks;
  }

  // Trains on one batch; after the last one of an epoch, measures.
  step() {
    if (this.done) return;
    const { train, features, outputs } = this.data, { network, batchX, batchY } = this;
    if (this.taken === 0) this.order = this.orderOf(this.epochs + 1);
    const chosen = this.order.slice(this.taken, this.taken + this.batchSize), rows = chosen.length;
    chosen.forEach((row, k) => {
      for (let f = 0; f < features; f++) batchX[k * features + f] = train.x[row * features + f];
      batchY[k] = train.y[row];
    });
    const masks = this.settings.dropout > 0 ? this.masksOf(this.steps, rows) : null;
    const output = network.forward(batchX, rows, masks);
    const sum = this.lossOf(output, batchY, rows, outputs, network.deltas.at(-1));
    network.backward(batchX, rows, masks);
    this.optimizer.step(network.weights, network.gradient);
    this.history.batchLoss.push(sum / rows);
    this.history.batchRows.push(rows);
    this.sum += sum;
    this.taken += rows;
    if (!Number.isFinite(sum)) {
      const batch = Math.ceil(this.taken / this.batchSize);
      this.end("non_finite", `the loss became ${notFinite(sum)} in batch ${batch} of epoch ${this.epochs + 1}`);
    } else if (this.taken === train.rows) this.endEpoch();
  }

  // The epoch's training loss is the mean over its rows, taken while the weights moved; the others are measured now.
  endEpoch() {
    const { history, settings } = this, { train, val } = this.data;
    history.trainLoss.push(this.sum / train.rows);
    this.sum = this.taken = 0;
    const measured = this.measure(val);
    if (settings.remeasure) history.trainLossRemeasured.push(this.measure(train).loss);
    history.valAccuracy.push(measured.accuracy);
    history.valLoss.push(measured.loss);
    const stop = this.stopping?.step(measured.loss, this.epochs, this.network.weights);
    if (stop) this.end("early_stopping", this.stopping.reason);
    else if (this.epochs === settings.epochs) this.end("finished", `all ${settings.epochs} epochs ran`);
  }

  end(reason, message) {
    this.done = { reason, message };
    if (this.stopping?.weights && this.settings.restore) this.network.weights.set(this.stopping.weights);
  }

  // Loss and accuracy of rows at the present weights, with dropout off; the sine has no accuracy.
  measure({ x, y, rows }) {
    const { outputs, classes } = this.data, output = this.network.forward(x, rows);
    const loss = this.lossOf(output, y, rows, outputs) / rows;
    return { loss, accuracy: classes ? countRight(output, y, rows, outputs) / rows : null };
  }

  // The epoch of the lowest validation loss so far, and that loss.
  get best() {
    const { valLoss } = this.history;
    let best = null;
    valLoss.forEach((loss, i) => {
      if (Number.isFinite(loss) && (best === null || loss < best.loss)) best = { epoch: i + 1, loss };
    });
    return best;
  }

  // The epoch whose weights the model has when the run is over: the best one's if they were put back, the last one's
  // otherwise, and none's where the loss became no number.
  get held() {
    const restored = this.settings.restore && this.stopping?.bestEpoch, broken = this.done?.reason === "non_finite";
    const epoch = restored || (broken ? null : this.epochs);
    return this.done && epoch ? { epoch, loss: this.history.valLoss[epoch - 1], accuracy: this.history.valAccuracy[epoch - 1] } : null;
  }
}
