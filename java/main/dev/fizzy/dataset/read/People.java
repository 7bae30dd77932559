package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The people of a set of faces.
 *
 * @param person of each face, counted from 0 in the order of their first faces
 * @param keys what tells each person from others: the identity, or the name of the one face
 */
public record People(int[] person, List<String> keys) {
  private static final String IDENTITY = "identity ";
  private static final String FILE = "file ";

  /**
   * @param faces names of the faces
   * @param labels the identity of each face; null for a face that is nobody else's
   */
  public static People of(List<String> faces, List<String> labels) {
    Map<String, Integer> known = new LinkedHashMap<>();
    int[] person = new int[faces.size()];
    for (int i = 0; i < person.length; i++) {
      String label = labels.get(i);
      String key = label == null ? FILE + faces.get(i) : IDENTITY + label;
      Integer number = known.putIfAbsent(key, known.size());
      person[i] = number == null ? known.size() - 1 : number;
    }
    return new People(person, new ArrayList<>(known.keySet()));
  }

  public int count() {
    return keys.size();
  }

  /** The identity of a person, null if there is none. */
  public String label(int of) {
    String key = keys.get(of);
    return key.startsWith(IDENTITY) ? key.substring(IDENTITY.length()) : null;
  }

  /**
   * Marks the faces of some people. Who they are follows from the checksums of their keys alone:
   * the same whatever the seed, the other faces and their order, and fewer people are some of more.
   *
   * @param people their number, below {@link #count}
   */
  public boolean[] held(int people) {
    if (people < 0 || people >= count()) {
      throw new FileException(
          "of "
              + count()
              + " people "
              + people
              + " cannot be held out: at least one must remain for training");
    }
    String[] checksums =
        keys.stream()
            .map(key -> Sha256.of(key.getBytes(StandardCharsets.UTF_8)))
            .toArray(String[]::new);
    boolean[] chosen = new boolean[count()];
    IntStream.range(0, count())
        .boxed()
        .sorted(Comparator.comparing(i -> checksums[i]))
        .limit(people)
        .forEach(i -> chosen[i] = true);
    boolean[] held = new boolean[person.length];
    for (int i = 0; i < held.length; i++) {
      held[i] = chosen[person[i]];
    }
    return held;
  }

  /** The people of some faces, numbered anew. */
  public People only(int[] faces) {
    Map<Integer, Integer> numbers = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    int[] persons = new int[faces.length];
    for (int i = 0; i < faces.length; i++) {
      int old = person[faces[i]];
      Integer number = numbers.putIfAbsent(old, numbers.size());
      if (number == null) {
        names.add(keys.get(old));
        number = numbers.get(old);
      }
      persons[i] = number;
    }
    return new People(persons, names);
  }
}
