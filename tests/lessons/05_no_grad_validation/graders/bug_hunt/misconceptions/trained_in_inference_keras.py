# track: keras
# diagnosis: no_train_mode
# seen: the default of the call overlooked
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        total, samples = 0.0, 0
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            total += float(loss) * len(targets)
            samples += len(targets)
        val_total, val_samples = 0.0, 0
        for inputs, targets in val_batches:
            val_loss = loss_fn(targets, model(inputs, training=False))
            val_total += float(val_loss) * len(targets)
            val_samples += len(targets)
        history["loss"].append(total / samples)
        history["val_loss"].append(val_total / val_samples)
    return history
