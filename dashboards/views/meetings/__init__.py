"""The meetings over the numbers: their list, the screen a room looks at, what is done on it, print and files."""
