"""Heat as a distribution: the numbers of this project, which no paper prints."""
