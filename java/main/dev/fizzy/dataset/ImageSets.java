package dev.fizzy.dataset;

import dev.fizzy.dataset.parquet.ParquetImages;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.NamedImages;
import dev.fizzy.dataset.recordio.RecordImages;
import dev.fizzy.dataset.webdataset.TarImages;
import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a data set of labeled images in any format. */
public final class ImageSets {
  /** The formats, for help texts and messages. */
  public static final String FORMATS =
      "a folder with one subfolder per identity, InsightFace or im2rec RecordIO (folder or .rec),"
          + " WebDataset (folder or .tar, .tar.gz), or Parquet (folder or .parquet)";

  private static final int LOOKED_AT = 16;
  private static final Logger log = LoggerFactory.getLogger(ImageSets.class);

  private ImageSets() {}

  /**
   * Opens faces without labels: a folder that is searched recursively, whose faces are named by
   * their paths, or a set in any format, whose faces are named {@code identity/image}.
   */
  public static ImageSource faces(Path location) {
    if (!Files.isDirectory(location)) {
      return Files.exists(location)
          ? NamedImages.of(open(location))
          : FaceFolder.open(location); // throws with the reason
    }
    boolean records = RecordImages.isRecordIo(location) || TarImages.isTar(location);
    if (!records && !ParquetImages.isParquet(location)) {
      return FaceFolder.open(location);
    }
    FaceFolder loose = FaceFolder.search(location);
    if (hasImages(loose)) {
      if (records) {
        log.warn("{} contains image files: its .rec and .tar files are ignored", location);
      }
      return loose;
    }
    return NamedImages.of(open(location));
  }

  /**
   * Checks the first files; a packed set also has a file {@code property}, which is not an image.
   */
  private static boolean hasImages(FaceFolder folder) {
    return folder.names().stream()
        .limit(LOOKED_AT)
        .anyMatch(
            name -> {
              try {
                ImageDecoder.checkFormat(ImageDecoder.read(folder.folder().resolve(name)));
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }

  /** Whether a folder has RecordIO, tar or Parquet files that are read as one set. */
  public static boolean isPacked(Path folder) {
    return RecordImages.isRecordIo(folder)
        || TarImages.isTar(folder)
        || ParquetImages.isParquet(folder) && !hasImages(FaceFolder.search(folder));
  }

  /** Opens labeled faces, named {@code identity/image}, of a set in any format. */
  public static ImageSource identities(Path location) {
    LabeledImages set = open(location);
    return set instanceof FolderImages ? set : NamedImages.of(set);
  }

  /** Opens a data set; the format is recognized by content, not by file names. */
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
    boolean folder = Files.isDirectory(location);
    if (ParquetImages.isParquet(location)
        && !(folder && hasImages(FaceFolder.search(location)))) { // a manifest beside its images
      return ParquetImages.open(location);
    }
    if (!folder) {
      throw new FileException(location + " is not a data set; a data set is " + FORMATS);
    }
    return FolderImages.open(location);
  }
}
