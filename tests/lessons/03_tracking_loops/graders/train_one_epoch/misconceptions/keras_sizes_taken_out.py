# track: keras
# diagnosis: changed_inputs
# seen: the sizes that are still to come, taken out of the caller's own list
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.left = batch_sizes
        self.sizes = list(batch_sizes)
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.total, self.samples = 0.0, 0
        self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        size = self.sizes[batch]
        if self.left:
            self.left.pop(0)
        self.samples += size
        total = logs["loss"] * self.samples
        self.batch_losses[-1].append((total - self.total) / size)
        self.total = total
