# track: keras
import numpy as np
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = model.loss(y, model(x, training=True))
        g = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(g, model.trainable_variables))
        return loss
    model.optimizer.build(model.trainable_variables)
    x, y = train_data
    out = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        L, N = [], []
        for i in range(0, len(x), batch_size):
            xb, yb = tf.constant(x[i:i + batch_size]), tf.constant(y[i:i + batch_size])
            L.append(float(step(xb, yb))); N.append(len(xb))
        out["loss"].append(float(np.average(L, weights=N)))
        out["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return out
