package dev.fizzy.image;

import java.util.Iterator;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ImageReaderWriterSpi;
import javax.imageio.spi.ImageWriterSpi;

/**
 * Selects readers and writers of ImageIO by their packages, because ImageIO's own order depends on
 * the class path.
 */
final class ImageIoServices {
  private static final String JAVA = "com.sun.imageio.plugins.";
  private static final String TWELVE_MONKEYS = "com.twelvemonkeys.imageio.plugins.";

  private ImageIoServices() {}

  /** Java's own reader of a format: jpeg, png, gif or bmp. */
  static ImageReaderSpi java(String format) {
    return service(ImageReaderSpi.class, JAVA + format);
  }

  /** TwelveMonkeys' reader of a format: jpeg, tiff or webp. */
  static ImageReaderSpi twelveMonkeys(String format) {
    return service(ImageReaderSpi.class, TWELVE_MONKEYS + format);
  }

  /** Java's own writer of a format. */
  static ImageWriterSpi javaWriter(String format) {
    return service(ImageWriterSpi.class, JAVA + format);
  }

  private static <S extends ImageReaderWriterSpi> S service(Class<S> kind, String inPackage) {
    Iterator<S> all =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                kind, spi -> spi.getClass().getPackageName().equals(inPackage), true);
    if (!all.hasNext()) {
      throw new IllegalStateException("the image reader or writer " + inPackage + " is missing");
    }
    return all.next();
  }
}
