package dev.fizzy.image;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Image formats, recognized by the first bytes of a file, not by its name. */
enum ImageFormat {
  PNG("png", PngFile::parse, "\u0089PNG\r\n\u001a\n"),
  JPEG("jpg", JpegFile::parse, "\u00ff\u00d8\u00ff"),
  GIF("gif", GifFile::parse, "GIF8"),
  BMP("bmp", BmpFile::parse, "BM"),
  TIFF("tif", TiffFile::parse, "II*\0", "MM\0*"),
  WEBP("webp", WebpFile::parse),
  PNM("pnm", PnmFile::parse);

  /** Parses the header of a file. */
  interface Parser {
    EncodedImage parse(byte[] bytes) throws IOException;
  }

  /** Common files that cannot be read: their first bytes and the reason. */
  private record Refused(String magic, String reason) {}

  private static final String CONVERT = " cannot be read; convert it to PNG first, for example: ";

  private static final List<Refused> REFUSED =
      List.of(
          new Refused("\u00ff\n", "JPEG XL" + CONVERT + "djxl IN.jxl OUT.png"),
          new Refused("\0\0\0\fJXL ", "JPEG XL" + CONVERT + "djxl IN.jxl OUT.png"),
          new Refused("\0\0\0\fjP  ", "JPEG 2000" + CONVERT + "magick IN.jp2 OUT.png"),
          new Refused("\u00ffO\u00ffQ", "JPEG 2000" + CONVERT + "magick IN.j2k OUT.png"),
          new Refused("8BPS", "a Photoshop document (PSD)" + CONVERT + "magick IN.psd[0] OUT.png"),
          new Refused("\0\0\1\0", "an icon (ICO)" + CONVERT + "magick IN.ico[0] OUT.png"),
          new Refused("II+\0", "BigTIFF" + CONVERT + "magick IN.tif[0] OUT.png"),
          new Refused("MM\0+", "BigTIFF" + CONVERT + "magick IN.tif[0] OUT.png"),
          new Refused("v/1\1", "OpenEXR" + CONVERT + "magick IN.exr OUT.png"),
          new Refused("%PDF", "a PDF, not an image"),
          new Refused("<!doctype html", "an HTML page, not an image; download the file again"),
          new Refused("<html", "an HTML page, not an image; download the file again"),
          new Refused(
              "version https://git-lfs", "a pointer of Git LFS, not the image: git lfs pull"));

  /** The usual file extension. */
  final String ending;

  private final Parser parser;
  private final String[] magic;

  ImageFormat(String ending, Parser parser, String... magic) {
    this.ending = ending;
    this.parser = parser;
    this.magic = magic;
  }

  /** Reads the header of an image in any of the formats. */
  static EncodedImage parse(byte[] bytes) throws IOException {
    return of(bytes).parser.parse(bytes);
  }

  /** The format of a file; refused with the reason where it is none that is read. */
  static ImageFormat of(byte[] bytes) throws ImageException {
    if (bytes.length == 0) {
      throw new ImageException("the file is empty");
    }
    ImageFormat format = find(bytes);
    if (format == null) {
      throw new ImageException(refusal(bytes));
    }
    return format;
  }

  /** The format of a file, or null if it is none of these. */
  static ImageFormat find(byte[] bytes) {
    for (ImageFormat format : values()) {
      for (String start : format.magic) {
        if (Bytes.startsWith(bytes, 0, start)) {
          return format;
        }
      }
    }
    if (Bytes.startsWith(bytes, 0, "RIFF") && Bytes.startsWith(bytes, 8, "WEBP")) {
      return WEBP;
    }
    return PnmFile.starts(bytes) ? PNM : null;
  }

  private static String refusal(byte[] bytes) {
    if (Bytes.startsWith(bytes, 4, "ftyp")) {
      return mediaContainer(bytes);
    }
    String start = Bytes.latin1(bytes, 0, Math.min(bytes.length, 64)).toLowerCase(Locale.ROOT);
    for (Refused refused : REFUSED) {
      if (start.stripLeading().startsWith(refused.magic.toLowerCase(Locale.ROOT))) {
        return refused.reason;
      }
    }
    int side = (int) Math.round(Math.sqrt(bytes.length / 3.));
    return side > 7 && bytes.length == 3 * side * side
        ? "not an image file, but as long as the raw pixels of "
            + side
            + " x "
            + side
            + ", whose order nothing tells; pack encoded images, PNG or JPEG"
        : "not an image, by its first bytes";
  }

  /** AVIF, HEIC and videos share a container format and differ in its brands. */
  private static String mediaContainer(byte[] bytes) {
    int length = Math.min(bytes.length, Math.max(0, Bytes.int32(bytes, 0)));
    String brands = length < 12 ? "" : Bytes.latin1(bytes, 8, Math.min(length, 256) - 8);
    if (brands.contains("avif") || brands.contains("avis")) {
      return "AVIF" + CONVERT + "avifdec IN.avif OUT.png";
    }
    if (brands.matches("(?s).*(hei[cxms]|hev[cx]|mif1|msf1).*")) {
      return "HEIC" + CONVERT + "heif-convert IN.heic OUT.png";
    }
    return "a video, not an image";
  }
}
