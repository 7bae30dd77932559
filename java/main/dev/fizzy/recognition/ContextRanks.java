package dev.fizzy.recognition;

import dev.fizzy.engine.Device;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Cosines;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The ranks of a {@link Retrieval}, which may be computed in parts: those of all images, then those
 * of the identities' means.
 */
public final class ContextRanks {
  private final float[][] probes;
  private final int[] target;
  private final float[][] candidates;
  private final int images;

  /**
   * @param faces named identity/image
   * @param contexts that the identities were generated from
   * @param others further contexts, or null
   */
  public ContextRanks(Contexts faces, Contexts contexts, Retrieval.Others others) {
    Identities identities = Identities.of(faces.names());
    int[] own = ContextOfIdentity.of(identities, contexts);
    float[][] vectors = Cosines.unit(faces);
    images = vectors.length;
    probes = Arrays.copyOf(vectors, images + identities.count());
    target = new int[probes.length];
    for (int i = 0; i < images; i++) {
      target[i] = own[identities.owner(i)];
    }
    for (int i = 0; i < identities.count(); i++) {
      probes[images + i] = sum(vectors, identities.images(i));
      target[images + i] = own[i];
    }
    candidates = candidates(contexts, others);
  }

  /** The contexts, then the others. */
  private static float[][] candidates(Contexts contexts, Retrieval.Others others) {
    float[][] own = Cosines.unit(contexts);
    int[] chosen = others == null ? new int[0] : others.chosen(contexts);
    if (chosen.length == 0) {
      return own;
    }
    float[][] more = Cosines.unit(others.contexts().select(chosen));
    float[][] all = Arrays.copyOf(own, own.length + more.length);
    System.arraycopy(more, 0, all, own.length, more.length);
    return all;
  }

  /** The sum of some vectors: its direction is the mean's. */
  private static float[] sum(float[][] rows, int[] chosen) {
    float[] sum = new float[rows[0].length];
    for (int row : chosen) {
      for (int k = 0; k < sum.length; k++) {
        sum[k] += rows[row][k];
      }
    }
    return sum;
  }

  private int block() {
    return Cosines.block(probes.length, candidates.length);
  }

  /** Number of blocks of images and identities. */
  public int blocks() {
    return (probes.length - 1) / block() + 1;
  }

  /**
   * The ranks of blocks {@code from} to {@code to - 1}.
   *
   * @param done is told the number of images and identities of these that are done
   */
  public int[] of(Device device, int from, int to, LongConsumer done) {
    int begin = Math.min(probes.length, from * block());
    int end = Math.min(probes.length, to * block());
    int[] ranks = new int[end - begin];
    Cosines.forEach(
        device,
        probes,
        begin,
        end,
        candidates,
        (i, cosines, at) -> {
          float mine = cosines[at + target[i]];
          for (int c = 0; c < candidates.length; c++) {
            ranks[i - begin] += cosines[at + c] >= mine ? 1 : 0;
          }
          done.accept(i + 1L - begin);
        });
    return ranks;
  }

  /**
   * @param ranks of all blocks
   */
  public Retrieval retrieval(int[] ranks) {
    return new Retrieval(
        candidates.length,
        Arrays.copyOf(ranks, images),
        Arrays.copyOfRange(ranks, images, ranks.length));
  }
}
