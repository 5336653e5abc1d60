# track: keras
import keras
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        train_mean, val_mean = keras.metrics.Mean(), keras.metrics.Mean()
        for x, y in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            train_mean.update_state(loss, sample_weight=len(y))
        for x, y in val_batches:
            val_mean.update_state(loss_fn(y, model(x, training=False)), sample_weight=len(y))
        history["loss"].append(float(train_mean.result()))
        history["val_loss"].append(float(val_mean.result()))
    return history
