package dev.fizzy.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** The kind of a file by its first bytes, with advice for files that cannot be used. */
public enum FileSignature {
  EMPTY("is empty: its download or copy failed"),
  GIT_LFS("is a Git LFS pointer, not the file itself: fetch it with `git lfs pull`"),
  WEB_PAGE("is a web page, not the file: the download failed or needs a login or confirmation"),
  PYTORCH("is a PyTorch file"),
  SAFETENSORS("is a safetensors file"),
  GZIP("is compressed with gzip: decompress it first"),
  XZ("is compressed with xz: decompress it first"),
  ZSTANDARD("is compressed with zstd: decompress it first"),
  TAR("is a tar archive, as PyTorch wrote before 0.2: load it and save it again"),
  HDF5("is an HDF5 file"),
  OTHER("has an unknown format");

  /** Bytes to read; a tar archive has its magic number at 257. */
  private static final int START = 512;

  private final String sentence;

  FileSignature(String sentence) {
    this.sentence = sentence;
  }

  /** The predicate of a message that begins with the file's name. */
  public String sentence() {
    return sentence;
  }

  public static FileSignature of(Path file) throws IOException {
    try (InputStream in = InputFile.stream(file)) {
      return of(in.readNBytes(START));
    }
  }

  /**
   * @param start the first 512 bytes, or all of a shorter file
   */
  public static FileSignature of(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    String plain =
        text.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading().toLowerCase(Locale.ROOT);
    if (text.isEmpty()) {
      return EMPTY;
    }
    if (plain.startsWith("version https://git-lfs")) {
      return GIT_LFS;
    }
    if (plain.startsWith("<!doctype html") || plain.startsWith("<html")) {
      return WEB_PAGE;
    }
    if (text.startsWith("PK\3\4")
        || text.length() > 2 && text.charAt(0) == 0x80 && text.charAt(1) < 6) {
      return PYTORCH;
    }
    if (text.length() > 8 && text.startsWith("\0\0{", 6)) {
      return SAFETENSORS;
    }
    if (text.startsWith("\u001f\u008b")) {
      return GZIP;
    }
    if (text.startsWith("\u00fd7zXZ")) {
      return XZ;
    }
    if (text.startsWith("(\u00b5/\u00fd")) {
      return ZSTANDARD;
    }
    if (text.startsWith("ustar", 257)) {
      return TAR;
    }
    return text.startsWith("\u0089HDF") ? HDF5 : OTHER;
  }
}
