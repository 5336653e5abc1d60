# track: pytorch
import torch


def cross_entropy_from_logits(logits, targets):
    z = torch.tensor(logits, dtype=torch.float32)
    t = torch.tensor(targets)
    return (torch.logsumexp(z, dim=1) - z.gather(1, t[:, None]).squeeze(1)).mean()
