"""In which type a layer keeps its weights and in which it computes."""

from __future__ import annotations

from typing import Any

from nyala.core import _settings
from nyala.core._dtypes import DType, standardize_dtype
from nyala.core._errors import did_you_mean
from nyala.core._registry import enrol

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_global_policy: DTypePolicy | None = None


@enrol("keras.dtype_policies", aliases=("FloatDTypePolicy", "Policy"))
@enrol("keras")  # as configs of layers name it
class DTypePolicy:
    """A layer's variable dtype and compute dtype under one name.

    Args:
        name: a dtype (`"float32"`, `"bfloat16"`, …) for both, or `"mixed_bfloat16"` /
            `"mixed_float16"`: weights in float32, computation in 16 bits.

    >>> import nyala
    >>> policy = nyala.DTypePolicy("mixed_bfloat16")
    >>> policy.variable_dtype, policy.compute_dtype
    ('float32', 'bfloat16')
    """

    def __init__(self, name: str | None = None):
        name = str(name) if name is not None else _settings.floatx()
        if name in _MIXED:
            self._variable, self._compute = DType("float32"), DType(_MIXED[name])
        else:
            try:
                self._variable = self._compute = standardize_dtype(name)
            except ValueError:
                known = [*_MIXED, "float32", "bfloat16", "float16", "float64"]
                raise ValueError(
                    f"Unknown dtype policy {name!r}: expected a dtype or one of "
                    f"{', '.join(_MIXED)}.{did_you_mean(name, known)}"
                ) from None
            name = str(self._variable)
            # Integers are narrowed silently: layers such as Hashing name int64 by default.
            if name in ("float64", "complex128"):
                _settings.enable_x64()
        self._name = name

    @property
    def name(self) -> str:
        """The policy's name."""
        return self._name

    @property
    def variable_dtype(self) -> DType:
        """The dtype in which weights are kept."""
        return self._variable

    @property
    def compute_dtype(self) -> DType:
        """The dtype in which a layer computes and to which its float inputs are cast."""
        return self._compute

    @property
    def quantization_mode(self) -> None:
        """`None`: a plain policy does not quantize."""
        return None

    @property
    def is_mixed(self) -> bool:
        """Whether the two dtypes differ."""
        return self._variable != self._compute

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: dict) -> DTypePolicy:
        """Return a policy from `get_config()`."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'

    def __str__(self) -> str:
        return self._name


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are given none."""
    return _global_policy or DTypePolicy(_settings.floatx())


def set_dtype_policy(policy: str | DTypePolicy | None) -> None:
    """Set the policy of layers that are given none.

    >>> import nyala
    >>> nyala.config.set_dtype_policy("mixed_bfloat16")
    >>> nyala.layers.Dense(2).compute_dtype
    'bfloat16'
    >>> nyala.config.set_dtype_policy("float32")
    """
    global _global_policy
    _global_policy = None if policy is None else get_policy(policy)


def get_policy(identifier: Any) -> DTypePolicy:
    """Return the policy that a name, dtype, config or policy means (`None`: the global one)."""
    from nyala.core._serialization import deserialize_keras_object

    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(str(standardize_dtype(identifier)))
    except (TypeError, ValueError):
        raise ValueError(
            f"Cannot make a dtype policy from {identifier!r}: expected a name such as 'float32' or "
            "'mixed_bfloat16', or a DTypePolicy."
        ) from None
