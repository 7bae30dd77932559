package dev.fizzy.recognition.protocol;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Writes the format of {@link VerificationBin} as a pickle of protocol 3 (Python 3): a tuple of a
 * list of bytes and a list of booleans. Only one image at a time is in memory.
 */
public final class VerificationBinWriter {
  private static final int PROTOCOL = 0x80;
  private static final int VERSION = 3;
  private static final int TRUE = 0x88;
  private static final int FALSE = 0x89;
  private static final int TUPLE2 = 0x86;

  private VerificationBinWriter() {}

  /**
   * @param done is told the number of pairs written
   */
  public static void write(
      Path file, VerificationPairs list, ImageSource images, LongConsumer done) {
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < images.count(); i++) {
      numbers.put(images.name(i), i);
    }
    List<VerificationPairs.Pair> pairs = list.pairs();
    AtomicFile.write(
        file,
        out -> {
          out.write(PROTOCOL);
          out.write(VERSION);
          out.write(']');
          out.write('(');
          for (int i = 0; i < pairs.size(); i++) {
            image(out, images, numbers.get(pairs.get(i).first()));
            image(out, images, numbers.get(pairs.get(i).second()));
            done.accept(i + 1L);
          }
          out.write('e');
          out.write(']');
          out.write('(');
          for (VerificationPairs.Pair pair : pairs) {
            out.write(pair.same() ? TRUE : FALSE);
          }
          out.write('e');
          out.write(TUPLE2);
          out.write('.');
        });
  }

  private static void image(OutputStream out, ImageSource images, int number) throws IOException {
    byte[] bytes;
    try {
      bytes = images.bytes(number);
    } catch (IOException e) {
      throw new FileException(
          "cannot read " + images.name(number) + " in " + images + ": " + FileException.reason(e),
          e);
    }
    out.write('B');
    out.write(
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(bytes.length)
            .array());
    out.write(bytes);
  }
}
