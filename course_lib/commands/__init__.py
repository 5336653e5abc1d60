"""The command line, ``course``, and the commands that learners need, too."""
