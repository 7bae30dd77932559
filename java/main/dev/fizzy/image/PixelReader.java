package dev.fizzy.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/** Runs a given ImageIO reader on bytes. */
final class PixelReader {
  /** No warning is harmless. */
  static final Predicate<String> NONE = warning -> false;

  private PixelReader() {}

  /** Reads the pixels of an image. */
  interface Pixels<T> {
    T read(ImageReader reader) throws IOException;
  }

  /**
   * Bytes as an input of unknown length. TwelveMonkeys' readers compare the size of an image with
   * the length of its file and reject images that compress very well. Here the number of pixels is
   * limited instead.
   */
  private static final class Input extends ImageInputStreamImpl {
    private final byte[] bytes;

    Input(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      bitOffset = 0;
      return streamPos < bytes.length ? bytes[(int) streamPos++] & 255 : -1;
    }

    @Override
    public int read(byte[] to, int at, int length) {
      bitOffset = 0;
      if (streamPos >= bytes.length) {
        return -1;
      }
      int count = (int) Math.min(length, bytes.length - streamPos);
      System.arraycopy(bytes, (int) streamPos, to, at, count);
      streamPos += count;
      return count;
    }
  }

  /**
   * Reads with a new reader.
   *
   * @param harmless warnings after which the pixels are complete; any other warning is an error,
   *     because readers fill missing pixels with gray and only warn
   */
  static <T> T read(ImageReaderSpi spi, byte[] bytes, Predicate<String> harmless, Pixels<T> pixels)
      throws IOException {
    ImageReader reader = spi.createReaderInstance();
    try (ImageInputStream in = new Input(bytes)) {
      List<String> warnings = new ArrayList<>();
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, false, true);
      T result = pixels.read(reader);
      for (String warning : warnings) {
        if (!harmless.test(warning)) {
          throw new ImageException("damaged or truncated: " + warning);
        }
      }
      return result;
    } finally {
      reader.dispose();
    }
  }
}
