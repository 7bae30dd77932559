package dev.fizzy.identity;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.Arrays;

/**
 * The identity that guidance leads away from, for each identity (NegFaceDiff, Caldeira et al.
 * 2025): one of the others, or of another set, by its cosine.
 */
public final class Negatives {
  /** Which of the others, by falling cosine: the first, the middle, the last, or any. */
  public enum Choice {
    CLOSE,
    MIDDLE,
    FAR,
    RANDOM
  }

  private final Contexts from;
  private final int[] index;

  private Negatives(Contexts from, int[] index) {
    this.from = from;
    this.index = index;
  }

  /**
   * @param others the set to choose from; the contexts themselves for another identity of theirs
   * @param seed of the random choice, which depends on it and the identity alone
   */
  public static Negatives of(
      Device device, Contexts contexts, Contexts others, Choice choice, long seed) {
    boolean same = others == contexts;
    if (others.width() != contexts.width()) {
      throw new FileException(
          "the negative identities have width "
              + others.width()
              + " and the contexts "
              + contexts.width()
              + "; both must come from one embedder");
    }
    if (same && contexts.size() == 1) {
      throw new FileException("guidance cannot lead away from another identity: there is only one");
    }
    int[] index = new int[contexts.size()];
    Cosines.forEach(
        device,
        Cosines.unit(contexts),
        Cosines.unit(others),
        (row, scores, at) ->
            index[row] = chosen(scores, at, others.size(), same ? row : -1, choice, seed, row));
    return new Negatives(others, index);
  }

  /** The context of an identity's negative. */
  public float[] vector(int identity) {
    return from.vector(index[identity]);
  }

  int index(int identity) {
    return index[identity];
  }

  private static int chosen(
      float[] scores, int at, int count, int self, Choice choice, long seed, int identity) {
    int others = self < 0 ? count : count - 1;
    if (choice == Choice.RANDOM) {
      int drawn = new Philox(seed, Philox.Purpose.NEGATIVE, identity).nextInt(others);
      return self >= 0 && drawn >= self ? drawn + 1 : drawn;
    }
    long[] falling = new long[others]; // by falling cosine, then by index
    int next = 0;
    for (int j = 0; j < count; j++) {
      if (j != self) {
        long order = Math.round(-1e9 * scores[at + j]);
        falling[next++] = order << Integer.SIZE | j;
      }
    }
    Arrays.sort(falling);
    return switch (choice) {
      case CLOSE -> (int) falling[0];
      case MIDDLE -> (int) falling[others / 2];
      default -> (int) falling[others - 1];
    };
  }
}
