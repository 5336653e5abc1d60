# track: keras
# diagnosis: wrong_number_of_epochs
# seen: a loop over epochs around a fit of all epochs
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        run = model.fit(*train_data, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0)
        history["loss"].append(run.history["loss"][-1])
        history["val_loss"].append(run.history["val_loss"][-1])
    return history
