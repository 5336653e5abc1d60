# track: keras
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    train = tf.data.Dataset.from_tensor_slices(train_data).batch(batch_size)
    val = tf.data.Dataset.from_tensor_slices(val_data).batch(batch_size)

    @tf.function(reduce_retracing=True)
    def train_step(inputs, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model.loss(targets, model(inputs, training=True)))
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply(gradients, model.trainable_variables)
        return loss

    @tf.function(reduce_retracing=True)
    def val_step(inputs, targets):
        return tf.reduce_mean(model.loss(targets, model(inputs, training=False)))

    def mean(step, batches):
        total = count = 0
        for inputs, targets in batches:
            total += step(inputs, targets) * len(targets)
            count += len(targets)
        return total / count

    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        history["loss"].append(mean(train_step, train))
        history["val_loss"].append(mean(val_step, val))
    return history
