# track: pytorch
# seen: a checkpoint in memory, as torch.save writes it
import io

import torch


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    lowest, found, stored = float("inf"), 0, b""
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < lowest:
            buffer = io.BytesIO()
            torch.save(model.state_dict(), buffer)
            lowest, found, stored = loss, epoch, buffer.getvalue()
    model.load_state_dict(torch.load(io.BytesIO(stored), weights_only=True))
    return found
