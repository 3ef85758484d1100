"""How good the vectors are, on likes they have not seen. The files, in the order a number comes about:

protocols (what is held out) -> baselines, scorers (who answers) -> ranking -> metrics -> judge (the table) -> report
"""
