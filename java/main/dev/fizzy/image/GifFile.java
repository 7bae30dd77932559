package dev.fizzy.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The first frame of a GIF on its canvas. Java's reader decodes the indices from a temporary GIF
 * with only this frame.
 */
final class GifFile implements EncodedImage {
  private static final ImageReaderSpi READER = ImageIoServices.java("gif");
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int IMAGE = 0x2c;
  private static final int TRAILER = 0x3b;
  private static final int TABLE = 0x80;
  private static final int HEADER = 13;
  private static final int DESCRIPTOR = 10;

  private final byte[] bytes;
  private int canvasWidth;
  private int canvasHeight;
  private int transparent = -1;
  private int left;
  private int top;
  private int frameWidth;
  private int frameHeight;
  private int[] palette;

  /** Offsets of the image descriptor, of the image data, and of their end. */
  private int descriptor;

  private int data;
  private int end;

  private GifFile(byte[] bytes) {
    this.bytes = bytes;
  }

  static GifFile parse(byte[] bytes) throws ImageException {
    GifFile file = new GifFile(bytes);
    try {
      file.blocks();
    } catch (IndexOutOfBoundsException e) {
      throw new ImageException("truncated: the GIF ends before its first image does", e);
    }
    return file;
  }

  private void blocks() throws ImageException {
    int flags = Bytes.uint8(bytes, 10);
    palette = table(flags, HEADER);
    int at = HEADER + tableLength(flags);
    while (Bytes.uint8(bytes, at) != IMAGE) {
      int block = Bytes.uint8(bytes, at);
      if (block == TRAILER) {
        throw new ImageException("a GIF without an image");
      }
      if (block == EXTENSION) {
        boolean control = Bytes.uint8(bytes, at + 1) == GRAPHIC_CONTROL;
        if (control && (Bytes.uint8(bytes, at + 3) & 1) != 0) {
          transparent = Bytes.uint8(bytes, at + 6);
        }
        at = afterBlocks(at + 2);
      } else {
        at++; // a byte between blocks
      }
    }
    frame(at);
    canvasWidth = Math.max(Bytes.uint16Little(bytes, 6), left + frameWidth);
    canvasHeight = Math.max(Bytes.uint16Little(bytes, 8), top + frameHeight);
    if (transparent >= 0) {
      palette[transparent] &= 0xffffff;
    }
  }

  private void frame(int at) throws ImageException {
    descriptor = at;
    left = Bytes.uint16Little(bytes, at + 1);
    top = Bytes.uint16Little(bytes, at + 3);
    frameWidth = Bytes.uint16Little(bytes, at + 5);
    frameHeight = Bytes.uint16Little(bytes, at + 7);
    int flags = Bytes.uint8(bytes, at + 9);
    if ((flags & TABLE) != 0) {
      palette = table(flags, at + DESCRIPTOR);
    }
    data = at + DESCRIPTOR + tableLength(flags);
    if (Bytes.uint8(bytes, data) > 8) {
      throw new ImageException(
          "a GIF with codes for pixels of " + Bytes.uint8(bytes, data) + " bits, more than its 8");
    }
    end = afterBlocks(data + 1);
  }

  /** The offset after sub-blocks, each of which starts with its length; the last has length 0. */
  private int afterBlocks(int at) {
    while (bytes[at] != 0) {
      at += 1 + Bytes.uint8(bytes, at);
    }
    return at + 1;
  }

  private static int tableLength(int flags) {
    return (flags & TABLE) == 0 ? 0 : 3 << (flags & 7) + 1;
  }

  /** 256 colors: those of the table, then black; or gray levels if there is no table. */
  private int[] table(int flags, int at) {
    int[] colors = new int[256];
    int length = tableLength(flags);
    for (int i = 0; i < 256; i++) {
      int color = at + 3 * i;
      if (length == 0) {
        colors[i] = 0xff000000 | 0x10101 * i;
      } else {
        colors[i] =
            3 * i < length
                ? 0xff000000 | Bytes.uint8(bytes, color) << 16 | Bytes.uint16(bytes, color + 1)
                : 0xff000000;
      }
    }
    return colors;
  }

  /** A GIF with only this frame, on a canvas of its size, with a table of 256 colors. */
  private byte[] singleFrame() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(end - descriptor + 1024);
    out.writeBytes(new byte[] {'G', 'I', 'F', '8', '9', 'a'});
    out.write(bytes, descriptor + 5, 4);
    out.writeBytes(new byte[] {(byte) 0xf7, 0, 0});
    out.writeBytes(new byte[3 * 256]);
    out.write(IMAGE);
    out.writeBytes(new byte[4]);
    out.write(bytes, descriptor + 5, 4);
    out.write(bytes[descriptor + 9] & 0x40); // interlaced or not, and no table
    out.write(bytes, data, end - data);
    out.write(TRAILER);
    return out.toByteArray();
  }

  @Override
  public int width() {
    return canvasWidth;
  }

  @Override
  public int height() {
    return canvasHeight;
  }

  @Override
  public int bytesPerPixel() {
    return 4;
  }

  @Override
  public Rgb pixels() throws IOException {
    Raster raster =
        PixelReader.read(READER, singleFrame(), PixelReader.NONE, r -> r.read(0).getRaster());
    Rgb frame = Samples.rgb(raster, Colors.palette(palette));
    if (frameWidth == canvasWidth && frameHeight == canvasHeight) {
      return frame;
    }
    byte[] canvas = new byte[3 * canvasWidth * canvasHeight];
    int[] background = new int[canvasWidth];
    Arrays.fill(background, Math.max(transparent, 0));
    for (int y = 0; y < canvasHeight; y++) {
      Colors.palette(palette).convert(background, 1, canvasWidth, canvas, 3 * y * canvasWidth);
    }
    Rgb whole = new Rgb(canvasWidth, canvasHeight, canvas);
    whole.put(frame, left, top);
    return whole;
  }
}
