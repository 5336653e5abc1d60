# track: keras
import numpy as np
import tensorflow as tf


class Loop:
    def __init__(self, model, loss_fn, optimizer):
        self.model, self.loss_fn, self.optimizer = model, loss_fn, optimizer
        self.history = {"loss": [], "val_loss": []}

    def train(self, batches):
        total = tf.constant(0.0)
        n = 0
        for x, y in batches:
            with tf.GradientTape() as tape:
                loss = self.loss_fn(y, self.model(x, training=True))
            self.optimizer.apply(tape.gradient(loss, self.model.trainable_variables), self.model.trainable_variables)
            total += tf.stop_gradient(loss) * x.shape[0]
            n += x.shape[0]
        self.history["loss"].append(float(total) / n)

    def validate(self, batches):
        outs, ys = [], []
        for x, y in batches:
            outs.append(self.model.predict_on_batch(x))
            ys.append(np.asarray(y))
        self.history["val_loss"].append(float(self.loss_fn(tf.constant(np.concatenate(ys)), tf.constant(np.concatenate(outs)))))


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    loop = Loop(model, loss_fn, optimizer)
    for _ in range(epochs):
        loop.train(train_batches)
        loop.validate(val_batches)
    return loop.history
