# track: keras
import tensorflow as tf


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    x_val = tf.concat([x for x, _ in val_batches], 0)
    y_val = tf.concat([y for _, y in val_batches], 0)
    loss_history, val_history = [], []
    for epoch in range(epochs):
        total, count = tf.constant(0.0), 0
        for inputs, targets in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(targets, model(inputs, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            total += loss * len(targets)
            count += len(targets)
        loss_history.append(total / count)
        val_history.append(loss_fn(y_val, model(x_val, training=False)))
    return {"loss": loss_history, "val_loss": val_history}
