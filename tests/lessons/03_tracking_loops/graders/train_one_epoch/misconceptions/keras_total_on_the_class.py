# track: keras
# diagnosis: shared_between_objects
# seen: counters on the class, set back when an epoch begins
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    total, samples = 0.0, 0

    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = list(batch_sizes)
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        BatchLossRecorder.total, BatchLossRecorder.samples = 0.0, 0
        self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        size = self.batch_sizes[batch]
        BatchLossRecorder.samples += size
        total = logs["loss"] * BatchLossRecorder.samples
        self.batch_losses[-1].append((total - BatchLossRecorder.total) / size)
        BatchLossRecorder.total = total
