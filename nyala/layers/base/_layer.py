"""`Layer`: state and a computation, the unit from which models are put together."""

from __future__ import annotations

import functools
import inspect
from typing import Any, ClassVar

from nyala import constraints, initializers, regularizers
from nyala.core import (
    DType,
    current_path,
    did_you_mean,
    get_policy,
    is_float_dtype,
    name_scope,
    standardize_dtype,
    tree,
)
from nyala.eager import (
    SeedGenerator,
    StateScope,
    Tensor,
    Variable,
    unwrap,
    wrap,
)
from nyala.layers.base import _call, _calling, _losses
from nyala.layers.base._call import CallSignature
from nyala.layers.base._state import LayerState
from nyala.layers.base._tracking import Tracker
from nyala.layers.base._weight_arguments import takes_keras2_order
from nyala.symbolic import (
    Operation,
    check_name,
    constructor_arguments,
)

# Arguments of Keras 2's layers that say what the first layer of a Sequential model takes.
_INPUT_ARGUMENTS = ("input_shape", "batch_input_shape", "batch_shape", "input_dim", "batch_size",
                    "input_length", "weights", "sparse", "ragged")  # fmt: skip


class Layer(LayerState, Operation):
    """State (weights) and a computation on inputs.

    Args:
        activity_regularizer: a function of the outputs that returns a penalty added to the loss.
        trainable: whether training changes the weights.
        dtype: a dtype or dtype policy for weights and computation; the global policy by default.
        autocast: whether float inputs are cast to the compute dtype.
        name: a name; automatic by default.

    Subclasses make weights in `build(input_shape)` (or in `__init__`) with `add_weight` and compute
    in `call(inputs, ...)`. A `call` that takes `training` or `mask` is given them automatically.

    >>> import nyala
    >>> class Scale(nyala.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> layer = Scale()
    >>> layer(nyala.ops.ones((2, 3))).shape, [w.path for w in layer.weights]
    ((2, 3), ['scale/variable'])
    """

    DEFAULT_METHODS: ClassVar[dict[str, Any]]
    _init_comes_first = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _finishing_build(cls.__dict__["build"])
        cls._signature_cache = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls, *args, **kwargs)
        layer._prepare_tracking()
        return layer

    def __init__(self, *, activity_regularizer: Any = None, trainable: bool = True,
                 dtype: Any = None, autocast: bool = True, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        Operation.__init__(self, name=name)
        self._take_input_arguments(kwargs)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._dtype_policy = get_policy(dtype)
        self.autocast = autocast
        self._trainable = bool(trainable)
        self.input_spec = None
        self.supports_masking = False
        self.built = False
        self._path = current_path(self.name)

    def _prepare_tracking(self) -> None:
        lists: dict[str, list] = {
            "_trainable_variables": [], "_non_trainable_variables": [], "_layers": [],
            "_metrics": [], "_seed_generators": [],
        }  # fmt: skip
        tests = (_is_trainable, _is_non_trainable, _is_layer, _is_metric, _is_seed_generator)
        tracker = Tracker(list(zip(tests, lists.values(), strict=True)))
        for key, value in {**lists, "_tracker": tracker, "_loss_values": []}.items():
            object.__setattr__(self, key, value)
        for key, value in {"built": False, "_called_build": False, "_input_shape_argument": None,
                           "_initial_weights": None, "_trainable": True,
                           "_build_shapes": None, "_accepted_input": None, "_changes": 0,
                           "_whole_calls": None}.items():  # fmt: skip
            object.__setattr__(self, key, value)

    def _take_input_arguments(self, kwargs: dict) -> None:
        unknown = [key for key in kwargs if key not in _INPUT_ARGUMENTS]
        if unknown:
            own = [p for p in inspect.signature(type(self).__init__).parameters if p != "self"]
            raise ValueError(
                f"{type(self).__name__} does not take the argument {unknown[0]!r}."
                f"{did_you_mean(unknown[0], [*own, *_INPUT_ARGUMENTS, 'name', 'dtype'])}"
            )
        shape = kwargs.get("batch_input_shape", kwargs.get("batch_shape"))
        if shape is None and kwargs.get("input_shape") is not None:
            shape = (kwargs.get("batch_size"), *kwargs["input_shape"])
        elif shape is None and kwargs.get("input_dim") is not None:
            shape = (kwargs.get("batch_size"), kwargs["input_dim"])
        self._input_shape_argument = None if shape is None else tuple(shape)
        self._initial_weights = kwargs.get("weights")

    # -- attributes and tracking -----------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (Variable, Layer, list, dict, tuple, set, SeedGenerator)) or (
            hasattr(value, "reset_state")
        ):
            if self._init_comes_first and not name.startswith("_") and not hasattr(self, "name"):
                raise RuntimeError(
                    f"{type(self).__name__}: call super().__init__() at the beginning of __init__, "
                    f"before setting self.{name}."
                )
            value = self._tracker.track(value)
        object.__setattr__(self, name, value)
        self._note_change()

    def _note_change(self) -> None:
        object.__setattr__(self, "_changes", self._changes + 1)
        _call.changes.count += 1

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):
            # A property that failed: its own error says more.
            return object.__getattribute__(self, name)
        hint = did_you_mean(name, [key for key in self.__dict__ if not key.startswith("_")])
        own_build = type(self).build is not Layer.build
        if own_build and not name.startswith("_") and not self.__dict__.get("built", True):
            hint = f" yet: its weights are made by its first call or build(input_shape).{hint}"
        raise AttributeError(
            f"{type(self).__name__} {self.__dict__.get('name', '')!r} has no attribute {name!r}"
            f"{hint or '.'}"
        )

    def __delattr__(self, name: str) -> None:
        value = getattr(self, name, None)
        object.__delattr__(self, name)
        self._note_change()
        if value is not None:
            self._tracker.untrack(value)

    # -- what it is ------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The name behind the names of the layers in which it was made."""
        return self._path

    @property
    def dtype_policy(self) -> Any:
        """The dtype policy."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._dtype_policy = get_policy(value)

    @property
    def dtype(self) -> DType:
        """The dtype of the weights."""
        return self._dtype_policy.variable_dtype

    @property
    def variable_dtype(self) -> DType:
        """The dtype of the weights."""
        return self._dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> DType:
        """The dtype in which the layer computes."""
        return self._dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> DType:
        """The dtype to which float inputs are cast."""
        return self._dtype_policy.compute_dtype

    @property
    def quantization_mode(self) -> None:
        """`None`: the layer is not quantized."""
        return self._dtype_policy.quantization_mode

    @property
    def dynamic(self) -> bool:
        """False (Keras 2's flag for layers that cannot be compiled)."""
        return False

    # -- building --------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; subclasses override it."""
        if not self._called_build:  # not from a subclass' build, which keeps what it was given
            self._build_shapes = {"input_shape": input_shape}
        self.built = True

    @takes_keras2_order
    def add_weight(self, shape: Any = None, initializer: Any = None, dtype: Any = None,
                   trainable: bool = True, autocast: bool = True, regularizer: Any = None,
                   constraint: Any = None, aggregation: str = "none",
                   overwrite_with_gradient: bool = False, name: str | None = None
                   ) -> Variable:  # fmt: skip
        """Make a variable of the layer. Keras 2's order, with the name first, is taken, too.

        Args:
            shape: tuple of integers; `()` by default.
            initializer: an initializer or its name; Glorot uniform for floats, zeros for others.
            dtype: the layer's variable dtype by default.
            trainable: whether training changes it.
            autocast: whether it is read in the compute dtype.
            regularizer: a penalty on its value, added to the loss.
            constraint: applied to it after each optimizer step.
            aggregation: how replicas are combined.
            overwrite_with_gradient: whether the optimizer puts the gradient in its place.
            name: a name.

        Returns:
            The variable.
        """
        dtype = standardize_dtype(dtype) if dtype is not None else self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if is_float_dtype(dtype) else "zeros"
        with name_scope(self.name) if not self._in_own_scope() else _NOTHING:
            variable = Variable(
                initializers.get(initializer), shape=() if shape is None else shape, dtype=dtype,
                trainable=trainable, autocast=autocast, aggregation=aggregation, name=name,
                constraint=constraints.get(constraint), regularizer=regularizers.get(regularizer),
            )  # fmt: skip
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._tracker.track(variable)
        return variable

    def add_variable(self, shape: Any, initializer: Any, dtype: Any = None, trainable: bool = True,
                     autocast: bool = True, regularizer: Any = None, constraint: Any = None,
                     name: str | None = None) -> Variable:  # fmt: skip
        """Make a variable of the layer (see `add_weight`)."""
        return self.add_weight(shape=shape, initializer=initializer, dtype=dtype,
                               trainable=trainable, autocast=autocast, regularizer=regularizer,
                               constraint=constraint, name=name)  # fmt: skip

    def _in_own_scope(self) -> bool:
        return current_path().split("/")[-1] == self.name

    def get_build_config(self) -> dict | None:
        """Return the shapes with which the layer was built."""
        return None if self._build_shapes is None else dict(self._build_shapes)

    def build_from_config(self, config: dict) -> None:
        """Build the layer as `get_build_config` says."""
        if not config:
            return
        if "input_shape" in config:
            self.build(tree.lists_to_tuples(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**tree.lists_to_tuples(config["shapes_dict"]))
        else:
            self.build(**tree.lists_to_tuples(config))

    # -- calling ---------------------------------------------------------------------------------

    @classmethod
    def _call_signature(cls) -> CallSignature:
        if cls.__dict__.get("_signature_cache") is None:
            cls._signature_cache = CallSignature(cls.call)
        return cls._signature_cache

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _calling.call_layer(self, args, kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; implemented by subclasses."""
        raise TypeError(
            f"Layer {self.name!r} ({type(self).__name__}) has no call() method: implement "
            "call(self, inputs)."
        )

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return KerasTensors that describe the outputs for these inputs."""
        return _calling.output_spec(self, args, kwargs)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the shape(s) of the outputs for inputs of this shape."""
        return _calling.output_shape(self, args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the outputs: that of the inputs, by default."""
        return previous_mask

    def stateless_call(self, trainable_variables: Any, non_trainable_variables: Any, *args: Any,
                       return_losses: bool = False, **kwargs: Any) -> tuple:  # fmt: skip
        """Call the layer as a pure function of its variables' values.

        Args:
            trainable_variables: values, in the order of `trainable_variables`.
            non_trainable_variables: values, in the order of `non_trainable_variables`.
            *args, **kwargs: passed to the layer.
            return_losses: whether the losses are returned as well.

        Returns:
            `(outputs, non_trainable_variables)`, and the list of losses where asked for.
        """
        if not self.built:
            raise ValueError(
                f"stateless_call: layer {self.name!r} is not built. Build it first: its variables "
                "are made then."
            )
        own = (self.trainable_variables, self.non_trainable_variables)
        given = (trainable_variables, non_trainable_variables)
        for variables, values, what in zip(own, given, ("trainable", "non-trainable"), strict=True):
            if len(variables) != len(values):
                raise ValueError(
                    f"stateless_call: layer {self.name!r} has {len(variables)} {what} variables; "
                    "got "
                    f"{len(values)} values."
                )
        pairs = [
            (variable, value if isinstance(value, Tensor) else wrap(value))
            for variables, values in zip(own, given, strict=True)
            for variable, value in zip(variables, values, strict=True)
        ]
        with StateScope(pairs) as scope:
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else None
            updated = [scope.read(v) for v in self.non_trainable_variables]
        result = (outputs, updated, losses) if return_losses else (outputs, updated)
        # Called with jax's own arrays, as under jax.grad, it returns such.
        return unwrap(result) if not _any_tensor(given, args) else result

    # -- losses ----------------------------------------------------------------------------------

    def add_loss(self, losses: Any, **kwargs: Any) -> None:
        """Add scalar tensors to what training minimises; called inside `call`."""
        _losses.add(self, losses)

    @property
    def losses(self) -> list[Any]:
        """The losses added in the last call, and the penalties of the weights' regularizers."""
        return _losses.collect(self)

    def _regularization_losses(self) -> list[Any]:
        return [v.regularizer(v) for v in self.trainable_weights if v.regularizer is not None]

    def add_metric(self, value: Any, name: str | None = None, **kwargs: Any) -> None:
        """Track the mean of a scalar over an epoch (Keras 2)."""
        _losses.add_metric(self, value, name)

    def add_update(self, updates: Any) -> None:
        """Accept and ignore Keras 2's update operations: assignments take effect where written."""

    # -- configuration ---------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = {"name": self.name, "trainable": self.trainable,
                  "dtype": {"module": "keras", "class_name": "DTypePolicy",
                            "config": {"name": self._dtype_policy.name},
                            "registered_name": None}}  # fmt: skip
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if not getattr(type(self).get_config, "is_default", False):
            return config
        own = inspect.signature(type(self).__init__).parameters
        config = {k: v for k, v in config.items() if k in own or _takes_any(own)}
        config.update(constructor_arguments(self))
        return config

    get_config.is_default = True  # a class that does not override it is known by its arguments

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __str__(self) -> str:
        return repr(self)

    def get_input_at(self, node_index: int) -> Any:
        """Return the input tensors of one call."""
        node = self._inbound_nodes[node_index]
        tensors = node.input_tensors
        return tensors[0] if len(tensors) == 1 else tensors

    def get_output_at(self, node_index: int) -> Any:
        """Return the output tensors of one call."""
        return self._inbound_nodes[node_index].outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the (one) input."""
        return tree.map_structure(lambda t: t.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of the (one) output."""
        return tree.map_structure(lambda t: t.shape, self.output)

    def rename(self, name: str) -> None:
        """Give the layer another name."""
        self.name = check_name(name, self)


# What a subclass overrides changes how it is called; compared in `_calling`.
Layer.DEFAULT_METHODS = {
    name: getattr(Layer, name) for name in ("compute_mask", "compute_output_shape")
}


def _any_tensor(*structures: Any) -> bool:
    return any(isinstance(x, Tensor) for x in tree.flatten(structures))


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


_NOTHING = _Nothing()


def _takes_any(parameters: Any) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _is_trainable(value: Any) -> bool:
    return isinstance(value, Variable) and value.trainable


def _is_non_trainable(value: Any) -> bool:
    return isinstance(value, Variable) and not value.trainable


def _is_layer(value: Any) -> bool:
    return isinstance(value, Layer)


def _is_metric(value: Any) -> bool:
    # Metrics stand beside layers in the house, not below: known by what they can do.
    return hasattr(value, "update_state") and hasattr(value, "reset_state")


def _is_seed_generator(value: Any) -> bool:
    return isinstance(value, SeedGenerator)


def _finishing_build(build: Any) -> Any:
    """Wrap a `build` method: it runs under the layer's name and marks the layer built."""

    @functools.wraps(build)
    def finished(self: Layer, *args: Any, **kwargs: Any) -> None:
        if self._called_build:  # a subclass' build calling super().build()
            build(self, *args, **kwargs)
            return
        object.__setattr__(self, "_called_build", True)
        try:
            object.__setattr__(self, "_path", current_path(self.name))
            with name_scope(self.name):
                build(self, *args, **kwargs)
        finally:
            object.__setattr__(self, "_called_build", False)
        self._build_shapes = _shapes_given(build, args, kwargs)
        self.built = True
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)

    return finished


def _shapes_given(build: Any, args: tuple, kwargs: dict) -> dict | None:
    names = [n for n in inspect.signature(build).parameters if n != "self"]
    shapes = {**dict(zip(names, args, strict=False)), **kwargs}
    if len(shapes) == 1:
        return {"input_shape": next(iter(shapes.values()))}
    return {"shapes_dict": shapes} if shapes else None
