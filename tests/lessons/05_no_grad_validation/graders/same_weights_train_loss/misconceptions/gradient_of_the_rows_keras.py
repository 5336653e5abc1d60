# track: keras
# diagnosis: scaled_loss_differentiated
# seen: the loss of each row differentiated as it is, which is the gradient of their sum
import keras
import numpy as np
import tensorflow as tf


def same_weights_train_loss(model, x, y, batch_size):
    by_row, losses = keras.losses.get(model.loss), []
    for start in range(0, len(x), batch_size):
        rows = slice(start, start + batch_size)
        with tf.GradientTape() as tape:
            loss = by_row(tf.convert_to_tensor(y[rows]), model(x[rows], training=True))
        model.optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        losses += [float(tf.reduce_mean(loss))] * len(x[rows])
    return np.mean(losses), model.evaluate(x, y, batch_size=batch_size, verbose=0)
