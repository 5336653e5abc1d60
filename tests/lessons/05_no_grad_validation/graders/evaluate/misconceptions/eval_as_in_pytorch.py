# track: keras
# diagnosis: mode_of_the_model
# seen: habits from PyTorch
def evaluate(model, batches, loss_fn):
    model.eval()
    total = n = 0
    for x, y in batches:
        total += float(loss_fn(y, model(x))) * len(y)
        n += len(y)
    return total / n
