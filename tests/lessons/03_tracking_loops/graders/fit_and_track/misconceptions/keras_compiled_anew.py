# track: keras
# diagnosis: compiled_anew
# seen: compile as a habit before every fit
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    model.compile(optimizer="adam", loss="mse")
    h = model.fit(*train_data, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0).history
    return {"loss": h["loss"], "val_loss": h["val_loss"]}
