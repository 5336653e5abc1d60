# track: keras
import keras
import numpy as np


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        self.batch_sizes = np.array(batch_sizes)
        self.batch_losses = []
        super().__init__()

    def on_epoch_begin(self, epoch, logs=None):
        self.current, self.total, self.seen = [], np.float64(0), 0
        self.batch_losses += [self.current]

    def on_batch_end(self, batch, logs=None):
        n = self.batch_sizes[batch]
        total = np.float64(logs.get("loss")) * (self.seen + n)
        self.current.append((total - self.total) / n)
        self.total, self.seen = total, self.seen + n
