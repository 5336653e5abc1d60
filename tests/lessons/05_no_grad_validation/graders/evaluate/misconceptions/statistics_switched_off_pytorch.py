# track: pytorch
# diagnosis: norm_in_training
# seen: track_running_stats switched off in place of eval
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.eval()
        if isinstance(module, torch.nn.BatchNorm1d):
            module.track_running_stats = False
    loss_sum = samples = 0
    with torch.no_grad():
        for inputs, targets in loader:
            loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
            samples += len(targets)
    model.train(was_training)
    return loss_sum / samples
