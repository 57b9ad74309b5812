"""In which types layers keep their weights and compute."""

from nyala.core import DTypePolicy, deserialize_keras_object, get_policy, serialize_keras_object

FloatDTypePolicy = DTypePolicy
get = get_policy
serialize = serialize_keras_object
deserialize = deserialize_keras_object

__all__ = ["DTypePolicy", "FloatDTypePolicy", "deserialize", "get", "serialize"]
