# track: keras
# diagnosis: not_reset_per_epoch
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes
        self.batch_losses = []
        self.weighted = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.batch_losses.append([])
        self.samples = 0

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        weighted = logs["loss"] * self.samples
        self.batch_losses[-1].append((weighted - self.weighted) / size)
        self.weighted = weighted
