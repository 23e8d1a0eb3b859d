"""What scripts say is read in English here, wherever the tests run."""

import os

os.environ["GENMODELS_LANG"] = "en"
