# track: keras
# diagnosis: measured_after_update
# seen: each batch's loss is measured after its update
def same_weights_train_loss(model, x, y, batch_size):
    total = 0.0
    for i in range(0, len(x), batch_size):
        xb, yb = x[i : i + batch_size], y[i : i + batch_size]
        model.train_on_batch(xb, yb)
        total += float(model.evaluate(xb, yb, verbose=0)) * len(xb)
    return total / len(x), model.evaluate(x, y, verbose=0)
