# diagnosis: not_divided
# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    first_loss = float(loss_fn(targets, model(inputs)))

    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
