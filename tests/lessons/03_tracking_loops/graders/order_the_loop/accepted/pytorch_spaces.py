# track: pytorch
order = "D B F E G A C"
