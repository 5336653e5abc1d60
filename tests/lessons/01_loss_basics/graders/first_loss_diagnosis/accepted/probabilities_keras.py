# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    probabilities = keras.ops.softmax(model(inputs))
    first_loss = float(keras.losses.SparseCategoricalCrossentropy()(targets, probabilities))
    expected = float(np.log(n_classes))
    return {
        "first_loss": first_loss,
        "expected": expected,
        "healthy": bool(np.isclose(first_loss, expected, rtol=0.2, atol=0)),
    }
