# diagnosis: penalty_without_lam
# track: keras
import keras
from keras import ops


def plain_and_reported(model, train, val, lam, eps):
    def loss(part, training, smoothing):
        logits = model(part[0], training=training)
        hot = ops.one_hot(part[1], logits.shape[-1])
        rows = keras.losses.categorical_crossentropy(hot, logits, from_logits=True, label_smoothing=smoothing)
        return float(ops.mean(rows))

    penalty = sum(float(ops.sum(w**2)) for w in model.trainable_variables if len(w.shape) > 1)
    losses = {
        "train_reported": loss(train, True, eps) + penalty,
        "train_plain": loss(train, False, 0.0),
        "val_reported": loss(val, False, eps) + penalty,
        "val_plain": loss(val, False, 0.0),
    }
    return losses
