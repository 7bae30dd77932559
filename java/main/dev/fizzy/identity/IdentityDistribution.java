package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.List;

/** A distribution on the unit sphere that new identities are drawn from. */
public interface IdentityDistribution {
  /** Number of identities drawn at a time. */
  int BLOCK = 512;

  /** A rule may reject this many identities for each that it keeps, and 10,000 more. */
  int MOST_REJECTED = 100;

  int width();

  /** One identity's unit vector. */
  float[] vector(Philox random);

  /** Identity i before any rule; it depends on the seed and on i alone. */
  default float[] vector(long seed, long identity) {
    return vector(new Philox(seed, Philox.Purpose.CONTEXT, identity));
  }

  /** New identities. A longer list begins with the shorter one. */
  default Contexts draw(int count, long seed) {
    return draw(count, seed, ApartRule.NONE);
  }

  /**
   * New identities that a rule keeps, in the order in which they are drawn; others are drawn for
   * those that it rejects. A longer list begins with the shorter one.
   */
  default Contexts draw(int count, long seed, ApartRule rule) {
    requireCount(count, width());
    List<float[]> kept = new ArrayList<>();
    for (long drawn = 0; kept.size() < count; ) {
      requireProgress(count, kept.size(), drawn, rule);
      int missing = count - kept.size();
      float[][] block = new float[rule.rejects() ? BLOCK : Math.min(BLOCK, missing)][];
      for (int i = 0; i < block.length; i++) {
        block[i] = vector(seed, drawn++);
      }
      kept.addAll(rule.keep(missing, block));
    }
    return Contexts.numbered(kept.toArray(float[][]::new));
  }

  private static void requireProgress(int count, int kept, long drawn, ApartRule rule) {
    if (drawn - kept > (long) MOST_REJECTED * kept + 10_000) {
      throw new FileException(
          "only "
              + kept
              + " of "
              + drawn
              + " identities drawn are "
              + rule
              + ": there is no room for "
              + count
              + "; raise --max-cosine or ask for fewer");
    }
  }

  /** Throws if a number of identities is below 1 or too large for the heap. */
  static void requireCount(int count, int width) {
    if (count < 1 || width < 1) {
      throw new FileException(
          "the number and the width of contexts must be at least 1, not "
              + count
              + " and "
              + width);
    }
    Contexts.requireMemory(count, width);
  }
}
