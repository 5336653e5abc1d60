# diagnosis: trained
# seen: the loss of the first epoch of fit
# track: keras
import math
import keras


def first_loss_diagnosis(model, inputs, targets, n_classes):
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    first_loss = model.fit(inputs, targets, batch_size=len(targets), verbose=0).history["loss"][0]
    expected = math.log(n_classes)
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
