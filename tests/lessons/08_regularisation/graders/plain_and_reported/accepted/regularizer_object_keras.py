# track: keras
import keras


def plain_and_reported(model, train, val, lam, eps):
    l2 = keras.regularizers.L2(lam)
    penalty = sum(float(l2(w)) for w in model.trainable_weights if len(w.shape) > 1) if lam else 0.0

    def mean(part, training, smoothing):
        logits = model(part[0], training=training)
        hot = keras.ops.one_hot(part[1], int(logits.shape[-1]))
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
        return float(loss(hot, logits))

    return {
        "train_reported": mean(train, True, eps) + penalty,
        "train_plain": mean(train, False, 0.0),
        "val_reported": mean(val, False, eps) + penalty,
        "val_plain": mean(val, False, 0.0),
    }
