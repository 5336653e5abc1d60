# track: pytorch
from typing import NamedTuple

import numpy as np


class EpochRecord(NamedTuple):
    batch_losses: list
    batch_sizes: list


def train_one_epoch(model, loader, loss_fn, optimizer):
    record = EpochRecord([], [])
    for inputs, targets in loader:
        model.train()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        model.zero_grad()
        record.batch_losses.append(np.float32(loss.detach().numpy()))
        record.batch_sizes.append(np.int64(len(targets)))
    return record
