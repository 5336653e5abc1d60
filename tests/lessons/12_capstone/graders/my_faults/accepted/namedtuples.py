from collections import OrderedDict, namedtuple

import numpy as np

Found = namedtuple("Found", "fault number")
my_faults = OrderedDict()
my_faults["F"] = Found("schedule too short", np.float32(8))
my_faults["E"] = Found("double softmax", np.float64(1.461))
my_faults["D"] = Found("dropout in validation", np.float32(0.01649))
my_faults["C"] = Found("last batch logged", np.float64(0.04557))
my_faults["B"] = Found("leaked rows", np.int64(361))
my_faults["A"] = Found("sums for means", np.array(12.5))
