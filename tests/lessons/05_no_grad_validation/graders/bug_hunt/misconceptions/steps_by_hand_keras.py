# track: keras
# diagnosis: optimizer_not_used
# seen: the update written out, with the optimizer's learning rate and without its momentum
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    def mean(pairs):
        return sum(loss * count for loss, count in pairs) / sum(count for _, count in pairs)

    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        pairs = []
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs, training=True))
            for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
                variable.assign_sub(optimizer.learning_rate * gradient)
            pairs.append((float(loss), len(targets)))
        history["loss"].append(mean(pairs))
        history["val_loss"].append(mean([(float(loss_fn(y, model(x, training=False))), len(y)) for x, y in val_batches]))
    return history
