# diagnosis: double_softmax_summed
# track: keras
import keras
import tensorflow as tf


def first_loss_diagnosis(model, inputs, targets, n_classes):
    outputs = tf.nn.softmax(model(inputs))
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    first_loss = float(loss_fn(targets, outputs))

    expected = 1 / n_classes
    healthy = first_loss < 1.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
