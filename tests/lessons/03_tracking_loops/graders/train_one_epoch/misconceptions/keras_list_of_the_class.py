# diagnosis: shared_between_objects
# track: keras
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    batch_losses = []

    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes

    def on_epoch_begin(self, epoch, logs=None):
        self.total, self.samples = 0.0, 0
        self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        total = logs["loss"] * self.samples
        self.batch_losses[-1].append((total - self.total) / size)
        self.total = total
