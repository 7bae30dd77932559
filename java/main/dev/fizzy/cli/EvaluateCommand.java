package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "evaluate",
    description = "Measures embedders and data sets.",
    subcommands = {EvaluateSeparabilityCommand.class, EvaluateVerificationCommand.class},
    footer = {
      "",
      "Example:",
      "  fizzy evaluate verification --embedder mobilefacenet.onnx --pairs lfw_pairs.txt --images lfw112/",
      "  fizzy evaluate separability --embedder mobilefacenet.onnx --data faces/ --contexts identities.npy"
    })
final class EvaluateCommand {}
