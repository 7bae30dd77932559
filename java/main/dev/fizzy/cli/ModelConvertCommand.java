package dev.fizzy.cli;

import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @Option(names = "--model", paramLabel = "FILE", description = "Model; default: the built-in one.")
  private Path model;

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

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.safetensors",
      description = "Model file to write.")
  private Path out;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() throws IOException {
    Outputs.checkFile(out, ".safetensors");
    try (ModelFile from = DefaultModel.openOr(model)) {
      ModelConfig as =
          guidance == null
              ? from.config()
              : OptionTypes.checked(() -> from.config().drawingWith(guidance));
      from.convert(out, as, type.stored());
    }
    try (ModelFile written = ModelFile.open(out)) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("model", out.toString());
      json.put("model_sha256", written.sha256());
      json.put("weights", type.toString());
      json.put("bytes", Files.size(out));
      output.print(
          json,
          String.format(Locale.ROOT, "the model is %s, %s, %,d bytes", out, type, Files.size(out)));
    }
    return 0;
  }
}
