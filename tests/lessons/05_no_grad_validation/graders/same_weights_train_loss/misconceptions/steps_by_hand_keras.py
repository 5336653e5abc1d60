# track: keras
# diagnosis: optimizer_not_used
# seen: the update written out, with the optimizer's learning rate and without its momentum
import numpy as np
import tensorflow as tf


def same_weights_train_loss(model, x, y, batch_size):
    losses = []
    for start in range(0, len(x), batch_size):
        rows = slice(start, start + batch_size)
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x=None, y=y[rows], y_pred=model(x[rows], training=True))
        for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
            variable.assign_sub(model.optimizer.learning_rate * gradient)
        losses += [float(loss)] * len(x[rows])
    return np.mean(losses), model.evaluate(x, y, verbose=0)
