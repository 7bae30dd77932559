package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeparabilityTest {
  private static final int WIDTH = 16;

  /** Vectors around a center each identity has; identity i has 1 + i % most images. */
  private static Contexts faces(int identities, int most, long seed) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < identities; i++) {
      float[] center = gaussian(random);
      for (int k = 0; k <= i % most; k++) {
        float[] v = gaussian(random);
        for (int d = 0; d < WIDTH; d++) {
          v[d] = (float) (3 * (center[d] + 0.8 * v[d]));
        }
        names.add("p" + i + "/" + k);
        vectors.add(v);
      }
    }
    return new Contexts(names, vectors.toArray(float[][]::new));
  }

  private static float[] gaussian(Random random) {
    float[] v = new float[WIDTH];
    for (int d = 0; d < WIDTH; d++) {
      v[d] = (float) random.nextGaussian();
    }
    return v;
  }

  private static double cosine(float[] x, float[] y) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int d = 0; d < x.length; d++) {
      xy += (double) x[d] * y[d];
      xx += (double) x[d] * x[d];
      yy += (double) y[d] * y[d];
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static String person(String name) {
    return name.substring(0, name.indexOf('/'));
  }

  /** Everything that is not sampled, again over all pairs in double. */
  @Test
  void agreesWithAllPairsInDouble() {
    Contexts faces = faces(30, 5, 1);
    Contexts people = centers(faces);
    AtomicLong done = new AtomicLong();
    Separability result = Separability.of(faces, people, 200_000, 7, done::set);
    double[] sums = new double[4];
    long[] counts = new long[2];
    double[] perPerson = new double[30];
    int[] pairsOfPerson = new int[30];
    double adherence = 0;
    for (int i = 0; i < faces.size(); i++) {
      int owner = Integer.parseInt(person(faces.name(i)).substring(1));
      adherence += cosine(faces.vector(i), people.vector(owner)) / faces.size();
      for (int j = i + 1; j < faces.size(); j++) {
        double score = cosine(faces.vector(i), faces.vector(j));
        int kind = person(faces.name(i)).equals(person(faces.name(j))) ? 0 : 1;
        sums[kind] += score;
        sums[2 + kind] += score * score;
        counts[kind]++;
        if (kind == 0) {
          perPerson[owner] += score;
          pairsOfPerson[owner]++;
        }
      }
    }
    double variation = 0;
    int varied = 0;
    for (int p = 0; p < 30; p++) {
      if (pairsOfPerson[p] > 0) {
        variation += 1 - perPerson[p] / pairsOfPerson[p];
        varied++;
      }
    }
    var fields = result.fields();
    assertEquals(counts[0], ((Number) fields.get("genuine_pairs")).longValue());
    double mean = sums[0] / counts[0];
    assertEquals(mean, (double) fields.get("genuine_mean"), 1e-6);
    assertEquals(
        Math.sqrt(sums[2] / counts[0] - mean * mean),
        (double) fields.get("genuine_deviation"),
        1e-6);
    assertEquals(variation / varied, result.variation(), 1e-6);
    assertEquals(adherence, result.adherence().mean(), 1e-6);
    // More are asked for than there are: all are compared.
    assertEquals(counts[1], ((Number) fields.get("impostor_pairs")).longValue());
    assertEquals(sums[1] / counts[1], (double) fields.get("impostor_mean"), 1e-6);
    assertTrue(Separability.work(faces, 200_000) == counts[0] + counts[1]);
    assertEquals(6, result.single());
    assertEquals(Separability.work(faces, 200_000), done.get());
    assertTrue(result.verification().accuracy() > 0.6);
  }

  private static Contexts centers(Contexts faces) {
    List<String> names = new ArrayList<>();
    List<float[]> sums = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      String name = person(faces.name(i));
      if (!names.contains(name)) {
        names.add(name);
        sums.add(new float[WIDTH]);
      }
      for (int d = 0; d < WIDTH; d++) {
        sums.get(names.indexOf(name))[d] += faces.vector(i)[d];
      }
    }
    return new Contexts(names, sums.toArray(float[][]::new));
  }

  /** Both ways of drawing: a few of many pairs, and most of them. */
  @Test
  void impostorPairsAreDistinctAndAnyIsAsLikely() {
    Identities identities = Identities.of(faces(9, 3, 5).names());
    long all = ImpostorPairs.all(identities);
    java.util.Map<Long, Integer> drawn = new java.util.HashMap<>();
    int rounds = 400;
    for (int count : new int[] {1, (int) all / 3, (int) all - 5, (int) all}) {
      drawn.clear();
      for (int seed = 0; seed < rounds; seed++) {
        long[] pairs = ImpostorPairs.drawn(identities, count, seed);
        assertEquals(count, java.util.Arrays.stream(pairs).distinct().count());
        for (long pair : pairs) {
          int i = (int) (pair / identities.imageCount());
          int j = (int) (pair % identities.imageCount());
          assertTrue(i < j && identities.owner(i) != identities.owner(j));
          drawn.merge(pair, 1, Integer::sum);
        }
      }
      assertTrue(drawn.size() <= all);
      double share = (double) count / all; // six deviations of a binomial count
      double bound = 6 * Math.sqrt(rounds * share * (1 - share)) + 1;
      if (count > 1) {
        assertEquals(all, drawn.size());
      }
      drawn.values().forEach(n -> assertEquals(rounds * share, n, bound));
    }
  }

  @Test
  void ratesThatThePairsCannotMeasureAreLeftOut() {
    Contexts faces = faces(40, 4, 2);
    var few = Separability.of(faces, null, 240, 3, n -> {}).fields();
    assertTrue(few.containsKey("fmr100") && !few.containsKey("fmr1000"));
    assertEquals(java.util.Set.of("1e-2"), ((java.util.Map<?, ?>) few.get("tar")).keySet());
    assertTrue(((double[][]) few.get("roc"))[0][0] >= 1. / 240);
    var more = Separability.of(faces, null, 1000, 3, n -> {}).fields();
    assertTrue(more.containsKey("fmr1000"));
    assertEquals(
        java.util.Set.of("1e-2", "1e-3"), ((java.util.Map<?, ?>) more.get("tar")).keySet());
    var fewest = Separability.of(faces, null, 99, 3, n -> {}).fields();
    assertTrue(!fewest.containsKey("fmr100"));
  }

  @Test
  void theSeedDecides() {
    Contexts faces = faces(40, 4, 2);
    var once = Separability.of(faces, null, 1000, 3, n -> {}).fields();
    var again = Separability.of(faces, null, 1000, 3, n -> {}).fields();
    var other = Separability.of(faces, null, 1000, 4, n -> {}).fields();
    for (String name : List.of("impostor_mean", "verification_accuracy", "eer")) {
      assertEquals(once.get(name), again.get(name), name);
    }
    assertTrue(!once.get("impostor_mean").equals(other.get("impostor_mean")));
  }

  @Test
  void foldsHavePeopleOfTheirOwnAndNoPairTwice() {
    Identities identities = Identities.of(faces(63, 6, 3).names());
    FoldedPairs pairs = FoldedPairs.of(identities, 5);
    java.util.Map<Integer, Integer> foldOf = new java.util.HashMap<>();
    java.util.Set<String> seen = new java.util.HashSet<>();
    int[][] kinds = new int[FoldedPairs.FOLDS][2];
    for (int k = 0; k < pairs.first().length; k++) {
      int a = pairs.first()[k];
      int b = pairs.second()[k];
      assertEquals(pairs.same()[k], identities.owner(a) == identities.owner(b));
      assertTrue(a != b && seen.add(Math.min(a, b) + " " + Math.max(a, b)));
      kinds[pairs.fold()[k]][pairs.same()[k] ? 1 : 0]++;
      for (int image : new int[] {a, b}) {
        Integer fold = foldOf.putIfAbsent(identities.owner(image), pairs.fold()[k]);
        assertTrue(fold == null || fold == pairs.fold()[k], "one person in two folds");
      }
    }
    for (int[] kind : kinds) {
      assertEquals(kinds[0][0], kind[0]);
      assertEquals(kinds[0][0], kind[1]);
    }
    assertNull(FoldedPairs.of(Identities.of(faces(23, 6, 3).names()), 5));
  }

  private static String refusal(Contexts faces, Contexts contexts) {
    return assertThrows(
            EngineException.class, () -> Separability.of(faces, contexts, 10, 1, n -> {}))
        .getMessage();
  }

  @Test
  void whatCannotBeMeasuredIsRefused() {
    Contexts faces = faces(6, 3, 4);
    Contexts wrong = new Contexts(List.of("q0"), new float[][] {new float[WIDTH]});
    assertTrue(refusal(faces, wrong).contains("q0 is zero"));
    wrong.vector(0)[0] = 1;
    assertTrue(refusal(faces, wrong).contains("no context is named p0"));
    assertTrue(
        refusal(faces, new Contexts(List.of("p0"), new float[][] {{1, 2}})).contains("width 2"));
    assertTrue(refusal(faces.select(0, 1), null).contains("2 identities with 0 pairs"));
    assertTrue(
        refusal(new Contexts(List.of("x"), new float[][] {{1, 2}}), null)
            .contains("identity/image"));
  }
}
