"""What `bin/clustr` becomes once .venv is ready: one module per subcommand, each with `run(arguments) -> exit code`."""
