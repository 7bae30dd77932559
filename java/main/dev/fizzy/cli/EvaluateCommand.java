package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "evaluate",
    description = "Measures embedders, data sets and autoencoders.",
    subcommands = {
      EvaluateAutoencoderCommand.class,
      EvaluateLeakageCommand.class,
      EvaluateQualityCommand.class,
      EvaluateSeparabilityCommand.class,
      EvaluateTemplatesCommand.class,
      EvaluateVerificationCommand.class
    },
    footer = {
      "",
      "Example:",
      "  fizzy evaluate verification --embedder mobilefacenet.onnx --pairs lfw_pairs.txt --images lfw112/",
      "  fizzy evaluate separability --embedder mobilefacenet.onnx --data faces/ --contexts identities.npy",
      "  fizzy evaluate quality --data faces/ --real crops/ --embedder mobilefacenet.onnx",
      "  fizzy evaluate autoencoder --model model.safetensors --data crops/ --embedder"
          + " mobilefacenet.onnx",
      "  fizzy evaluate leakage --data faces/ --training crops/ --embedder mobilefacenet.onnx"
    })
final class EvaluateCommand {}
