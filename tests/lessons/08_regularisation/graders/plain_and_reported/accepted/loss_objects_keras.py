# track: keras
import keras


def plain_and_reported(model, train, val, lam, eps):
    smooth = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=eps)
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    penalty = lam * sum(float((w.numpy() ** 2).sum()) for w in model.weights if w.numpy().ndim > 1)

    def hot(labels):
        return keras.utils.to_categorical(labels, model.output_shape[-1])

    return {
        "train_reported": float(smooth(hot(train[1]), model(train[0], training=True))) + penalty,
        "train_plain": float(plain(train[1], model(train[0], training=False))),
        "val_reported": float(smooth(hot(val[1]), model(val[0], training=False))) + penalty,
        "val_plain": float(plain(val[1], model(val[0], training=False))),
    }
