# track: pytorch
# diagnosis: last_batch
# seen: the loop variable reported after the loop
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            loss = loss_fn(model(x), y)
    model.train(was_training)
    return loss.item()
