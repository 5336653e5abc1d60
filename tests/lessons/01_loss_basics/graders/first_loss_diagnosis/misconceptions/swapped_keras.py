# diagnosis: swapped_loss_arguments
# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    first_loss = float(loss_fn(model(inputs), targets))
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
