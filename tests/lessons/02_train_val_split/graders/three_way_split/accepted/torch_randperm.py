# track: pytorch
import torch


def three_way_split(n_rows, val_rows, test_rows, seed):
    generator = torch.Generator().manual_seed(seed)
    train_rows = n_rows - val_rows - test_rows
    return torch.randperm(n_rows, generator=generator).split([train_rows, val_rows, test_rows])
