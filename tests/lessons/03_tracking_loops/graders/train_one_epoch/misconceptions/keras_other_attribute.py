# track: keras
# diagnosis: no_attribute
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes
        self.losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.losses.append([])
        self.weighted = 0.0
        self.samples = 0

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        weighted = logs["loss"] * self.samples
        self.losses[-1].append((weighted - self.weighted) / size)
        self.weighted = weighted
