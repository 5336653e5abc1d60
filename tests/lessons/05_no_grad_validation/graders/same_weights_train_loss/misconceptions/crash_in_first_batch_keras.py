# track: keras
# diagnosis: raised_TypeError
# seen: one argument too many in a loop by hand
def same_weights_train_loss(model, x, y, batch_size):
    total = 0.0
    for start in range(0, len(y), batch_size):
        xb, yb = x[start : start + batch_size], y[start : start + batch_size]
        total += model.train_on_batch(xb, yb) * len(yb, 0)
    return total / len(y), model.evaluate(x, y, verbose=0)
