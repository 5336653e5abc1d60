# track: keras
from keras.callbacks import Callback


class BatchLossRecorder(Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes

    def on_train_begin(self, logs=None):
        self.batch_losses = []

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:
            self.mean = 0.0
            self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        n, before = self.batch_sizes[batch], sum(self.batch_sizes[:batch])
        own = logs["loss"] + (logs["loss"] - self.mean) * before / n
        self.mean = logs["loss"]
        self.batch_losses[-1].append(own)
