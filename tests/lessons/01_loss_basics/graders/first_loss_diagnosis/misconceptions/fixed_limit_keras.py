# track: keras
# diagnosis: other_limit
import keras
import numpy as np
import tensorflow as tf


def first_loss_diagnosis(model, inputs, targets, n_classes):
    out = model(inputs)
    first = float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, out))
    expected = float(np.log(n_classes))
    return {"first_loss": first, "expected": expected, "healthy": bool(abs(first - expected) < 0.2)}
