# track: keras
# diagnosis: no_train_mode
import tensorflow as tf


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total = 0.0
        for i in range(0, len(x), batch_size):
            inputs, targets = x[i : i + batch_size], y[i : i + batch_size]
            with tf.GradientTape() as tape:
                loss = model.compute_loss(y=targets, y_pred=model(inputs))
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
            total += float(loss) * len(targets)
        history["loss"].append(total / len(x))
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
