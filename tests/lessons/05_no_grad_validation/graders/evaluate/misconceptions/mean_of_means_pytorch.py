# track: pytorch
# diagnosis: mean_of_means
# seen: val_loss / len(loader), in most published loops
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        losses = [loss_fn(model(x), y).item() for x, y in loader]
    model.train(was_training)
    return sum(losses) / len(losses)
