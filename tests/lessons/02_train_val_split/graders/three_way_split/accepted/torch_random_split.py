# track: pytorch
import torch


def three_way_split(n_rows, val_rows, test_rows, seed):
    generator = torch.Generator().manual_seed(seed)
    sizes = [n_rows - val_rows - test_rows, val_rows, test_rows]
    return [part.indices for part in torch.utils.data.random_split(range(n_rows), sizes, generator=generator)]
