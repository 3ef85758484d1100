"""The same recipe on Apache Spark, for data beyond one machine. The files, in the order the data flows:

session -> rows -> ratings -> likes -> held_out, graph, together, evidence -> blocks, steps, batches -> walks
-> neighbours, mllib -> engine, which the recipes ask as they ask one machine
"""
