# track: keras
# diagnosis: last_batch_left_out
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    batches = tf.data.Dataset.from_tensor_slices(train_data).batch(batch_size, drop_remainder=True)
    val_batches = tf.data.Dataset.from_tensor_slices(val_data).batch(batch_size)
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total, count = 0.0, 0
        for inputs, targets in batches:
            with tf.GradientTape() as tape:
                loss = model.loss(targets, model(inputs, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
            total += float(loss) * len(targets)
            count += len(targets)
        tracked["loss"].append(total / count)
        total = 0.0
        for inputs, targets in val_batches:
            total += float(model.loss(targets, model(inputs, training=False))) * len(targets)
        tracked["val_loss"].append(total / len(val_data[0]))
    return tracked
