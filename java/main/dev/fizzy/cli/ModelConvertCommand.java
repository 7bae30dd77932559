package dev.fizzy.cli;

import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "convert",
    description = {
      "Writes a model with its weights in another type; every command reads each of them.",
      "In int8, matrices and filters of the denoiser are integers with an f32 scale for each"
          + " channel; everything else is bf16. Converting back does not restore what was rounded."
    },
    footer = {
      "",
      "Example:",
      "  fizzy model convert --model model.safetensors --weights int8 --out small.safetensors"
    })
final class ModelConvertCommand implements Callable<Integer> {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "TYPE",
      description = "Type of the weights to write: f32, bf16 or int8.")
  private WeightsOption.Type type;

  @Option(
      names = "--guidance",
      paramLabel = "W",
      description =
          "Of a model that was distilled to few steps: the weight that it draws with if none is"
              + " given; default: as in the model.")
  private Double guidance;

  @Mixin private DerivedModel models;

  @Override
  public Integer call() throws IOException {
    try (ModelFile from = models.open()) {
      ModelConfig as =
          guidance == null
              ? from.config()
              : OptionTypes.checked(() -> from.config().drawingWith(guidance));
      from.convert(models.out(), as, type.stored());
    }
    long bytes = Files.size(models.out());
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("weights", type.toString());
    more.put("bytes", bytes);
    models.printModel(more, String.format(Locale.ROOT, ", %s, %,d bytes", type, bytes));
    return 0;
  }
}
