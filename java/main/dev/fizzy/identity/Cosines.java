package dev.fizzy.identity;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.MatMul;

/**
 * The cosines of every row of one set of unit vectors with every row of another, by the engine's
 * matrix product, a block of rows at a time: memory is that of a block.
 */
public final class Cosines {
  private static final int MOST_ROWS = 512;
  private static final int SCORES = 1 << 23;

  private Cosines() {}

  /** Receives the cosines of a row with every column, in {@code scores} from {@code at} on. */
  @FunctionalInterface
  public interface Row {
    void accept(int row, float[] scores, int at);
  }

  /**
   * @param rows unit vectors [N, W]
   * @param columns unit vectors [M, W]
   */
  public static void forEach(Device device, float[][] rows, float[][] columns, Row each) {
    forEach(device, rows, 0, rows.length, columns, each);
  }

  /**
   * The same for rows {@code begin} to {@code end - 1}. The cosines have the bits of those of all
   * rows if {@code begin} is a multiple of {@link #block}.
   */
  public static void forEach(
      Device device, float[][] rows, int begin, int end, float[][] columns, Row each) {
    forEach(
        device,
        block(rows.length, columns.length),
        begin,
        end,
        (from, count, into) -> flat(rows, from, count, into),
        columns,
        each);
  }

  /** Number of rows that are multiplied at a time. */
  public static int block(int rows, int columns) {
    return Math.max(1, Math.min(rows, Math.min(MOST_ROWS, SCORES / columns)));
  }

  /**
   * Reads the rows block by block.
   *
   * @param columns unit vectors [M, W]
   */
  public static void forEach(Device device, Embeddings rows, float[][] columns, Row each) {
    forEach(
        device,
        block(rows.size(), columns.length),
        0,
        rows.size(),
        (from, count, into) -> rows.read(from, count, into, 0),
        columns,
        each);
  }

  /** Reads rows {@code from} to {@code from + count - 1} into the beginning of an array. */
  private interface Rows {
    void read(int from, int count, float[] into);
  }

  private static void forEach(
      Device device, int block, int begin, int end, Rows rows, float[][] columns, Row each) {
    int width = columns[0].length;
    Graph graph = new Graph(DType.F32);
    Tensor a = graph.input("rows", DType.F32, Stage.EVALUATION, 1, block, width);
    Tensor b = graph.input("columns", DType.F32, Stage.STEP, 1, columns.length, width);
    Tensor y = graph.output(MatMul.of(a, b, false, true, 1));
    try (Program program = new Program(graph, device, null)) {
      float[] scores = new float[Math.toIntExact(y.elements())];
      float[] in = new float[block * width];
      program.write(b, flat(columns, 0, columns.length, new float[columns.length * width]));
      for (int from = begin; from < end; from += block) {
        int count = Math.min(block, end - from);
        rows.read(from, count, in);
        program.write(a, in);
        program.run(Stage.EVALUATION);
        program.read(y, scores);
        for (int i = 0; i < count; i++) {
          each.accept(from + i, scores, i * columns.length);
        }
      }
    }
  }

  private static float[] flat(float[][] rows, int from, int count, float[] into) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(rows[from + i], 0, into, i * rows[from + i].length, rows[from + i].length);
    }
    return into;
  }

  /** The vectors scaled to length 1; throws for one without a direction. */
  public static float[][] unit(Contexts contexts) {
    float[][] rows = new float[contexts.size()][contexts.width()];
    try (Embeddings vectors = Embeddings.of(contexts)) {
      for (int i = 0; i < rows.length; i++) {
        vectors.read(i, 1, rows[i], 0);
      }
    }
    return rows;
  }
}
