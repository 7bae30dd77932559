package dev.fizzy.cli;

import dev.fizzy.model.ModelFile;
import dev.fizzy.model.OtherDecoder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "decoder",
    description =
        "Writes a model with the decoder of another autoencoder that has the same latents, such as"
            + " one from `fizzy train autoencoder --decoder-only`.",
    footer = {
      "",
      "Example:",
      "  fizzy model decoder --model model.safetensors --autoencoder"
          + " sharper/autoencoder.safetensors --out sharp.safetensors"
    })
final class ModelDecoderCommand implements Callable<Integer> {
  @Option(
      names = "--autoencoder",
      required = true,
      paramLabel = "FILE",
      description =
          "Autoencoder or model with the decoder. If it encodes faces at the model's size, the new"
              + " model draws faces of its size; otherwise the size stays.")
  private Path autoencoder;

  @Mixin private DerivedModel models;

  @Override
  public Integer call() {
    int tensors;
    try (ModelFile first = models.open().whole();
        ModelFile second = ModelFile.open(autoencoder)) {
      tensors = OtherDecoder.write(models.out(), first, second);
    }
    models.printModel(Map.of("tensors", tensors), "; its decoder is that of " + autoencoder);
    return 0;
  }
}
