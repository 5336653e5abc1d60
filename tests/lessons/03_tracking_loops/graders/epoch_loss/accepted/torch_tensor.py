# track: pytorch
import torch


def epoch_loss(batch_losses, batch_sizes):
    losses = torch.tensor(batch_losses, dtype=torch.float64)
    sizes = torch.tensor(batch_sizes)
    return (losses * sizes).sum() / sizes.sum()
