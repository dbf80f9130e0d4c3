"""Columns of records as arrays."""

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]
