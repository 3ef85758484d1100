"""The same recipe on Apache Spark, for data beyond one machine. The files, in the order the data flows:

session -> ratings -> likes -> graph -> walks (steps) -> engine, which the recipes ask as they ask one machine
"""
