package dev.fizzy.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.InflaterInputStream;

/** The orientation in the metadata chunks of a PNG. */
final class PngNotes {
  /** Largest size of a decompressed text in bytes. */
  private static final int TEXT_LIMIT = 1 << 20;

  private Ifd exif;
  private Ifd rawProfile;
  private String xmp = "";

  int orientation() {
    return Orientation.of(exif != null ? exif : rawProfile, xmp);
  }

  void chunk(String name, byte[] bytes, int at, int length) {
    switch (name) {
      case "eXIf" -> exif = Orientation.exif(bytes, at, length);
      case "tEXt", "zTXt", "iTXt" -> text(name, bytes, at, length);
      default -> {}
    }
  }

  private void text(String name, byte[] bytes, int at, int length) {
    if (Bytes.startsWith(bytes, at, "XML:com.adobe.xmp\0")) {
      xmp = content(name, bytes, at, length);
    } else if (Bytes.startsWith(bytes, at, "Raw profile type exif\0")) {
      rawProfile = rawProfile(content(name, bytes, at, length));
    }
  }

  /**
   * EXIF as ImageMagick writes it: a line feed, the name, the length, and the bytes in hexadecimal.
   */
  private static Ifd rawProfile(String text) {
    String[] parts = text.split("\n", 4);
    try {
      byte[] exif = HexFormat.of().parseHex(parts[parts.length - 1].replaceAll("\\s", ""));
      return Orientation.exif(exif, 0, exif.length);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The text after the keyword; empty if it cannot be decompressed. */
  private static String content(String name, byte[] bytes, int at, int length) {
    int end = at + length;
    int from = afterZero(bytes, at, end);
    boolean packed = name.equals("zTXt");
    if (packed) {
      from += 1; // compression method
    } else if (name.equals("iTXt")) {
      packed = from < end && bytes[from] != 0;
      from = afterZero(bytes, afterZero(bytes, from + 2, end), end); // language, translated keyword
    }
    if (from >= end) {
      return "";
    }
    if (!packed) {
      return Bytes.latin1(bytes, from, end - from);
    }
    try (InflaterInputStream in =
        new InflaterInputStream(new ByteArrayInputStream(bytes, from, end - from))) {
      return new String(in.readNBytes(TEXT_LIMIT), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static int afterZero(byte[] bytes, int at, int end) {
    while (at < end && bytes[at] != 0) {
      at++;
    }
    return at + 1;
  }
}
