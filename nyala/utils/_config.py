"""`Config`: named values of an experiment."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from nyala.core import did_you_mean


class Config:
    """Named values, as attributes and as a dict's entries, which can be frozen.

    Args:
        **kwargs: the first entries.

    >>> import nyala
    >>> config = nyala.utils.Config(learning_rate=0.1)
    >>> config.epochs = 3
    >>> config["epochs"], config.to_json()
    (3, '{"learning_rate": 0.1, "epochs": 3}')
    >>> config.freeze()
    >>> config.epochs = 4
    Traceback (most recent call last):
    ...
    ValueError: The config is frozen: 'epochs' cannot be set. Call unfreeze() first.
    """

    def __init__(self, **kwargs: Any):
        object.__setattr__(self, "_config", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether entries can no longer be changed."""
        return self._frozen

    def freeze(self) -> None:
        """Refuse changes from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Allow changes again."""
        object.__setattr__(self, "_frozen", False)

    def as_dict(self) -> dict[str, Any]:
        """Return the entries as a new dict."""
        return dict(self._config)

    def to_json(self) -> str:
        """Return the entries as JSON."""
        return json.dumps(self._config)

    def keys(self) -> KeysView:
        """Return the names."""
        return self._config.keys()

    def values(self) -> ValuesView:
        """Return the values."""
        return self._config.values()

    def items(self) -> ItemsView:
        """Return pairs of names and values."""
        return self._config.items()

    def get(self, keyname: str, value: Any = None) -> Any:
        """Return the entry, or `value` where there is none."""
        return self._config.get(keyname, value)

    def pop(self, *args: Any) -> Any:
        """Remove an entry and return it; a second argument is returned where there is none."""
        self._refuse_if_frozen(args[0] if args else "an entry")
        return self._config.pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several entries, as `dict.update` does."""
        changes = dict(*args, **kwargs)
        self._refuse_if_frozen(", ".join(changes))
        self._config.update(changes)

    def _refuse_if_frozen(self, name: str) -> None:
        if self._frozen:
            raise ValueError(
                f"The config is frozen: {name!r} cannot be set. Call unfreeze() first."
            )

    def _check_name(self, name: Any) -> None:
        if hasattr(type(self), str(name)):
            raise AttributeError(
                f"A Config cannot have an entry named {name!r}: it has a method of that name."
            )

    def __setattr__(self, name: str, value: Any) -> None:
        self._check_name(name)
        self[name] = value

    def __getattr__(self, name: str) -> Any:
        entries = self.__dict__.get("_config", {})
        if name in entries:
            return entries[name]
        raise AttributeError(
            f"The config has no entry {name!r}.{did_you_mean(name, map(str, entries))}"
        )

    def __setitem__(self, name: str, value: Any) -> None:
        self._refuse_if_frozen(name)
        self._config[name] = value

    def __getitem__(self, name: str) -> Any:
        return self._config[name]

    def __delitem__(self, name: str) -> None:
        self._refuse_if_frozen(name)
        del self._config[name]

    def __delattr__(self, name: str) -> None:
        if name not in self._config:
            raise AttributeError(f"The config has no entry {name!r}.")
        del self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._config

    def __iter__(self) -> Iterator[str]:
        return iter(self._config)

    def __len__(self) -> int:
        return len(self._config)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *map(str, self._config)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._config == other._config

    __hash__ = None

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __repr__(self) -> str:
        return f"<Config {self._config}>"
