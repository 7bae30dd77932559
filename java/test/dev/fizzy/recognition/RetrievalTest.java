package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Vectors in the plane, named by their angles. */
class RetrievalTest {
  private static final UnaryOperator<String> NOBODY = name -> null;

  private static Contexts at(List<String> names, double... angles) {
    float[][] rows = new float[angles.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {(float) (2 * Math.cos(angles[i])), (float) (2 * Math.sin(angles[i]))};
    }
    return new Contexts(names, rows);
  }

  private static Retrieval rank(
      Contexts faces, Contexts contexts, Contexts among, UnaryOperator<String> person) {
    return rank(faces, contexts, among, person, 1000);
  }

  private static Retrieval rank(
      Contexts faces,
      Contexts contexts,
      Contexts among,
      UnaryOperator<String> person,
      int candidates) {
    try (Device device = Devices.open("cpu", 1)) {
      Retrieval.Others others =
          among == null ? null : new Retrieval.Others(among, person, candidates, 1);
      return Retrieval.of(device, faces, contexts, others, n -> {});
    }
  }

  /** Each image lies at another identity's context: its own is as many steps away. */
  @Test
  void ranksOfPermutedContexts() {
    int n = 40;
    int[] shift = {0, 1, 3, 7};
    List<String> names = new ArrayList<>();
    List<String> images = new ArrayList<>();
    double[] contexts = new double[n];
    double[] faces = new double[n * shift.length];
    for (int i = 0; i < n; i++) {
      names.add("p" + i);
      contexts[i] = 2 * Math.PI * i / n;
      for (int s = 0; s < shift.length; s++) {
        images.add("p" + i + "/" + s);
        // A little beyond the context, so that no two are as near.
        faces[i * shift.length + s] = 2 * Math.PI * (i + shift[s] + .1) / n;
      }
    }
    Retrieval result = rank(at(images, faces), at(names, contexts), null, NOBODY);
    assertEquals(n, result.candidates());
    for (int i = 0; i < n; i++) {
      // From c + .1 the contexts lie at .1, .9, 1.1, 1.9, ...: s steps back is rank 2 s + 1.
      int[] ranks = Arrays.copyOfRange(result.images(), i * shift.length, (i + 1) * shift.length);
      assertArrayEquals(new int[] {1, 3, 7, 15}, ranks);
    }
    assertEquals(.25, Retrieval.share(result.images(), 1));
    assertEquals(.5, Retrieval.share(result.images(), 5));
    assertEquals(5, Retrieval.median(result.images()));
    // The mean of the four lies at 2.85 steps, whose nearest is 3, then 2, 4, 1, 5, 0.
    assertTrue(Arrays.stream(result.identities()).allMatch(r -> r == 6));
    assertEquals(
        Map.of("rank1", 0., "rank5", 0., "median_rank", 6.), result.fields().get("identities"));
  }

  @Test
  void otherContextsOfThePeopleAreLeftOut() {
    Contexts contexts = at(List.of("a1", "b1"), 0, 1);
    Contexts faces = at(List.of("a1/0", "b1/0"), .2, 1);
    Contexts among = at(List.of("a1", "a2", "c1", "d1"), 0, .2, .15, 3);
    assertEquals(5, rank(faces, contexts, among, NOBODY).candidates());
    assertArrayEquals(new int[] {3, 1}, rank(faces, contexts, among, NOBODY).images());
    Retrieval known = rank(faces, contexts, among, name -> name.substring(0, 1));
    assertEquals(4, known.candidates());
    for (int most : new int[] {1, 2, 3}) {
      int expected = Math.max(2, most);
      assertEquals(expected, rank(faces, contexts, among, NOBODY, most).candidates());
    }
    assertArrayEquals(new int[] {2, 1}, known.images());
  }

  /** A model that draws one face for all does not have it at rank 1. */
  @Test
  void contextsAsNearCountAsNearer() {
    Contexts contexts = at(List.of("a", "b", "c"), 1, 1, 1);
    Contexts faces = at(List.of("a/0", "b/0"), 0, 1);
    assertArrayEquals(new int[] {3, 3}, rank(faces, contexts, null, NOBODY).images());
  }

  /** Folders are numbered if a context's name is no folder's name. */
  @Test
  void contextsAreFoundByTheirFolders() {
    Contexts contexts = at(List.of("a/1.jpg", "b/1.jpg"), 0, 1);
    Contexts faces = at(List.of("000001/0", "000000/0"), 1, 1);
    assertArrayEquals(new int[] {1, 2}, rank(faces, contexts, null, NOBODY).images());
  }

  @Test
  void otherWidthsAreRefused() {
    Contexts contexts = at(List.of("a"), 0);
    Contexts wide = new Contexts(List.of("b"), new float[][] {{1, 2, 3}});
    String message =
        assertThrows(
                EngineException.class, () -> rank(at(List.of("a/0"), 0), contexts, wide, NOBODY))
            .getMessage();
    assertTrue(message.contains("width 2 and the others 3"), message);
  }

  /** Person a has photos at 0, .3 and .5, b at 1 and 1.2, c one only. */
  private static final Contexts PHOTOS =
      at(List.of("a1", "a2", "a3", "b1", "b2", "c1"), 0, .3, .5, 1, 1.2, 2);

  private static final List<String> PEOPLE = List.of("a", "a", "a", "b", "b", "c");

  @Test
  void imagesAreComparedWithTheOtherPhotos() {
    Contexts faces = at(List.of("a1/0", "a1/1", "b1/0", "c1/0", "new/0"), .1, .2, 1.1, 2, 0);
    OtherPhotos result = OtherPhotos.of(faces, null, PHOTOS, PEOPLE);
    assertEquals(2, result.identities());
    double a = (Math.cos(.2) + Math.cos(.4) + Math.cos(.1) + Math.cos(.3)) / 4;
    assertEquals((a + Math.cos(.1)) / 2, result.images(), 1e-6);
    double photo = ((Math.cos(.3) + Math.cos(.5)) / 2 + Math.cos(.2)) / 2;
    assertEquals(photo, result.photo(), 1e-6);
    assertEquals((result.images() - .5) / (photo - .5), result.fraction(.5), 1e-6);
    assertNull(OtherPhotos.of(at(List.of("c1/0", "new/0"), 0, 1), null, PHOTOS, PEOPLE));
  }

  /** The photo of a numbered folder is the one that its context is named after. */
  @Test
  void contextsNameThePhotos() {
    Contexts photos = at(List.of("a/1", "a/2"), 0, .4);
    Contexts contexts = at(List.of("a/2"), 1);
    Contexts faces = at(List.of("000000/0"), .1);
    OtherPhotos result = OtherPhotos.of(faces, contexts, photos, List.of("a", "a"));
    assertEquals(Math.cos(.1), result.images(), 1e-6);
    assertEquals(Math.cos(.4), result.photo(), 1e-6);
  }

  @Test
  void realPeopleHaveTheFiguresOfADataSet() {
    Contexts faces = at(List.of("a1/0"), 0);
    RealComparison result = RealComparison.of(faces, null, PHOTOS, PEOPLE, 100, 1, n -> {});
    double a = (Math.cos(.3) + Math.cos(.5) + Math.cos(.2)) / 3;
    assertEquals(1 - (a + Math.cos(.2)) / 2, result.real().variation(), 1e-6);
    assertEquals(3, result.real().identities());
    Map<?, ?> others = (Map<?, ?>) result.fields().get("other_photos");
    assertEquals(1., (double) others.get("fraction"), 1e-6);
  }
}
