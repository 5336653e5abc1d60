# diagnosis: never_recorded
# track: keras
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes, self.batch_losses = batch_sizes, []

    def on_epoch_begin(self, epoch, logs=None):
        self.total, self.samples = 0.0, 0
        self.batch_losses.append([])

    def on_test_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        total = logs["loss"] * self.samples
        self.batch_losses[-1].append((total - self.total) / size)
        self.total = total
