# diagnosis: chance_error_rate
# track: keras
import keras


def first_loss_diagnosis(model, inputs, targets, n_classes):
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    first_loss = float(loss_fn(targets, model(inputs)))

    expected = 1 - 1 / n_classes
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
