package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embeddings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeakageTest {
  private static final int WIDTH = 24;
  private Device device;

  @BeforeEach
  void open() {
    device = Devices.open("cpu", 2);
  }

  @AfterEach
  void close() {
    device.close();
  }

  /** {@code images} of each identity around a center, named person/image. */
  private static Contexts faces(String prefix, int identities, int images, Random random) {
    List<String> names = new ArrayList<>();
    float[][] vectors = new float[identities * images][];
    for (int i = 0; i < vectors.length; i++) {
      names.add(prefix + i / images + "/" + i % images);
      vectors[i] = new float[WIDTH];
      for (int k = 0; k < WIDTH; k++) {
        float center =
            i % images == 0 ? (float) random.nextGaussian() : vectors[i / images * images][k];
        vectors[i][k] = center + (float) (i % images == 0 ? 0 : 0.5 * random.nextGaussian());
      }
    }
    return new Contexts(names, vectors);
  }

  private static List<String> people(Contexts faces) {
    return faces.names().stream().map(n -> n.substring(0, n.indexOf('/'))).toList();
  }

  private Leakage measure(
      Contexts mine, Contexts real, List<String> labels, int people, int probes, int gallery) {
    return Leakage.of(
        device,
        Embeddings.of(mine),
        Embeddings.of(real),
        labels,
        new Leakage.Options(people, 1, probes, gallery),
        total -> done -> assertTrue(done <= total));
  }

  private static double[] unit(float[] v) {
    double norm = Math.sqrt(dot(widen(v), widen(v)));
    return Arrays.stream(widen(v)).map(x -> x / norm).toArray();
  }

  private static double[] widen(float[] v) {
    double[] wide = new double[v.length];
    for (int k = 0; k < wide.length; k++) {
      wide[k] = v[k];
    }
    return wide;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += x[k] * y[k];
    }
    return sum;
  }

  /** Best cosine over the faces that are not of {@code self}. */
  private static double[] best(double[] probe, Contexts real, String self) {
    double[] best = {-2, -1};
    for (int g = 0; g < real.size(); g++) {
      double cosine = dot(probe, unit(real.vector(g)));
      if (!real.name(g).startsWith(self + "/") && cosine > best[0]) {
        best = new double[] {cosine, g};
      }
    }
    return best;
  }

  private static double[] mean(Contexts faces, int identity, int images) {
    double[] sum = new double[WIDTH];
    for (int k = 0; k < images; k++) {
      double[] u = unit(faces.vector(identity * images + k));
      for (int d = 0; d < WIDTH; d++) {
        sum[d] += u[d];
      }
    }
    double norm = Math.sqrt(dot(sum, sum));
    return Arrays.stream(sum).map(x -> x / norm).toArray();
  }

  /** Nearest faces, thresholds and counts again over every pair in double, for uneven blocks. */
  @Test
  void agreesWithEveryPairInDouble() {
    Random random = new Random(5);
    Contexts mine = faces("s", 11, 4, random);
    Contexts real = faces("r", 23, 3, random);
    List<Double> scores = new ArrayList<>();
    for (int p = 0; p < real.size(); p++) {
      for (int g = 0; g < real.size(); g++) {
        if (p / 3 != g / 3) {
          scores.add(dot(unit(real.vector(p)), unit(real.vector(g))));
        }
      }
    }
    Collections.sort(scores);
    for (int[] blocks : new int[][] {{7, 10}, {64, 69}, {5, 1}, {0, 0}}) {
      Leakage leakage = measure(mine, real, people(real), 23, blocks[0], blocks[1]);
      assertEquals(11, leakage.matches().size());
      double last = 2;
      for (Leakage.Match match : leakage.matches()) {
        int identity = Integer.parseInt(match.identity().substring(1));
        double[] best = best(mean(mine, identity, 4), real, "nobody");
        assertEquals(best[0], match.cosine(), 1e-5);
        assertEquals(real.name((int) best[1]), match.training());
        double image = -2;
        for (int k = 0; k < 4; k++) {
          image = Math.max(image, best(unit(mine.vector(identity * 4 + k)), real, "nobody")[0]);
        }
        assertEquals(image, match.imageCosine(), 1e-5);
        assertTrue(match.cosine() <= last);
        last = match.cosine();
      }
      double[] strangers = new double[23];
      for (int person = 0; person < 23; person++) {
        strangers[person] = best(mean(real, person, 3), real, "r" + person)[0];
      }
      Arrays.sort(strangers);
      float[] found = leakage.nearest(true, true);
      for (int i = 0; i < 23; i++) {
        assertEquals(strangers[i], found[i], 1e-5);
      }
      assertEquals(scores.size(), leakage.impostors().total());
      double difference =
          leakage.nearest(false, true)[leakage.identityCount() / 2]
              - strangers[strangers.length / 2];
      assertEquals(difference, new LeakageSummary(leakage).medianAboveStrangers(), 1e-5);
      assertEquals(
          scores.stream().mapToDouble(s -> s).average().orElseThrow(),
          leakage.impostors().mean(),
          1e-6);
      for (double fmr : new double[] {1e-3, 1e-2, 0.1}) {
        double highestThatMustNotPass = scores.get(scores.size() - 1 - (int) (fmr * scores.size()));
        assertEquals(highestThatMustNotPass, leakage.impostors().threshold(fmr), 4e-6);
      }
    }
  }

  /** An identity that is a training face under another name is found and listed. */
  @Test
  void aCopyIsFound() {
    Random random = new Random(6);
    Contexts mine = faces("s", 40, 2, random);
    Contexts real = faces("r", 200, 2, random);
    System.arraycopy(real.vector(31), 0, mine.vector(14), 0, WIDTH);
    System.arraycopy(real.vector(31), 0, mine.vector(15), 0, WIDTH);
    Leakage leakage = measure(mine, real, people(real), 100, 0, 0);
    LeakageSummary summary = new LeakageSummary(leakage);
    assertEquals("s7", summary.above(summary.threshold("search:0.01")).get(0));
    float nearest = leakage.nearest(true, true)[99];
    int nearer = (int) leakage.matches().stream().filter(m -> m.cosine() > nearest).count();
    assertTrue(nearer >= 1 && nearer < 40);
    assertEquals(nearer, summary.fields(1).get("identities_nearer_than_strangers"));
    assertTrue(summary.text().contains("; " + nearer + " identities are nearer than any"));
    assertEquals(List.of("s7"), summary.above(summary.threshold("0.9999")));
    var closest = (List<?>) summary.fields(1).get("closest");
    assertEquals("r15/1", ((Leakage.Match) closest.get(0)).training());
    assertThrows(EngineException.class, () -> summary.threshold("fmr"));
    assertThrows(EngineException.class, () -> summary.threshold("far:1e-3"));
  }

  @Test
  void withoutLabelsFacesAreTheirOwnPeople() {
    Random random = new Random(7);
    Contexts mine = faces("s", 3, 2, random);
    Contexts real = faces("r", 20, 1, random);
    List<String> none = Arrays.asList(new String[20]);
    Leakage leakage = measure(mine, real, none, 10, 0, 0);
    assertEquals(10, leakage.peopleSearched());
    assertEquals(10 * 19, leakage.impostors().total());
    assertEquals(20, leakage.people().unlabeledFaces());
    assertEquals(true, new LeakageSummary(leakage).fields(1).get("strangers_may_be_one_person"));
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    Random random = new Random(8);
    Contexts mine = faces("s", 3, 2, random);
    Contexts real = faces("r", 1, 6, random);
    assertTrue(refusal(mine, real, people(real)).contains("1 people"));
    Contexts narrow = new Contexts(List.of("a/0", "b/0"), new float[][] {{1, 0}, {0, 1}});
    assertTrue(refusal(mine, narrow, people(narrow)).contains("width 24"));
    Contexts zero =
        new Contexts(List.of("a/0", "b/0"), new float[][] {new float[WIDTH], new float[WIDTH]});
    RuntimeException e =
        assertThrows(RuntimeException.class, () -> measure(mine, zero, people(zero), 2, 0, 0));
    assertTrue(e.getMessage().contains("a/0 (number 0) has no direction"), e.getMessage());
  }

  private String refusal(Contexts mine, Contexts real, List<String> labels) {
    return assertThrows(EngineException.class, () -> measure(mine, real, labels, 10, 0, 0))
        .getMessage();
  }

  /** Merged in the order opposite to that of the whole. */
  @Test
  void partsGiveTheBitsOfTheWhole() throws IOException {
    Random random = new Random(6);
    Contexts mine = faces("s", 9, 3, random);
    Contexts real = faces("r", 40, 3, random);
    LeakageSearch search =
        LeakageSearch.of(
            Embeddings.of(mine),
            Embeddings.of(real),
            people(real),
            new Leakage.Options(12, 1, 7, 11));
    LeakageSearch.Found merged = new LeakageSearch.Found();
    int parts = search.parts(10);
    assertEquals(10, parts);
    for (int part = parts - 1; part >= 0; part--) {
      merged = search.part(device, part, 10, n -> {}).merge(merged);
    }
    assertEquals(json(search, search.all(device, n -> {})), json(search, merged));
  }

  private static String json(LeakageSearch search, LeakageSearch.Found found) throws IOException {
    Object fields = new LeakageSummary(search.leakage(found)).fields(9);
    return new ObjectMapper().writeValueAsString(fields);
  }
}
