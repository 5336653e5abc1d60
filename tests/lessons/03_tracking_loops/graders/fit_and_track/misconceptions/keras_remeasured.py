# track: keras
# diagnosis: loss_remeasured
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0)
        history["loss"].append(model.evaluate(x, y, verbose=0))
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
