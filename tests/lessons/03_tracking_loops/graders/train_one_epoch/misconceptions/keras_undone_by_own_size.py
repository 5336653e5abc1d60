# track: keras
# diagnosis: undone_by_own_size
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = list(batch_sizes)
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.batch_losses.append([])
        self.total, self.samples = 0.0, 0

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        total = float(logs["loss"]) * size
        self.batch_losses[-1].append((total - self.total) / size)
        self.total = total
