# diagnosis: ready_made_loss
# track: pytorch
import torch


def cross_entropy_from_logits(logits, targets):
    return torch.nn.functional.cross_entropy(torch.as_tensor(logits), torch.as_tensor(targets)).item()
