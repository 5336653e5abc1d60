# track: pytorch
import torch


def evaluate(model, loader, loss_fn):
    mode = model.training
    model.train(False)
    numbers = {name: value.detach().clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        found = [(loss_fn(torch.func.functional_call(model, numbers, (x,)), y).double(), len(y)) for x, y in loader]
    model.train(mode)
    counts = torch.tensor([count for _, count in found], dtype=torch.float64)
    return (torch.stack([loss for loss, _ in found]) @ counts) / counts.sum()
