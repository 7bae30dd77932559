package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "evaluate",
    description = "Measures embedders and data sets.",
    subcommands = {
      EvaluateLeakageCommand.class,
      EvaluateSeparabilityCommand.class,
      EvaluateTemplatesCommand.class,
      EvaluateVerificationCommand.class
    },
    footer = {
      "",
      "Example:",
      "  fizzy evaluate verification --embedder mobilefacenet.onnx --pairs lfw_pairs.txt --images lfw112/",
      "  fizzy evaluate separability --embedder mobilefacenet.onnx --data faces/ --contexts identities.npy",
      "  fizzy evaluate leakage --data faces/ --training crops/ --embedder mobilefacenet.onnx"
    })
final class EvaluateCommand {}
