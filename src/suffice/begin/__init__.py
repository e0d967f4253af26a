"""A newcomer's first study: what lies in a folder (`survey`), which column of a table is what
(`table`), how answers are best graded (`grading`), and the suffice.yaml with its reasons
(`compose`). Knows nothing of terminals; `cli/init.py` asks the person."""
