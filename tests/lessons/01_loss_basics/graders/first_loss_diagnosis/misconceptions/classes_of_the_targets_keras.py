# diagnosis: classes_of_the_labels
# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    first_loss = float(loss_fn(targets, model(inputs)))
    expected = float(np.log(len(np.unique(targets))))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
