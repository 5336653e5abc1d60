# track: pytorch
# diagnosis: flags_changed
# seen: freezing taken for no_grad
def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    model.requires_grad_(False)
    total, n = 0.0, 0
    for x, y in loader:
        total += loss_fn(model(x), y).item() * len(y)
        n += len(y)
    model.train(was_training)
    return total / n
