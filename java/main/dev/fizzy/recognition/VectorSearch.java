package dev.fizzy.recognition;

import dev.fizzy.engine.Device;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Cosines;
import dev.fizzy.identity.Embeddings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * What {@link ImageMeasures} searches for every vector of a set, which may be done in parts: the
 * nearest real person, and pairs of near-duplicates. A block of vectors is compared with all that
 * it is compared with, by the engine's matrix product.
 */
public final class VectorSearch {
  private static final int COLUMNS = 4096;

  /** More than the product's rounding: the exact cosine decides later. */
  private static final float MARGIN = 1e-4f;

  private final float[][] unit;
  private final Embeddings people;
  private final Double duplicate;

  /**
   * What was found; the parts may be merged in any order.
   *
   * @param nearest the largest cosine of each vector of a block and a real person, by the block;
   *     empty without real people
   * @param near pairs of vectors whose cosine may be above the limit; null if not searched
   */
  public record Found(TreeMap<Integer, float[]> nearest, NearPairs near) implements Serializable {
    public Found merge(Found other) {
      nearest.putAll(other.nearest);
      if (near != null) {
        near.addAll(other.near);
      }
      return this;
    }

    /** The largest cosine of each vector and a real person; null without real people. */
    float[] real() {
      if (nearest.isEmpty()) {
        return null;
      }
      float[] all = new float[nearest.values().stream().mapToInt(block -> block.length).sum()];
      int at = 0;
      for (float[] block : nearest.values()) {
        System.arraycopy(block, 0, all, at, block.length);
        at += block.length;
      }
      return all;
    }
  }

  /**
   * @param people vectors of real people, null for none
   * @param duplicate least cosine of duplicates, null if they are not searched
   */
  public VectorSearch(Contexts faces, Embeddings people, Double duplicate) {
    this.unit = people == null && duplicate == null ? new float[0][] : Cosines.unit(faces);
    this.people = people;
    this.duplicate = duplicate;
  }

  /** Number of blocks of vectors. */
  public int blocks() {
    return (unit.length + COLUMNS - 1) / COLUMNS;
  }

  /**
   * Searches for every {@code step}-th block from {@code first} on.
   *
   * @param done is told the number of blocks done
   */
  public Found of(Device device, int first, int step, LongConsumer done) {
    Found found = new Found(new TreeMap<>(), duplicate == null ? null : new NearPairs());
    long blocks = 0;
    for (int block = first; block < blocks(); block += step) {
      search(device, block * COLUMNS, found);
      done.accept(++blocks);
    }
    return found;
  }

  private void search(Device device, int begin, Found found) {
    float[][] some = Arrays.copyOfRange(unit, begin, Math.min(unit.length, begin + COLUMNS));
    if (people != null) {
      float[] nearest = new float[some.length];
      Arrays.fill(nearest, -1);
      Cosines.forEach(
          device,
          people,
          some,
          (row, scores, at) -> {
            for (int i = 0; i < some.length; i++) {
              nearest[i] = Math.max(nearest[i], scores[at + i]);
            }
          });
      found.nearest.put(begin, nearest);
    }
    if (duplicate != null) {
      float least = duplicate.floatValue() - MARGIN;
      Cosines.forEach(
          device,
          unit,
          0,
          begin + some.length,
          some,
          (row, scores, at) -> {
            for (int i = Math.max(0, row - begin + 1); i < some.length; i++) {
              if (scores[at + i] > least) {
                found.near.add(row, begin + i);
              }
            }
          });
    }
  }
}
