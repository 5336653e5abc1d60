# track: pytorch
import torch


def standardise(train, val):
    train, val = (torch.as_tensor(part, dtype=torch.float64) for part in (train, val))
    spread, mean = torch.std_mean(train, dim=0, correction=0)
    spread = torch.where(spread == 0, 1.0, spread)
    return ((train - mean) / spread).numpy(), ((val - mean) / spread).numpy()
