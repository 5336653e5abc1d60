# track: keras
# diagnosis: gradients_on
# seen: a tape left over from the training step
import tensorflow as tf


def evaluate(model, batches, loss_fn):
    loss_sum, samples = 0.0, 0
    for inputs, targets in batches:
        with tf.GradientTape():
            loss = loss_fn(targets, model(inputs, training=False))
        loss_sum += float(loss) * len(targets)
        samples += len(targets)
    return loss_sum / samples
