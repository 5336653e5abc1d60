// The optimizers of torch.optim, by its definitions: SGD and Adam take weight decay as a penalty, added to the gradient;
// AdamW shrinks the weights apart from it.

class Sgd {
  constructor(size, { lr, decay }, momentum = 0) {
    Object.assign(this, { lr, decay, momentum, velocity: momentum ? new Float64Array(size) : null, steps: 0 });
  }

  step(weights, gradient) {
    const { lr, decay, momentum, velocity } = this, first = this.steps++ === 0;
    for (let i = 0; i < weights.length; i++) {
      let g = gradient[i] + decay * weights[i];
      if (velocity) g = velocity[i] = first ? g : momentum * velocity[i] + g;
      weights[i] -= lr * g;
    }
  }
}

class Adam {
  constructor(size, { lr, decay }, decoupled = false) {
    Object.assign(this, { lr, decay, decoupled, mean: new Float64Array(size), square: new Float64Array(size), steps: 0 });
  }

  step(weights, gradient) {
    const { lr, decay, decoupled, mean, square } = this, [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    this.steps += 1;
    const rate = lr / (1 - beta1 ** this.steps), root = Math.sqrt(1 - beta2 ** this.steps);
    const penalty = decoupled ? 0 : decay, kept = decoupled ? 1 - lr * decay : 1;
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i] + penalty * weights[i];
      mean[i] += (1 - beta1) * (g - mean[i]);
      square[i] = beta2 * square[i] + (1 - beta2) * g * g;
      weights[i] = kept * weights[i] - (rate * mean[i]) / (Math.sqrt(square[i]) / root + epsilon);
    }
  }
}

const OPTIMIZERS = {
  sgd: (size, settings) => new Sgd(size, settings),
  momentum: (size, settings) => new Sgd(size, settings, 0.9),
  adam: (size, settings) => new Adam(size, settings),
  adamw: (size, settings) => new Adam(size, settings, true),
};
