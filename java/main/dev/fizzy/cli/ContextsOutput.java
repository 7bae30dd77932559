package dev.fizzy.cli;

import dev.fizzy.identity.Contexts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: the contexts file that a command writes. */
class ContextsOutput extends JsonOutput {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Contexts file to write, .npy or .safetensors.")
  private Path out;

  /** Throws if the file cannot be written; call before computing anything. */
  void check() {
    Outputs.checkContexts(out);
  }

  /**
   * Writes contexts with their recipe, and the command beside them for `fizzy report`; prints the
   * result.
   *
   * @param more fields of the result
   * @param text to print after the number of contexts
   */
  void write(Contexts contexts, Map<String, Object> more, String text) {
    contexts.withRecipe(ContextsRecipe.of(command().getCommandSpec())).write(out);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("out", out.toString());
    fields.put("contexts", contexts.size());
    fields.put("width", contexts.width());
    fields.put("sha256", contexts.sha256());
    fields.putAll(more);
    keepCommand(out.resolveSibling(out.getFileName() + ".made.json"), "contexts", fields);
    print(fields, contexts.size() + " contexts of width " + contexts.width() + " in " + out + text);
  }
}
