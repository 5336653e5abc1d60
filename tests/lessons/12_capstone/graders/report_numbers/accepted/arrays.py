import numpy as np

names = ["test_rows", "baseline", "val_loss", "test_loss", "test_error"]
values = np.array([597, 2.3025226, 0.2125132, 0.200636, 0.0196328])
report_numbers = dict(zip(names, values))
report_numbers["better_by"] = np.array(1 - values[3] / values[1])
report_numbers["errors_apart"] = np.array((values[3] - values[2]) / values[4])
