# track: pytorch
import torch


@torch.no_grad()
def evaluate(model, loader, loss_fn):
    mode = model.training
    model.eval()
    sums, counts = [], []
    for inputs, targets in loader:
        counts.append(targets.shape[0])
        sums.append(loss_fn(model(inputs), targets) * counts[-1])
    model.train(mode)
    return float(sum(sums)) / sum(counts)
