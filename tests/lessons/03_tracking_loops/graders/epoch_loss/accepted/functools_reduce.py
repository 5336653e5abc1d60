from functools import reduce
from operator import mul

epoch_loss = lambda losses, sizes: reduce(lambda a, b: a + b, map(mul, losses, sizes)) / sum(sizes)
