# track: keras
# diagnosis: no_eval
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    batches = tf.data.Dataset.from_tensor_slices(train_data).batch(batch_size)
    val_batches = tf.data.Dataset.from_tensor_slices(val_data).batch(batch_size)
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in batches:
            with tf.GradientTape() as tape:
                loss = model.loss(targets, model(inputs, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
            total += float(loss) * len(targets)
        tracked["loss"].append(total / len(train_data[0]))
        total = 0.0
        for inputs, targets in val_batches:
            total += float(model.loss(targets, model(inputs, training=True))) * len(targets)
        tracked["val_loss"].append(total / len(val_data[0]))
    return tracked
