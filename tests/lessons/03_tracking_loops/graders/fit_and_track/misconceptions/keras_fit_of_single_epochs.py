# track: keras
# diagnosis: fit_called
# seen: a loop over epochs around fits of one
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        run = model.fit(*train_data, batch_size=batch_size, epochs=1, verbose=0)
        history["loss"].append(run.history["loss"][0])
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
