# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    logits = model.predict(inputs, verbose=0)
    first_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, logits)
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
