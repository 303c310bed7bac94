"""The commands, one file a subject: what typer calls, and what is printed."""
