"""The two views of the lake: the current state, and every row that there ever was."""

CURRENT = "sales_history"
ROWS = "sales_history_rows"
