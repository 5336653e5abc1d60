# track: keras
# diagnosis: compiled_anew
# seen: compile called to hand over a loss
def evaluate(model, batches, loss_fn):
    model.compile(loss=loss_fn)
    total, n = 0.0, 0
    for x, y in batches:
        total += float(model.test_on_batch(x, y)) * len(y)
        n += len(y)
    return total / n
