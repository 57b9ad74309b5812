"""`FeatureSpace`: tables of columns of several kinds to vectors."""

from nyala.utils._feature_space._feature_space import FeatureSpace
from nyala.utils._feature_space._features import Cross, Feature

__all__ = ["Cross", "Feature", "FeatureSpace"]
