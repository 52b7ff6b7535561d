"""The symptoms of the course: error messages and log lines as the libraries print them, with cause and cure."""
