package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;

class ImageDecoderTest {
  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out));
    return out.toByteArray();
  }

  private static BufferedImage image(int type) {
    BufferedImage image = new BufferedImage(24, 16, type);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 24; x++) {
        image.setRGB(x, y, new Color(10 * x, 15 * y, 100).getRGB());
      }
    }
    return image;
  }

  private static void pixel(Rgb image, int x, int y, int r, int g, int b, int tolerance) {
    int[] wanted = {r, g, b};
    for (int c = 0; c < 3; c++) {
      assertEquals(
          wanted[c],
          image.pixels()[3 * (y * image.width() + x) + c] & 255,
          tolerance,
          "channel " + c);
    }
  }

  @Test
  void readsColourInEveryFormat() throws IOException {
    for (String format : new String[] {"png", "bmp", "tiff", "jpeg"}) {
      Rgb image = ImageDecoder.decode(encode(image(BufferedImage.TYPE_INT_RGB), format));
      assertEquals(24, image.width());
      pixel(image, 20, 10, 200, 150, 100, format.equals("jpeg") ? 12 : 0);
    }
    Rgb indexed = ImageDecoder.decode(encode(image(BufferedImage.TYPE_BYTE_INDEXED), "gif"));
    pixel(indexed, 20, 10, 204, 153, 102, 12);
  }

  @Test
  void grayKeepsItsValues() throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      for (String format : new String[] {"png", "tiff"}) {
        BufferedImage grey = new BufferedImage(8, 8, type);
        for (int i = 0; i < 64; i++) {
          grey.getRaster().setSample(i % 8, i / 8, 0, 51);
        }
        pixel(ImageDecoder.decode(encode(grey, format)), 3, 3, 51, 51, 51, 0);
      }
    }
    BufferedImage grey = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    Arrays.fill(
        ((java.awt.image.DataBufferByte) grey.getRaster().getDataBuffer()).getData(), (byte) 77);
    pixel(ImageDecoder.decode(encode(grey, "jpeg")), 3, 3, 77, 77, 77, 1);
  }

  @Test
  void transparencyIsLaidOnWhite() throws IOException {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(1, 1, 0xff204060);
    Rgb back = ImageDecoder.decode(encode(image, "png"));
    pixel(back, 0, 0, 255, 255, 255, 0);
    pixel(back, 1, 1, 0x20, 0x40, 0x60, 0);
  }

  /** Four raw components; Java writes them as they are, without an Adobe marker. */
  private static byte[] fourComponents(int... values) throws IOException {
    WritableRaster raster = Raster.createInterleavedRaster(0, 16, 16, 4, null);
    for (int i = 0; i < 256; i++) {
      raster.setPixel(i % 16, i / 16, values);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(new IIOImage(raster, null, null));
    }
    return out.toByteArray();
  }

  private static byte[] withAdobe(byte[] jpeg, int transform) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(
        new byte[] {
          (byte) 0xff,
          (byte) 0xee,
          0,
          14,
          'A',
          'd',
          'o',
          'b',
          'e',
          0,
          100,
          0,
          0,
          0,
          0,
          (byte) transform
        });
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /** JPEG stores inks inverted, with a marker of Adobe or, as Pillow takes it, without. */
  @Test
  void inksBecomeLight() throws IOException {
    pixel(ImageDecoder.decode(fourComponents(255, 0, 0, 255)), 5, 5, 255, 0, 0, 2);
    pixel(
        ImageDecoder.decode(withAdobe(fourComponents(0, 255, 255, 255), 0)), 5, 5, 0, 255, 255, 2);
    pixel(
        ImageDecoder.decode(withAdobe(fourComponents(200, 200, 200, 128), 0)),
        5,
        5,
        100,
        100,
        100,
        2);
    // Y 255, neutral chroma: libjpeg's complement gives the stored inks 0, which is all ink.
    pixel(ImageDecoder.decode(withAdobe(fourComponents(255, 128, 128, 255), 2)), 5, 5, 0, 0, 0, 2);
    pixel(
        ImageDecoder.decode(withAdobe(fourComponents(55, 128, 128, 255), 2)),
        5,
        5,
        200,
        200,
        200,
        2);
  }

  private static void refused(String part, byte[] bytes) {
    String message =
        assertThrows(ImageException.class, () -> ImageDecoder.decode(bytes)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void filesAreCalledByTheirContent() throws IOException {
    BufferedImage image = image(BufferedImage.TYPE_3BYTE_BGR);
    for (String format : new String[] {"png", "jpg", "gif", "bmp", "tif"}) {
      assertEquals(format, ImageDecoder.ending(encode(image, format)));
    }
    assertEquals("img", ImageDecoder.ending("hello".getBytes()));
    assertEquals("webp", ImageDecoder.ending("RIFF....WEBPVP8 ".getBytes()));
  }

  @Test
  void saysWhyItRefuses() throws IOException {
    refused("empty", new byte[0]);
    refused("not an image", "hello".getBytes());
    refused("WebP", "RIFF....WEBPVP8 ".getBytes());
    refused("avifdec", "\0\0\0 ftypavif\0\0\0\0mif1avif".getBytes());
    refused("heif-convert", "\0\0\0 ftypheic\0\0\0\0mif1heic".getBytes());
    refused("heif-convert", "\0\0\0 ftypmif1\0\0\0\0mif1heic".getBytes());
    refused("a video", "\0\0\0 ftypisom\0\0\0\0isomiso2".getBytes());
    refused("djxl", "\0\0\0\fJXL \r\n".getBytes());
    refused("PSD", "8BPS\0\1".getBytes());
    refused("HTML", "<!DOCTYPE html><html>".getBytes());
    refused("git lfs pull", "version https://git-lfs.github.com/spec/v1".getBytes());
  }

  @Test
  void everyTruncationIsNoticed() throws IOException {
    for (String format : new String[] {"png", "jpeg", "gif"}) {
      byte[] whole = encode(image(BufferedImage.TYPE_INT_RGB), format);
      int length = format.equals("gif") ? whole.length - 1 : whole.length; // the last is not needed
      for (int cut = 0; cut < length; cut++) {
        byte[] torn = Arrays.copyOf(whole, cut);
        assertThrows(
            ImageException.class, () -> ImageDecoder.decode(torn), format + " cut at " + cut);
      }
    }
  }

  @Test
  void damageGivesAReasonOrAnImage() throws IOException {
    Random random = new Random(1);
    for (String format : new String[] {"png", "jpeg", "gif", "bmp", "tiff"}) {
      byte[] whole = encode(image(BufferedImage.TYPE_3BYTE_BGR), format);
      for (int n = 0; n < 300; n++) {
        byte[] damaged = whole.clone();
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        try {
          ImageDecoder.decode(damaged);
        } catch (ImageException e) {
          assertTrue(!e.getMessage().isBlank());
        }
      }
    }
  }

  @Test
  void hugeIsRefusedByItsHeader() throws IOException {
    byte[] png = encode(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");
    java.nio.ByteBuffer header = java.nio.ByteBuffer.wrap(png);
    header.putInt(16, 100_000).putInt(20, 100_000);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    refused("100000 x 100000", png);
  }

  @Test
  void memoryThatIsUsedUpIsAReason() throws IOException {
    byte[] png = encode(image(BufferedImage.TYPE_INT_RGB), "png");
    ImageException e =
        assertThrows(
            ImageException.class,
            () ->
                ImageDecoder.decode(
                    png,
                    whole -> {
                      throw new OutOfMemoryError("Java heap space");
                    }));
    assertTrue(e.getMessage().contains("MiB") && e.getMessage().contains("-Xmx"), e.getMessage());
    assertEquals(10, ImageDecoder.square(png, 10).width());
  }
}
