"""Low-rank adaptation: a frozen weight and a small trainable update beside it."""

from __future__ import annotations

from typing import Any

from nyala import initializers, ops
from nyala.eager import Variable


class AdaptedWeight:
    """A weight as the layer uses it: itself, or itself plus its low-rank update."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name, self._stored = name, f"_{name}"

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        weight = layer.__dict__.get(self._stored)
        if weight is None:
            raise AttributeError(
                f"Layer {layer.name!r} ({type(layer).__name__}) has no {self._name} yet: call the "
                "layer on data or call build(input_shape) first."
            )
        return layer._with_low_rank_update(weight)

    def __set__(self, layer: Any, value: Any) -> None:
        object.__setattr__(layer, self._stored, value)


class LowRankAdaptable:
    """The part of a layer that can freeze a weight W and learn W + (alpha / rank) A B instead.

    A is `(*W.shape[:-1], rank)` and B is `(rank, W.shape[-1])`. Saved files hold the sum, so that
    they load into a layer without the update.

    Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685.
    """

    _adapted_weight = "kernel"

    def _set_low_rank(self, rank: int | None, alpha: float | None) -> None:
        self.lora_rank = rank
        self.lora_alpha = alpha if alpha is not None else rank
        self.lora_enabled = False

    def _adapted(self) -> Variable:
        return self.__dict__[f"_{self._adapted_weight}"]

    def _low_rank_factors(self) -> tuple[Variable, Variable]:
        name = self._adapted_weight
        return getattr(self, f"lora_{name}_a"), getattr(self, f"lora_{name}_b")

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freeze the weight and add a trainable update of low rank to it.

        Args:
            rank: the rank of the update, a positive integer.
            lora_alpha: the update is scaled by `lora_alpha / rank`; `rank` by default.
            a_initializer: of the first factor.
            b_initializer: of the second factor; zeros by default, so that nothing changes at first.

        Raises:
            ValueError: the layer is not built, has a constraint on the weight, or has the update
                already.
        """
        name = self._adapted_weight
        who = f"enable_lora: layer {self.name!r} ({type(self).__name__})"
        if not self.built:
            raise ValueError(f"{who} is not built. Call it on data or build it first.")
        if getattr(self, f"{name}_constraint") is not None:
            raise ValueError(
                f"{who} has {name}_constraint, which an update would break. Remove it."
            )
        if self.lora_enabled:
            raise ValueError(f"{who} has a low-rank update already.")
        weight = self._adapted()
        # Float32 also where the layer's weights are kept in fewer bits: updates are small.
        options = {"dtype": "float32", "regularizer": getattr(self, f"{name}_regularizer")}
        a = self.add_weight(name=f"lora_{name}_a", shape=(*weight.shape[:-1], rank),
                            initializer=initializers.get(a_initializer), **options)  # fmt: skip
        b = self.add_weight(name=f"lora_{name}_b", shape=(rank, weight.shape[-1]),
                            initializer=initializers.get(b_initializer), **options)  # fmt: skip
        setattr(self, f"lora_{name}_a", a)
        setattr(self, f"lora_{name}_b", b)
        weight.trainable = False
        self._set_low_rank(rank, lora_alpha)
        self.lora_enabled = True

    def _with_low_rank_update(self, weight: Any) -> Any:
        if not self.lora_enabled:
            return weight
        a, b = self._low_rank_factors()
        update = ops.multiply(ops.matmul(a, b), self.lora_alpha / self.lora_rank)
        return ops.cast(ops.add(weight, update), self.compute_dtype)

    def save_own_variables(self, store: dict) -> None:
        """Write the layer's variables, the low-rank update merged into its weight."""
        if not self.lora_enabled:
            super().save_own_variables(store)
            return
        merged = self._with_low_rank_update(self._adapted())
        for i, variable in enumerate(self._variables_without_factors()):
            store[str(i)] = (merged if variable is self._adapted() else variable).numpy()

    def load_own_variables(self, store: dict) -> None:
        """Read the layer's variables; a low-rank update starts at zero."""
        if not self.lora_enabled:
            super().load_own_variables(store)
            return
        own = self._variables_without_factors()
        if len(store.keys()) != len(own):
            raise ValueError(
                f"Layer {self.name!r} ({type(self).__name__}) expects {len(own)} variables, but "
                f"the file holds {len(store.keys())}."
            )
        for i, variable in enumerate(own):
            variable.assign(store[str(i)])
        # One zero factor makes the update zero; two would keep it there, for want of a gradient.
        b = self._low_rank_factors()[1]
        b.assign(ops.zeros(b.shape))

    def _variables_without_factors(self) -> list[Variable]:
        factors = {id(v) for v in self._low_rank_factors()}
        return [v for v in self._own_variables() if id(v) not in factors]

    def _low_rank_config(self) -> dict[str, Any]:
        if not self.lora_rank:
            return {}
        return {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}


def refuse_quantization(layer: Any, config: Any) -> None:
    """Raise where a configuration for quantized weights was passed."""
    if config is not None:
        raise ValueError(
            f"{type(layer).__name__}(quantization_config=...) expects None: layers are built in "
            f"floating point; got {config!r}. For a smaller model use dtype='bfloat16'."
        )
