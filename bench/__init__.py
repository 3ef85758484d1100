"""Speed, memory and quality beside peers, in the same run; one file per question.

Run from the repository's root: `python -m bench`, or `make bench`.
"""

import os

# One thread for each matrix product, unless the caller says otherwise: a CPU second is then the same thing for
# every contender. Set before NumPy is first imported, for it is read only then.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
