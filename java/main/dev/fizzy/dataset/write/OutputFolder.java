package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.FileException;
import dev.fizzy.file.RunFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The output folder of a data set: it belongs to one run, and each part to one process. */
final class OutputFolder {
  private static final Logger log = LoggerFactory.getLogger(OutputFolder.class);

  /** The file that describes the data set. */
  static final String FILE = "manifest.json";

  /** The member with the number of parts. */
  static final String PARTS = "parts";

  /** The member with the name of the format, see {@link DatasetFormat#name}. */
  static final String CONTAINER = "container";

  private static final int LOCK_ATTEMPTS = 20;
  private static final long LOCK_PAUSE_MILLIS = 100;

  private OutputFolder() {}

  /**
   * Claims the folder for this run; throws if it belongs to another run or contains other files.
   */
  static void claim(Path root, ObjectNode run) throws IOException {
    Files.createDirectories(root);
    if (!Files.isWritable(root)) {
      throw new FileException("cannot write to the output folder " + root + ": permission denied");
    }
    Path file = root.resolve(FILE);
    if (!Files.exists(file)) {
      checkEmpty(root);
    }
    RunFile.claim(file, run);
  }

  private static void checkEmpty(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      if (entries.anyMatch(e -> !e.getFileName().toString().startsWith("."))) {
        throw new FileException(
            "the output folder " + root + " is not empty and has no " + FILE + "; choose another");
      }
    }
  }

  /** Opens the manifest of this part exclusively. */
  static Manifest openManifest(Path root, Shard shard) {
    Path file = root.resolve(shard.manifest());
    for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
      Manifest opened = Manifest.open(file);
      if (opened != null) {
        return opened;
      }
      try { // another shard may hold it briefly for cleanup
        Thread.sleep(LOCK_PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    throw new FileException("another process is writing shard " + shard + " in " + root);
  }

  /**
   * Throws if the remaining images do not fit on the disk.
   *
   * @param each approximate bytes of an image
   */
  static void checkSpace(Path root, long images, long each) {
    try {
      long free = Files.getFileStore(root).getUsableSpace();
      if (free < images * each) {
        throw new FileException(
            images
                + " images need about "
                + Math.max(1, images * each >> 10)
                + " KiB and "
                + root
                + " has "
                + (free >> 10)
                + " KiB free");
      }
    } catch (IOException e) {
      log.warn("cannot tell how much space {} has: {}", root, FileException.reason(e));
    }
  }
}
