# diagnosis: no_dictionary
report_numbers = [597, 2.302523, 0.212513, 0.200636, 0.0196328, 0.912863, -0.604967]
