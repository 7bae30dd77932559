package dev.fizzy.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG, PNG, GIF, BMP and TIFF, told apart by content, to 8-bit RGB. Grey becomes RGB, 16
 * bits become 8, CMYK becomes RGB, transparent pixels are laid on white, a JPEG is turned as its
 * EXIF data say; an embedded colour profile is not applied. Truncated, damaged, animated and huge
 * images are refused.
 */
public final class ImageDecoder {
  /** Pixels above which an image is refused, by its header, before any is decoded. */
  public static final long PIXEL_LIMIT = 50_000_000;

  private static final long FILE_LIMIT = 256L << 20;

  private ImageDecoder() {}

  public static Rgb decode(Path file) throws IOException {
    return decode(read(file));
  }

  /** A file's content, where it is not too long for an image. */
  public static byte[] read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > FILE_LIMIT) {
      throw new ImageException(
          "a file of " + size + " bytes, more than the limit of " + FILE_LIMIT);
    }
    return Files.readAllBytes(file);
  }

  public static Rgb decode(byte[] bytes) throws ImageException {
    ImageFormat format = ImageFormat.of(bytes);
    if (format == ImageFormat.PNG) {
      ImageFormat.checkPng(bytes);
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName(format.name()).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      List<String> warnings = new ArrayList<>();
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, false, true);
      checkSize(reader, format);
      Rgb image = read(reader, format, bytes);
      // The JPEG decoder fills what is missing with grey and says so only in a warning.
      if (!warnings.isEmpty()) {
        throw new ImageException("damaged or truncated: " + oneLine(warnings.get(0)));
      }
      return format == ImageFormat.JPEG ? Orientation.upright(image, Orientation.of(bytes)) : image;
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw unchecked exceptions of many kinds on damaged files.
      throw new ImageException(
          "damaged or unsupported: "
              + oneLine(e.getMessage() == null ? e.toString() : e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s+", " ");
  }

  private static void checkSize(ImageReader reader, ImageFormat format) throws IOException {
    long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
    if (pixels > PIXEL_LIMIT) {
      throw new ImageException(
          reader.getWidth(0)
              + " x "
              + reader.getHeight(0)
              + " pixels, more than the limit of "
              + PIXEL_LIMIT);
    }
    if ((format == ImageFormat.GIF || format == ImageFormat.TIFF)
        && reader.getNumImages(true) > 1) {
      throw new ImageException(
          "animated or of several pages: " + reader.getNumImages(true) + " images");
    }
  }

  private static Rgb read(ImageReader reader, ImageFormat format, byte[] bytes) throws IOException {
    if (format == ImageFormat.JPEG && components(reader) == 4) {
      return cmyk(reader.readRaster(0, null), ImageFormat.adobeTransform(bytes));
    }
    return rgb(reader.read(0));
  }

  /** Four components are the ones that ImageIO's JPEG reader has no image type for. */
  private static int components(ImageReader reader) throws IOException {
    var types = reader.getImageTypes(0);
    return types.hasNext() ? types.next().getNumBands() : 4;
  }

  private static Rgb cmyk(Raster raster, int transform) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int[] in = raster.getPixels(0, 0, width, height, (int[]) null);
    byte[] out = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      double a = in[4 * i];
      double b = in[4 * i + 1];
      double c = in[4 * i + 2];
      if (transform == 2) { // YCCK: the inks are the complement of what YCbCr says
        double y = a;
        a = 255 - clamp(y + 1.402 * (c - 128));
        double green = y - .344136 * (b - 128) - .714136 * (c - 128);
        c = 255 - clamp(y + 1.772 * (b - 128));
        b = 255 - clamp(green);
      }
      int k = in[4 * i + 3];
      boolean inverted = transform >= 0; // Adobe stores 255 for no ink
      out[3 * i] = ink(a, k, inverted);
      out[3 * i + 1] = ink(b, k, inverted);
      out[3 * i + 2] = ink(c, k, inverted);
    }
    return new Rgb(width, height, out);
  }

  private static byte ink(double colour, double black, boolean inverted) {
    double light = inverted ? colour * black / 255 : (255 - colour) * (255 - black) / 255;
    return (byte) Math.round(light);
  }

  private static double clamp(double v) {
    return Math.min(255, Math.max(0, v));
  }

  private static Rgb rgb(BufferedImage image) throws ImageException {
    ColorModel model = image.getColorModel();
    int type = model.getTransferType();
    if (type != DataBuffer.TYPE_BYTE
        && type != DataBuffer.TYPE_USHORT
        && type != DataBuffer.TYPE_INT) {
      throw new ImageException("pixels of a type that is neither 8 nor 16 bits");
    }
    boolean grey = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    boolean plain = grey || !model.hasAlpha() && model.getNumColorComponents() == 3;
    // Java holds grey to be linear light and would brighten it, so samples are taken as they are.
    return model instanceof ComponentColorModel && plain ? samples(image, grey) : converted(image);
  }

  private static Rgb samples(BufferedImage image, boolean grey) {
    int width = image.getWidth();
    int height = image.getHeight();
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int most = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    byte[] out = new byte[3 * width * height];
    int[] row = new int[width * bands];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int to = 3 * (y * width + x);
        int alpha = grey && bands == 2 ? row[x * bands + 1] : most;
        for (int c = 0; c < 3; c++) {
          long v = row[x * bands + (grey ? 0 : c)];
          v = (v * alpha + (long) most * (most - alpha) + most / 2) / most;
          out[to + c] = (byte) ((v * 255 + most / 2) / most);
        }
      }
    }
    return new Rgb(width, height, out);
  }

  private static Rgb converted(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] out = new byte[3 * width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int alpha = row[x] >>> 24;
        for (int c = 0; c < 3; c++) {
          int v = row[x] >> 16 - 8 * c & 255;
          out[3 * (y * width + x) + c] = (byte) ((v * alpha + 255 * (255 - alpha) + 127) / 255);
        }
      }
    }
    return new Rgb(width, height, out);
  }
}
