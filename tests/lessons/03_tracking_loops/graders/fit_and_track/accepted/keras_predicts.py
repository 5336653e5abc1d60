# track: keras
import numpy as np


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        run = model.fit(*train_data, batch_size, initial_epoch=epoch, epochs=epoch + 1, verbose=0)
        history["loss"].extend(run.history["loss"])
        outputs = model.predict(val_data[0], verbose=0)
        history["val_loss"].append(np.mean(model.loss(val_data[1], outputs)))
    return history
