leaks = {"B", "C", "F"}
