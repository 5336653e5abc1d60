# track: keras
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    def step(inputs, targets):
        with tf.GradientTape() as tape:
            loss = loss_fn(targets, model(inputs, training=True))
        weights = model.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return loss

    def look(inputs, targets):
        return loss_fn(targets, model(inputs))

    def mean(batches, what):
        pairs = [(float(what(x, y)), len(y)) for x, y in batches]
        return sum(loss * n for loss, n in pairs) / sum(n for _, n in pairs)

    losses, val_losses = [], []
    for _ in range(epochs):
        losses.append(mean(train_batches, step))
        val_losses.append(mean(val_batches, look))
    return {"loss": losses, "val_loss": val_losses}
