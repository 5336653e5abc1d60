# track: keras
# diagnosis: divided_by_rows
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    out = model(inputs)
    first = float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, out)) / len(targets)
    expected = float(np.log(n_classes))
    healthy = abs(first - expected) < 0.2 * expected
    return {"first_loss": first, "expected": expected, "healthy": healthy}
