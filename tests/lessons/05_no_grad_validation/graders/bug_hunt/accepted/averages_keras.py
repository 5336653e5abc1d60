# track: keras
import numpy as np
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    sizes = [int(y.shape[0]) for _, y in train_batches]
    for epoch in range(epochs):
        losses = []
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                outputs = model(inputs, training=True)
                loss = loss_fn(targets, outputs)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            losses.append(loss.numpy())
        val_losses = [loss_fn(y, model(x, training=False)).numpy() for x, y in val_batches]
        history["loss"].append(np.average(losses, weights=sizes))
        history["val_loss"].append(np.average(val_losses, weights=[len(y) for _, y in val_batches]))
    return history
