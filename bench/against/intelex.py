# SPDX-License-Identifier: BSD-3-Clause
"""scikit-learn-intelex: oneDAL's forests behind scikit-learn's face. It hands sets with missing
values back to scikit-learn, so they are imputed for it."""
from importlib.metadata import version

from sklearnex.ensemble import RandomForestClassifier, RandomForestRegressor

import common
from scikit_learn import ScikitLearn


class Intelex(ScikitLearn):
    name, version, missing = "sklearnex", version("scikit-learn-intelex"), "imputed"
    classifier, regressor = RandomForestClassifier, RandomForestRegressor

    def __init__(self, given, data):
        super().__init__(given, data)
        self.threads = given.threads

    def size(self):
        try:
            return super().size()
        except Exception:  # oneDAL grew trees that scikit-learn's face cannot show
            return None, None


if __name__ == "__main__":
    common.measure(Intelex)
