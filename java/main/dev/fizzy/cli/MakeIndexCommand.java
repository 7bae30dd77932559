package dev.fizzy.cli;

import dev.fizzy.dataset.recordio.RecordImages;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "index",
    description = "Writes the .idx of a RecordIO file by reading through its records.",
    footer = {"", "Example:", "  cat train-*-of-4.rec > train.rec", "  fizzy make index train.rec"})
final class MakeIndexCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE.rec", description = "RecordIO file.")
  private Path file;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    RecordImages.Written written = RecordImages.writeIndex(file);
    output.print(
        Map.of("out", written.index().toString(), "records", written.records()),
        written.records() + " records listed in " + written.index());
    return 0;
  }
}
