# track: keras
# diagnosis: names_from_outside
import keras

epoch = 7  # left over from a loop in the notebook


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
        total = float(logs["loss"]) * self.samples
        self.batch_losses[epoch].append((total - self.total) / size)
        self.total = total
