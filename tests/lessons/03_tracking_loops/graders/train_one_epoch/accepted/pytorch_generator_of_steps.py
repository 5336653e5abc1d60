# track: pytorch
from torch import nn


def _steps(model, loader, loss_fn, opt):
    for x, y in loader:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        yield loss.item(), len(x)
def train_one_epoch(model: nn.Module, loader, loss_fn, optimizer) -> tuple[list[float], list[int]]:
    if not model.training:
        model.train()
    losses, sizes = zip(*_steps(model, loader, loss_fn, optimizer))
    return list(losses), list(sizes)
