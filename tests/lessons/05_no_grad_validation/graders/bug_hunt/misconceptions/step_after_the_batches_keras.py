# track: keras
# diagnosis: step_outside_loop
# seen: the optimizer's step is outside of the loop over batches
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        total, n = 0.0, 0
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            total += float(loss) * len(inputs)
            n += len(inputs)
        optimizer.apply(gradients, model.trainable_variables)
        val_total, val_n = 0.0, 0
        for inputs, targets in val_batches:
            val_total += float(loss_fn(targets, model(inputs, training=False))) * len(inputs)
            val_n += len(inputs)
        history["loss"].append(total / n)
        history["val_loss"].append(val_total / val_n)
    return history
