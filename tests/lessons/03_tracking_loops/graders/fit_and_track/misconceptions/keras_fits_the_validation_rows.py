# track: keras
# diagnosis: updates_on_validation_rows
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        for name, (x, y) in (("loss", train_data), ("val_loss", val_data)):
            run = model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0)
            history[name] += run.history["loss"]
    return history
