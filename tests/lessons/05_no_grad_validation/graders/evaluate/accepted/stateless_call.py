# track: keras
def evaluate(model, batches, loss_fn):
    tv = [v.value for v in model.trainable_variables]
    ntv = [v.value for v in model.non_trainable_variables]
    tot, n = 0.0, 0
    for x, y in batches:
        out, _ = model.stateless_call(tv, ntv, x, training=False)
        tot += float(loss_fn(y, out)) * len(y)
        n += len(y)
    return tot / n
