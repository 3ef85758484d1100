"""From ratings to a release: the offline room. The files, in the order the data flows:

ratings, tags -> catalogue, sequences -> graph -> walks -> skipgram -> metadata -> coldstart -> places -> neighbours
-> publish
"""

# what the extra [train] installs; nothing outside this room needs them
LIBRARIES = ("gensim", "numba", "pandas", "pyarrow", "rich", "scipy")
