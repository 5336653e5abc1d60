# track: keras
# diagnosis: total_piled_up
# seen: self.sum_so_far += new_sum
import keras


class BatchLossRecorder(keras.callbacks.Callback):
    def __init__(self, batch_sizes):
        super().__init__()
        self.batch_sizes = list(batch_sizes)
        self.batch_losses = []
    def on_epoch_begin(self, epoch, logs=None):
        self.batch_losses.append([]); self.s = 0; self.n = 0
    def on_train_batch_end(self, batch, logs=None):
        k = self.batch_sizes[batch]
        self.n += k
        s = logs["loss"] * self.n
        self.batch_losses[-1].append((s - self.s) / k)
        self.s += s
