# track: pytorch
import torch


def cross_entropy(logits, labels, eps):
    logs = torch.log_softmax(logits, dim=1)
    right = logs.gather(1, labels[:, None]).mean()
    return ((eps - 1) * right - eps * logs.mean()).item()


@torch.no_grad()
def plain_and_reported(model, train, val, lam, eps):
    penalty = lam * sum(p.pow(2).sum().item() for name, p in model.named_parameters() if name.endswith("weight"))
    arrived = {part: part.training for part in model.modules()}
    try:
        noisy = model.train()(train[0])
        model.eval()
        calm, unseen = model(train[0]), model(val[0])
    finally:
        for part, mode in arrived.items():
            part.training = mode
    return {
        "train_reported": cross_entropy(noisy, train[1], eps) + penalty,
        "train_plain": cross_entropy(calm, train[1], 0.0),
        "val_reported": cross_entropy(unseen, val[1], eps) + penalty,
        "val_plain": cross_entropy(unseen, val[1], 0.0),
    }
