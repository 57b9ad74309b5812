"""The ground floor: settings, errors, dtypes, structures, names, the class registry. No jax."""

from nyala.core import _settings as settings
from nyala.core import _tree as tree
from nyala.core._archives import TarReader, extract_archive, leads_outside, open_tar, open_zip
from nyala.core._atomic import (
    PendingFile,
    atomic_directory,
    atomic_file,
    remove_at_once,
    remove_stale_in,
)
from nyala.core._download import download
from nyala.core._dtype_policies import DTypePolicy, dtype_policy, get_policy, set_dtype_policy
from nyala.core._dtypes import (
    DType,
    is_float_dtype,
    is_int_dtype,
    numpy_dtype,
    standardize_dtype,
)
from nyala.core._errors import DownloadError, UnbuiltError, did_you_mean
from nyala.core._file_limits import ArchiveError, ArchiveLimits, DownloadLimits, download_limits
from nyala.core._hashes import has_hash, hash_file
from nyala.core._identifiers import by_names, resolve_identifier
from nyala.core._naming import (
    auto_name,
    current_path,
    get_uid,
    name_scope,
    reset_names,
    to_snake_case,
    uniquify,
)
from nyala.core._registry import (
    CustomObjectScope,
    builtin_key,
    builtin_names,
    custom_object_scope,
    enrol,
    find_builtin,
    find_custom,
    fresh_registry,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from nyala.core._serialization import (
    add_codec,
    deserialize_keras_object,
    find_class,
    serialize_keras_object,
    sharing_objects,
)
from nyala.core._settings import epsilon, floatx, standardize_data_format
from nyala.core._spelling import public_name, respelled
from nyala.core._user_code import user_line, user_stacklevel

__all__ = [
    "ArchiveError",
    "ArchiveLimits",
    "CustomObjectScope",
    "DType",
    "DTypePolicy",
    "DownloadError",
    "DownloadLimits",
    "PendingFile",
    "TarReader",
    "UnbuiltError",
    "add_codec",
    "atomic_directory",
    "atomic_file",
    "auto_name",
    "builtin_key",
    "builtin_names",
    "by_names",
    "current_path",
    "custom_object_scope",
    "deserialize_keras_object",
    "did_you_mean",
    "download",
    "download_limits",
    "dtype_policy",
    "enrol",
    "epsilon",
    "extract_archive",
    "find_builtin",
    "find_class",
    "find_custom",
    "floatx",
    "fresh_registry",
    "get_custom_objects",
    "get_policy",
    "get_registered_name",
    "get_registered_object",
    "get_uid",
    "has_hash",
    "hash_file",
    "is_float_dtype",
    "is_int_dtype",
    "leads_outside",
    "name_scope",
    "numpy_dtype",
    "open_tar",
    "open_zip",
    "public_name",
    "register_keras_serializable",
    "remove_at_once",
    "remove_stale_in",
    "reset_names",
    "resolve_identifier",
    "respelled",
    "serialize_keras_object",
    "set_dtype_policy",
    "settings",
    "sharing_objects",
    "standardize_data_format",
    "standardize_dtype",
    "to_snake_case",
    "tree",
    "uniquify",
    "user_line",
    "user_stacklevel",
]
