"""The import hook and `nyala run`, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

REAL = "raise SystemExit('the real one was imported')"


def run(*arguments, cwd, code=None, path=(), **environment):
    """Run Python with nyala importable; return the finished process."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = os.pathsep.join([*map(str, path), root])
    environ = {**os.environ, "PYTHONPATH": paths, **environment}
    command = [sys.executable, *(["-c", textwrap.dedent(code)] if code else arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def nyala_run(*arguments, cwd, **options):
    return run("-m", "nyala", "run", *map(str, arguments), cwd=cwd, **options)


@pytest.fixture
def real_packages(tmp_path):
    """A folder in which `tensorflow`, `keras` and `tf_keras` are installed."""
    folder = tmp_path / "site"
    for name in ("tensorflow", "keras", "tf_keras"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(REAL)
    return folder


def test_every_spelling_of_an_import_gives_nyala(tmp_path, real_packages):
    program = """
        import nyala, nyala.compat
        nyala.compat.install()
        nyala.compat.install()
        import sys
        import tensorflow as tf
        import tensorflow.keras.backend as K
        import tensorflow.compat.v1 as v1
        import tensorflow.compat.v2 as tf2
        from tensorflow import keras
        from tensorflow.keras import layers, models
        from tensorflow.keras.layers import Dense
        from tensorflow.keras.utils import to_categorical
        from tensorflow.keras.preprocessing.text import Tokenizer
        from tensorflow.python.keras.layers import Dense as Dense2
        from tensorflow.keras.optimizers.schedules import CosineDecay
        from tensorflow.keras.layers.experimental import preprocessing
        import tensorflow.nn, tensorflow.io.gfile
        import keras as k3
        import keras.layers as kl
        from keras.layers.advanced_activations import LeakyReLU
        from keras.layers.core import Dropout, Flatten
        from keras.engine.topology import Layer, InputSpec
        from keras.utils.np_utils import to_categorical as tc
        import tf_keras
        from tf_keras.models import Sequential
        assert keras is k3 is tf_keras is nyala is tf.keras
        assert sys.modules["tensorflow"] is nyala.tf is tf is tf2
        assert sys.modules["tensorflow.keras.layers"] is layers is kl is nyala.layers
        assert Dense is Dense2 is nyala.layers.Dense
        assert K is nyala.backend and models is nyala.models and v1 is nyala.tf.compat.v1
        assert tc is to_categorical and Layer is nyala.Layer
        assert preprocessing.Rescaling is nyala.layers.Rescaling
        assert nyala.layers.__spec__.name == "nyala.layers"
        assert tf.__version__.startswith("2.")
        print("all")
    """
    done = run(code=program, cwd=tmp_path, path=[real_packages])
    assert (done.stdout, done.stderr) == ("all\n", "")


def test_nothing_is_patched_without_being_asked(tmp_path, real_packages):
    done = run(
        code="import nyala.tf, nyala.layers\nimport tensorflow", cwd=tmp_path, path=[real_packages]
    )
    assert "the real one was imported" in done.stderr


def test_uninstalling_brings_the_real_one_back(tmp_path, real_packages):
    program = """
        import nyala.compat
        nyala.compat.install()
        import tensorflow as tf, keras.layers
        nyala.compat.uninstall()
        assert not nyala.compat.is_installed()
        import keras
    """
    done = run(code=program, cwd=tmp_path, path=[real_packages])
    assert "the real one was imported" in done.stderr


def test_a_real_package_imported_before_is_an_error(tmp_path):
    (tmp_path / "tensorflow.py").write_text("")
    program = "import tensorflow, nyala.compat\nnyala.compat.install()"
    done = run(code=program, cwd=tmp_path)
    assert done.returncode == 1
    assert (
        "RuntimeError: nyala.compat.install(): the real tensorflow has been imported" in done.stderr
    )
    assert "nyala run script.py" in done.stderr


def test_a_missing_module_says_who_stands_there(tmp_path):
    program = """
        import nyala.compat
        nyala.compat.install()
        for name in ("tensorflow.signals", "keras.layer"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                print(error.name, "|", error)
        try:
            from keras.layers import Densee
        except ImportError as error:
            print(error)
    """
    first, second, third = run(code=program, cwd=tmp_path).stdout.splitlines()
    assert first.startswith(
        "tensorflow.signals | No module named 'tensorflow.signals': nyala stands for"
    )
    assert "Did you mean 'signal'" in first
    assert "or 'layers'?" in second
    assert "cannot import name 'Densee'" in third


def test_the_tuner_is_nyalas_or_absent(tmp_path):
    import importlib.util

    program = (
        "import nyala.compat as c\nc.install()\nimport keras_tuner\nprint(keras_tuner.__name__)"
    )
    done = run(code=program, cwd=tmp_path)
    if importlib.util.find_spec("nyala.tuner") is None:
        assert "No module named 'keras_tuner': nyala stands for keras_tuner here" in done.stderr
    else:
        assert done.stdout == "nyala.tuner\n"


# -- nyala run -----------------------------------------------------------------------------------

SCRIPT = """\
import sys
import tensorflow as tf
import helper
print(__name__, sys.argv[1:], sys.modules["__main__"].__file__ == __file__, tf.keras.__name__)
class Own: pass
import pickle
assert type(pickle.loads(pickle.dumps(Own()))) is Own
"""


@pytest.fixture
def script(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "helper.py").write_text("import keras\n")
    (folder / "job.py").write_text(SCRIPT)
    return folder / "job.py"


def test_a_script_runs_as_the_main_module(script, tmp_path, real_packages):
    done = nyala_run(script, "-x", "1", cwd=tmp_path, path=[real_packages])
    assert (done.stdout, done.stderr) == ("__main__ ['-x', '1'] True nyala\n", "")
    assert done.returncode == 0


def test_a_module_and_a_line_of_code_run_too(script):
    done = nyala_run("-m", "job", "a", cwd=script.parent)
    assert done.stdout == "__main__ ['a'] True nyala\n"
    done = nyala_run(
        "-c", "import sys, keras; print(sys.argv, keras.__name__)", "b", cwd=script.parent
    )
    assert done.stdout == "['-c', 'b'] nyala\n"


def test_a_folder_with_a_main_module_runs(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text(
        "import keras, sys\nprint(keras.__name__, sys.argv[1:])"
    )
    assert nyala_run("app", "z", cwd=tmp_path).stdout == "nyala ['z']\n"


def test_a_traceback_shows_the_users_code_alone(tmp_path):
    (tmp_path / "bad.py").write_text("def f():\n    raise KeyError('lost')\n\nf()\n")
    done = nyala_run("bad.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "nyala" not in done.stderr
    assert done.stderr.startswith("Traceback (most recent call last):\n  File ")
    assert done.stderr.endswith("KeyError: 'lost'\n")
    assert [line.rpartition("line ")[2] for line in done.stderr.splitlines() if "File" in line] == [
        "4, in <module>", "2, in f"]  # fmt: skip


def test_a_syntax_error_shows_its_line(tmp_path):
    (tmp_path / "bad.py").write_text("x = 1\ny = = 2\n")
    done = nyala_run("bad.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "nyala" not in done.stderr


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit('no')", 1, "no\n"),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
    ],
)
def test_exit_codes_pass_through(tmp_path, code, status, message):
    done = nyala_run("-c", code, cwd=tmp_path)
    assert done.returncode == status
    assert message in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "expects a script"),
        (["run", "-m"], "expects a script"),
        (["run", "missing.py"], "there is no file 'missing.py'"),
        (["rn"], "unknown command 'rn'. Did you mean 'run'?"),
        (["doctor", "x"], "takes no arguments"),
    ],
)
def test_wrong_usage_is_explained(tmp_path, arguments, message):
    done = run("-m", "nyala", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "usage: nyala run" in done.stderr


def test_the_version_needs_no_jax(tmp_path):
    import nyala

    code = (
        "import sys\nfrom nyala.cli import main\nmain(['--version'])\nprint('jax' in sys.modules)"
    )
    assert run(code=code, cwd=tmp_path).stdout == f"nyala {nyala.__version__}\nFalse\n"


def test_the_doctor_tells_what_there_is(tmp_path):
    done = run("-m", "nyala", "doctor", cwd=tmp_path)
    assert done.returncode == 0
    facts = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if line[0] != " ")
    assert facts["kernels"] == "auto"
    assert "cpu" in facts["devices"].lower() or "gpu" in facts["devices"].lower()


def test_ipython_loads_and_unloads_the_hook():
    import nyala
    from nyala import compat

    try:
        nyala.load_ipython_extension(None)
        assert compat.is_installed()
    except RuntimeError:
        pytest.skip("real Keras has been imported in this process")
    finally:
        nyala.unload_ipython_extension(None)
    assert not compat.is_installed()
