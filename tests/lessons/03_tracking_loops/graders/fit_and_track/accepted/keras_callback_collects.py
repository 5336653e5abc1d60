# track: keras
import keras


class Tracker(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.kept = {"loss": [], "val_loss": []}

    def on_epoch_end(self, epoch, logs=None):
        for name in self.kept:
            self.kept[name].append(logs[name])


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    tracker = Tracker()
    x, y = train_data
    model.fit(x, y, batch_size, epochs, verbose=0, callbacks=[tracker], validation_data=val_data, shuffle=False)
    return tracker.kept
