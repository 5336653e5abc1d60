# track: keras
# diagnosis: one_hot_expected
# seen: CategoricalCrossentropy given numbers of classes
import keras


def cross_entropy_from_logits(logits, targets):
    return float(keras.losses.CategoricalCrossentropy(from_logits=True)(targets, logits))
