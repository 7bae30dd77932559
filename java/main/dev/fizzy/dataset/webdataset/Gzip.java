package dev.fizzy.dataset.webdataset;

import dev.fizzy.file.InputFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** gzip files: recognised and unpacked. */
final class Gzip {
  private static final int BUFFER = 1 << 16;

  /** Images hardly shrink: a file that grows by more than this is made to fill the disk. */
  private static final int RATIO_LIMIT = 100;

  private Gzip() {}

  static boolean isGzip(Path file) throws IOException {
    try (InputStream in = InputFile.stream(file)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  /** Into a temporary file. */
  static Path unpack(Path file) throws IOException {
    long limit = 64 * BUFFER + RATIO_LIMIT * Files.size(file);
    Path unpacked = Files.createTempFile("fizzy-", ".tar");
    boolean done = false;
    try (InputStream in =
            GzipCompressorInputStream.builder()
                .setInputStream(new BufferedInputStream(InputFile.stream(file), BUFFER))
                .setDecompressConcatenated(true)
                .get();
        OutputStream out = Files.newOutputStream(unpacked)) {
      byte[] buffer = new byte[BUFFER];
      long written = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        written += n;
        if (written > limit) {
          throw new IOException(
              "it unpacks to more than "
                  + RATIO_LIMIT
                  + " times its size, which images do not; unpack it by hand if it is to be"
                  + " trusted");
        }
        out.write(buffer, 0, n);
      }
      done = true;
    } finally {
      if (!done) {
        delete(unpacked);
      }
    }
    return unpacked;
  }

  static void delete(Path unpacked) {
    try {
      if (unpacked != null) {
        Files.deleteIfExists(unpacked);
      }
    } catch (IOException e) {
      unpacked.toFile().deleteOnExit();
    }
  }
}
