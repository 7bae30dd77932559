package dev.fizzy.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The first page of a TIFF file. It is decoded from a copy with a single directory, which has only
 * the fields needed for the pixels.
 */
final class TiffFile implements EncodedImage {
  private static final ImageReaderSpi READER = ImageIoServices.twelveMonkeys("tiff");
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int SAMPLES = 277;
  static final int PLANES = 284;
  private static final int COLOR_MAP = 320;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;

  /**
   * Fields needed for decoding: those above, fill order, strips, T4 and T6 options, predictor,
   * tiles, JPEG and YCbCr.
   */
  private static final Set<Integer> NEEDED =
      Set.of(
          WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          PHOTOMETRIC,
          266,
          273,
          SAMPLES,
          278,
          279,
          PLANES,
          292,
          293,
          317,
          COLOR_MAP,
          TILE_WIDTH,
          TILE_HEIGHT,
          324,
          325,
          EXTRA_SAMPLES,
          SAMPLE_FORMAT,
          347,
          512,
          513,
          514,
          515,
          517,
          518,
          519,
          520,
          521,
          529,
          530,
          531,
          532);

  private static final int WHITE_IS_ZERO = 0;
  private static final int BLACK_IS_ZERO = 1;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int CMYK = 5;
  static final int YCBCR = 6;
  private static final int LAB = 8;
  private static final int PREMULTIPLIED = 1;

  /** Warnings about rule violations after which the pixels are complete. */
  private static final Predicate<String> HARMLESS =
      warning ->
          warning.matches(
              "(Missing|Ignoring|8 bit ColorMap|Uknown TIFF YCbCrPos|strip/tileByteCount < ).*");

  private final byte[] bytes;
  private final Ifd ifd;
  private final int width;
  private final int height;
  private final int bits;
  private final int samples;
  private final int photometric;

  private TiffFile(byte[] bytes, Ifd ifd) throws ImageException {
    this.bytes = bytes;
    this.ifd = ifd;
    width = size(WIDTH);
    height = size(HEIGHT);
    bits = (int) ifd.number(BITS, 1);
    samples = (int) ifd.number(SAMPLES, 1);
    photometric = (int) ifd.number(PHOTOMETRIC, -1);
  }

  static TiffFile parse(byte[] bytes) throws ImageException {
    TiffFile file = new TiffFile(bytes, Ifd.first(bytes, 0, bytes.length));
    file.check();
    return file;
  }

  private int size(int tag) throws ImageException {
    long value = ifd.number(tag, 0);
    if (value > Integer.MAX_VALUE) {
      throw new ImageException("damaged: a TIFF of " + value + " pixels on a side");
    }
    return (int) value;
  }

  private void check() throws ImageException {
    if (!List.of(1, 2, 4, 8, 16).contains(bits) || ifd.number(SAMPLE_FORMAT, 1) != 1) {
      throw new ImageException(
          "a TIFF of "
              + bits
              + " bits"
              + (ifd.number(SAMPLE_FORMAT, 1) == 1 ? "" : ", signed or floating-point,")
              + " a sample; convert it to 8 bits first, for example: magick IN -depth 8 OUT.png");
    }
    int colors = colorSamples();
    if (samples < colors || samples > colors + 4) {
      throw new ImageException("a TIFF of " + samples + " samples a pixel, not " + colors);
    }
    if (ifd.has(TILE_WIDTH)) {
      long tile = ifd.number(TILE_WIDTH, 0) * ifd.number(TILE_HEIGHT, 0);
      if (tile < 1 || tile > ImageDecoder.PIXEL_LIMIT) {
        throw new ImageException("damaged: a TIFF tile of " + tile + " pixels");
      }
    }
  }

  private int colorSamples() throws ImageException {
    return switch (photometric) {
      case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
      case RGB, YCBCR, LAB -> 3;
      case CMYK -> 4;
      default ->
          throw new ImageException(
              "a TIFF of photometric interpretation "
                  + photometric
                  + ", which cannot be read; convert it to PNG first, for example:"
                  + " magick IN.tif[0] OUT.png");
    };
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
    return Orientation.of(ifd, ifd.text(Ifd.XMP));
  }

  @Override
  public int bytesPerPixel() {
    return 2 * samples * (bits > 8 ? 2 : 1);
  }

  @Override
  public Rgb pixels() throws IOException {
    new TiffParts(bytes, ifd).check();
    // The reader's own color conversion is right for YCbCr and wrong for Lab.
    PixelReader.Pixels<Raster> read =
        photometric == LAB ? r -> r.readRaster(0, null) : r -> r.read(0).getRaster();
    Raster raster = PixelReader.read(READER, singlePage(), HARMLESS, read);
    if (photometric == PALETTE) {
      return Samples.rgb(raster, Colors.palette(palette()));
    }
    if (photometric == WHITE_IS_ZERO
        && bits == 1) { // with more bits the reader inverts the values itself
      return Samples.rgb(raster, Colors.palette(new int[] {0xffffffff, 0xff000000}));
    }
    if (colorSamples() == 1 && bits == 16 && samples == 1) {
      return Samples.gray16(raster);
    }
    return Samples.rgb(raster, bits, null, colors(raster.getNumBands()));
  }

  private Colors colors(int bands) {
    long extra = ifd.number(EXTRA_SAMPLES, 2);
    boolean alpha = extra == 1 || extra == 2;
    return switch (photometric) {
      case WHITE_IS_ZERO, BLACK_IS_ZERO -> bands > 1 && alpha ? Colors.GRAY_ALPHA : Colors.GRAY;
      case CMYK -> Colors.CMYK;
      case LAB -> LabColors::rgb;
      default ->
          bands < 4 || !alpha
              ? Colors.RGB
              : extra == PREMULTIPLIED ? Colors.RGB_PREMULTIPLIED : Colors.RGB_ALPHA;
    };
  }

  /** The palette: all reds, all greens, all blues, 16 bits each, of which the upper 8 are used. */
  private int[] palette() {
    long[] map = ifd.numbers(COLOR_MAP);
    int[] argb = new int[map.length / 3];
    for (int i = 0; i < argb.length; i++) {
      argb[i] =
          0xff000000
              | (int) (map[i] >> 8) << 16
              | (int) (map[i + argb.length] >> 8) << 8
              | (int) (map[i + 2 * argb.length] >> 8);
    }
    return argb;
  }

  /** The file with an appended directory of only this page. */
  private byte[] singlePage() {
    List<Ifd.Entry> kept =
        ifd.entries().entrySet().stream()
            .filter(e -> NEEDED.contains(e.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    int at = bytes.length + bytes.length % 2;
    ByteBuffer out = ByteBuffer.allocate(at + 2 + 12 * kept.size() + 4).order(ifd.data().order());
    out.put(bytes);
    out.putInt(4, at);
    out.position(at);
    out.putShort((short) kept.size());
    for (Ifd.Entry entry : kept) {
      out.put(bytes, entry.at(), 12);
    }
    return out.array();
  }
}
