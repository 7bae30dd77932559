package dev.fizzy.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.spi.ImageReaderSpi;

/**
 * A WebP file, lossy or lossless; of an animated WebP the first frame on its canvas. The pixels are
 * decoded from a copy with only the needed chunks.
 */
final class WebpFile implements EncodedImage {
  private static final ImageReaderSpi READER = ImageIoServices.twelveMonkeys("webp");
  private static final int FRAME_HEADER = 16;
  private static final int ALPHA_FLAG = 0x10;

  /** The position of a chunk's content. */
  private record Chunk(String name, int at, int length) {}

  private final byte[] bytes;
  private int canvasWidth;
  private int canvasHeight;
  private int left;
  private int top;
  private int frameWidth;
  private int frameHeight;
  private Chunk image;
  private Chunk alpha;
  private Ifd exif;
  private String xmp = "";

  private WebpFile(byte[] bytes) {
    this.bytes = bytes;
  }

  static WebpFile parse(byte[] bytes) throws ImageException {
    WebpFile file = new WebpFile(bytes);
    file.chunks(12, bytes.length);
    if (file.image == null) {
      throw new ImageException("truncated: the WebP has no image");
    }
    if (file.canvasWidth == 0) {
      file.canvasWidth = file.frameWidth;
      file.canvasHeight = file.frameHeight;
    }
    if (file.left + file.frameWidth > file.canvasWidth
        || file.top + file.frameHeight > file.canvasHeight) {
      throw new ImageException("damaged: the WebP's frame does not fit its canvas");
    }
    return file;
  }

  private void chunks(int at, int end) throws ImageException {
    while (at + 8 <= end) {
      String name = Bytes.latin1(bytes, at, 4);
      int length = Bytes.int32Little(bytes, at + 4);
      if (length < 0 || length > end - at - 8) {
        if (image != null) {
          return; // data after the pixels are not needed
        }
        throw new ImageException("truncated: the WebP chunk " + name + " goes beyond the end");
      }
      chunk(new Chunk(name, at + 8, length));
      at += 8 + length + (length & 1);
    }
  }

  private void chunk(Chunk chunk) throws ImageException {
    int at = chunk.at;
    switch (chunk.name) {
      case "VP8X" -> {
        require(chunk, 10);
        canvasWidth = 1 + uint24(at + 4);
        canvasHeight = 1 + uint24(at + 7);
      }
      case "ANMF" -> {
        if (image == null) {
          require(chunk, FRAME_HEADER);
          left = 2 * uint24(at);
          top = 2 * uint24(at + 3);
          chunks(at + FRAME_HEADER, at + chunk.length);
        }
      }
      case "ALPH" -> alpha = image == null ? chunk : alpha;
      case "VP8 ", "VP8L" -> {
        if (image == null) {
          image(chunk);
        }
      }
      case "EXIF" -> exif = Orientation.exif(bytes, at, chunk.length);
      case "XMP " -> xmp = Bytes.latin1(bytes, at, chunk.length);
      default -> {}
    }
  }

  private void image(Chunk chunk) throws ImageException {
    require(chunk, 10);
    image = chunk;
    if (isLossless()) {
      int sizes = Bytes.int32Little(bytes, chunk.at + 1);
      frameWidth = 1 + (sizes & 0x3fff);
      frameHeight = 1 + (sizes >> 14 & 0x3fff);
    } else {
      frameWidth = Bytes.uint16Little(bytes, chunk.at + 6) & 0x3fff;
      frameHeight = Bytes.uint16Little(bytes, chunk.at + 8) & 0x3fff;
    }
  }

  private static void require(Chunk chunk, int length) throws ImageException {
    if (chunk.length < length) {
      throw new ImageException(
          "damaged: a WebP chunk " + chunk.name + " of " + chunk.length + " bytes");
    }
  }

  private int uint24(int at) {
    return Bytes.uint16Little(bytes, at) | Bytes.uint8(bytes, at + 2) << 16;
  }

  private boolean isLossless() {
    return image.name.equals("VP8L");
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
  public int orientation() {
    return Orientation.of(exif, xmp);
  }

  @Override
  public int bytesPerPixel() {
    return 12;
  }

  @Override
  public Rgb pixels() throws IOException {
    Raster raster = PixelReader.read(READER, alone(), PixelReader.NONE, r -> r.read(0).getRaster());
    Colors colors = raster.getNumBands() == 4 ? Colors.RGB_ALPHA : Colors.RGB;
    Rgb frame = Samples.rgb(raster, colors);
    if (hasAlpha() && isAlphaPlain()) {
      byte[] plane = WebpAlpha.plane(bytes, alpha.at, alpha.length, frameWidth, frameHeight);
      frame = WebpAlpha.onWhite(frame, plane);
    }
    if (frameWidth == canvasWidth && frameHeight == canvasHeight) {
      return frame;
    }
    byte[] white = new byte[3 * canvasWidth * canvasHeight];
    Arrays.fill(white, (byte) 255);
    Rgb canvas = new Rgb(canvasWidth, canvasHeight, white);
    canvas.put(frame, left, top);
    return canvas;
  }

  /** Whether a separate alpha chunk applies; lossless images contain their alpha. */
  private boolean hasAlpha() {
    return alpha != null && alpha.length > 0 && !isLossless();
  }

  private boolean isAlphaPlain() {
    return WebpAlpha.isPlain(bytes[alpha.at]);
  }

  private byte[] alone() {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream(image.length + 64);
    if (hasAlpha() && !isAlphaPlain()) {
      chunk(chunks, "VP8X", extended(), 0, 10);
      chunk(chunks, alpha.name, bytes, alpha.at, alpha.length);
    }
    chunk(chunks, image.name, bytes, image.at, image.length);
    ByteArrayOutputStream file = new ByteArrayOutputStream(chunks.size() + 12);
    file.writeBytes(new byte[] {'R', 'I', 'F', 'F'});
    little(file, 4, 4 + chunks.size());
    file.writeBytes(new byte[] {'W', 'E', 'B', 'P'});
    file.writeBytes(chunks.toByteArray());
    return file.toByteArray();
  }

  private byte[] extended() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    little(out, 4, ALPHA_FLAG);
    little(out, 3, frameWidth - 1);
    little(out, 3, frameHeight - 1);
    return out.toByteArray();
  }

  private static void chunk(
      ByteArrayOutputStream out, String name, byte[] content, int at, int length) {
    for (int i = 0; i < 4; i++) {
      out.write(name.charAt(i));
    }
    little(out, 4, length);
    out.write(content, at, length);
    if ((length & 1) != 0) {
      out.write(0);
    }
  }

  private static void little(ByteArrayOutputStream out, int bytes, int value) {
    for (int i = 0; i < bytes; i++) {
      out.write(value >> 8 * i);
    }
  }
}
