# track: keras
import numpy as np
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = (tf.convert_to_tensor(part) for part in train_data)
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        order = tf.random.shuffle(tf.range(len(x)))
        losses, sizes = [], []
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            with tf.GradientTape() as tape:
                outputs = model(tf.gather(x, rows), training=True)
                loss = model.loss(tf.gather(y, rows), outputs)
            model.optimizer.apply(tape.gradient(loss, model.trainable_weights), model.trainable_weights)
            losses.append(loss.numpy())
            sizes.append(len(rows))
        history["loss"].append(np.dot(losses, sizes) / np.sum(sizes))
        history["val_loss"].append(np.mean(model.loss(val_data[1], model.predict(val_data[0], verbose=0))))
    return history
