# track: keras
# diagnosis: no_eval
# seen: the listing handed in as it is
import numpy as np
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        losses = []
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            losses.append(float(loss))
        for inputs, targets in val_batches:
            with tf.GradientTape() as tape:
                val_loss = loss_fn(targets, model(inputs, training=True))
        history["loss"].append(np.mean(losses))
        history["val_loss"].append(float(val_loss))
    return history
