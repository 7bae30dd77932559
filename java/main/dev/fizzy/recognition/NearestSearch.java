package dev.fizzy.recognition;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.identity.Embeddings;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Finds the nearest of many vectors by cosine. All pairs are compared, a block of probes with a
 * block of the gallery at a time, by the engine's matrix product. Memory is that of the blocks and
 * does not grow with the number of vectors.
 */
final class NearestSearch implements AutoCloseable {
  /** A probe that is none of the gallery's people. */
  static final int NOBODY = -1;

  /** Sizes of the blocks: 32 MiB of scores and 24 MiB of vectors of width 512, twice. */
  static final int PROBES = 4096;

  static final int GALLERY = 2048;

  private final int probeRows;
  private final int galleryRows;
  private final Program program;
  private final Tensor a;
  private final Tensor b;
  private final Tensor y;
  private final float[] block;
  private final float[] scores;
  private final Embeddings gallery;
  private final int[] person;
  private final int begin;
  private final int end;

  /** The nearest gallery vector of each probe, or -1, and its cosine. */
  record Nearest(int[] index, float[] cosine) {}

  /**
   * @param person of each gallery vector: a probe is not compared with vectors of its own person
   * @param probeRows probes in a block
   * @param galleryRows gallery vectors in a block
   * @param begin first gallery vector to compare with
   * @param end last gallery vector plus 1
   */
  NearestSearch(
      Device device,
      Embeddings gallery,
      int[] person,
      int probeRows,
      int galleryRows,
      int begin,
      int end) {
    this.begin = begin;
    this.end = end;
    this.gallery = gallery;
    this.person = person;
    this.probeRows = probeRows;
    this.galleryRows = Math.min(galleryRows, gallery.size());
    Graph graph = new Graph(DType.F32);
    a = graph.input("probes", DType.F32, Stage.STEP, 1, probeRows, gallery.width());
    b = graph.input("gallery", DType.F32, Stage.EVALUATION, 1, this.galleryRows, gallery.width());
    y = graph.output(MatMul.of(a, b, false, true, 1));
    program = new Program(graph, device, null);
    block = new float[this.galleryRows * gallery.width()];
    scores = new float[probeRows * this.galleryRows];
  }

  int probeRows() {
    return probeRows;
  }

  /**
   * @param probes unit vectors [probeRows, width], of which {@code count} are used
   * @param persons the gallery person of each probe, or {@link #NOBODY}
   * @param counted whether a probe's scores go into {@code counts}
   * @param counts receives the score of every comparison of a counted probe; or null
   * @param done is told the number of comparisons done in this call
   */
  Nearest search(
      float[] probes,
      int count,
      int[] persons,
      boolean[] counted,
      ScoreCounts counts,
      LongConsumer done) {
    Nearest nearest = new Nearest(new int[count], new float[count]);
    Arrays.fill(nearest.index, -1);
    Arrays.fill(nearest.cosine, Float.NEGATIVE_INFINITY);
    program.write(a, probes);
    for (int from = begin; from < end; from += galleryRows) {
      int n = Math.min(galleryRows, end - from);
      gallery.read(from, n, block, 0);
      program.write(b, block);
      program.run(Stage.EVALUATION);
      program.read(y, scores);
      for (int p = 0; p < count; p++) {
        scan(p, from, n, persons[p], nearest);
        if (counts != null && counted[p]) {
          count(p, from, n, persons[p], counts);
        }
      }
      done.accept((long) count * (from + n - begin));
    }
    return nearest;
  }

  private void scan(int probe, int from, int n, int ownPerson, Nearest nearest) {
    float best = nearest.cosine[probe];
    int at = nearest.index[probe];
    int row = probe * galleryRows;
    for (int g = 0; g < n; g++) {
      if (scores[row + g] > best && person[from + g] != ownPerson) {
        best = scores[row + g];
        at = from + g;
      }
    }
    nearest.cosine[probe] = best;
    nearest.index[probe] = at;
  }

  private void count(int probe, int from, int n, int ownPerson, ScoreCounts counts) {
    int row = probe * galleryRows;
    for (int g = 0; g < n; g++) {
      if (person[from + g] != ownPerson) {
        counts.add(scores[row + g]);
      }
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
