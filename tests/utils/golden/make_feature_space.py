"""Print what Keras' `FeatureSpace` makes of a small table, and save one to `feature_space.keras`.

Run where Keras and TensorFlow are installed, and keep the output beside:
`KERAS_BACKEND=tensorflow python make_feature_space.py > feature_space.json`.
"""

from __future__ import annotations

import json
from pathlib import Path

import keras
from keras.utils import FeatureSpace

TABLE = {
    "plain": [0.0, 1.0, 2.0, 3.0], "normal": [1.0, 2.0, 3.0, 5.0], "scaled": [1.0, 2.0, 3.0, 4.0],
    "interval": [0.1, 0.4, 0.6, 0.9], "word": ["a", "b", "a", "c"], "number": [1, 2, 2, 3],
    "hashed": ["x", "y", "z", "x"], "hashed_number": [10, 20, 30, 40],
}  # fmt: skip
FIRST = {name: values[0] for name, values in TABLE.items()}


def joined():
    """Return a space that makes vectors."""
    return FeatureSpace(
        {
            "plain": "float",
            "normal": "float_normalized",
            "scaled": FeatureSpace.float_rescaled(scale=0.5, offset=1.0),
            "interval": FeatureSpace.float_discretized(num_bins=3),
            "word": "string_categorical",
            "number": FeatureSpace.integer_categorical(max_tokens=3, num_oov_indices=1),
            "hashed": FeatureSpace.string_hashed(num_bins=4),
            "hashed_number": "integer_hashed",
        },
        crosses=[("word", "number"), FeatureSpace.cross(("hashed", "hashed_number"), 5)],
        crossing_dim=6,
        hashing_dim=3,
        name="space",
    )


def by_column():
    """Return a space that makes a dict."""
    return FeatureSpace(
        {
            "word": FeatureSpace.string_categorical(output_mode="int"),
            "plain": "float",
            "number": "integer_categorical",
        },
        crosses=[FeatureSpace.cross(("word", "number"), crossing_dim=4, output_mode="int")],
        output_mode="dict",
    )


def main():
    """Adapt both on the table and print what they make of it."""
    space, other = joined(), by_column()
    space.adapt(TABLE)
    other.adapt({name: TABLE[name] for name in other.features})
    tables = [{name: table[name] for name in other.features} for table in (TABLE, FIRST)]

    def listed(value):
        return keras.tree.map_structure(lambda x: keras.ops.convert_to_numpy(x).tolist(), value)

    space.save(Path(__file__).parent / "feature_space.keras")
    print(
        json.dumps(
            {
                "keras": keras.__version__,
                "rows": listed(space(TABLE)),
                "row": listed(space(FIRST)),
                "columns": listed(other(tables[0])),
                "column": listed(other(tables[1])),
                "config": keras.saving.serialize_keras_object(space),
            },
            separators=(",", ":"),
        )
    )


if __name__ == "__main__":
    main()
