import math
import statistics


def curve_features(train, val):
    out = {"start": float(train[0]), "floor": float(min(train))}
    out["gap"] = math.fsum(float(v) - float(t) for t, v in zip(list(train)[-5:], list(val)[-5:])) / 5
    for name, curve in [("train_jitter", train), ("val_jitter", val)]:
        strays = []
        for epoch in range(9, len(curve) - 1):  # counted from 1
            window = [float(curve[k - 1]) for k in range(epoch - 2, epoch + 3)]
            strays.append(float(curve[epoch - 1]) - sum(window) / 5)
        out[name] = statistics.pstdev(strays)
    return out
