def mse(predictions, targets):
    def flat(values):
        return [float(v[0]) if hasattr(v, "__len__") else float(v) for v in values.tolist()]

    return sum((p - t) ** 2 for p, t in zip(flat(predictions), flat(targets), strict=False)) / len(targets)
