package dev.fizzy.image;

import java.nio.charset.StandardCharsets;

/** Reads numbers and text from bytes; big-endian unless the name says otherwise. */
final class Bytes {
  private Bytes() {}

  static int uint8(byte[] bytes, int at) {
    return bytes[at] & 255;
  }

  static int uint16(byte[] bytes, int at) {
    return uint8(bytes, at) << 8 | uint8(bytes, at + 1);
  }

  static int int32(byte[] bytes, int at) {
    return uint16(bytes, at) << 16 | uint16(bytes, at + 2);
  }

  static int uint16Little(byte[] bytes, int at) {
    return uint8(bytes, at + 1) << 8 | uint8(bytes, at);
  }

  static int int32Little(byte[] bytes, int at) {
    return uint16Little(bytes, at + 2) << 16 | uint16Little(bytes, at);
  }

  /** Decodes one character per byte. */
  static String latin1(byte[] bytes, int at, int length) {
    return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
  }

  /** Whether the bytes at an offset are the text in Latin-1; false if they end before. */
  static boolean startsWith(byte[] bytes, int at, String text) {
    if (at < 0 || text.length() > bytes.length - at) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (uint8(bytes, at + i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
