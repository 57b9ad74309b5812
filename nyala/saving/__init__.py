"""Models to files and back; objects to data and back, and the registry of the user's classes."""

from nyala.core import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from nyala.saving._file_editor import KerasFileEditor
from nyala.saving._inspect import Inspection, inspect_file
from nyala.saving._inspect_view import print_inspection
from nyala.saving._limits import Limits, ModelFileError, limits
from nyala.saving._operations import as_keras_operation, from_keras_operation
from nyala.saving._rebuild import object_from_json
from nyala.saving._save_load import load_model, save_model
from nyala.saving._weights_file import load_weights, save_weights
from nyala.saving.checkpoints import Checkpoint, CheckpointManager, latest_checkpoint

__all__ = [
    "Checkpoint",
    "CheckpointManager",
    "CustomObjectScope",
    "Inspection",
    "KerasFileEditor",
    "Limits",
    "ModelFileError",
    "as_keras_operation",
    "custom_object_scope",
    "deserialize_keras_object",
    "from_keras_operation",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "inspect_file",
    "latest_checkpoint",
    "limits",
    "load_model",
    "load_weights",
    "object_from_json",
    "print_inspection",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
