# track: keras
import keras
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    ds = tf.data.Dataset.from_tensor_slices(train_data).shuffle(1000).batch(batch_size)
    h = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        m = keras.metrics.Mean()
        for x, y in ds:
            with tf.GradientTape() as tape:
                loss = model.loss(y, model(x, training=True))
            g = tape.gradient(loss, model.trainable_weights)
            model.optimizer.apply(g, model.trainable_weights)
            m.update_state(loss, sample_weight=len(x))
        h["loss"].append(float(m.result()))
        h["val_loss"].append(float(model.loss(val_data[1], model(val_data[0], training=False))))
    return h
