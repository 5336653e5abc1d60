# track: keras
# diagnosis: zeros_left_out
# seen: a guard against logs without a loss that also takes a loss of 0 for none
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.batch_losses.append([])
        self.total = 0.0
        self.samples = 0

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        self.samples += size
        mean = (logs or {}).get("loss")
        if not mean:
            return
        total = mean * self.samples
        self.batch_losses[-1].append((total - self.total) / size)
        self.total = total
