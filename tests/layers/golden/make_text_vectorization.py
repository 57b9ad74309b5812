"""Print what Keras' `TextVectorization` and `StringLookup` make of awkward texts.

Run where Keras and TensorFlow are installed, and keep the output beside:
`KERAS_BACKEND=tensorflow python make_text_vectorization.py > text_vectorization.json`.
"""

from __future__ import annotations

import json

import keras

TEXTS = [
    "The cat -- sat, on the mat.", "the CAT!\tsat\n\non", "", "   ", "...", "ÄÖÜ straße ÉCOLE",
    "a\u00a0b c\u2003d", "日本語 テキスト 日本語", "naïve café naïve", "🙂 ok 🙂🙂",
    "x" * 8 + " " + "x" * 9, "internationalization internationalisation internationaliz",
    "tail \x0b\x0c end\r\n", "I\u0307i",
    "don't can't", "e-mail e mail", "12 3.5 -7", "under_score `tick` ~tilde^",
]  # fmt: skip
MODES = [
    {}, {"standardize": None}, {"standardize": "lower"}, {"standardize": "strip_punctuation"},
    {"split": "character"}, {"split": "character", "standardize": None}, {"split": None},
    {"ngrams": 2}, {"ngrams": [2, 3]}, {"ngrams": [3, 1]}, {"split": "character", "ngrams": 2},
    {"output_sequence_length": 3}, {"ngrams": 2, "output_sequence_length": 4},
    {"max_tokens": 6}, {"output_mode": "count", "max_tokens": 12},
    {"output_mode": "multi_hot", "ngrams": 2, "max_tokens": 12},
    {"output_mode": "tf_idf", "max_tokens": 12},
]  # fmt: skip


def case(kwargs):
    """Return the arguments, the vocabulary and the output of a layer."""
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in kwargs.items()}
    layer = keras.layers.TextVectorization(**given)
    layer.adapt(TEXTS[::2])
    output = keras.ops.convert_to_numpy(layer(TEXTS))
    return {
        "kwargs": kwargs,
        "vocabulary": layer.get_vocabulary(),
        "output": [[round(float(x), 6) for x in row] for row in output.reshape(len(TEXTS), -1)],
    }


def buckets(salt):
    """Return the places that unknown texts take."""
    layer = keras.layers.StringLookup(vocabulary=["a"], num_oov_indices=1000, salt=salt)
    return keras.ops.convert_to_numpy(layer(TEXTS)).tolist()


print(
    json.dumps(
        {
            "keras": keras.__version__,
            "texts": TEXTS,
            "cases": [case(kwargs) for kwargs in MODES],
            "buckets": [[salt, buckets(salt)] for salt in (None, 7)],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
)
