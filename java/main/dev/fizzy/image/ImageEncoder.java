package dev.fizzy.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.spi.ImageWriterSpi;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encodes to PNG and JPEG: the same pixels and origin give the same bytes. */
public final class ImageEncoder {
  private static final String XMP_HEADER = "http://ns.adobe.com/xap/1.0/\0";
  private static final int APP1 = 0xe1;
  private static final int COM = 0xfe;
  private static final ImageWriterSpi JPEG = ImageIoServices.javaWriter("jpeg");

  private ImageEncoder() {}

  /** Encodes 8-bit RGB, with the origin in tEXt chunks and an XMP packet. */
  public static byte[] png(Rgb image, SyntheticOrigin origin) {
    return PngEncoder.encode(image, origin);
  }

  /**
   * Encodes baseline JPEG with 4:2:0 chroma subsampling, with the origin in an XMP segment and a
   * comment.
   *
   * @param quality 1..100
   */
  public static byte[] jpeg(Rgb image, int quality, SyntheticOrigin origin) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(image.pixels().length / 4);
    ImageWriter writer = jpegWriter();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality / 100f);
      writer.setOutput(stream);
      writer.write(null, new IIOImage(buffered(image), null, null), parameters);
    } catch (IOException e) {
      throw new IllegalStateException(
          "JPEG of " + image.width() + " x " + image.height() + " pixels", e);
    } finally {
      writer.dispose();
    }
    return origin == null ? out.toByteArray() : marked(out.toByteArray(), origin);
  }

  private static ImageWriter jpegWriter() {
    try {
      return JPEG.createWriterInstance();
    } catch (IOException e) {
      throw new IllegalStateException("Java's JPEG writer", e);
    }
  }

  /** Inserts two segments after the start of image and the JFIF segment. */
  private static byte[] marked(byte[] jpeg, SyntheticOrigin origin) {
    int at = (jpeg[3] & 255) == 0xe0 ? 4 + ((jpeg[4] & 255) << 8 | jpeg[5] & 255) : 2;
    StringBuilder comment = new StringBuilder();
    for (Map.Entry<String, String> field : origin.fields().entrySet()) {
      comment.append(field.getKey()).append('=').append(field.getValue()).append('\n');
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(jpeg.length + 2048);
    out.write(jpeg, 0, at);
    segment(out, APP1, XMP_HEADER + SyntheticOrigin.xmp());
    segment(out, COM, comment.toString());
    out.write(jpeg, at, jpeg.length - at);
    return out.toByteArray();
  }

  private static void segment(ByteArrayOutputStream out, int marker, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = bytes.length + 2;
    out.write(0xff);
    out.write(marker);
    out.write(length >> 8);
    out.write(length);
    out.writeBytes(bytes);
  }

  private static BufferedImage buffered(Rgb image) {
    BufferedImage out =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] to = ((DataBufferByte) out.getRaster().getDataBuffer()).getData();
    byte[] from = image.pixels();
    for (int i = 0; i < from.length; i += 3) {
      to[i] = from[i + 2];
      to[i + 1] = from[i + 1];
      to[i + 2] = from[i];
    }
    return out;
  }
}
