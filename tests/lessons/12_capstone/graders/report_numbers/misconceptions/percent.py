# diagnosis: percent_for_share
report_numbers = {
    "test_rows": 597,
    "baseline": 2.30252,
    "val_loss": 0.212513,
    "test_loss": 0.200636,
    "test_error": 0.0196328,
    "better_by": 91.2863,
    "errors_apart": -0.604957,
}
