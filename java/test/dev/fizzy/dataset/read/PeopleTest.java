package dev.fizzy.dataset.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeopleTest {
  private static final List<String> FACES = List.of("1.png", "2.png", "3.png", "4.png", "5.png");
  private static final List<String> LABELS = Arrays.asList("anna", null, "ben", "anna", null);

  @Test
  void facesWithoutIdentityAreAlone() {
    People people = People.of(FACES, LABELS);
    assertArrayEquals(new int[] {0, 1, 2, 0, 3}, people.person());
    assertEquals(4, people.count());
    assertEquals("anna", people.label(0));
    assertEquals(null, people.label(1));
    // A person may be called as a file is.
    assertEquals(2, People.of(List.of("a", "b"), Arrays.asList("b", null)).count());
  }

  @Test
  void someFacesHaveTheirPeopleNumberedAnew() {
    People some = People.of(FACES, LABELS).only(new int[] {2, 3, 4});
    assertArrayEquals(new int[] {0, 1, 2}, some.person());
    assertEquals("ben", some.label(0));
    assertEquals("anna", some.label(1));
  }

  private static Set<String> held(List<String> faces, List<String> labels, int people) {
    boolean[] held = People.of(faces, labels).held(people);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < held.length; i++) {
      if (held[i]) {
        names.add(faces.get(i));
      }
    }
    return names;
  }

  @Test
  void theSamePeopleAreHeldOutInAnyOrderAndFewerAreSomeOfMore() {
    List<String> faces = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      faces.add("p" + i % 20 + "/" + i);
      labels.add("p" + i % 20);
    }
    Set<String> five = held(faces, labels, 5);
    assertEquals(15, five.size());
    Set<String> eight = held(faces, labels, 8);
    assertEquals(24, eight.size());
    assertTrue(eight.containsAll(five));
    Collections.shuffle(faces, new Random(1));
    assertEquals(five, held(faces, FaceLabels.byFolder(faces), 5));
    assertEquals(Set.of(), held(faces, labels, 0));
    FileException all = assertThrows(FileException.class, () -> held(faces, labels, 20));
    assertTrue(all.getMessage().contains("of 20 people 20 cannot be held out"), all.getMessage());
  }

  @Test
  void sharesAndNumbers() {
    assertEquals(50, HoldOut.of(".05").of(1000));
    assertEquals(1, HoldOut.of("0.05").of(3));
    assertEquals(200, HoldOut.of("200").of(1000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "NaN", "half", "1e12"})
  void otherAmountsAreRefused(String text) {
    assertThrows(FileException.class, () -> HoldOut.of(text));
  }
}
