import numpy as np

report_numbers = {"baseline": np.float64(2.3025226), "val_loss": np.float32(0.2125132)}
report_numbers |= {"test_loss": 0.200636, "test_error": 0.0196328}
report_numbers["better_by"] = (report_numbers["baseline"] - report_numbers["test_loss"]) / report_numbers["baseline"]
report_numbers["errors_apart"] = (report_numbers["test_loss"] - report_numbers["val_loss"]) / report_numbers["test_error"]
report_numbers["test_rows"] = np.int64(597)
