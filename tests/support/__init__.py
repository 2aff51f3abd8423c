"""What the tests stand on. The Python client library is found where it lies, outside pytest as well."""

import sys
from pathlib import Path

_LIBRARY = str(Path(__file__).resolve().parents[2] / "clients" / "python")
if _LIBRARY not in sys.path:
    sys.path.append(_LIBRARY)
