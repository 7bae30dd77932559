package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "train",
    description =
        "Trains the autoencoder, the diffusion model, faster versions of both, an autoregressive model"
            + " instead, or a recognizer on a folder of aligned faces.",
    subcommands = {
      TrainAutoencoderCommand.class,
      TrainDiffusionCommand.class,
      TrainDistillCommand.class,
      TrainDecoderCommand.class,
      TrainAutoregressiveCommand.class,
      TrainRecognizerCommand.class
    },
    footer = {
      "",
      "Example:",
      "  fizzy train autoencoder --faces crops/ --out ae/ --config face112",
      "  fizzy train diffusion --faces crops/ --out model/ --config face112"
          + " --autoencoder ae/autoencoder.safetensors --contexts contexts.npy",
      "  fizzy train recognizer --data generated/ --out recognizer/ --config iresnet18"
    })
final class TrainCommand {}
