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
      description =
          "Images per tar file of a WebDataset; default: "
              + TarContainer.IMAGES
              + ", and with --cluster one file for each part, which is about 1,000.")
  @Range(min = 1)
  private Integer perTar;

  DatasetFormat format() {
    return format(TarContainer.IMAGES);
  }

  /**
   * The format of a set in parts.
   *
   * @param images in a part; a tar file has as many, unless the user or the default has another
   *     number
   */
  DatasetFormat ofParts(long images) {
    return format(perTar(images));
  }

  /** The default number of images of a tar file, with so many images in a part. */
  static int perTar(long images) {
    return (int) Math.min(TarContainer.IMAGES, images);
  }

  private DatasetFormat format(int images) {
    return switch (format) {
      case folder -> DatasetFormat.FOLDER;
      case recordio -> RecordContainer.FORMAT;
      case webdataset -> TarContainer.format(perTar == null ? images : perTar);
    };
  }
}
