package dev.fizzy.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Text from editors and spreadsheets: UTF-8, or UTF-16 with a byte order mark. The mark is not part
 * of the text.
 */
public final class TextFile {
  private static final int MARK = 3;

  private TextFile() {}

  /** Opens a reader that throws on invalid bytes. */
  public static BufferedReader reader(Path file) throws IOException {
    PushbackInputStream in = new PushbackInputStream(InputFile.stream(file), MARK);
    try {
      Charset charset = charset(in);
      return new BufferedReader(new InputStreamReader(in, charset.newDecoder()));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static Charset charset(PushbackInputStream in) throws IOException {
    byte[] mark = in.readNBytes(MARK);
    if (mark.length == MARK && mark[0] == -17 && mark[1] == -69 && mark[2] == -65) {
      return StandardCharsets.UTF_8;
    }
    boolean big = mark.length > 1 && mark[0] == -2 && mark[1] == -1;
    boolean little = mark.length > 1 && mark[0] == -1 && mark[1] == -2;
    int used = big || little ? 2 : 0;
    in.unread(mark, used, mark.length - used);
    return big
        ? StandardCharsets.UTF_16BE
        : little ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8;
  }

  /**
   * Reads the lines of a file, with any line endings.
   *
   * @param limit largest size of the file in bytes
   */
  public static List<String> lines(Path file, long limit) {
    try {
      InputFile.require(file, limit);
      try (BufferedReader in = reader(file)) {
        return in.lines().toList();
      }
    } catch (UncheckedIOException e) {
      throw unreadable(file, e.getCause());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The exception for a text that cannot be read. */
  public static FileException unreadable(Path file, IOException e) {
    return e instanceof CharacterCodingException
        ? new FileException(file + " is not UTF-8 text: save it as UTF-8", e)
        : FileException.of("read", file, e);
  }
}
