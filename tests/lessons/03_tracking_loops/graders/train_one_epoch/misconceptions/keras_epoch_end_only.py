# track: keras
# diagnosis: one_entry_an_epoch
# seen: on_epoch_end, as in the lesson's other callbacks
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = list(batch_sizes)
        self.batch_losses = []
    def on_epoch_end(self, epoch, logs=None):
        self.batch_losses.append([logs["loss"]])
