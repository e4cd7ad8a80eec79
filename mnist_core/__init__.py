"""Digit Lab's core: reads handwritten digits, and trains the models that do it."""

import os

# NumPy's OpenBLAS reads this when it is loaded. Its threads make matrices as small as ours no
# faster and wait for each other where the processor is busy: beside a training, fog on 10,000
# images took 4.5 s on two cores with them, and 0.3 s without.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
