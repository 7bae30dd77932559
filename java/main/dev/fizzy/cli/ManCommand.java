package dev.fizzy.cli;

import dev.fizzy.file.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "man",
    description = "Writes a manual page for each command.",
    footer = {"", "Example:", "  fizzy man --out ~/.local/share/man/man1", "  man fizzy-generate"})
final class ManCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the pages, fizzy.1 and so on.")
  private Path out;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    int pages = write(spec.root().commandLine());
    output.print(Map.of("out", out.toString(), "pages", pages), pages + " pages in " + out);
    return 0;
  }

  private int write(CommandLine command) {
    Path file = out.resolve(command.getCommandSpec().qualifiedName("-") + ".1");
    AtomicFile.write(file, ManPage.of(command).getBytes(StandardCharsets.UTF_8));
    return 1 + command.getSubcommands().values().stream().mapToInt(this::write).sum();
  }
}
