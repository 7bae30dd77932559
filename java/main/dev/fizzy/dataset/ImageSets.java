package dev.fizzy.dataset;

import dev.fizzy.dataset.parquet.ManifestImages;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordImages;
import dev.fizzy.dataset.webdataset.TarImages;
import dev.fizzy.file.FileException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a set of labeled images, whatever format it is in. */
public final class ImageSets {
  /** For the help of commands. */
  public static final String FORMATS =
      "a folder an identity, InsightFace or im2rec RecordIO (folder or .rec), WebDataset (folder or"
          + " .tar, .tar.gz), or a Parquet manifest of `fizzy make manifest`";

  private ImageSets() {}

  /** Looks at what is there, not at what the file is called. */
  public static LabeledImages open(Path location) {
    if (!Files.exists(location)) {
      throw new FileException("the data set " + location + " does not exist");
    }
    if (RecordImages.isRecordIo(location)) {
      return RecordImages.open(location);
    }
    if (TarImages.isTar(location)) {
      return TarImages.open(location);
    }
    if (ManifestImages.isParquet(location)) {
      return ManifestImages.open(location);
    }
    if (!Files.isDirectory(location)) {
      throw new FileException(location + " is no data set; wanted is " + FORMATS);
    }
    return FolderImages.open(location);
  }
}
