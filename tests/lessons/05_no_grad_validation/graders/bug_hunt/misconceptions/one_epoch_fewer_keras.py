# track: keras
# diagnosis: wrong_number_of_epochs
# seen: `range(epochs - 1)`: one epoch fewer than asked
import tensorflow as tf
def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs - 1):
        total, n = 0.0, 0
        for x, y in train_batches:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            total += float(loss) * len(y)
            n += len(y)
        history["loss"].append(total / n)
        vtotal, m = 0.0, 0
        for x, y in val_batches:
            vtotal += float(loss_fn(y, model(x, training=False))) * len(y)
            m += len(y)
        history["val_loss"].append(vtotal / m)
    return history
