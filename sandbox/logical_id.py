"""Which logical ids a template's resources can have. Imports no moto.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

from __future__ import annotations

import re

MAX_LOGICAL_ID = 255
LOGICAL_ID = re.compile(f"[A-Za-z0-9]{{1,{MAX_LOGICAL_ID}}}")
