# track: keras
# diagnosis: running_mean
# seen: logs taken for the batch's own loss
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        self.batch_losses[-1].append(logs["loss"])
