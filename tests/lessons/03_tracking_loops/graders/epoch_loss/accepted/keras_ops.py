# track: keras
from keras import ops


def epoch_loss(batch_losses, batch_sizes):
    sizes = ops.convert_to_tensor(batch_sizes, dtype="float32")
    losses = ops.convert_to_tensor(batch_losses, dtype="float32")
    return ops.sum(losses * sizes) / ops.sum(sizes)
