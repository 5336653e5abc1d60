# track: keras
import keras
from keras import ops


def plain_and_reported(model, train, val, lam, eps):
    penalty = 0.0
    for layer in model.layers:
        for weight in layer.weights:
            if len(weight.shape) >= 2:
                penalty += lam * float(ops.sum(ops.square(weight)))
    losses = {}
    for name, (x, y) in (("train", train), ("val", val)):
        for kind in ("reported", "plain"):
            reported = kind == "reported"
            logits = model(x, training=reported and name == "train")
            shares = ops.one_hot(y, logits.shape[-1]) * (1 - eps * reported) + eps * reported / logits.shape[-1]
            loss = -ops.mean(ops.sum(shares * ops.log_softmax(logits), axis=-1))
            losses[f"{name}_{kind}"] = float(loss) + penalty * reported
    return losses
