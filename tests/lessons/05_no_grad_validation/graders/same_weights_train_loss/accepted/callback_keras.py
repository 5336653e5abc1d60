# track: keras
import keras


class AtTheEnd(keras.callbacks.Callback):
    def __init__(self, x, y):
        super().__init__()
        self.rows = x, y

    def on_epoch_end(self, epoch, logs=None):
        self.reported = logs["loss"]
        self.measured = self.model.evaluate(*self.rows, verbose=0)


def same_weights_train_loss(model, x, y, batch_size):
    watcher = AtTheEnd(x, y)
    model.fit(x, y, batch_size=batch_size, epochs=1, callbacks=[watcher], verbose=0)
    return watcher.reported, watcher.measured
