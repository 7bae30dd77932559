package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "train",
    description = "Trains the autoencoder or the diffusion model on a folder of aligned faces.",
    subcommands = {TrainAutoencoderCommand.class, TrainDiffusionCommand.class},
    footer = {
      "",
      "Example:",
      "  fizzy train autoencoder --faces crops/ --out ae/ --config face64",
      "  fizzy train diffusion --faces crops/ --out model/ --config face64 \\",
      "      --autoencoder ae/autoencoder.safetensors --contexts contexts.npy"
    })
final class TrainCommand {}
