import pandas as pd


def mse(predictions, targets):
    d = pd.DataFrame({"p": predictions.ravel().astype(float), "t": targets.ravel()})
    return d.eval("(p - t) ** 2").mean()
