package dev.fizzy.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a file is by its first bytes, whatever it is called; and what to do where it is a wrong one.
 */
public enum FileSignature {
  EMPTY("is empty: its download or copy failed"),
  GIT_LFS("is a Git LFS pointer and not the file itself: `git lfs pull` fetches it"),
  WEB_PAGE("is a web page and not the file: the download asked for something, or failed"),
  PYTORCH("is a PyTorch file"),
  SAFETENSORS("is a safetensors file"),
  GZIP("is packed with gzip: unpack it first"),
  XZ("is packed with xz: unpack it first"),
  ZSTANDARD("is packed with zstd: unpack it first"),
  TAR("is a tar archive, as PyTorch wrote before 0.2: load and save it anew"),
  HDF5("is an HDF5 file"),
  OTHER("is of another kind");

  /** Enough for a tar archive's magic. */
  private static final int START = 512;

  private final String sentence;

  FileSignature(String sentence) {
    this.sentence = sentence;
  }

  /** "is ..", for a message that begins with the file's name. */
  public String sentence() {
    return sentence;
  }

  public static FileSignature of(Path file) throws IOException {
    try (InputStream in = InputFile.stream(file)) {
      return of(in.readNBytes(START));
    }
  }

  /**
   * @param start the first 512 bytes, or all where there are fewer
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
