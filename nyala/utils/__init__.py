"""Utilities around models and data."""

from nyala.callbacks import Progbar
from nyala.core import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    download_limits,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
    standardize_dtype,
)
from nyala.core._settings import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from nyala.data import PyDataset, pack_x_y_sample_weight, unpack_x_y_sample_weight
from nyala.data.loaders import (
    audio_dataset_from_directory,
    image_dataset_from_directory,
    split_dataset,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)
from nyala.datasets._get_file import get_file
from nyala.eager import set_random_seed
from nyala.symbolic import is_keras_tensor
from nyala.utils import bounding_boxes, legacy
from nyala.utils._config import Config
from nyala.utils._feature_space import FeatureSpace
from nyala.utils._images import array_to_img, img_to_array, load_img, save_img
from nyala.utils._numpy import normalize, to_categorical
from nyala.utils._plot_model import model_to_dot, plot_model
from nyala.utils._sequences import pad_sequences
from nyala.utils._session import clear_session
from nyala.utils._source_inputs import get_source_inputs

Sequence = PyDataset

__all__ = [
    "Config",
    "CustomObjectScope",
    "FeatureSpace",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "bounding_boxes",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "download_limits",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "legacy",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
