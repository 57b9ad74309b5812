"""Objects to data and back in the form of Keras 2: `{"class_name": ..., "config": ...}`."""

from nyala.utils.legacy._serialization import deserialize_keras_object, serialize_keras_object

__all__ = ["deserialize_keras_object", "serialize_keras_object"]
