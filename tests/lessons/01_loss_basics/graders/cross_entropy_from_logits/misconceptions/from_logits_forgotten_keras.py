# track: keras
# diagnosis: probabilities_expected
# seen: from_logits=True left out
import keras


def cross_entropy_from_logits(logits, targets):
    return float(keras.losses.SparseCategoricalCrossentropy()(targets, logits))
