# track: keras
import keras


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    losses, val_losses = [], []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            inputs, targets = x[start : start + batch_size], y[start : start + batch_size]
            total += len(targets) * model.train_on_batch(inputs, targets)
        losses.append(float(total) / len(x))
        probe = keras.models.clone_model(model)
        probe.set_weights(model.get_weights())
        probe.compile(loss=model.loss)
        val_losses.append(float(probe.evaluate(*val_data, verbose=0)))
    return {"loss": losses, "val_loss": val_losses}
