"""Archives from strangers: one reader of tar files, one of zip files, one way to unpack either."""

from nyala.core._archives._extract import extract_archive
from nyala.core._archives._names import leads_outside
from nyala.core._archives._tar import TarReader, open_tar
from nyala.core._archives._zip import open_zip

__all__ = ["TarReader", "extract_archive", "leads_outside", "open_tar", "open_zip"]
