# track: pytorch
# diagnosis: backward_on_validation_rows
# seen: a training loop with only the step removed
def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total, n = 0.0, 0
    for x, y in loader:
        loss = loss_fn(model(x), y)
        loss.backward()
        total += loss.item() * len(y)
        n += len(y)
    model.train(was_training)
    return total / n
