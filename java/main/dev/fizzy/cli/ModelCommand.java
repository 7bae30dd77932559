package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "model",
    subcommands = {ModelRunCommand.class, ModelExportCommand.class},
    description = "Runs one network of a model on arrays, or exports it to ONNX.")
final class ModelCommand {}
