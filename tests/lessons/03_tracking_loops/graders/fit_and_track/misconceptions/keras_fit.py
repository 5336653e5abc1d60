# track: keras
# diagnosis: fit_called
# seen: the whole loop left to fit
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    run = model.fit(x, y, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0)
    return {"loss": run.history["loss"], "val_loss": run.history["val_loss"]}
