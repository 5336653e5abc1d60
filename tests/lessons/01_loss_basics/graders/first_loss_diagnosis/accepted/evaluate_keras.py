# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    first_loss = model.evaluate(inputs, targets, verbose=0)
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
