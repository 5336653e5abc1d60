# track: keras
import keras


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        for name, (x, y), step in (
            ("loss", train_data, model.train_on_batch),
            ("val_loss", val_data, model.test_on_batch),
        ):
            mean = keras.metrics.Mean()
            for i in range(0, len(x), batch_size):
                mean.update_state(step(x[i : i + batch_size], y[i : i + batch_size]), len(x[i : i + batch_size]))
            history[name].append(float(mean.result()))
    return history
