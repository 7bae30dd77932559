package dev.fizzy.dataset.webdataset;

import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Recognizes and decompresses gzip files. */
final class Gzip {
  private static final int BUFFER = 1 << 16;

  /**
   * Largest compression ratio. Images hardly compress, so a higher ratio means a decompression
   * bomb.
   */
  private static final int RATIO_LIMIT = 100;

  private Gzip() {}

  static boolean isGzip(Path file) throws IOException {
    try (InputStream in = InputFile.stream(file)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  /**
   * Decompresses into a temporary file, which the system deletes when the process ends in any way.
   */
  static FileChannel unpack(Path file) throws IOException {
    long limit = 64 * BUFFER + RATIO_LIMIT * Files.size(file);
    FileChannel unpacked =
        FileChannel.open(
            temporary(),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE); // on Unix the file has no name from here on
    boolean done = false;
    try (InputStream in =
        GzipCompressorInputStream.builder()
            .setInputStream(new BufferedInputStream(InputFile.stream(file), BUFFER))
            .setDecompressConcatenated(true)
            .get()) {
      byte[] buffer = new byte[BUFFER];
      long written = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        written += n;
        if (written > limit) {
          throw new IOException(
              "it decompresses to more than "
                  + RATIO_LIMIT
                  + " times its size, which is not expected of images; if it is correct, decompress"
                  + " it yourself trusted");
        }
        ByteBuffer part = ByteBuffer.wrap(buffer, 0, n);
        while (part.hasRemaining()) {
          write(part, unpacked);
        }
      }
      done = true;
    } finally {
      if (!done) {
        unpacked.close();
      }
    }
    return unpacked;
  }

  private static Path temporary() throws IOException {
    try {
      return Files.createTempFile("fizzy-", ".tar");
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static void write(ByteBuffer part, FileChannel into) throws IOException {
    try {
      into.write(part);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static IOException unwritable(IOException e) {
    return new IOException(
        "it cannot be unpacked in the temporary folder "
            + System.getProperty("java.io.tmpdir")
            + " ("
            + FileException.reason(e)
            + "); unpack it yourself, or name another folder with"
            + " JDK_JAVA_OPTIONS=-Djava.io.tmpdir=DIR",
        e);
  }
}
