"""What a plan is worth: discounting, the cost of moving, and what it means for each agency. Numbers in, numbers out."""
