package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "model",
    subcommands = {
      ModelRunCommand.class,
      ModelExportCommand.class,
      ModelDecoderCommand.class,
      ModelConvertCommand.class,
      ModelCalibrateCommand.class
    },
    description =
        "Runs one network of a model on arrays, exports it to ONNX, gives a model another decoder,"
            + " writes its weights in another type, or prepares it to draw in int8.")
final class ModelCommand {}
