package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "model",
    subcommands = {ModelRunCommand.class, ModelExportCommand.class, ModelDecoderCommand.class},
    description =
        "Runs one network of a model on arrays, exports it to ONNX, or gives a model another"
            + " decoder.")
final class ModelCommand {}
