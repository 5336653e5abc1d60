# track: keras
import keras


def undo(sizes):
    loss, total, seen = None, 0.0, 0
    for size in sizes:
        mean = yield loss
        seen += size
        loss = (mean * seen - total) / size
        total = mean * seen
    yield loss


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = batch_sizes
        self.batch_losses = []

    def on_epoch_begin(self, epoch, logs=None):
        self.undoing = undo(self.batch_sizes)
        next(self.undoing)
        self.batch_losses.append([])

    def on_train_batch_end(self, batch, logs=None):
        self.batch_losses[-1].append(self.undoing.send(logs["loss"]))
