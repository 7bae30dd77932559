package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Identities of real faces, selected from embedded ones, to draw variations of known people. */
public final class AuthenticContexts {
  private AuthenticContexts() {}

  public static Contexts named(Contexts embedded, List<String> names) {
    return embedded.select(embedded.indices(names));
  }

  /**
   * One face each of people drawn by the seed.
   *
   * @param people of the faces, null if not known; such faces are not drawn
   * @param photos number of faces that a person must have at least
   */
  public static Contexts onePerPerson(
      Contexts embedded, List<String> people, int photos, int count, long seed) {
    Map<String, List<Integer>> faces = new LinkedHashMap<>();
    for (int i = 0; i < people.size(); i++) {
      if (people.get(i) != null) {
        faces.computeIfAbsent(people.get(i), p -> new ArrayList<>()).add(i);
      }
    }
    List<List<Integer>> enough = faces.values().stream().filter(f -> f.size() >= photos).toList();
    if (count > enough.size()) {
      throw new FileException(
          "cannot draw "
              + count
              + " people: "
              + enough.size()
              + " of "
              + faces.size()
              + " have "
              + photos
              + " faces or more");
    }
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, 0);
    return embedded.select(
        IntStream.of(random.draw(count, enough.size()))
            .map(p -> enough.get(p).get(random.nextInt(enough.get(p).size())))
            .toArray());
  }

  /** The first {@code count} of a shuffle that depends only on the seed. */
  public static Contexts drawn(Contexts embedded, int count, long seed) {
    if (count < 1 || count > embedded.size()) {
      throw new FileException("cannot draw " + count + " of " + embedded.size() + " contexts");
    }
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, 0);
    return embedded.select(random.draw(count, embedded.size()));
  }
}
