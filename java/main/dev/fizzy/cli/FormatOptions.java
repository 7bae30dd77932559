package dev.fizzy.cli;

import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.webdataset.TarContainer;
import dev.fizzy.dataset.write.DatasetFormat;
import picocli.CommandLine.Option;

/** Mixin: the format of the data set to write. */
final class FormatOptions {
  /** Formats by their names on the command line. */
  enum Format {
    folder,
    recordio,
    webdataset
  }

  @Option(
      names = "--format",
      defaultValue = "folder",
      description = "Format of the data set: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--per-tar",
      paramLabel = "N",
      defaultValue = "" + TarContainer.IMAGES,
      description = "Images per tar file of a WebDataset; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int perTar;

  DatasetFormat format() {
    return switch (format) {
      case folder -> DatasetFormat.FOLDER;
      case recordio -> RecordContainer.FORMAT;
      case webdataset -> TarContainer.format(perTar);
    };
  }
}
