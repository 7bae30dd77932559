package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Named vectors, read block by block as unit vectors. .npy and Parquet files of any size are read
 * in blocks; .safetensors files and contexts are held in memory.
 */
public abstract class Embeddings implements AutoCloseable {
  private final List<String> names;
  private final int width;

  protected Embeddings(List<String> names, int width) {
    this.names = names;
    this.width = width;
  }

  public static Embeddings of(Contexts contexts) {
    return new Embeddings(contexts.names(), contexts.width()) {
      @Override
      protected void rows(int from, int count, float[] into, int offset) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(contexts.vector(from + i), 0, into, offset + i * width(), width());
        }
      }

      @Override
      public void close() {
        // holds no resources
      }
    };
  }

  /** Opens a file of {@code fizzy embed}; vectors without names are numbered. */
  public static Embeddings open(Path file) {
    return ContextFiles.open(file);
  }

  public List<String> names() {
    return names;
  }

  public int size() {
    return names.size();
  }

  public int width() {
    return width;
  }

  /** A selection of these, in the order given; closing it closes these. */
  public Embeddings only(int... chosen) {
    List<String> kept = IntStream.of(chosen).mapToObj(names::get).toList();
    return new Embeddings(kept, width) {
      @Override
      protected void rows(int from, int count, float[] into, int offset) {
        for (int i = 0; i < count; i++) {
          Embeddings.this.rows(chosen[from + i], 1, into, offset + i * width());
        }
      }

      @Override
      public void close() {
        Embeddings.this.close();
      }
    };
  }

  /** Reads vectors as they are stored. */
  protected abstract void rows(int from, int count, float[] into, int offset);

  /**
   * Reads unit vectors {@code from} to {@code from + count - 1} into {@code into} at {@code
   * offset}; throws if a vector is zero or not finite.
   */
  public void read(int from, int count, float[] into, int offset) {
    rows(from, count, into, offset);
    for (int i = 0; i < count; i++) {
      int begin = offset + i * width;
      double squares = 0;
      for (int k = begin; k < begin + width; k++) {
        squares += (double) into[k] * into[k];
      }
      if (!(squares > 0 && squares < Double.POSITIVE_INFINITY)) {
        throw new FileException(
            "the vector of "
                + names.get(from + i)
                + " (number "
                + (from + i)
                + ") has no direction: its squared length is "
                + squares);
      }
      float scale = (float) (1 / Math.sqrt(squares));
      for (int k = begin; k < begin + width; k++) {
        into[k] *= scale;
      }
    }
  }

  @Override
  public abstract void close();
}
