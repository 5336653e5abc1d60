# track: keras
# diagnosis: one_hot_expected
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    out = model(inputs)
    first = float(keras.losses.CategoricalCrossentropy(from_logits=True)(targets, out))
    expected = float(np.log(n_classes))
    healthy = abs(first - expected) < 0.2 * expected
    return {"first_loss": first, "expected": expected, "healthy": healthy}
