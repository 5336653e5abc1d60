# track: keras
# diagnosis: updates_on_validation_rows
# seen: validation copied from the training loop
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        total, samples = 0.0, 0
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            total += float(loss) * len(targets)
            samples += len(targets)
        val_total, val_samples = 0.0, 0
        for inputs, targets in val_batches:
            with tf.GradientTape() as tape:
                val_loss = loss_fn(targets, model(inputs, training=False))
            optimizer.apply(tape.gradient(val_loss, model.trainable_variables), model.trainable_variables)
            val_total += float(val_loss) * len(targets)
            val_samples += len(targets)
        history["loss"].append(total / samples)
        history["val_loss"].append(val_total / val_samples)
    return history
