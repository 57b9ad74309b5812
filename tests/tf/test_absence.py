"""What TensorFlow has and nyala has not is refused by name; what there is can be found."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import nyala.tf as tf


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Session", r"no tf\.Session\. There are no sessions"),
        ("reduce_summ", r"Did you mean 'reduce_sum'"),
        ("nn.soft_max", r"no tf\.nn\.soft_max\. Did you mean 'softmax'"),
        ("feature_column", r"StringLookup"),
        ("raw_ops", r"nyala\.ops"),
        ("strings.to_hash_bucket", r"to_hash_bucket_fast"),
        ("train.AdamOptimizer", r"nyala\.optimizers\.Adam"),
        ("compat.v1.placeholder", r"tf\.keras\.Input"),
        ("data.Datasets", r"Did you mean 'Dataset'"),
        ("summary.nothing_of_this_kind", r"no tf\.summary\.nothing_of_this_kind"),
    ],
)
def test_an_absent_name_names_the_nearest(path, message):
    *modules, name = path.split(".")
    owner = tf
    for module in modules:
        owner = getattr(owner, module)
    with pytest.raises(AttributeError, match=message):
        getattr(owner, name)


def test_keras_is_nyala():
    import nyala

    assert tf.keras is nyala
    assert tf.data.Dataset is nyala.data.Dataset
    assert tf.function is nyala.function
    assert tf.GradientTape is nyala.GradientTape


def _modules():
    found = [tf]
    for info in pkgutil.walk_packages(tf.__path__, "nyala.tf."):
        if not info.name.rpartition(".")[2].startswith("_"):
            found.append(importlib.import_module(info.name))
    return found


@pytest.mark.parametrize("module", _modules(), ids=lambda m: m.__name__)
def test_every_listed_name_is_there_and_takes_a_label(module):
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isfunction(value) and "spells it" in (value.__doc__ or ""):
            assert {"name", "kwargs"} & set(inspect.signature(value).parameters), name
