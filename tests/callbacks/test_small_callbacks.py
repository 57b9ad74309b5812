"""History, LambdaCallback, TerminateOnNaN, CSVLogger, RemoteMonitor, SwapEMAWeights."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse

import numpy as np
import pytest

import nyala
from nyala.callbacks import (
    CSVLogger,
    History,
    LambdaCallback,
    RemoteMonitor,
    SwapEMAWeights,
    TerminateOnNaN,
)


class Model:
    stop_training = False
    optimizer = None


# -- History --------------------------------------------------------------------------------------


def test_a_history_goes_on_over_two_fits_and_epochs_begin_anew():
    model, history = Model(), History()
    history.set_model(model)
    for _ in range(2):
        history.on_train_begin()
        history.on_epoch_end(0, {"loss": 1.0})
    assert history.history == {"loss": [1.0, 1.0]}
    assert history.epoch == [0]
    assert model.history is history


# -- LambdaCallback -------------------------------------------------------------------------------


def test_given_functions_are_the_hooks():
    called = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: called.append(("begin", epoch)),
        on_test_end=lambda logs: called.append(("test", logs)),
        on_train_end=None,
    )
    callback.on_epoch_begin(1, {})
    callback.on_test_end({"loss": 1})
    callback.on_train_end({})
    assert called == [("begin", 1), ("test", {"loss": 1})]


def test_a_misspelt_hook_is_refused():
    with pytest.raises(TypeError, match=r"'on_epoch_ends'.*Did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)


# -- TerminateOnNaN -------------------------------------------------------------------------------


def feed(callback, batches, epoch=0):
    callback.set_model(Model())
    callback.on_epoch_begin(epoch)
    for batch, loss in batches:
        callback.on_train_batch_end(batch, {"loss": loss})
        if callback.model.stop_training:
            return


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([(0, 1.0), (1, float("nan")), (2, 1.0)], "Epoch 3, step 2: the loss became NaN"),
        ([(0, float("inf"))], "Epoch 3, step 1: the loss became infinite"),
        (
            [(3, 1.0), (7, np.float32("nan"))],
            "Epoch 3, one of the steps 5 to 8: the loss became NaN",
        ),
    ],
)
def test_a_lost_loss_stops_training_and_the_step_is_named(capsys, batches, message):
    callback = TerminateOnNaN()
    feed(callback, batches, epoch=2)
    assert callback.model.stop_training
    assert capsys.readouterr().out == f"{message}; training stops.\n"


def test_a_finite_loss_goes_on(capsys):
    callback = TerminateOnNaN()
    feed(callback, [(0, 1.0), (1, -1e30), (2, None)])
    assert not callback.model.stop_training
    assert capsys.readouterr().out == ""


def test_an_error_is_raised_where_asked_for():
    with pytest.raises(RuntimeError, match="Epoch 1, step 1: the loss became NaN"):
        feed(TerminateOnNaN(raise_error=True), [(0, float("nan"))])


def test_batches_count_anew_in_every_epoch(capsys):
    callback = TerminateOnNaN()
    feed(callback, [(0, 1.0), (1, 1.0)])
    feed(callback, [(0, float("nan"))], epoch=1)
    assert "Epoch 2, step 1:" in capsys.readouterr().out


# -- CSVLogger ------------------------------------------------------------------------------------


def write(path, rows, **arguments):
    logger = CSVLogger(path, **arguments)
    logger.on_train_begin()
    for epoch, logs in rows:
        logger.on_epoch_end(epoch, logs)
    logger.on_train_end()
    return path.read_bytes().decode()


def test_rows_and_missing_values(tmp_path):
    rows = [(0, {"loss": 0.5, "accuracy": 1.0}), (1, {"loss": 0.25, "val_loss": 2.0})]
    assert write(tmp_path / "log.csv", rows, separator=";") == (
        "epoch;accuracy;loss;val_accuracy;val_loss\r\n0;1.0;0.5;NA;NA\r\n1;NA;0.25;NA;2.0\r\n"
    )


def test_a_row_is_in_the_file_when_its_epoch_has_ended(tmp_path):
    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    assert path.read_text().splitlines()[-1] == "0,0.5,NA"
    logger.on_train_end()


def test_a_file_is_replaced_or_gone_on_with(tmp_path):
    path = tmp_path / "log.csv"
    write(path, [(0, {"loss": 1.0})])
    assert write(path, [(0, {"loss": 2.0})]).splitlines() == ["epoch,loss,val_loss", "0,2.0,NA"]
    assert write(path, [(1, {"loss": 3.0})], append=True).splitlines() == [
        "epoch,loss,val_loss", "0,2.0,NA", "1,3.0,NA"
    ]  # fmt: skip


def test_appending_to_no_file_or_an_empty_one_writes_the_header(tmp_path):
    path = tmp_path / "log.csv"
    assert write(path, [(0, {"val_loss": 1.0})], append=True) == "epoch,val_loss\r\n0,1.0\r\n"
    path.write_text("")
    assert write(path, [(0, {"val_loss": 1.0})], append=True) == "epoch,val_loss\r\n0,1.0\r\n"


def test_appending_keeps_the_columns_of_the_file(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,val_loss,loss\n0,1.0,2.0\n")
    with pytest.warns(UserWarning, match="no columns for accuracy"):
        text = write(path, [(1, {"loss": 4.0, "accuracy": 1.0, "val_loss": 3.0})], append=True)
    assert text.splitlines() == ["epoch,val_loss,loss", "0,1.0,2.0", "1,3.0,4.0"]


def test_a_row_torn_by_a_kill_does_not_swallow_the_next(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"epoch,loss,val_loss\r\n0,1.0,2.0\r\n1,0.")
    text = write(path, [(1, {"loss": 4.0})], append=True)
    assert text.splitlines()[-2:] == ["1,0.", "1,4.0,NA"]


def test_csv_rows_after_a_checkpoint_are_cut_off(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("an older log")
    logger = CSVLogger(path)
    logger.on_train_begin()
    states = [logger.get_state()]
    for epoch in range(3):
        logger.on_epoch_end(epoch, {"loss": epoch / 3})
        states.append(logger.get_state())
    logger.on_train_end()
    whole = path.read_bytes()
    assert states[0]["bytes"] == 0
    assert states[-1]["bytes"] == len(whole)
    for first, state in enumerate(states):
        again = CSVLogger(path)  # as a killed process left the file: with all rows
        again.on_train_begin()
        again.set_state(state)
        for epoch in range(first, 3):
            again.on_epoch_end(epoch, {"loss": epoch / 3})
        again.on_train_end()
        assert path.read_bytes() == whole
    path.write_text("epoch,loss\r\n")
    with pytest.warns(UserWarning, match="rows of earlier epochs are lost"):
        CSVLogger(path).set_state(states[-1])


# -- RemoteMonitor --------------------------------------------------------------------------------


@pytest.fixture
def server():
    """A server on this machine that keeps what is posted to it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.server.posts.append((self.path, self.headers, body))
            self.send_response(500 if "broken" in self.path else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.posts = []
        server.root = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


LOGS = {"loss": np.float32(0.5), "bad": float("nan"), "vector": np.array([1.0, np.inf])}
SENT = {"epoch": 3, "loss": 0.5, "bad": None, "vector": [1.0, None]}


def test_logs_are_posted_as_json(server):
    RemoteMonitor(server.root, send_as_json=True, headers={"X-Run": "7"}).on_epoch_end(3, LOGS)
    [(path, headers, body)] = server.posts
    assert path == "/publish/epoch/end/"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Run"] == "7"
    assert json.loads(body) == SENT


def test_logs_are_posted_as_a_form(server):
    RemoteMonitor(server.root, path="/here", field="f").on_epoch_end(3, LOGS)
    [(path, _, body)] = server.posts
    assert path == "/here"
    assert json.loads(urllib.parse.parse_qs(body)["f"][0]) == SENT


def test_an_answer_of_failure_warns(server):
    with pytest.warns(UserWarning, match="could not post epoch 3 .*500"):
        RemoteMonitor(server.root, path="/broken").on_epoch_end(3, LOGS)


def test_a_server_that_is_not_there_warns(server):
    port = server.server_port
    server.shutdown()
    server.server_close()
    with pytest.warns(UserWarning, match=f"could not post epoch 0 to http://127.0.0.1:{port}"):
        RemoteMonitor(server.root).on_epoch_end(0, {})


def test_only_http_addresses_are_taken():
    with pytest.raises(ValueError, match="begins with http:// or https://; got 'file:///tmp'"):
        RemoteMonitor("file:///tmp")


# -- SwapEMAWeights -------------------------------------------------------------------------------


def trained_model(optimizer):
    """A model with one weight, 4.0, whose average is 2.0."""
    model = Model()
    model.optimizer, model.weight = optimizer, nyala.Variable(0.0)
    for gradient in (0.0, -4.0):
        optimizer.apply([nyala.ops.convert_to_tensor(gradient)], [model.weight])
    return model


def averaging(**arguments):
    return nyala.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5, **arguments)


