line = "597 2.302523 0.212513 0.200636 0.019633 0.912863 -0.604967"
keys = "test_rows baseline val_loss test_loss test_error better_by errors_apart"
report_numbers = dict(zip(keys.split(), line.split()))
