# track: pytorch
# diagnosis: statistics_forgotten
# seen: only the parameters are copied
import torch


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss = float("inf")
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best = [p.detach().clone() for p in model.parameters()]
    with torch.no_grad():
        for p, kept in zip(model.parameters(), best):
            p.copy_(kept)
    return best_epoch
