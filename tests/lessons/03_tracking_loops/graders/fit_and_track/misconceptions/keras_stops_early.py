# diagnosis: wrong_number_of_epochs
# track: keras
import keras


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    stop = keras.callbacks.EarlyStopping(patience=1)
    h = model.fit(
        *train_data, validation_data=val_data, epochs=epochs, batch_size=batch_size, callbacks=[stop], verbose=0
    ).history
    return {"loss": h["loss"], "val_loss": h["val_loss"]}
