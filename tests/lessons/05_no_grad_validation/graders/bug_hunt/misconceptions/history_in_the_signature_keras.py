# track: keras
# diagnosis: remembers_earlier_call
# seen: the lists as default arguments, which every call goes on with
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs, losses=[], val_losses=[]):
    def mean(pairs):
        return sum(loss * count for loss, count in pairs) / sum(count for _, count in pairs)

    for _ in range(epochs):
        pairs = []
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            pairs.append((float(loss), len(targets)))
        losses.append(mean(pairs))
        val_losses.append(mean([(float(loss_fn(y, model(x, training=False))), len(y)) for x, y in val_batches]))
    return {"loss": losses, "val_loss": val_losses}
