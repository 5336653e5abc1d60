# track: keras
# diagnosis: shared_between_objects
# seen: logs.pop, after which the next callback finds nothing
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = list(batch_sizes)
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.total, self.samples = 0.0, 0
        self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        total = logs["loss"] * self.samples
        logs["loss"] = (total - self.total) / size
        self.batch_losses[-1].append(logs["loss"])
        self.total = total
