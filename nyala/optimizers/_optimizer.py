"""`Optimizer`: the base of all rules, and what users subclass to write their own."""

from __future__ import annotations

import functools
import inspect
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nyala.core import auto_name, deserialize_keras_object, name_scope, settings
from nyala.eager import Variable, in_compiled_code, to_tensor, wrap
from nyala.optimizers._apply import CompiledUpdates
from nyala.optimizers._arguments import check_arguments, keras2_arguments
from nyala.optimizers._arrays import read
from nyala.optimizers._minimize import gradients_of
from nyala.optimizers._rate import HasLearningRate
from nyala.optimizers._stateless import stateless_apply
from nyala.optimizers._update import update

_PLAIN = (bool, int, float, str, type(None))


class Optimizer(HasLearningRate):
    """Changes variables by their gradients. The base of every optimizer.

    To write your own, override `build(variables)`, which makes the state with
    `add_optimizer_variables`, and `update_step(gradient, variable, learning_rate)`, which assigns
    new values with `assign`, `assign_add` and `assign_sub`; and `get_config` to save it. The update
    of all variables is compiled as one program, in custom loops too.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        weight_decay: before each update, a variable shrinks by `learning_rate * weight_decay` of
            itself; `None` for none. See `exclude_from_weight_decay`.
        clipnorm: each gradient is scaled down to this Euclidean norm.
        clipvalue: each element of the gradients is clipped to `[-clipvalue, clipvalue]`.
        global_clipnorm: all gradients are scaled down together to this Euclidean norm. At most one
            of the three may be given.
        use_ema: whether an exponential moving average of the variables is kept, which
            `finalize_variable_values` (called by `fit` at its end) puts in their place.
        ema_momentum: the weight of the old average, in [0, 1].
        ema_overwrite_frequency: put the average in the variables' place every so many updates too;
            `None` for never.
        loss_scale_factor: the loss is multiplied by it in `scale_loss`, the gradients are divided.
        gradient_accumulation_steps: update once in so many calls, with the mean of the gradients;
            an integer of at least 2, or `None`. Schedules go on counting calls.
        name: automatic by default.
        lr: Keras 2's name of `learning_rate`.
        decay: Keras 2's decay over time: updates use `learning_rate / (1 + decay * iterations)`, as
            `InverseTimeDecay(learning_rate, 1, decay)` gives, while `learning_rate` stays
            assignable.

    Raises:
        ValueError: an unknown argument, or one out of its range.

    >>> import nyala
    >>> class SignDescent(nyala.optimizers.Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         self.assign_sub(variable, nyala.ops.sign(gradient) * learning_rate)
    >>> weight = nyala.Variable([1.0, 2.0])
    >>> SignDescent(learning_rate=0.5).apply([[3.0, -4.0]], [weight])
    >>> weight.numpy()
    array([0.5, 2.5], dtype=float32)
    """

    # The attributes that `get_config` returns besides the common ones.
    _hyperparameters: tuple[str, ...] = ()

    def __init__(
        self, learning_rate: Any = None, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__()
        if isinstance(learning_rate, str):  # Keras 2: Optimizer(name, ...), the rate built later
            learning_rate, name = None, learning_rate
        learning_rate, self._decay = keras2_arguments(self, learning_rate, kwargs)
        self.name = name or auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        check_arguments(self)
        self.built = False
        self._undecayed: tuple[Sequence[Variable], Sequence[str]] = ((), ())
        self._compiled = CompiledUpdates()
        with name_scope(self.name, caller=self):
            self._iterations = Variable(
                0, name="iteration", dtype="int32", trainable=False,
                aggregation="only_first_replica",
            )  # fmt: skip
        self._learning_rate = None
        if learning_rate is not None:
            self._learning_rate = self._build_learning_rate(learning_rate)

    # -- state -----------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the optimizer's state for `variables` of the model; they are fixed from then on."""
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = [
                self.add_variable_from_reference(variable, name="gradient_accumulator")
                for variable in variables
            ]
        self._index_variables(variables)
        self.built = True

    @property
    def iterations(self) -> Any:
        """How many updates were made: an integer scalar (with accumulation: complete rounds)."""
        return wrap(self._step_array()) if self.gradient_accumulation_steps else self._iterations

    def _step_array(self) -> Any:
        step = read(self._iterations)
        rounds = self.gradient_accumulation_steps
        return step // rounds if rounds else step

    # -- updating --------------------------------------------------------------------------------

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> None:
        """Update the variables with their gradients.

        Args:
            grads: one gradient for each variable, of its shape; `None` leaves a variable as it is,
                with a warning.
            trainable_variables: the variables; those that the optimizer was built with by default.

        Raises:
            ValueError: no gradient at all, an unknown variable, or a shape that does not fit.
        """
        self._check_super_called()
        grads = list(grads)
        if not grads:
            return
        gradients, variables = self._with_gradient(grads, self._matched(grads, trainable_variables))
        if in_compiled_code() or settings.eager_mode() == "immediate":
            self._update(gradients, variables)
        else:
            self._compiled(self, gradients, variables)

    def _matched(self, grads: Sequence[Any], variables: Any) -> list[Variable]:
        """Return the variables that the gradients belong to, building the optimizer if needed."""
        if variables is None:
            if not self.built:
                raise ValueError(
                    f"{self.name}.apply(grads) without variables needs a built optimizer. Call "
                    "optimizer.build(trainable_variables) first, or apply(grads, variables)."
                )
            variables = self._trainable_variables
        variables = list(variables)
        if len(grads) != len(variables):
            raise ValueError(
                f"{self.name}.apply expects one gradient for each variable; got {len(grads)} "
                f"gradients for {len(variables)} variables."
            )
        if not self.built:
            self.build(variables)
            self.built = True
        for variable in variables:
            if self._var_key(variable) not in self._trainable_variables_indices:
                raise ValueError(
                    f"{self.name} was built for other variables than {variable.path!r}, for which "
                    "it has no state. Make a new optimizer for a new set of variables."
                )
        return variables

    def _with_gradient(self, grads: Sequence[Any], variables: list[Variable]) -> tuple[list, list]:
        """Return the gradients there are, as tensors, and their variables."""
        pairs = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
        missing = [v.path for g, v in zip(grads, variables, strict=True) if g is None]
        if not pairs:
            raise ValueError(
                f"{self.name} got no gradient for any variable ({', '.join(missing)}). Does the "
                "loss depend on them, and was it computed while the tape was recording?"
            )
        if missing:
            warnings.warn(
                f"{self.name} got no gradient for {missing}: the loss does not depend on them, and "
                "they stay as they are. If you use model.compile(), did you give it a loss?",
                stacklevel=3,
            )
        gradients = [to_tensor(gradient) for gradient, _ in pairs]
        for gradient, (_, variable) in zip(gradients, pairs, strict=True):
            if tuple(gradient.shape) != tuple(variable.shape):
                raise ValueError(
                    f"{self.name}: variable {variable.path!r} has shape {tuple(variable.shape)}, "
                    f"its gradient has shape {tuple(gradient.shape)}. Are gradients and variables "
                    "in the same order?"
                )
        return gradients, [variable for _, variable in pairs]

    def _update(self, gradients: Sequence[Any], variables: Sequence[Variable]) -> None:
        """Assign the new values of everything; runs live or inside compiled code."""
        update(self, gradients, variables)

    def _update_at_once(
        self, gradients: Sequence[Any], variables: Sequence[Variable], divisor: float,
        averages: Sequence[Variable],
    ) -> bool:  # fmt: skip
        """Do all stages of a step at once, where that is possible and faster; return whether."""
        return False

    def _update_variables(
        self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any
    ) -> None:
        update_step: Callable = self.update_step
        takes_rate = _takes_rate(type(self).update_step)
        for gradient, variable in zip(gradients, variables, strict=True):
            if takes_rate:
                update_step(gradient, variable, learning_rate)
            else:  # Keras 2's update_step(gradient, variable), which asks for the rate itself
                update_step(gradient, variable)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one variable and its state. Every rule overrides this.

        Args:
            gradient: tensor of the variable's shape, already clipped.
            variable: the model's variable.
            learning_rate: scalar tensor or variable.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must override update_step(self, gradient, variable, "
            "learning_rate): an optimizer is its update rule."
        )

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Any, Variable]], name: str | None = None,
        skip_gradients_aggregation: bool = False, experimental_aggregate_gradients: bool = True,
        **kwargs: Any,
    ) -> Variable:  # fmt: skip
        """Update variables with their gradients, given as pairs.

        Args:
            grads_and_vars: pairs `(gradient, variable)`, such as `zip(gradients, variables)`.
            name: accepted for Keras 2's sake, as the others are.

        Returns:
            The variable that counts the calls.
        """
        pairs = list(grads_and_vars)
        if pairs:
            grads, variables = zip(*pairs, strict=True)
            self.apply(grads, variables)
        return self._iterations

    def minimize(
        self, loss: Any, var_list: Any, grad_loss: Any = None, name: str | None = None,
        tape: Any = None,
    ) -> Variable:  # fmt: skip
        """Compute the gradients of a loss and apply them (Keras 2).

        Args:
            loss: a function without arguments that returns the loss; or the loss itself, then
                `tape` is required.
            var_list: the variables, or a function that returns them.
            grad_loss: accepted for Keras 2's sake.
            name: accepted for Keras 2's sake.
            tape: the `GradientTape` that recorded the loss.

        Returns:
            The variable that counts the calls.

        >>> import nyala
        >>> x = nyala.Variable(3.0)
        >>> optimizer = nyala.optimizers.SGD(0.25)
        >>> count = optimizer.minimize(lambda: x * x, [x])
        >>> float(x)
        1.5
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list, tape))

    def compute_gradients(self, loss: Any, var_list: Any, tape: Any = None) -> list[tuple]:
        """Return pairs `(gradient, variable)`; the arguments are those of `minimize` (Keras 2)."""
        variables = list(var_list() if callable(var_list) else var_list)
        return list(zip(gradients_of(loss, variables, tape), variables, strict=True))

    def aggregate_gradients(self, grads_and_vars: Any) -> Any:
        """Return the pairs as they are: replicas are combined before (Keras 2)."""
        return grads_and_vars

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any],
        trainable_variables: Sequence[Any],
    ) -> tuple[list, list]:  # fmt: skip
        """Return updated values, changing nothing: a pure function for use inside `jax.jit`.

        Args:
            optimizer_variables: values of `optimizer.variables`.
            grads: one gradient for each variable that the optimizer was built with.
            trainable_variables: values of those variables.

        Returns:
            A tuple of the new trainable values and the new optimizer values.
        """
        return stateless_apply(self, optimizer_variables, grads, trainable_variables)

    def assign(self, variable: Variable, value: Any) -> None:
        """Assign `value` to a variable of the model or of the optimizer."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add `value` to a variable of the model or of the optimizer."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract `value` from a variable of the model or of the optimizer."""
        variable.assign_sub(value)

    # -- around the update -----------------------------------------------------------------------

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times `loss_scale_factor`, to be differentiated in its stead."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Put the moving averages in the place of the variables, where `use_ema` keeps them."""
        if not self.use_ema:
            return
        for variable in var_list:
            average = self._model_variables_moving_average[self._get_variable_index(variable)]
            if average is not None:
                variable.assign(average)

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Let `weight_decay` pass over some variables. Call it before the first update.

        Args:
            var_list: the variables.
            var_names: regular expressions that are searched in the variables' names; one that no
                name contains is searched in their paths, as Keras 2's names were paths.

        >>> import nyala
        >>> optimizer = nyala.optimizers.AdamW(weight_decay=0.01)
        >>> optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        self._undecayed = (tuple(var_list or ()), tuple(var_names or ()))
        self._compiled.clear()

    def _use_weight_decay(self, variable: Variable) -> bool:
        excluded, patterns = self._undecayed
        if any(variable is other for other in excluded):
            return False
        for pattern in patterns:
            in_names = any(re.search(pattern, v.name) for v in self._trainable_variables)
            if re.search(pattern, variable.name if in_names else variable.path):
                return False
        return True

    def _weight_decay_for(self, variable: Variable) -> float | None:
        return self.weight_decay if self._use_weight_decay(variable) else None

    # -- configuration ---------------------------------------------------------------------------

    def _settings(self) -> tuple:
        """Return everything plain that a compiled update has taken in as a constant."""
        plain = tuple(value for value in vars(self).values() if type(value) in _PLAIN)
        return (id(self._learning_rate), plain)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor as plain data."""
        config = {
            "name": self.name,
            "learning_rate": self._rate_config(),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }
        if self._decay:
            config["decay"] = self._decay
        return {**config, **{name: getattr(self, name) for name in self._hyperparameters}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict | None = None) -> Optimizer:
        """Return an optimizer made from what `get_config` returned, of Keras 2 or 3."""
        config = dict(config)
        rate = config.get("learning_rate")
        if isinstance(rate, dict):
            config["learning_rate"] = deserialize_keras_object(rate, custom_objects=custom_objects)
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


@functools.cache
def _takes_rate(update_step: Callable) -> bool:
    parameters = inspect.signature(update_step).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(positional) > 3 or any(p.kind is p.VAR_POSITIONAL for p in parameters)
