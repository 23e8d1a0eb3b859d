"""What judges an answer, for students (tests/todo) and for the grader alike."""
