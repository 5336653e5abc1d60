# track: pytorch
import copy

import torch
from torch import nn


def plain_and_reported(model, train, val, lam, eps):
    training, evaluation = copy.deepcopy(model).train(), copy.deepcopy(model).eval()
    plain, smooth = nn.CrossEntropyLoss(), nn.CrossEntropyLoss(label_smoothing=eps)
    squares = [torch.linalg.norm(p) ** 2 for p in model.parameters() if p.ndim >= 2]
    penalty = lam * float(sum(squares).detach())
    return dict(
        train_reported=smooth(training(train[0]), train[1]).item() + penalty,
        train_plain=plain(evaluation(train[0]), train[1]).item(),
        val_reported=smooth(evaluation(val[0]), val[1]).item() + penalty,
        val_plain=plain(evaluation(val[0]), val[1]).item(),
    )
