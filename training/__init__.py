"""From ratings to a release: the offline room. The files, in the order the data flows:

ratings, tags -> catalogue, sequences -> graph -> walks -> skipgram -> metadata -> coldstart -> places -> neighbours
-> maps -> publish

The recipes ask an engine for the steps that grow with the data: here, or spark/.
"""

# what the extra [train] installs; nothing outside this room needs them
LIBRARIES = ("gensim", "numba", "pandas", "pyarrow", "rich", "scipy")
# which extra installs a library
EXTRAS = dict.fromkeys(LIBRARIES, "train") | dict.fromkeys(("pyspark", "py4j"), "spark")
EXTRAS |= {"umap": "map", "redis": "redis", "s3fs": "s3", "gcsfs": "gs"}
