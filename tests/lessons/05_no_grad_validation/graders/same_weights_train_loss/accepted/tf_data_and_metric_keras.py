# track: keras
import keras
import tensorflow as tf


def same_weights_train_loss(model, x, y, batch_size):
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(batch_size)
    along = keras.metrics.Mean()
    for xb, yb in data:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model.compute_loss(xb, yb, model(xb, training=True)))
        model.optimizer.apply(tape.gradient(loss, model.trainable_weights), model.trainable_weights)
        along.update_state(loss, len(yb))
    after = keras.metrics.Mean()
    for xb, yb in data:
        after.update_state(tf.reduce_mean(model.compute_loss(xb, yb, model(xb, training=False))), len(yb))
    return float(along.result()), float(after.result())
