package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class MorphsTest {
  @TempDir Path folder;

  private static final Contexts PARENTS = UniformContexts.of(6, 16, 5);

  private static double angle(float[] a, float[] b) {
    double dot = 0;
    double across = 0;
    for (int k = 0; k < a.length; k++) {
      dot += (double) a[k] * b[k];
    }
    for (int k = 0; k < a.length; k++) {
      across += Math.pow(b[k] - dot * a[k], 2);
    }
    return Math.atan2(Math.sqrt(across), dot);
  }

  @Test
  void twoParentsAreInterpolatedOnTheSphere() {
    float[] a = PARENTS.vector(0);
    float[] b = PARENTS.vector(1);
    double angle = angle(a, b);
    Contexts morph = new Morphs(PARENTS, 3, 1).named(List.of(List.of("000000", "000001")));
    for (int k = 0; k < 16; k++) {
      double slerp =
          (Math.sin(.75 * angle) * a[k] + Math.sin(.25 * angle) * b[k]) / Math.sin(angle);
      assertEquals(slerp, morph.vector(0)[k], 1e-6);
    }
    assertEquals(List.of("000000-0.75__000001-0.25"), morph.names());
    assertEquals(
        Map.of("000000-0.75__000001-0.25", Map.of("000000", .75, "000001", .25)), morph.parents());
  }

  /** The mean is where the weighted logarithms of the parents cancel out. */
  @Test
  void threeParentsHaveTheirMeanOnTheSphere() {
    double[] weights = {.5, .3, .2};
    float[] mean =
        new Morphs(PARENTS, weights)
            .named(List.of(List.of("000000", "000002", "000005")))
            .vector(0);
    int[] parents = {0, 2, 5};
    for (int k = 0; k < 16; k++) {
      double sum = 0;
      for (int p = 0; p < 3; p++) {
        float[] x = PARENTS.vector(parents[p]);
        double angle = angle(mean, x);
        sum += weights[p] * angle / Math.sin(angle) * (x[k] - Math.cos(angle) * mean[k]);
      }
      assertEquals(0, sum, 1e-6);
    }
  }

  @Test
  void drawsDifferentGroups() {
    Morphs pairs = new Morphs(PARENTS, 1, 1);
    Contexts all = pairs.drawn(15, 4);
    Set<Set<String>> groups = new HashSet<>();
    all.parents().values().forEach(shares -> groups.add(shares.keySet()));
    assertEquals(15, groups.size(), "every pair of six once");
    assertEquals(all.names(), pairs.drawn(15, 4).names());
    refused(() -> pairs.drawn(16, 4), "only 15 different groups of 2");
  }

  @Test
  void refusesWhatIsNoMorph() {
    Morphs pairs = new Morphs(PARENTS, 1, 1);
    refused(() -> pairs.named(List.of(List.of("000000", "x"))), "no context named x");
    refused(
        () -> pairs.named(List.of(List.of("000000"))), "2 different parents, one for each weight");
    refused(() -> pairs.named(List.of(List.of("000000", "000000"))), "2 different parents");
    refused(() -> new Morphs(PARENTS, 1), "at least two parents, not 1");
    refused(() -> new Morphs(PARENTS.select(0), 1, 1), "needs as many identities, not 1");
    Contexts opposite = new Contexts(List.of("a", "b"), new float[][] {{1, 0}, {-1, 0}});
    refused(() -> new Morphs(opposite, 1, 1).drawn(1, 1), "opposite");
  }

  private static void refused(Executable made, String part) {
    String message = assertThrows(FileException.class, made).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void parentsAndRecipeAreKeptInTheFile() {
    Contexts morphs = new Morphs(PARENTS, 1, 1).drawn(3, 1);
    Map<String, Object> recipe = Map.of("command", "fizzy contexts morph", "seed", 1);
    for (String name : List.of("m.npy", "m.safetensors")) {
      morphs.withRecipe(recipe).write(folder.resolve(name));
      Contexts read = Contexts.read(folder.resolve(name));
      assertEquals(morphs.parents(), read.parents());
      assertEquals(recipe, read.recipe());
      assertEquals(morphs.sha256(), read.sha256());
    }
    Contexts one = morphs.select(2);
    assertEquals(Set.of(morphs.name(2)), one.parents().keySet());
  }

  @Test
  void setsAreMixedAndDivided() {
    Contexts morphs = new Morphs(PARENTS, 1, 1).drawn(2, 1);
    Contexts mixed = ContextSets.mix(List.of(PARENTS, morphs), null, 1);
    assertEquals(8, mixed.size());
    assertEquals(morphs.parents(), mixed.parents());
    Contexts twice = ContextSets.mix(List.of(PARENTS, morphs, PARENTS), new int[] {2, 1, 6}, 1);
    assertEquals(9, twice.size());
    assertTrue(twice.name(2).startsWith("2-0"), twice.names().toString());
    assertEquals(Set.of(twice.name(2)), twice.parents().keySet());
    assertTrue(twice.indexOf("3-000005") > 0);

    Contexts whole = UniformContexts.of(10, 4, 1);
    List<Contexts> parts = ContextSets.split(whole, new double[] {3, 1, 1}, 2);
    assertEquals(List.of(6, 2, 2), parts.stream().map(Contexts::size).toList());
    Set<String> names = new HashSet<>();
    parts.forEach(p -> names.addAll(p.names()));
    assertEquals(Set.copyOf(whole.names()), names);
    assertEquals(parts.get(0).names().stream().sorted().toList(), parts.get(0).names());
    refused(() -> ContextSets.split(whole, new double[] {1, .001}, 2), "none of the 10");
    refused(() -> ContextSets.mix(List.of(PARENTS, whole), null, 1), "widths 16 and 4");
  }

  @Test
  void centersAreTheMeansOfUnitVectors() {
    Contexts faces =
        new Contexts(List.of("1", "2", "3", "4"), new float[][] {{3, 0}, {0, 2}, {5, 5}, {1, 0}});
    List<String> people = new java.util.ArrayList<>(List.of("a", "a", "b", "c"));
    people.set(3, null);
    Contexts centers = ContextSets.centers(faces, people);
    assertEquals(List.of("a", "b"), centers.names());
    assertArrayEquals(new float[] {.5f, .5f}, centers.vector(0), 1e-6f);
  }

  @Test
  void oversamplesBetweenNearNeighbors() {
    Contexts group = UniformContexts.of(20, 5, 3);
    try (Device device = Devices.open("cpu", 1)) {
      Contexts drawn = new Oversampling(device, group, 3).draw(50, 4);
      Set<Integer> members = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        int pair = arc(group, drawn.vector(i));
        assertTrue(pair >= 0, "identity " + i + " is on no arc to one of three neighbors");
        members.add(pair);
      }
      assertTrue(members.size() > 10, members.toString());
      refused(() -> new Oversampling(device, group, 20), "fewer than 20 neighbors");
    }
  }

  /**
   * The member and neighbor that x lies between: its angles to both add up; -1 if there is none.
   */
  private static int arc(Contexts group, float[] x) {
    for (int i = 0; i < group.size(); i++) {
      float[] a = group.vector(i);
      for (int j = 0; j < group.size(); j++) {
        float[] b = group.vector(j);
        long nearer =
            java.util.stream.IntStream.range(0, group.size())
                .filter(k -> angle(a, group.vector(k)) < angle(a, b))
                .count(); // with the member itself
        if (i != j && nearer <= 3 && angle(a, x) + angle(x, b) - angle(a, b) < 1e-5) {
          return i * group.size() + j;
        }
      }
    }
    return -1;
  }
}
