package dev.fizzy.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Predicate;
import javax.imageio.spi.ImageReaderSpi;

/**
 * A JPEG file. Only the segments needed to decode the pixels are kept, so profiles and other
 * metadata, even damaged ones, have no effect. The color space is determined as in libjpeg and
 * Pillow: YCbCr unless an Adobe marker or the component names say otherwise.
 */
final class JpegFile implements EncodedImage {
  private static final ImageReaderSpi READER = ImageIoServices.java("jpeg");
  private static final ImageReaderSpi LOSSLESS = ImageIoServices.twelveMonkeys("jpeg");
  private static final int SOF0 = 0xc0;
  private static final int SOF_PROGRESSIVE = 0xc2;
  private static final int SOF_LOSSLESS = 0xc3;
  private static final int DHT = 0xc4;
  private static final int JPG = 0xc8;
  private static final int DAC = 0xcc;
  private static final int SOF15 = 0xcf;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COM = 0xfe;
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /** Largest number of scans of a progressive JPEG, each of which covers the whole image. */
  private static final int SCAN_LIMIT = 100;

  /** Warnings about bytes between segments and unusual markers; the pixels are complete. */
  private static final Predicate<String> HARMLESS =
      warning -> warning.contains("extraneous bytes") || warning.contains("Adobe color transform");

  private final byte[] bytes;
  private final ByteArrayOutputStream kept;
  private int frame = -1;
  private int precision;
  private int width;
  private int height;
  private int[] components;
  private boolean jfif;
  private int adobe = -1;
  private Ifd exif;
  private String xmp = "";

  private JpegFile(byte[] bytes) {
    this.bytes = bytes;
    this.kept = new ByteArrayOutputStream(bytes.length);
  }

  static JpegFile parse(byte[] bytes) throws ImageException {
    JpegFile file = new JpegFile(bytes);
    file.kept.write(bytes, 0, 2);
    int scan = file.segments();
    file.kept.write(bytes, scan, bytes.length - scan);
    file.check(scan);
    return file;
  }

  /** Reads the segments before the first scan and returns its offset. */
  private int segments() throws ImageException {
    int at = 2;
    while (true) {
      at = marker(at);
      if (at + 3 > bytes.length || Bytes.uint8(bytes, at) == EOI) {
        throw new ImageException("truncated: the JPEG ends before its pixels");
      }
      int marker = Bytes.uint8(bytes, at);
      int length = Bytes.uint16(bytes, at + 1);
      if (marker == SOS) {
        return at - 1;
      }
      if (length < 2 || at + 1 + length > bytes.length) {
        throw new ImageException(
            "truncated: a JPEG segment of " + length + " bytes at " + at + " goes beyond the end");
      }
      segment(marker, at + 3, length - 2);
      if (!(marker >= APP0 && marker <= APP15) && marker != COM) {
        kept.write(bytes, at - 1, length + 2);
      }
      at += 1 + length;
    }
  }

  /** The offset of the next marker with a segment; bytes before it are skipped. */
  private int marker(int at) {
    while (at < bytes.length) {
      while (at < bytes.length && Bytes.uint8(bytes, at) != 0xff) {
        at++;
      }
      while (at < bytes.length && Bytes.uint8(bytes, at) == 0xff) {
        at++;
      }
      int marker = at < bytes.length ? Bytes.uint8(bytes, at) : EOI;
      boolean hasNoSegment = marker <= 1 || marker >= 0xd0 && marker <= 0xd8;
      if (!hasNoSegment) {
        break;
      }
    }
    return at;
  }

  private void segment(int marker, int at, int length) throws ImageException {
    if (marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC) {
      frame(marker, at, length);
    } else if (marker == APP0 && Bytes.startsWith(bytes, at, "JFIF\0")) {
      jfif = true;
    } else if (marker == APP14 && length >= 12 && Bytes.startsWith(bytes, at, "Adobe")) {
      adobe = Bytes.uint8(bytes, at + 11);
    } else if (marker == APP1 && exif == null && Bytes.startsWith(bytes, at, "Exif\0\0")) {
      exif = Orientation.exif(bytes, at, length);
    } else if (marker == APP1 && Bytes.startsWith(bytes, at, XMP)) {
      xmp = Bytes.latin1(bytes, at, length);
    }
  }

