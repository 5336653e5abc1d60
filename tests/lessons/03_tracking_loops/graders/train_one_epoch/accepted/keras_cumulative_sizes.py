# track: keras
import keras
import numpy as np


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.ends = np.cumsum([0, *batch_sizes])
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.means = [0.0]

    def on_train_batch_end(self, batch, logs=None):
        self.means.append(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        sums = np.array(self.means) * self.ends
        self.batch_losses.append(np.diff(sums) / np.diff(self.ends))
