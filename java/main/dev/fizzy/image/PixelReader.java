package dev.fizzy.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * Runs a reader of ImageIO over bytes. Readers are asked for by name, since others on the class
 * path would stand before them in ImageIO's own order.
 */
final class PixelReader {
  /** Warnings after which all pixels are there. */
  static final Predicate<String> NONE = warning -> false;

  private PixelReader() {}

  /** Reads the pixels of the one image. */
  interface Pixels<T> {
    T read(ImageReader reader) throws IOException;
  }

  /**
   * Bytes as an input of unknown length: TwelveMonkeys' readers compare the size of the image with
   * the length of its file and refuse plain images, which are packed well. What an image may take
   * is bounded here by its pixels.
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
   * Reads with a fresh reader.
   *
   * @param harmless which warnings leave the pixels whole; any other is an error, for readers fill
   *     what is missing with gray and say so only in a warning
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
