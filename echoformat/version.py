"""The version of the package, and the one of its taxonomy of formats."""

__version__ = "0.1.0"

# Grows whenever a format is added, renamed or redefined. Labels carry it, so that two
# series made by different taxonomies are never compared unawares.
TAXONOMY_VERSION = "1"