def swap_on(model, **arguments):
    swap = SwapEMAWeights(**arguments)
    swap.set_model(model)
    swap.set_params({"epochs": 2})
    return swap


@pytest.mark.parametrize("mode", ["test", "predict"])
def test_averages_stand_in_the_model_while_it_is_evaluated(mode):
    model = trained_model(averaging())
    swap = swap_on(model)
    getattr(swap, f"on_{mode}_begin")()
    assert float(model.weight) == 2.0
    getattr(swap, f"on_{mode}_end")()
    assert float(model.weight) == 4.0


def test_averages_stand_in_the_model_between_epochs():
    model = trained_model(averaging())
    swap = swap_on(model, swap_on_epoch=True)
    swap.on_epoch_begin(0)
    assert float(model.weight) == 4.0
    swap.on_epoch_end(0)
    assert float(model.weight) == 2.0
    swap.on_epoch_begin(1)
    assert float(model.weight) == 4.0
    swap.on_epoch_end(1)
    # The last epoch: what `fit` does at its end leaves the averages.
    model.optimizer.finalize_variable_values([model.weight])
    assert float(model.weight) == 2.0


def test_averages_stay_where_training_is_stopped_early():
    model = trained_model(averaging())
    swap = swap_on(model, swap_on_epoch=True)
    model.stop_training = True
    swap.on_epoch_end(0)
    model.optimizer.finalize_variable_values([model.weight])
    assert float(model.weight) == 2.0


def test_training_goes_on_after_a_swap():
    model = trained_model(averaging())
    swap = swap_on(model)
    swap.on_test_begin()
    swap.on_test_end()
    model.optimizer.apply([nyala.ops.convert_to_tensor(1.0)], [model.weight])
    assert float(model.weight) == 3.0
    swap.on_test_begin()
    assert float(model.weight) == 2.5


def test_an_optimizer_that_has_made_no_step_has_nothing_to_swap():
    model = Model()
    model.optimizer = averaging()
    swap_on(model).on_test_begin()


def test_an_optimizer_without_averages_is_refused():
    model = trained_model(nyala.optimizers.SGD(1.0))
    with pytest.raises(ValueError, match="use_ema=True; the model has <SGD"):
        swap_on(model).on_test_begin()


def test_averages_inside_a_loss_scale_optimizer_are_found():
    inner = averaging()
    model = trained_model(inner)
    model.optimizer = nyala.optimizers.LossScaleOptimizer(inner)
    swap_on(model).on_test_begin()
    assert float(model.weight) == 2.0
