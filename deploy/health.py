"""Exit with 0 if the app on this machine answers, else with 1: a container's health check."""

import os
import sys
import urllib.request

try:
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8501')}/_stcore/health"
    with urllib.request.urlopen(address, timeout=4) as answer:
        sys.exit(0 if answer.read() == b"ok" else 1)
except OSError as error:
    sys.exit(f"The app does not answer: {error}")
