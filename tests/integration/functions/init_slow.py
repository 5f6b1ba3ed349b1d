"""Never ready."""

import time

time.sleep(600)
