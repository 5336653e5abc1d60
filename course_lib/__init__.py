"""Reading training and validation loss: what the lessons import.

Importing this package loads neither torch nor tensorflow, so that a learner waits only for the
framework of the track they chose. The parts are imported from their own modules, for example
``from course_lib.pytorch import fit`` or ``from course_lib.plots import curves``.
"""

from course_lib.import_order import triton_before_tensorflow

__version__ = "0.1.0"
__all__ = ["__version__"]

triton_before_tensorflow()
