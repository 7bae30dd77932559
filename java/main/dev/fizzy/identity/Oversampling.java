package dev.fizzy.identity;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.Arrays;

/**
 * New identities among those of a small group: a random point between a random member and one of
 * its nearest neighbors (SMOTE, Chawla et al., JAIR 2002), on the sphere.
 */
public final class Oversampling implements IdentityDistribution {
  private final Contexts group;
  private final int[][] neighbors;

  /**
   * @param count number of nearest neighbors of each member
   */
  public Oversampling(Device device, Contexts group, int count) {
    if (group.size() <= count) {
      throw new FileException(
          "each of " + group.size() + " identities has fewer than " + count + " neighbors");
    }
    this.group = group;
    neighbors = new int[group.size()][count];
    float[][] unit = Cosines.unit(group);
    Cosines.forEach(
        device,
        unit,
        unit,
        (row, scores, at) -> {
          float[] largest = new float[count]; // descending
          Arrays.fill(largest, Float.NEGATIVE_INFINITY);
          for (int j = 0; j < unit.length; j++) {
            if (j != row) {
              insert(largest, neighbors[row], scores[at + j], j);
            }
          }
        });
  }

  private static void insert(float[] largest, int[] index, float cosine, int j) {
    int i = largest.length;
    while (i > 0 && cosine > largest[i - 1]) {
      i--;
    }
    if (i < largest.length) {
      System.arraycopy(largest, i, largest, i + 1, largest.length - 1 - i);
      System.arraycopy(index, i, index, i + 1, largest.length - 1 - i);
      largest[i] = cosine;
      index[i] = j;
    }
  }

  @Override
  public int width() {
    return group.width();
  }

  @Override
  public float[] vector(Philox random) {
    int member = random.nextInt(group.size());
    int other = neighbors[member][random.nextInt(neighbors[member].length)];
    double share = random.nextDouble();
    return SphericalMean.of(
        new float[][] {group.vector(member), group.vector(other)}, new double[] {1 - share, share});
  }
}
