package dev.fizzy.cli;

import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.webdataset.TarContainer;
import dev.fizzy.dataset.write.DatasetFormat;
import picocli.CommandLine.Option;

/** Mixin: the format that a data set is written in. */
final class FormatOptions {
  /** The formats' names, as they are written on the command line. */
  enum Format {
    folder,
    recordio,
    webdataset
  }

  @Option(
      names = "--format",
      defaultValue = "folder",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--per-tar",
      paramLabel = "N",
      defaultValue = "" + TarContainer.IMAGES,
      description = "Images in each tar file of a WebDataset; default: ${DEFAULT-VALUE}.")
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
