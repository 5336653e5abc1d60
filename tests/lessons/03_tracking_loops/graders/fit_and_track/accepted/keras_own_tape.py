# track: keras
import numpy as np
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    batches = tf.data.Dataset.from_tensor_slices(train_data).batch(batch_size)
    loss_list, val_list = [], []
    for _ in range(epochs):
        losses, sizes = [], []
        for inputs, targets in batches:
            with tf.GradientTape() as tape:
                outputs = model(inputs, training=True)
                loss = model.compute_loss(y=targets, y_pred=outputs)
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            losses.append(float(loss))
            sizes.append(len(targets))
        loss_list.append(np.average(losses, weights=sizes))
        outputs = model(val_data[0], training=False)
        val_list.append(model.compute_loss(y=val_data[1], y_pred=outputs))
    return {"loss": loss_list, "val_loss": val_list}
