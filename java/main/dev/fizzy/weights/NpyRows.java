package dev.fizzy.weights;

import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A matrix in a NumPy array file that is read in blocks of rows, for files larger than memory.
 * Thread-safe.
 */
public final class NpyRows implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final FileChannel in;
  private final Npy.Layout layout;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

  private NpyRows(Path file, FileChannel in, Npy.Layout layout) {
    this.file = file;
    this.in = in;
    this.layout = layout;
  }

  public static NpyRows open(Path file) {
    try {
      FileChannel in = InputFile.channel(file);
      Npy.Layout layout = null;
      try {
        layout = Npy.layout(in, file);
        if (layout.shape().length != 2) {
          throw new FileException(
              file
                  + " contains an array of shape "
                  + Arrays.toString(layout.shape())
                  + "; expected a matrix");
        }
        return new NpyRows(file, in, layout);
      } finally {
        if (layout == null || layout.shape().length != 2) {
          in.close();
        }
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  public int rows() {
    return layout.shape()[0];
  }

  public int width() {
    return layout.shape()[1];
  }

  /** Reads rows {@code from} to {@code from + count - 1} into {@code values} at {@code offset}. */
  public synchronized void read(int from, int count, float[] values, int offset) {
    long at = layout.at() + (long) from * width() * layout.size();
    int left = count * width();
    try {
      while (left > 0) {
        int n = Math.min(left, BUFFER / layout.size());
        buffer.clear().limit(n * layout.size());
        while (buffer.hasRemaining()) {
          if (in.read(buffer, at + buffer.position()) < 0) {
            throw new EOFException("it ends after " + in.size() + " bytes");
          }
        }
        Npy.decode(buffer.flip(), layout, values, offset, n);
        at += (long) n * layout.size();
        offset += n;
        left -= n;
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw FileException.of("close", file, e);
    }
  }
}
