// A network of linear layers with ReLU and dropout after each but the last, in double precision, and its two losses.
// Weights lie as torch's parameters() gives them: of each layer the matrix, a row for each output, then the bias.

class Network {
  constructor(sizes) {
    this.sizes = sizes;
    const pairs = sizes.slice(1).map((outputs, l) => [sizes[l], outputs]);
    const total = pairs.reduce((sum, [inputs, outputs]) => sum + outputs * (inputs + 1), 0);
    this.weights = new Float64Array(total);
    this.gradient = new Float64Array(total);
    let at = 0;
    this.layers = pairs.map(([inputs, outputs]) => {
      const matrix = [at, (at += inputs * outputs)], bias = [at, (at += outputs)];
      return {
        inputs, outputs,
        weight: this.weights.subarray(...matrix), bias: this.weights.subarray(...bias),
        weightGradient: this.gradient.subarray(...matrix), biasGradient: this.gradient.subarray(...bias),
      };
    });
    this.room = 0;
  }

  // As torch's Linear does: uniform, up to one over the root of the number of inputs.
  initialize(random) {
    for (const { inputs, weight, bias } of this.layers) {
      const bound = 1 / Math.sqrt(inputs);
      for (const part of [weight, bias]) for (let i = 0; i < part.length; i++) part[i] = bound * (2 * random.uniform() - 1);
    }
  }

  // Memory for so many rows at once: what each layer puts out, and the gradients of that.
  makeRoom(rows) {
    if (rows <= this.room) return;
    this.room = rows;
    this.outputs = this.layers.map(({ outputs }) => new Float64Array(rows * outputs));
    this.deltas = this.layers.map(({ outputs }) => new Float64Array(rows * outputs));
  }

  // Returns the last layer's outputs. `masks` has for each hidden layer the factors of dropout, a number for each unit
  // of each row; without it nothing is dropped, as in evaluation mode.
  forward(x, rows, masks = null) {
    this.makeRoom(rows);
    let input = x;
    this.layers.forEach(({ inputs, outputs, weight, bias }, l) => {
      const output = this.outputs[l], hidden = l < this.layers.length - 1, mask = hidden && masks ? masks[l] : null;
      for (let r = 0, k = 0; r < rows; r++) {
        const from = r * inputs;
        for (let o = 0, w = 0; o < outputs; o++, k++) {
          let sum = bias[o];
          for (let i = 0; i < inputs; i++, w++) sum += weight[w] * input[from + i];
          if (hidden && sum < 0) sum = 0; // and NaN stays NaN, as in torch
          output[k] = mask ? sum * mask[k] : sum;
        }
      }
      input = output;
    });
    return input;
  }

  // Fills `gradient`, once the gradients of the outputs of this forward pass are in the last of `deltas`.
  backward(x, rows, masks = null) {
    this.gradient.fill(0);
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { inputs, outputs, weight, weightGradient, biasGradient } = this.layers[l];
      const delta = this.deltas[l], input = l ? this.outputs[l - 1] : x, below = l ? this.deltas[l - 1] : null;
      if (below) below.fill(0, 0, rows * inputs);
      for (let r = 0, k = 0; r < rows; r++) {
        const from = r * inputs;
        for (let o = 0; o < outputs; o++, k++) {
          const d = delta[k], w = o * inputs;
          if (d === 0) continue; // a unit that was off
          biasGradient[o] += d;
          for (let i = 0; i < inputs; i++) weightGradient[w + i] += d * input[from + i];
          if (below) for (let i = 0; i < inputs; i++) below[from + i] += d * weight[w + i];
        }
      }
      if (below) this.throughUnits(below, input, rows * inputs, masks ? masks[l - 1] : null);
    }
  }

  // Back through ReLU and dropout: what was 0 passes nothing on.
  throughUnits(delta, output, count, mask) {
    for (let k = 0; k < count; k++) {
      if (output[k] <= 0) delta[k] = 0;
      else if (mask) delta[k] *= mask[k];
    }
  }
}

// The sum of cross-entropies from logits, in nats. With `delta`, also the gradient of the mean.
function crossEntropy(outputs, y, rows, classes, delta = null) {
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const from = r * classes, right = from + y[r];
    let most = -Infinity, total = 0;
    for (let k = from; k < from + classes; k++) if (!(outputs[k] <= most)) most = outputs[k];
    for (let k = from; k < from + classes; k++) total += Math.exp(outputs[k] - most);
    const whole = most + Math.log(total);
    sum += whole - outputs[right];
    if (delta) for (let k = from; k < from + classes; k++) delta[k] = (Math.exp(outputs[k] - whole) - (k === right)) / rows;
  }
  return sum;
}

// The sum of squared errors, of one output a row. With `delta`, also the gradient of the mean.
function squaredError(outputs, y, rows, _, delta = null) {
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const error = outputs[r] - y[r];
    sum += error * error;
    if (delta) delta[r] = (2 * error) / rows;
  }
  return sum;
}

// The class that a row is given: that of its largest logit.
function answerOf(outputs, row, classes) {
  let best = 0;
  for (let k = 1; k < classes; k++) if (outputs[row * classes + k] > outputs[row * classes + best]) best = k;
  return best;
}

// How many rows are given the class that their label says.
function countRight(outputs, y, rows, classes) {
  let right = 0;
  for (let r = 0; r < rows; r++) right += answerOf(outputs, r, classes) === y[r];
  return right;
}
