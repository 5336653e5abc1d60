# track: pytorch
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        outputs, targets = zip(*[(model(x), y) for x, y in loader])
        loss = loss_fn(torch.cat(outputs), torch.cat(targets))
    model.train(was_training)
    return loss.item()
