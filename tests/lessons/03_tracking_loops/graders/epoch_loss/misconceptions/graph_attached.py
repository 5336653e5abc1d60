# diagnosis: graph_attached
# track: pytorch
import torch


def epoch_loss(batch_losses, batch_sizes):
    losses = torch.tensor(batch_losses, dtype=torch.float32, requires_grad=True)
    sizes = torch.tensor(batch_sizes)
    return (losses * sizes).sum() / sizes.sum()
