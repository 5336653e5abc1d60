# track: pytorch
order = "DBFEACG"
