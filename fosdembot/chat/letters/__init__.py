"""What speakers answer to the letters with questions that were left over."""
