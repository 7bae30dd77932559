package dev.fizzy.cli;

import dev.fizzy.dataset.Pictures;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;

/** A folder as people have them: images of every kind, and files that are none. */
final class BadImages {
  /** Plain, misnamed, gray, CMYK and animated. */
  static final int GOOD = 6;

  /** Torn, empty, huge, text and gray of 16 bits. */
  static final int BAD = 5;

  private static final int SIDE = 20;

  private BadImages() {}

  static Path mixed(Path folder) throws IOException {
    Pictures.blob(folder.resolve("plain.png"), SIDE, 1);
    byte[] whole = Files.readAllBytes(folder.resolve("plain.png"));
    Files.write(folder.resolve("misnamed.jpg"), whole);
    image(folder.resolve("grey.jpg"), "jpeg", BufferedImage.TYPE_BYTE_GRAY);
    image(folder.resolve("grey.png"), "png", BufferedImage.TYPE_BYTE_GRAY);
    image(folder.resolve("deep.png"), "png", BufferedImage.TYPE_USHORT_GRAY);
    cmyk(folder.resolve("inks.jpg"));
    Files.write(folder.resolve("torn.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.write(folder.resolve("empty.jpg"), new byte[0]);
    Files.write(folder.resolve("huge.png"), huge(whole));
    Files.writeString(folder.resolve("text.jpeg"), "a list of faces");
    animated(folder.resolve("moving.gif"));
    return folder;
  }

  private static void image(Path file, String format, int type) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, type);
    for (int i = 0; i < SIDE * SIDE; i++) {
      image.setRGB(i % SIDE, i / SIDE, 0x010101 * (i % 200));
    }
    ImageIO.write(image, format, file.toFile());
  }

  private static void cmyk(Path file) throws IOException {
    WritableRaster raster = Raster.createInterleavedRaster(0, SIDE, SIDE, 4, null);
    for (int i = 0; i < SIDE * SIDE; i++) {
      raster.setPixel(i % SIDE, i / SIDE, new int[] {i % 200, 100, 50, 10});
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var stream = ImageIO.createImageOutputStream(file.toFile())) {
      writer.setOutput(stream);
      writer.write(new IIOImage(raster, null, null));
    }
  }

  /** The header says 100,000 x 100,000, with a right checksum. */
  private static byte[] huge(byte[] png) {
    byte[] huge = png.clone();
    CRC32 crc = new CRC32();
    ByteBuffer header = ByteBuffer.wrap(huge).putInt(16, 100_000).putInt(20, 100_000);
    crc.update(huge, 12, 17);
    header.putInt(29, (int) crc.getValue());
    return huge;
  }

  private static void animated(Path file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (var stream = ImageIO.createImageOutputStream(file.toFile())) {
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
      BufferedImage frame = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_INDEXED);
      writer.writeToSequence(new IIOImage(frame, null, null), null);
      writer.writeToSequence(new IIOImage(frame, null, null), null);
      writer.endWriteSequence();
    }
  }
}
