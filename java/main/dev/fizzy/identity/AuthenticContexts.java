package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.List;

/** Identities of real faces, selected from embedded ones, to draw variations of known people. */
public final class AuthenticContexts {
  private AuthenticContexts() {}

  public static Contexts named(Contexts embedded, List<String> names) {
    return embedded.select(
        names.stream()
            .mapToInt(
                name -> {
                  int i = embedded.indexOf(name);
                  if (i < 0) {
                    throw new FileException(
                        "there is no context named " + name + " among the " + embedded.size());
                  }
                  return i;
                })
            .toArray());
  }

  /** The first {@code count} of a shuffle that depends only on the seed. */
  public static Contexts drawn(Contexts embedded, int count, long seed) {
    if (count < 1 || count > embedded.size()) {
      throw new FileException("cannot draw " + count + " of " + embedded.size() + " contexts");
    }
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, 0);
    int[] order = new int[embedded.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(order.length - i);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return embedded.select(java.util.Arrays.copyOf(order, count));
  }
}
