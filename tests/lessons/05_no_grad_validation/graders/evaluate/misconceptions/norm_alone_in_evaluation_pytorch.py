# track: pytorch
# diagnosis: no_eval
# seen: only the batch-norm layers are put in evaluation mode
import torch
def evaluate(model, loader, loss_fn):
    was = model.training
    [m.eval() for m in model.modules() if isinstance(m, torch.nn.BatchNorm1d)]
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            count += len(y)
    model.train(was)
    return total / count
