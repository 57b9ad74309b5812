"""Recurrent layers: a cell applied step after step, and wrappers around layers over time."""

from nyala.layers.recurrent._bidirectional import Bidirectional
from nyala.layers.recurrent._conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from nyala.layers.recurrent._gru import GRU
from nyala.layers.recurrent._gru_cell import GRUCell
from nyala.layers.recurrent._lstm import LSTM
from nyala.layers.recurrent._lstm_cell import LSTMCell
from nyala.layers.recurrent._rnn import RNN
from nyala.layers.recurrent._simple_rnn import SimpleRNN
from nyala.layers.recurrent._simple_rnn_cell import SimpleRNNCell
from nyala.layers.recurrent._stacked_cells import StackedRNNCells
from nyala.layers.recurrent._time_distributed import TimeDistributed

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "GRUCell",
    "LSTMCell",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
    "TimeDistributed",
]
