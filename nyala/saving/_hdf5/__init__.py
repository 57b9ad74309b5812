"""HDF5 as model files use it, read in Python: only plain arrays that lie in the file itself.

HDF5's own library trusts what it reads: a damaged file can crash the process. So nothing of it
touches a file that comes from elsewhere. This reader knows the parts of the format that h5py writes
by default, checks every address and size, and refuses what leads out of the file: links, external
storage, virtual datasets, filters that would be plugins.
"""

from nyala.saving._hdf5._bytes import Positioned, can_share, in_pieces, read_fully
from nyala.saving._hdf5._objects import Dataset, Group
from nyala.saving._hdf5._reader import GroupReader, H5Reader

__all__ = [
    "Dataset",
    "Group",
    "GroupReader",
    "H5Reader",
    "Positioned",
    "can_share",
    "in_pieces",
    "read_fully",
]
