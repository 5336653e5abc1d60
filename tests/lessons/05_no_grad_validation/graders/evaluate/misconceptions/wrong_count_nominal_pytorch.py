# track: pytorch
# diagnosis: wrong_count
# seen: batch_size * len(loader) taken for the number of samples
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total, batches, batch_size = 0.0, 0, None
    with torch.no_grad():
        for x, y in loader:
            batch_size = batch_size or len(y)
            total += loss_fn(model(x), y).item() * len(y)
            batches += 1
    model.train(was_training)
    return total / (batches * batch_size)
