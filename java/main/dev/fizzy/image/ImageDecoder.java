package dev.fizzy.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Decodes JPEG, PNG, GIF, BMP, TIFF, WebP and PNM, recognized by content, to 8-bit RGB, as Pillow's
 * {@code exif_transpose(Image.open(file)).convert("RGB")} does: no color profile is applied, the
 * orientation in EXIF or XMP is; of an animation or a file with several pages the first is used, of
 * 16 bits the upper 8. Two differences from Pillow: transparent pixels are blended with white
 * instead of showing the colors under them, and 16-bit gray that Pillow would clip to white is
 * rejected. Truncated, damaged and huge images are rejected.
 */
public final class ImageDecoder {
  /** Largest number of pixels; larger images are rejected by their header, before decoding. */
  public static final long PIXEL_LIMIT = 50_000_000;

  private static final long FILE_LIMIT = 256L << 20;

  /** Longest reader message that is passed on, in characters. */
  private static final int MESSAGE_LIMIT = 200;

  private ImageDecoder() {}

  public static Rgb decode(Path file) throws IOException {
    return decode(read(file));
  }

  /** Reads a file; throws if it is too large for an image. */
  public static byte[] read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > FILE_LIMIT) {
      throw new ImageException(
          "a file of " + size + " bytes, more than the limit of " + FILE_LIMIT);
    }
    try {
      return Files.readAllBytes(file);
    } catch (OutOfMemoryError e) {
      throw tooLarge("a file of " + size + " bytes", e);
    }
  }

  /** "png", "jpg", ... by a file's first bytes: what its name ends with; "img" for any other. */
  public static String ending(byte[] bytes) {
    ImageFormat format = ImageFormat.find(bytes);
    return format == null ? "img" : format.ending;
  }

  /** Fails with the reason where the first bytes are not those of an image that is read. */
  public static void checkFormat(byte[] bytes) throws ImageException {
    ImageFormat.of(bytes);
  }

  public static Rgb decode(byte[] bytes) throws ImageException {
    return decode(bytes, image -> image);
  }

  /** Decodes an image, crops its centered square and resizes it. */
  public static Rgb square(byte[] bytes, int size) throws ImageException {
    return decode(bytes, image -> Resampler.resize(image.square(), size, size));
  }

  /**
   * Decodes an image and applies {@code then}, which counts as part of the decoding in {@link
   * DecodingMemory}.
   */
  static Rgb decode(byte[] bytes, UnaryOperator<Rgb> then) throws ImageException {
    try {
      EncodedImage image = ImageFormat.parse(bytes);
      long pixels = checked(image);
      int turned = image.orientation() == Orientation.UPRIGHT ? 0 : 3;
      return DecodingMemory.shared()
          .with(
              pixels * (3 + turned + image.bytesPerPixel()),
              () -> then.apply(Orientation.upright(image.pixels(), image.orientation())));
    } catch (ImageException e) {
      throw new ImageException(oneLine(e.getMessage()), e);
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw various unchecked exceptions on damaged files.
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new ImageException("damaged or unsupported: " + oneLine(reason), e);
    } catch (OutOfMemoryError e) {
      throw tooLarge("an image out of " + bytes.length + " bytes", e);
    }
  }

  private static long checked(EncodedImage image) throws ImageException {
    long pixels = (long) image.width() * image.height();
    if (image.width() < 1 || image.height() < 1 || pixels > PIXEL_LIMIT) {
      throw new ImageException(
          image.width()
              + " x "
              + image.height()
              + " pixels, "
              + (pixels > PIXEL_LIMIT ? "more than the limit of " + PIXEL_LIMIT : "none at all"));
    }
    return pixels;
  }

  private static ImageException tooLarge(String what, OutOfMemoryError e) {
    return new ImageException(
        what
            + " does not fit into the "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB that Java may use; make it smaller, use fewer threads, or give Java more:"
            + " JDK_JAVA_OPTIONS=-Xmx8g",
        e);
  }

  private static String oneLine(String message) {
    String line = message.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
    return line.length() > MESSAGE_LIMIT ? line.substring(0, MESSAGE_LIMIT) + "..." : line;
  }
}
