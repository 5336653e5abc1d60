import pandas as pd


def curve_features(train, val):
    curves = pd.DataFrame({"train": list(train), "val": list(val)}, dtype=float)
    strays = (curves - curves.rolling(5, center=True).mean()).iloc[8:].dropna()
    jitter = strays.std(ddof=0)
    return dict(
        start=curves.train.iloc[0],
        floor=curves.train.min(),
        gap=(curves.val - curves.train).tail(5).mean(),
        train_jitter=jitter.train,
        val_jitter=jitter.val,
    )
