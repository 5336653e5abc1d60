# track: keras
# diagnosis: last_batch
# seen: the loop variable reported after the loop
def evaluate(model, batches, loss_fn):
    for x, y in batches:
        loss = loss_fn(y, model(x, training=False))
    return float(loss)
