package dev.fizzy.cli;

import dev.fizzy.identity.Contexts;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: the contexts file that a command writes. */
final class ContextsOutput extends JsonOutput {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Contexts file to write, .npy or .safetensors.")
  private Path out;

  Path out() {
    return out;
  }

  /** Throws if the file cannot be written; call before computing anything. */
  void check() {
    Outputs.checkContexts(out);
  }

  /** Keeps the command beside the file, for `fizzy report`. */
  void keepCommand(Map<String, Object> fields) {
    keepCommand(out.resolveSibling(out.getFileName() + ".made.json"), "contexts", fields);
  }

  void write(Contexts contexts) {
    contexts.write(out);
    Map<String, Object> fields =
        Map.of(
            "out",
            out.toString(),
            "contexts",
            contexts.size(),
            "width",
            contexts.width(),
            "sha256",
            contexts.sha256());
    keepCommand(fields);
    print(fields, contexts.size() + " contexts of width " + contexts.width() + " in " + out);
  }
}