  private void frame(int marker, int at, int length) throws ImageException {
    if (frame >= 0) {
      throw new ImageException("damaged: the JPEG has two frame headers");
    }
    if (length < 6 || length < 6 + 3 * Bytes.uint8(bytes, at + 5)) {
      throw new ImageException("damaged: the JPEG's frame header has " + length + " bytes");
    }
    frame = marker;
    precision = Bytes.uint8(bytes, at);
    height = Bytes.uint16(bytes, at + 1);
    width = Bytes.uint16(bytes, at + 3);
    components = new int[Bytes.uint8(bytes, at + 5)];
    for (int c = 0; c < components.length; c++) {
      components[c] = Bytes.uint8(bytes, at + 6 + 3 * c);
    }
  }

  private void check(int scan) throws ImageException {
    if (frame < 0) {
      throw new ImageException("damaged: the JPEG has pixels and no frame header");
    }
    if (frame > SOF_LOSSLESS) {
      throw new ImageException(
          (frame < JPG ? "hierarchical" : "arithmetic-coded")
              + " JPEG cannot be read; convert it to PNG first, for example: magick IN.jpg"
              + " OUT.png");
    }
    if (precision != 8 && frame != SOF_LOSSLESS) {
      throw new ImageException("JPEG of " + precision + " bits cannot be read; convert it to 8");
    }
    int count = components.length;
    if (count != 1 && count != 3 && count != 4) {
      throw new ImageException("a JPEG of " + count + " components, neither gray, color nor CMYK");
    }
    if (frame == SOF_PROGRESSIVE && scans(scan) > SCAN_LIMIT) {
      throw new ImageException(
          "a progressive JPEG of " + scans(scan) + " scans, more than the limit of " + SCAN_LIMIT);
    }
  }

  private int scans(int at) {
    int scans = 0;
    for (; at + 1 < bytes.length; at++) {
      if (Bytes.uint8(bytes, at) == 0xff && Bytes.uint8(bytes, at + 1) == SOS) {
        scans++;
      }
    }
    return scans;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int orientation() {
    return Orientation.of(exif, xmp);
  }

  @Override
  public int bytesPerPixel() {
    boolean keepsCoefficients = frame == SOF_PROGRESSIVE;
    return (keepsCoefficients ? 3 : 1) * components.length * (precision > 8 ? 2 : 1);
  }

  @Override
  public Rgb pixels() throws IOException {
    byte[] stripped = kept.toByteArray();
    if (frame == SOF_LOSSLESS) {
      return lossless(stripped);
    }
    Raster raster = PixelReader.read(READER, stripped, HARMLESS, r -> r.readRaster(0, null));
    return Samples.rgb(raster, colors());
  }

  private Rgb lossless(byte[] stripped) throws IOException {
    Raster raster = PixelReader.read(LOSSLESS, stripped, HARMLESS, r -> r.read(0).getRaster());
    return precision > 8 && components.length == 1
        ? Samples.gray16(raster)
        : Samples.rgb(raster, precision, null, components.length == 1 ? Colors.GRAY : Colors.RGB);
  }

  private Colors colors() {
    return switch (components.length) {
      case 1 -> Colors.GRAY;
      case 4 -> adobe > 0 ? YccColors::inks : Colors.CMYK_INVERTED;
      default -> isRgb() ? Colors.RGB : YccColors::rgb;
    };
  }

  private boolean isRgb() {
    if (jfif) {
      return false;
    }
    return adobe >= 0
        ? adobe == 0
        : components[0] == 'R' && components[1] == 'G' && components[2] == 'B';
  }
}
