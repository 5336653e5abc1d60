# track: pytorch
# seen: copied back tensor by tensor
import torch


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss = float("inf")
    for epoch in range(epochs):
        train_epoch(model)
        loss = float(evaluate(model, val))
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch + 1
            best = [t.clone() for t in (*model.parameters(), *model.buffers())]
    with torch.no_grad():
        for live, kept in zip((*model.parameters(), *model.buffers()), best):
            live.copy_(kept)
    return best_epoch
