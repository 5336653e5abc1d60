# track: keras
# diagnosis: swapped_loss_arguments
import keras


def cross_entropy_from_logits(logits, targets):
    return float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(logits, targets))
