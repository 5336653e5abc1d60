# track: pytorch
import torch
from torch.nn import functional


def smooth_targets(labels, n_classes, eps):
    labels = torch.as_tensor([int(label) for label in labels])
    targets = (1 - eps) * functional.one_hot(labels, n_classes).double() + eps / n_classes
    return targets, torch.special.entr(targets).sum(dim=1).mean().item()
