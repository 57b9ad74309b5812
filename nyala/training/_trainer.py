"""`Trainer`: the part of a model that compiles, fits, evaluates and predicts."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from nyala import metrics as metrics_room
from nyala import optimizers as optimizers_room
from nyala.core import deserialize_keras_object, serialize_keras_object, tree
from nyala.data import unpack_x_y_sample_weight, with_workers
from nyala.eager import unwrapped_for, value_and_gradients
from nyala.training import _evaluate, _fit, _on_batch, _predict
from nyala.training._compile_loss import CompileLoss
from nyala.training._compile_metrics import CompileMetrics
from nyala.training._earlier_methods import EarlierMethods
from nyala.training._keras2 import CompiledLoss, CompiledMetrics, in_order
from nyala.training._programs import EagerSteps, StepPrograms, fuses_well
from nyala.training._stages import make_stages, works_on_host


class Trainer(EarlierMethods):
    """Compile, fit, evaluate, predict; mixed into `Model`."""

    DEFAULT_STEPS: ClassVar[dict[str, Any]]

    def __init__(self):
        self._keep(
            _is_compiled=False, _programs={}, optimizer=None, loss=None, stop_training=False,
            run_eagerly=False, jit_compile=True, steps_per_execution=1, _compile_loss=None,
            _compile_metrics=None, _loss_tracker=None,
        )  # fmt: skip

    def _keep(self, **attributes: Any) -> None:
        """Set attributes that belong to training: they are not tracked as the model's own state."""
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    # -- compile ---------------------------------------------------------------------------------

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None,
                metrics: Any = None, weighted_metrics: Any = None, run_eagerly: bool = False,
                steps_per_execution: int = 1, jit_compile: Any = "auto",
                auto_scale_loss: bool = True, **kwargs: Any) -> None:  # fmt: skip
        """Settle how the model is trained.

        Args:
            optimizer: an optimizer or its name.
            loss: a loss (object, name or function of `(y_true, y_pred)`), or a list or dict of
                them by output; `None` for an output that is not trained.
            loss_weights: a list or dict of factors by output.
            metrics: a list of metrics, or lists or dicts of those by output. `"accuracy"` means
                the accuracy that fits the output's shape.
            weighted_metrics: as `metrics`; these see sample weights and class weights.
            run_eagerly: whether steps run uncompiled, for debugging.
            steps_per_execution: how many steps run between two calls of batch callbacks.
            jit_compile: accepted for Keras' sake: steps are always compiled unless run eagerly.
            auto_scale_loss: whether a `mixed_float16` model's loss is scaled.

        Raises:
            ValueError: an unknown name, with the nearest ones.
        """
        _refuse_unknown(kwargs)
        loss_weights, metrics = in_order(loss_weights, metrics)
        optimizer = optimizers_room.get(optimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16" and optimizer is not None:
            if not isinstance(optimizer, optimizers_room.LossScaleOptimizer):
                optimizer = optimizers_room.LossScaleOptimizer(
                    optimizer, name="loss_scale_optimizer"
                )
        names, aliases = self._names_of_outputs()
        compile_loss = compile_metrics = None
        if loss is not None:
            compile_loss = CompileLoss(loss, loss_weights, names, aliases)
        if metrics is not None or weighted_metrics is not None:
            compile_metrics = CompileMetrics(metrics, weighted_metrics, names, aliases)
        if not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise ValueError(
                f"compile(steps_per_execution=...) expects a positive integer; got "
                f"{steps_per_execution!r}."
            )
        arguments = {
            "optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics,
            "weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution, "jit_compile": jit_compile,
        }  # fmt: skip
        self._keep(
            optimizer=optimizer, loss=loss, run_eagerly=bool(run_eagerly), jit_compile=jit_compile,
            steps_per_execution=steps_per_execution, stop_training=False, _is_compiled=True,
            _compile_loss=compile_loss, _compile_metrics=compile_metrics,
            _loss_tracker=metrics_room.Mean(name="loss"), _compile_arguments=arguments,
        )  # fmt: skip
        self._forget_programs()

    def _names_of_outputs(self) -> tuple[list[str] | None, list[str] | None]:
        names = getattr(self, "output_names", None)
        return (list(names), list(names)) if names else (None, None)

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._is_compiled

    def get_compile_config(self) -> dict | None:
        """Return the arguments of `compile`, as plain data."""
        if not self._is_compiled:
            return None
        return serialize_keras_object(self._compile_arguments)

    def compile_from_config(self, config: dict) -> None:
        """Call `compile` with what `get_compile_config` returned."""
        self.compile(**deserialize_keras_object(config))
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def _require_compiled(self, what: str) -> None:
        if not self._is_compiled:
            raise RuntimeError(
                f"{what}() was called on the model {self.name!r} before compile(): settle the "
                "optimizer and the loss first, for example model.compile('adam', 'mse')."
            )

    # -- state and steps -------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The metric objects: the loss' mean first, then those of `compile`, then the layers'."""
        found: list[Any] = [] if self._loss_tracker is None else [self._loss_tracker]
        if self._compile_loss is not None:
            found += self._compile_loss.metrics
        if self._compile_metrics is not None:
            found += self._compile_metrics.metrics
        for layer in self._flatten_layers():
            found += layer._metrics
        own = {id(self._loss_tracker)}
        unique = {id(m): m for m in found if id(m) not in own}
        return ([self._loss_tracker] if self._loss_tracker is not None else []) + list(
            unique.values()
        )

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in order."""
        return list(self._result_names())

    def _result_names(self) -> list[str]:
        names = ["loss"] if self._loss_tracker is not None else []
        for metric in self.metrics[len(names) :]:
            label = metric.name
            if self._compile_metrics is not None:
                label = self._compile_metrics.label(metric)
            names.append(label)
        return names

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    def reset_metrics(self) -> None:
        """Set every metric back to its beginning."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the metrics' values by name, the loss first."""
        results: dict[str, Any] = {}
        labels = self._compile_metrics.label if self._compile_metrics else (lambda m: m.name)
        for metric in self.metrics:
            value = metric.result()
            if isinstance(value, dict):
                results.update(value)
            else:
                name, count = labels(metric), 1
                while name in results:
                    name, count = f"{labels(metric)}_{count}", count + 1
                results[name] = value
        return results

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch: forward, loss, gradients, update, metrics.

        Args:
            data: `x`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            The logs: a dict from name to value. Override it to train in another way.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        variables = self.trainable_variables

        def forward():
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
            self._loss_tracker.update_state(loss, sample_weight=_rows_of(x))
            self.compute_metrics_state(y, y_pred, sample_weight)
            return self.optimizer.scale_loss(loss) if self.optimizer is not None else loss, ()

        if not variables or self.optimizer is None:
            forward()
        else:
            _, _, gradients = value_and_gradients(forward, variables)
            self.optimizer.apply(gradients, variables)
        return self.compute_metrics(x, y, None, sample_weight)

    def compute_metrics_state(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Let the compiled metrics see a batch."""
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch; return the logs."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        self._loss_tracker.update_state(loss, sample_weight=_rows_of(x))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the model's outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None,
                     sample_weight: Any = None, training: bool = True) -> Any:  # fmt: skip
        """Return the total loss of a batch: that of `compile` plus `losses`.

        Raises:
            ValueError: the model was compiled without a loss and adds none itself.
        """
        extra = self.losses
        total = None
        if self._compile_loss is not None:
            total = self._compile_loss(y, y_pred, sample_weight, regularization_losses=extra)
        elif extra:
            total = sum(extra[1:], extra[0])
        if total is not None:
            return unwrapped_for(total, y_pred, {})
        raise ValueError(
            f"There is no loss to compute for the model {self.name!r}: pass loss=... to compile(), "
            "or call add_loss() in the model."
        )

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict:
        """Let the compiled metrics see a batch, and return all results by name."""
        if y_pred is not None:
            self.compute_metrics_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    @property
    def compiled_loss(self) -> CompiledLoss:
        """The loss of `compile`, as Keras 2's custom steps call it."""
        return CompiledLoss(self)

    @property
    def compiled_metrics(self) -> CompiledMetrics:
        """The metrics of `compile`, as Keras 2's custom steps update them."""
        return CompiledMetrics(self)

    # -- programs --------------------------------------------------------------------------------

    def _forget_programs(self) -> None:
        self._keep(_programs={})

    def _programs_for(self, mode: str) -> StepPrograms:
        """Return the compiled steps for a mode; what training changes is part of their key."""
        trainable = tuple(map(id, self.trainable_variables)) if mode == "train" else ()
        key = (mode, trainable, len(self.variables))
        found = self._programs.get(key)
        if found is None:
            for other in [k for k in self._programs if k[0] == mode]:
                del self._programs[other]
            found = self._programs[key] = self._make_programs(mode)
        return found

    def _make_programs(self, mode: str) -> StepPrograms:
        state, on_host = self._state_for(mode), works_on_host(self)
        stages = make_stages(self) if on_host and not self.run_eagerly else None
        if self.run_eagerly or (on_host and stages is None):
            return EagerSteps(self, mode, state, on_host)
        return StepPrograms(self, mode, state, on_host, stages)

    def _state_for(self, mode: str) -> list[Any]:
        """Return the variables that a step of this mode is known to touch."""
        variables = list(self.variables)
        if mode != "predict":
            variables += self.metrics_variables
        if mode == "train" and self.optimizer is not None:
            variables += self.optimizer.variables
        return list({id(v): v for v in variables}.values())

    def _fuses_steps(self) -> bool:
        return fuses_well(self)

    # -- running ---------------------------------------------------------------------------------

    def fit(self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1,
            verbose: Any = "auto", callbacks: Any = None, validation_split: float = 0.0,
            validation_data: Any = None, shuffle: Any = True, class_weight: dict | None = None,
            sample_weight: Any = None, initial_epoch: int = 0, steps_per_epoch: int | None = None,
            validation_steps: int | None = None, validation_batch_size: int | None = None,
            validation_freq: Any = 1, resume_from: Any = None,
            **kwargs: Any) -> Any:  # fmt: skip
        """Train the model for a number of epochs.

        Args:
            x: arrays with one row a sample (one, or a list or dict of them), a pandas frame, or an
                iterable of batches `(x, y)` or `(x, y, sample_weight)`.
            y: targets, as arrays; part of `x` where that yields batches.
            batch_size: rows of a batch; 32 by default.
            epochs: passes over the data; the last epoch's number where `initial_epoch` is given.
            verbose: 0 silent, 1 progress bar, 2 a line an epoch, `"auto"` 1.
            callbacks: a list of callbacks.
            validation_split: the fraction of the rows, taken from the end, to validate on.
            validation_data: `(x, y)` or `(x, y, sample_weight)`, or an iterable of batches.
            shuffle: whether each epoch has another order; `"batch"` shuffles whole batches.
            class_weight: a dict from class to its weight in the loss.
            sample_weight: weights of the rows (or of their time steps) in the loss.
            initial_epoch: the number of epochs already trained.
            steps_per_epoch: batches of an epoch; the next epoch goes on where this one stopped.
            validation_steps: batches of a validation.
            validation_batch_size: rows of a validation batch.
            validation_freq: validate every so many epochs, or a list of epochs (from 1).
            resume_from: the folder of a `BackupAndRestore` that an interrupted run had: everything
                is put back from its newest checkpoint and training goes on there, bit by bit. The
                model need not be built. With no checkpoint there, training begins at the beginning.

        Returns:
            A `History`; its `history` is a dict from name to the list of values by epoch.

        Raises:
            RuntimeError: `compile` was not called.
            ValueError: data that does not fit together or to the model.

        >>> import nyala, numpy as np
        >>> model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=2, verbose=0)
        >>> len(history.history["loss"])
        2
        """
        kwargs = _with_keras2(x, kwargs)
        if kwargs:
            raise TypeError(f"fit() does not take the argument {sorted(kwargs)[0]!r}.")
        self._require_compiled("fit")
        return _fit.fit(
            self, x, y, batch_size=batch_size, epochs=epochs, verbose=verbose, callbacks=callbacks,
            validation_split=validation_split, validation_data=validation_data, shuffle=shuffle,
            class_weight=class_weight, sample_weight=sample_weight, initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch, validation_steps=validation_steps,
            validation_batch_size=validation_batch_size, validation_freq=validation_freq,
            resume_from=resume_from,
        )  # fmt: skip

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the loss and the metrics on data.

        Args:
            x, y, sample_weight, batch_size: as in `fit`.
            verbose: 0 silent, 1 progress bar, 2 one line, `"auto"` 1.
            steps: batches to take; all by default.
            callbacks: a list of callbacks.
            return_dict: whether a dict by name is returned instead of a list in the order of
                `metrics_names` (a single number where there is only the loss).
        """
        kwargs = _with_keras2(x, kwargs)
        if kwargs:
            raise TypeError(f"evaluate() does not take the argument {sorted(kwargs)[0]!r}.")
        self._require_compiled("evaluate")
        return _evaluate.evaluate(
            self, x, y, batch_size=batch_size, verbose=verbose, sample_weight=sample_weight,
            steps=steps, callbacks=callbacks, return_dict=return_dict,
        )  # fmt: skip

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto",
                steps: int | None = None, callbacks: Any = None, **kwargs: Any) -> Any:  # fmt: skip
        """Return the outputs for data, as NumPy arrays.

        Args:
            x: as in `fit`.
            batch_size: rows of a batch; 32 by default. Smaller data is one batch.
            verbose: 0 silent, 1 progress bar, 2 one line, `"auto"` 1.
            steps: batches to take; all by default.
            callbacks: a list of callbacks.
        """
        kwargs = _with_keras2(x, kwargs)
        if kwargs:
            raise TypeError(f"predict() does not take the argument {sorted(kwargs)[0]!r}.")
        return _predict.predict(self, x, batch_size=batch_size, verbose=verbose, steps=steps,
                                callbacks=callbacks)  # fmt: skip

    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None,
                       class_weight: dict | None = None, return_dict: bool = False,
                       reset_metrics: bool = False) -> Any:  # fmt: skip
        """Learn from one batch; return the loss and metrics (means since `reset_metrics`)."""
        self._require_compiled("train_on_batch")
        return _on_batch.train(self, x, y, sample_weight, class_weight, return_dict, reset_metrics)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None,
                      return_dict: bool = False, reset_metrics: bool = False) -> Any:  # fmt: skip
        """Evaluate one batch; return the loss and metrics (means since `reset_metrics`)."""
        self._require_compiled("test_on_batch")
        return _on_batch.test(self, x, y, sample_weight, return_dict, reset_metrics)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as NumPy arrays."""
        return _on_batch.predict(self, x)


Trainer.DEFAULT_STEPS = {
    name: getattr(Trainer, name) for name in ("train_step", "test_step", "predict_step")
}


def _rows_of(x: Any) -> int:
    """Return the number of rows of a batch: a mean over the epoch weighs every row alike."""
    for leaf in tree.flatten(x):
        if leaf is not None and len(leaf.shape):
            return leaf.shape[0]
    return 1


_KERAS2_ARGUMENTS = ("max_queue_size", "workers", "use_multiprocessing")


def _with_keras2(x: Any, kwargs: dict) -> dict:
    """Return `kwargs` without what Keras 2's `fit` says about workers, which goes to the data."""
    with_workers(x, **{key: kwargs[key] for key in _KERAS2_ARGUMENTS if key in kwargs})
    return {key: value for key, value in kwargs.items() if key not in _KERAS2_ARGUMENTS}


_KERAS2_COMPILE = (
    "distribute",
    "experimental_run_tf_function",
    "experimental_steps_per_execution",
    "pss_evaluation_shards",
    "sample_weight_mode",
    "target_tensors",
)


def _refuse_unknown(kwargs: dict) -> None:
    for key in kwargs:
        if key in _KERAS2_COMPILE:
            warnings.warn(f"compile({key}=...) is Keras 2's and has no effect.", stacklevel=3)
            continue
        raise TypeError(f"compile() does not take the argument {key!r}.")
