package dev.fizzy.cli;

import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.OtherDecoder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
      "  fizzy model decoder --model model.safetensors --autoencoder sharper/autoencoder.safetensors"
          + " --out sharp.safetensors"
    })
final class ModelDecoderCommand implements Callable<Integer> {
  @Option(names = "--model", paramLabel = "FILE", description = "Model; default: the built-in one.")
  private Path model;

  @Option(
      names = "--autoencoder",
      required = true,
      paramLabel = "FILE",
      description =
          "Autoencoder or model with the decoder. If it encodes faces at the model's size, the new"
              + " model draws faces of its size; otherwise the size stays.")
  private Path autoencoder;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.safetensors",
      description = "Model file to write.")
  private Path out;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Outputs.checkFile(out, ".safetensors");
    int tensors;
    try (ModelFile first = DefaultModel.openOr(model).whole();
        ModelFile second = ModelFile.open(autoencoder)) {
      tensors = OtherDecoder.write(out, first, second);
    }
    try (ModelFile written = ModelFile.open(out)) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("model", out.toString());
      json.put("model_sha256", written.sha256());
      json.put("tensors", tensors);
      output.print(json, "the model is " + out + "; its decoder is that of " + autoencoder);
    }
    return 0;
  }
}
