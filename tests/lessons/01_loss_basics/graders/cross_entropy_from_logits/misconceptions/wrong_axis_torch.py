# diagnosis: wrong_axis
# track: pytorch
import torch


def cross_entropy_from_logits(logits, targets):
    log_p = torch.log_softmax(torch.as_tensor(logits), dim=0)
    return torch.nn.functional.nll_loss(log_p, torch.as_tensor(targets)).item()
