package dev.fizzy.cli;

import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: a model, and the file of another one that is made of it. */
final class DerivedModel extends JsonOutput {
  @Option(names = "--model", paramLabel = "FILE", description = "Model; default: the built-in one.")
  private Path model;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.safetensors",
      description = "Model file to write.")
  private Path out;

  /** Opens the model, after checking that the other one can be written. */
  ModelFile open() {
    Outputs.checkFile(out, ".safetensors");
    return DefaultModel.openOr(model);
  }

  Path out() {
    return out;
  }

  /**
   * Prints the result.
   *
   * @param more fields
   * @param text to print after the name of the file
   */
  void printModel(Map<String, Object> more, String text) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model", out.toString());
    try (ModelFile written = ModelFile.open(out)) {
      fields.put("model_sha256", written.sha256());
    }
    fields.putAll(more);
    print(fields, "the model is " + out + text);
  }
}
