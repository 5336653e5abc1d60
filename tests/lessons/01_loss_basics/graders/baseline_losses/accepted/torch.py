# track: pytorch
import torch


def baseline_losses(n_classes, targets):
    t = torch.tensor(targets, dtype=torch.float64)
    logits = torch.zeros(1, n_classes)
    return {
        "cross_entropy": torch.nn.functional.cross_entropy(logits, torch.tensor([0])),
        "mse": t.var(correction=0),
    }
