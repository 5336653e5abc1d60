# track: keras
# diagnosis: loss_remeasured
# seen: evaluate used for both curves
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    def measure(batches):
        total, n = 0.0, 0
        for x, y in batches:
            total += float(loss_fn(y, model(x, training=False))) * len(y)
            n += len(y)
        return total / n

    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total, n = 0.0, 0
        for x, y in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            total += float(loss) * len(y)
            n += len(y)
        history["loss"].append(measure(train_batches))
        history["val_loss"].append(measure(val_batches))
    return history
