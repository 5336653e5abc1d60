# track: keras
# diagnosis: val_before_epoch
# seen: the validation pass written above the training pass
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        val_total, count = 0.0, 0
        for x, y in val_batches:
            val_total += float(loss_fn(y, model(x, training=False))) * len(y)
            count += len(y)
        history["val_loss"].append(val_total / count)
        total, samples = 0.0, 0
        for x, y in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            total += float(loss) * len(y)
            samples += len(y)
        history["loss"].append(total / samples)
    return history
