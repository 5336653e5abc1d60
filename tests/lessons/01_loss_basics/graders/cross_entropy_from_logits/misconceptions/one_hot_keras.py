# diagnosis: ready_made_loss
# track: keras
import keras


def cross_entropy_from_logits(logits, targets):
    y = keras.utils.to_categorical(targets, num_classes=logits.shape[1])
    return keras.losses.CategoricalCrossentropy(from_logits=True)(y, logits)
