# track: keras
# diagnosis: undone_by_count
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.batch_losses.append([])
        self.total = 0.0

    def on_train_batch_end(self, batch, logs=None):
        total = logs["loss"] * (batch + 1)
        self.batch_losses[-1].append(total - self.total)
        self.total = total
