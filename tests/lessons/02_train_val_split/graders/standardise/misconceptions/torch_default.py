# diagnosis: divided_by_n_minus_1
# track: pytorch
import torch


def standardise(train, val):
    train, val = torch.tensor(train), torch.tensor(val)
    mean, spread = train.double().mean(dim=0), train.double().std(dim=0)
    spread[spread == 0] = 1
    return (train - mean) / spread, (val - mean) / spread
