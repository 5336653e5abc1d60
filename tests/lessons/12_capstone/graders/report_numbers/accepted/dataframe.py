import pandas as pd

run = pd.Series({"test_rows": 597, "baseline": 2.3025226, "val_loss": 0.2125132, "test_loss": 0.200636, "test_error": 0.0196328})
run["better_by"] = round(1 - run.test_loss / run.baseline, 2)
run["errors_apart"] = round((run.test_loss - run.val_loss) / run.test_error, 2)
report_numbers = run.to_dict()
