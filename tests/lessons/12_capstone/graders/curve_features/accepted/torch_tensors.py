# track: pytorch
import torch


def curve_features(train, val):
    t, v = (torch.as_tensor([float(x) for x in c], dtype=torch.float64) for c in (train, val))

    def jitter(c):
        mean = torch.nn.functional.avg_pool1d(c[None, None], 5, 1)[0, 0]
        return (c[2:-2] - mean)[6:].std(unbiased=False)

    return {
        "start": t[0],
        "floor": t.min(),
        "gap": (v[-5:] - t[-5:]).mean(),
        "train_jitter": jitter(t),
        "val_jitter": jitter(v),
    }
