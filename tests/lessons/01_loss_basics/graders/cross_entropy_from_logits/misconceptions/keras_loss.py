# diagnosis: ready_made_loss
# track: keras
import keras


def cross_entropy_from_logits(logits, targets):
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, logits)
